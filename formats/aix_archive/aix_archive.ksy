# SPDX-License-Identifier: CC0-1.0
meta:
  id: aix_archive
  title: AIX ar archive, small and big format
  license: CC0-1.0
  encoding: ASCII
doc: |
  Numbers are decimal text (the mode octal), left-justified and blank-padded. Members form a chain by
  nxtmem; the member table lies after the last one.
seq:
  - id: magic
    size: 8
    type: str
types:
  small_file_head:
    seq:
      - {id: magic, size: 8, doc: "<aiaff> and a newline"}
      - {id: memoff, size: 12, doc: member table}
      - {id: gstoff, size: 12, doc: global symbol table}
      - {id: fstmoff, size: 12, doc: first member}
      - {id: lstmoff, size: 12, doc: last member}
      - {id: freeoff, size: 12, doc: first member of the free list}
  small_member_head:
    doc: name, a NUL where its length is odd, a grave accent and a newline, content, a NUL to an even offset
    seq:
      - {id: size, size: 12}
      - {id: nxtmem, size: 12}
      - {id: prvmem, size: 12}
      - {id: date, size: 12}
      - {id: uid, size: 12}
      - {id: gid, size: 12}
      - {id: mode, size: 12, doc: octal}
      - {id: namlen, size: 4}
  big_file_head:
    seq:
      - {id: magic, size: 8, doc: "<bigaf> and a newline"}
      - {id: memoff, size: 20}
      - {id: gstoff, size: 20, doc: symbols of 32-bit members}
      - {id: gst64off, size: 20, doc: symbols of 64-bit members}
      - {id: fstmoff, size: 20}
      - {id: lstmoff, size: 20}
      - {id: freeoff, size: 20}
  big_member_head:
    seq:
      - {id: size, size: 20}
      - {id: nxtmem, size: 20}
      - {id: prvmem, size: 20}
      - {id: date, size: 12}
      - {id: uid, size: 12}
      - {id: gid, size: 12}
      - {id: mode, size: 12, doc: octal}
      - {id: namlen, size: 4}
