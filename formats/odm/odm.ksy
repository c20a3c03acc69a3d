# SPDX-License-Identifier: CC0-1.0
meta:
  id: odm
  title: AIX ODM object class file
  license: CC0-1.0
  endian: be
doc: |
  As AIX writes it. The Linux port of the library writes the same structure little-endian. Descriptors
  follow at 0x148, then the class name and the field names, then the records.
seq:
  - id: head
    type: file_head
  - id: descriptors
    type: descriptor_slot
    repeat: expr
    repeat-expr: head.n_desc
instances:
  records:
    pos: head.data_off
    size: head.rec_size
    repeat: expr
    repeat-expr: head.n_objects
types:
  file_head:
    seq:
      - {id: magic, type: u4, doc: "0x000dcfac"}
      - {id: n_objects, type: u4, doc: record slots in use}
      - {id: w08, type: u4, doc: 0 in every known file}
      - {id: magic2, type: u4, doc: "0x000dcfac"}
      - {id: name_off, type: u4, doc: "0x148 + 40 * n_desc"}
      - {id: rec_size, type: u4}
      - {id: n_desc, type: u4}
      - {id: desc_off, type: u4, doc: "0x148"}
      - {id: collection, type: u4, doc: 0 in every known file}
      - {id: open_flag, type: u4, doc: 0 in every known file}
      - {id: pointer, type: u4, doc: 0 in every known file}
      - {id: data_off, type: u4, doc: first record}
      - {id: reserved, type: u4, repeat: expr, repeat-expr: 4, doc: 0 in every known file}
      - {id: path, size: 256, doc: zeros}
      - {id: w140, type: u4}
      - {id: neg_magic, type: u4, doc: "0xfff23054"}
  descriptor_slot:
    seq:
      - {id: name_off, type: u4}
      - {id: type, type: u4, doc: "0 char, 3 short, 4 long, 6 method; others are not public"}
      - {id: offset, type: u4, doc: in the record}
      - {id: size, type: u4, doc: as declared}
      - {id: link_class, type: u4}
      - {id: link_column, type: u4}
      - {id: reserved, type: u4, repeat: expr, repeat-expr: 4}
  record_head:
    seq:
      - {id: id, type: u4, doc: position of the record}
      - {id: reserved, type: u4}
      - {id: scratch, type: u4}
