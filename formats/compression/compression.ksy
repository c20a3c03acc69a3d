meta:
  id: compression
  title: what stands before the codes of files made by pack(1) and compress(1)
  license: CC0-1.0
  endian: be
types:
  pack_prefix:
    doc: packed content follows, see formats/packed
    seq:
      - id: magic
        contents: [0x1f, 0x1e]
      - id: plain_size
        type: u4
        doc: bytes of the plain content
  compress_header:
    doc: LZW codes follow, of 9 bits and more, least significant bit first, in groups of eight
    seq:
      - id: magic
        contents: [0x1f, 0x9d]
      - id: flags
        type: u1
        doc: bits 0 to 4 are the widest code; bit 7 says that code 256 clears the table
