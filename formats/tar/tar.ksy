meta:
  id: tar
  title: tar archive
  file-extension: tar
  license: CC0-1.0
  endian: be
seq:
  - id: first
    type: header
types:
  header:
    seq:
      - {id: name, type: str, size: 100, encoding: ASCII}
      - {id: mode, type: str, size: 8, encoding: ASCII}
      - {id: uid, type: str, size: 8, encoding: ASCII}
      - {id: gid, type: str, size: 8, encoding: ASCII}
      - {id: size, type: str, size: 12, encoding: ASCII}
      - {id: mtime, type: str, size: 12, encoding: ASCII}
      - {id: checksum, type: str, size: 8, encoding: ASCII}
      - {id: type, type: u1}
      - {id: link, type: str, size: 100, encoding: ASCII}
      - {id: magic, type: str, size: 6, encoding: ASCII}
      - {id: version, type: str, size: 2, encoding: ASCII}
      - {id: user, type: str, size: 32, encoding: ASCII}
      - {id: group, type: str, size: 32, encoding: ASCII}
      - {id: devmajor, type: str, size: 8, encoding: ASCII}
      - {id: devminor, type: str, size: 8, encoding: ASCII}
      - {id: prefix, type: str, size: 155, encoding: ASCII}
      - {id: padding, size: 12}
  sparse_entry:
    seq:
      - {id: offset, type: str, size: 12, encoding: ASCII}
      - {id: length, type: str, size: 12, encoding: ASCII}
  gnu_tail:
    seq:
      - {id: atime, type: str, size: 12, encoding: ASCII}
      - {id: ctime, type: str, size: 12, encoding: ASCII}
      - {id: volume_offset, type: str, size: 12, encoding: ASCII}
      - {id: long_names, size: 4}
      - {id: unused, type: u1}
      - {id: entries, size: 96, doc: four sparse_entry}
      - {id: extended, type: u1}
      - {id: real_size, type: str, size: 12, encoding: ASCII}
      - {id: padding, size: 17}
  sparse_block:
    seq:
      - {id: entries, size: 504, doc: twenty-one sparse_entry}
      - {id: extended, type: u1}
      - {id: padding, size: 7}
