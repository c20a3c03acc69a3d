meta:
  id: compress
  title: file made by compress(1)
  file-extension: Z
  license: CC0-1.0
  endian: le
seq:
  - id: header
    type: compress_header
  - id: codes
    size-eos: true
    doc: LZW codes of 9 bits and more, least significant bit first, in groups of eight
types:
  compress_header:
    seq:
      - id: magic
        contents: [0x1f, 0x9d]
      - id: flags
        type: u1
        doc: bits 0 to 4 are the widest code; bit 7 says that code 256 clears the table
