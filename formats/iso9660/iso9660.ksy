meta:
  id: iso9660
  title: directory record and primary volume descriptor of ISO 9660
  file-extension: iso
  license: CC0-1.0
  endian: le
types:
  both16:
    seq:
      - {id: little, type: u2le}
      - {id: big, type: u2be}
  both32:
    seq:
      - {id: little, type: u4le}
      - {id: big, type: u4be}
  directory_record:
    seq:
      - {id: length, type: u1}
      - {id: attributes, type: u1}
      - {id: extent, type: u4, repeat: expr, repeat-expr: 2, doc: "little-endian, then big-endian"}
      - {id: size, type: u4, repeat: expr, repeat-expr: 2, doc: "little-endian, then big-endian"}
      - {id: date, size: 7}
      - {id: flags, type: u1}
      - {id: unit, type: u1}
      - {id: gap, type: u1}
      - {id: volume, type: u2, repeat: expr, repeat-expr: 2, doc: "little-endian, then big-endian"}
      - {id: name_length, type: u1}
  primary_descriptor:
    seq:
      - {id: type, type: u1}
      - {id: id, type: str, size: 5, encoding: ASCII}
      - {id: version, type: u1}
      - {id: unused_a, type: u1}
      - {id: system, type: str, size: 32, encoding: ASCII}
      - {id: volume, type: str, size: 32, encoding: ASCII}
      - {id: unused_b, size: 8}
      - {id: blocks, type: u4, repeat: expr, repeat-expr: 2, doc: "little-endian, then big-endian"}
      - {id: unused_c, size: 32}
      - {id: set_size, type: u2, repeat: expr, repeat-expr: 2, doc: "little-endian, then big-endian"}
      - {id: sequence, type: u2, repeat: expr, repeat-expr: 2, doc: "little-endian, then big-endian"}
      - {id: block_bytes, type: u2, repeat: expr, repeat-expr: 2, doc: "little-endian, then big-endian"}
      - {id: path_table_bytes, type: u4, repeat: expr, repeat-expr: 2, doc: "little-endian, then big-endian"}
      - {id: path_table, size: 8}
      - {id: path_table_big, size: 8}
      - {id: root, type: directory_record}
