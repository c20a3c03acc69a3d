meta:
  id: cpio
  title: cpio archive, the form with 8 hexadecimal digits (newc)
  file-extension: cpio
  license: CC0-1.0
  endian: be
seq:
  - id: first
    type: newc_header
types:
  newc_header:
    seq:
      - {id: magic, type: str, size: 6, encoding: ASCII}
      - {id: ino, type: str, size: 8, encoding: ASCII}
      - {id: mode, type: str, size: 8, encoding: ASCII}
      - {id: uid, type: str, size: 8, encoding: ASCII}
      - {id: gid, type: str, size: 8, encoding: ASCII}
      - {id: nlink, type: str, size: 8, encoding: ASCII}
      - {id: mtime, type: str, size: 8, encoding: ASCII}
      - {id: file_size, type: str, size: 8, encoding: ASCII}
      - {id: dev_major, type: str, size: 8, encoding: ASCII}
      - {id: dev_minor, type: str, size: 8, encoding: ASCII}
      - {id: rdev_major, type: str, size: 8, encoding: ASCII}
      - {id: rdev_minor, type: str, size: 8, encoding: ASCII}
      - {id: name_size, type: str, size: 8, encoding: ASCII}
      - {id: check, type: str, size: 8, encoding: ASCII}
  odc_header:
    seq:
      - {id: magic, type: str, size: 6, encoding: ASCII}
      - {id: dev, type: str, size: 6, encoding: ASCII}
      - {id: ino, type: str, size: 6, encoding: ASCII}
      - {id: mode, type: str, size: 6, encoding: ASCII}
      - {id: uid, type: str, size: 6, encoding: ASCII}
      - {id: gid, type: str, size: 6, encoding: ASCII}
      - {id: nlink, type: str, size: 6, encoding: ASCII}
      - {id: rdev, type: str, size: 6, encoding: ASCII}
      - {id: mtime, type: str, size: 11, encoding: ASCII}
      - {id: name_size, type: str, size: 6, encoding: ASCII}
      - {id: file_size, type: str, size: 11, encoding: ASCII}
  binary_header:
    doc: in the byte order of the machine that wrote, big-endian here; long fields have the high half first
    seq:
      - {id: magic, type: u2}
      - {id: dev, type: u2}
      - {id: ino, type: u2}
      - {id: mode, type: u2}
      - {id: uid, type: u2}
      - {id: gid, type: u2}
      - {id: nlink, type: u2}
      - {id: rdev, type: u2}
      - {id: mtime_high, type: u2}
      - {id: mtime_low, type: u2}
      - {id: name_size, type: u2}
      - {id: file_size_high, type: u2}
      - {id: file_size_low, type: u2}
