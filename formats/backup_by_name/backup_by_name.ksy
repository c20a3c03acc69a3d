# SPDX-License-Identifier: CC0-1.0
meta:
  id: backup_by_name
  title: AIX backup archive by name (mksysb, savevg, savewpar, installp package)
  license: CC0-1.0
  endian: le
  encoding: ASCII
doc: |
  Every record is a multiple of 8 bytes from the start of the archive. Walked here are the records whose
  layout real archives prove: volume header, plain and packed files, directories, end record. How symbolic
  links, further names of a file, devices and files of 4 GiB and more are laid out is not settled; see README.md.
seq:
  - id: volume
    type: volume_record
  - id: records
    type: record
    repeat: until
    repeat-until: _.type == 7
types:
  record:
    seq:
      - id: length
        type: u1
      - id: type
        type: u1
      - id: rest
        size: length * 8 - 2
        type:
          switch-on: type
          cases:
            7: end_rest
            11: name_x_rest
      - id: security
        type: security_record
        if: type == 11
      - id: content
        size: stored_size
        if: type == 11
      - id: padding
        size: (8 - stored_size % 8) % 8
        if: type == 11
        doc: stale memory
    instances:
      stored_size:
        value: >-
          type != 11 or (rest.as<name_x_rest>.mode & 0xf000) == 0x4000 ? 0 :
          rest.as<name_x_rest>.magic == 0xea6c ? rest.as<name_x_rest>.dsize : rest.as<name_x_rest>.size
  end_rest:
    seq:
      - id: magic
        type: u2
      - id: checksum
        type: u2
      - id: stale
        size: 2
  name_x_rest:
    seq:
      - id: magic
        type: u2
      - id: checksum
        type: u2
      - id: nlink
        type: u2
      - id: ino
        type: u4
      - id: mode
        type: u4
      - id: uid
        type: u4
      - id: gid
        type: u4
      - id: size
        type: u4
      - id: times
        type: u4
        repeat: expr
        repeat-expr: 3
      - id: devices
        type: u4
        repeat: expr
        repeat-expr: 4
      - id: dsize
        type: u4
      - id: pad
        type: u4
      - id: name
        type: strz
  security_record:
    seq:
      - id: prefix
        type: security_prefix
        size: 8
      - id: acl
        size: prefix.acl_dwords * 8
      - id: pcl
        size: prefix.pcl_dwords * 8
  record_prefix:
    seq:
      - id: length
        type: u1
        doc: whole header with its padded name, in 8-byte units
      - id: type
        type: u1
      - id: magic
        type: u2
        doc: 0xea6b plain, 0xea6c packed
      - id: checksum
        type: u2
        doc: sum of b << (b & 7) over the header, this field as zero, modulo 2^16
  volume_record:
    seq:
      - id: prefix
        type: record_prefix
        size: 6
      - id: volnum
        type: u2
      - id: date
        type: u4
      - id: ddate
        type: u4
      - id: numwds
        type: u4
      - id: disk
        type: strz
        size: 16
      - id: fsname
        type: strz
        size: 16
      - id: user
        type: strz
        size: 16
      - id: incno
        type: u2
      - id: pad
        type: u2
  name_x_record:
    seq:
      - id: prefix
        type: record_prefix
        size: 6
      - id: nlink
        type: u2
      - id: ino
        type: u4
      - id: mode
        type: u4
      - id: uid
        type: u4
      - id: gid
        type: u4
      - id: size
        type: u4
      - id: atime
        type: u4
      - id: mtime
        type: u4
      - id: ctime
        type: u4
      - id: devmaj
        type: u4
      - id: devmin
        type: u4
      - id: rdevmaj
        type: u4
      - id: rdevmin
        type: u4
      - id: dsize
        type: u4
      - id: pad
        type: u4
      - id: name
        type: strz
        size: prefix.length * 8 - 64
  end_record:
    seq:
      - id: prefix
        type: record_prefix
        size: 6
      - id: stale
        size: 2
        doc: uninitialised memory, under the checksum
  name_rt_record:
    seq:
      - id: prefix
        type: record_prefix
        size: 6
      - id: ino
        type: u2
      - id: mode
        type: u2
      - id: nlink
        type: u2
      - id: uid
        type: u2
      - id: gid
        type: u2
      - id: size
        type: u4
      - id: mtime
        type: u4
      - id: atime
        type: u4
      - id: ctime
        type: u4
      - id: dev
        type: u4
      - id: unknown_a
        size: 4
      - id: dsize
        type: u4
      - id: unknown_b
        size: 4
      - id: name
        type: strz
        size: prefix.length * 8 - 48
  name_ps2_record:
    seq:
      - id: prefix
        type: record_prefix
        size: 6
      - id: nlink
        type: u2
      - id: ino
        type: u4
      - id: mode
        type: u4
      - id: uid
        type: u4
      - id: gid
        type: u4
      - id: size
        type: u4
      - id: atime
        type: u4
      - id: mtime
        type: u4
      - id: ctime
        type: u4
      - id: unknown
        size: 32
      - id: name
        type: strz
        size: prefix.length * 8 - 72
  security_prefix:
    seq:
      - id: acl_dwords
        type: u4
      - id: pcl_dwords
        type: u4
  acl_record:
    seq:
      - id: acl_len
        type: u4
      - id: acl_mode
        type: u4
      - id: acl_rsvd
        type: u2
        doc: uninitialised memory
      - id: u_access
        type: u2
      - id: g_access
        type: u2
      - id: o_access
        type: u2
  pcl_record:
    seq:
      - id: pcl_len
        type: u4
      - id: pcl_mode
        type: u4
      - id: privileges
        size: 8
