meta:
  id: tape
  title: tape files, SIMH and AWS/HET
  license: CC0-1.0
  endian: le
types:
  simh_word:
    seq:
      - id: length
        type: u4
        doc: 0 is a tape mark, 0xffffffff the end of the medium, 0xfffffffe a gap, bit 31 a bad block
  aws_header:
    seq:
      - {id: length, type: u2}
      - {id: previous_length, type: u2}
      - id: flags
        type: u1
        doc: 0x80 block begins, 0x40 tape mark, 0x20 block ends, 0x03 compressed (1 zlib, 2 bzip2)
      - {id: flags_2, type: u1}
