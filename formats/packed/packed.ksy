# SPDX-License-Identifier: CC0-1.0
meta:
  id: packed
  title: Huffman-packed content of an AIX backup member
  license: CC0-1.0
  endian: be
  bit-endian: be
doc: |
  What stands in a member of an AIX "backup" archive by name whose header has the magic 0xEA6C:
  the format of pack(1) without its six-byte prefix. The size of the plain content is in the
  member's header. The code tree comes first, then the codes, most significant bit first.

  The tree is given by its leaves. Level 0 is the root; every node that is no leaf has two
  children, and on each level the nodes with children have the lowest codes. Leaves of a level
  have ascending codes in the order of `symbols`. The last leaf of the deepest level is the end
  mark and has no symbol.
-layout: tree_prefix
seq:
  - id: levels
    type: u1
    valid:
      min: 1
      max: 24
    doc: Number of levels below the root.
  - id: counts
    type: u1
    repeat: expr
    repeat-expr: levels
    doc: |
      Leaves on each level, from level 1 down. The last count is written minus 2: the deepest
      level has at least two leaves, one of them the end mark.
  - id: symbols
    type: symbols_of_level(_index)
    repeat: expr
    repeat-expr: levels
  - id: bits
    size-eos: true
    doc: |
      Codes, then the code of the end mark, then zero bits to the end of the byte. The end mark
      comes exactly when as many bytes are out as the member's header says, and in the last byte.
types:
  symbols_of_level:
    params:
      - id: level
        type: s4
    seq:
      - id: symbol
        size: '_root.counts[level] + (level == _root.levels - 1 ? 1 : 0)'
