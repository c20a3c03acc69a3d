# SPDX-License-Identifier: CC0-1.0
meta:
  id: aix_acl
  title: AIXC access control list and privilege list of an AIX by-name backup record
  license: CC0-1.0
  endian: le
doc: |
  The list stands after the header of a member, together with the privilege list. Members are
  little-endian one by one; the data of an id keeps AIX's own order, big-endian.
seq:
  - id: head
    type: acl_head
  - id: entries
    type: ace_list
    size: head.acl_len - 16
types:
  ace_list:
    seq:
      - id: items
        type: ace
        repeat: eos
  id_list:
    seq:
      - id: items
        type: ace_id
        repeat: eos
  acl_head:
    seq:
      - id: acl_len
        type: u4
        doc: bytes used, 16 and all entries
      - id: acl_mode
        type: u4
        doc: 0x02000000 extended entries count, 04000 SUID, 02000 SGID, 01000 SVTX; older writers the whole st_mode
      - id: acl_rsvd
        type: u2
        doc: uninitialised memory of the writer
      - id: u_access
        type: u2
      - id: g_access
        type: u2
      - id: o_access
        type: u2
  ace_head:
    seq:
      - id: ace_len
        type: u2
        doc: the whole entry, at least 8
      - id: type_access
        type: u2
        doc: bits 15..14 kind (1 permit, 2 deny, 3 specify), 13..0 rights (rwx = 4, 2, 1)
  id_head:
    seq:
      - id: id_len
        type: u2
        doc: this id with its head, at least 4
      - id: id_type
        type: u2
        doc: 1 user, 2 group
  ace:
    seq:
      - id: head
        type: ace_head
      - id: ids
        type: id_list
        size: head.ace_len - 4
  ace_id:
    seq:
      - id: head
        type: id_head
      - id: id_data
        size: head.id_len - 4
        doc: a big-endian u4 for users and groups
  pcl_block:
    seq:
      - id: pcl_len
        type: u4
        doc: 16
      - id: pcl_mode
        type: u4
        doc: the mode of the record's header
      - id: privs
        size: 8
        doc: zero in every known record
