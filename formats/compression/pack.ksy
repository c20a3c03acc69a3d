meta:
  id: pack
  title: file made by pack(1)
  file-extension: z
  license: CC0-1.0
  endian: be
seq:
  - id: prefix
    type: pack_prefix
  - id: content
    size-eos: true
    doc: packed content, see formats/packed
types:
  pack_prefix:
    seq:
      - id: magic
        contents: [0x1f, 0x1e]
      - id: plain_size
        type: u4
        doc: bytes of the plain content
