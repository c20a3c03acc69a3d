// SPDX-License-Identifier: Apache-2.0
// The AIXC access control list and the privilege list as they stand in a by-name record.
// Members are little-endian one by one; the data of an id keeps AIX's own order, big-endian.
#pragma once
#include <cstddef>
#include <cstdint>

#include "base/endian.hpp"

namespace sysb::aix_acl {

struct acl_head {
  le32 acl_len;   // [0x00] bytes used: 16 and all entries
  le32 acl_mode;  // [0x04] S_IXACL, SUID, SGID, SVTX; older writers: the whole st_mode
  le16 acl_rsvd;  // [0x08] uninitialised memory of the writer
  le16 u_access;  // [0x0a] rwx = 4, 2, 1
  le16 g_access;  // [0x0c]
  le16 o_access;  // [0x0e]
};
static_assert(sizeof(acl_head) == 16 && offsetof(acl_head, u_access) == 0x0a);

struct ace_head {
  le16 ace_len;      // [0x00] the whole entry
  le16 type_access;  // [0x02] bits 15..14 kind, 13..0 rights
};
static_assert(sizeof(ace_head) == 4);

struct id_head {
  le16 id_len;   // [0x00] this id with its head
  le16 id_type;  // [0x02] 1 user, 2 group
};
static_assert(sizeof(id_head) == 4);

struct pcl_block {
  le32 pcl_len;           // [0x00] 16
  le32 pcl_mode;          // [0x04] the mode of the record's header
  std::uint8_t privs[8];  // [0x08] zero in every known record
};
static_assert(sizeof(pcl_block) == 16 && offsetof(pcl_block, privs) == 8);

inline constexpr std::uint32_t mode_has_acl = 0x02000000;  // S_IXACL: extended entries count

}  // namespace sysb::aix_acl
