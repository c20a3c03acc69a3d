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
