// SPDX-License-Identifier: Apache-2.0
// Structures of a by-name archive as they stand in the file. Everything is little-endian and
// a multiple of 8 bytes long; evidence for every field is in README.md.
#pragma once
#include <cstddef>
#include <cstdint>

#include "base/endian.hpp"

namespace sysb::backup_by_name {

// Start of every record.
struct record_prefix {
  std::uint8_t length;  // [0x00] whole header with its padded name, in 8-byte units
  std::uint8_t type;    // [0x01] record_type
  le16 magic;           // [0x02] record_magic
  le16 checksum;        // [0x04] over the header, with this field as zero
};
static_assert(sizeof(record_prefix) == 0x06 && offsetof(record_prefix, checksum) == 0x04);

namespace record_type {
inline constexpr std::uint8_t volume = 0;
inline constexpr std::uint8_t findex = 1;  // AIX/RT and PS/2 by inode
inline constexpr std::uint8_t clri = 2;    // by inode
inline constexpr std::uint8_t bits = 3;    // by inode
inline constexpr std::uint8_t end = 7;
inline constexpr std::uint8_t inode = 8;      // by inode
inline constexpr std::uint8_t name_rt = 9;    // AIX/RT 2.x by name
inline constexpr std::uint8_t ds = 10;        // Distributed Services
inline constexpr std::uint8_t name_x = 11;    // AIX 3.1 and later by name
inline constexpr std::uint8_t name_ps2 = 12;  // AIX PS/2 1.x by name
}  // namespace record_type

namespace record_magic {
inline constexpr std::uint16_t plain = 0xea6b;
inline constexpr std::uint16_t packed = 0xea6c;
inline constexpr std::uint16_t first_unknown = 0xea6d;  // by-inode mark of AIX 3
inline constexpr std::uint16_t last_unknown = 0xea6f;   // in /etc/magic of AIX 6.1 only
}  // namespace record_magic

// FS_VOLUME: first record of every volume.
struct volume_record {
  record_prefix prefix;  // [0x00] length 9, type 0
  le16 volnum;           // [0x06] 1 is the first volume of a set
  le32 date;             // [0x08] start of the backup
  le32 ddate;            // [0x0c] by name: the same
  le32 numwds;           // [0x10] 0x7fffffff: unbounded
  char disk[16];         // [0x14] "by name"; may lack a NUL
  char fsname[16];       // [0x24] "by name"; may lack a NUL
  char user[16];         // [0x34] who made it; may lack a NUL
  le16 incno;            // [0x44] 100; by inode: the level
  le16 pad;              // [0x46]
};
static_assert(sizeof(volume_record) == 0x48 && offsetof(volume_record, volnum) == 0x06 &&
              offsetof(volume_record, numwds) == 0x10 && offsetof(volume_record, disk) == 0x14 &&
              offsetof(volume_record, user) == 0x34 && offsetof(volume_record, incno) == 0x44);

// FS_NAME_X: before each member. The name follows, NUL-terminated, padded to 8.
struct name_x_record {
  record_prefix prefix;  // [0x00] type 11
  le16 nlink;            // [0x06]
  le32 ino;              // [0x08] a link-group key at most
  le32 mode;             // [0x0c] AIX's 32-bit st_mode
  le32 uid;              // [0x10]
  le32 gid;              // [0x14]
  le32 size;             // [0x18] plain content; 0 for directories; target length of a link
  le32 atime;            // [0x1c]
  le32 mtime;            // [0x20]
  le32 ctime;            // [0x24]
  le32 devmaj;           // [0x28] of the file system
  le32 devmin;           // [0x2c]
  le32 rdevmaj;          // [0x30] of a device node; else may be stale memory
  le32 rdevmin;          // [0x34]
  le32 dsize;            // [0x38] size in the stream; of a directory st_size, which is not data
  le32 pad;              // [0x3c] 0; perhaps the high word of large files
};
static_assert(sizeof(name_x_record) == 0x40 && offsetof(name_x_record, mode) == 0x0c &&
              offsetof(name_x_record, size) == 0x18 && offsetof(name_x_record, mtime) == 0x20 &&
              offsetof(name_x_record, rdevmaj) == 0x30 && offsetof(name_x_record, dsize) == 0x38 &&
              offsetof(name_x_record, pad) == 0x3c);

// FS_END.
struct end_record {
  record_prefix prefix;   // [0x00] length 1, type 7
  std::uint8_t stale[2];  // [0x06] uninitialised memory, under the checksum
};
static_assert(sizeof(end_record) == 0x08);

// FS_NAME of AIX/RT 2.x: 16-bit fields, name at 48, no security record.
struct name_rt_record {
  record_prefix prefix;       // [0x00] type 9
  le16 ino;                   // [0x06]
  le16 mode;                  // [0x08]
  le16 nlink;                 // [0x0a]
  le16 uid;                   // [0x0c]
  le16 gid;                   // [0x0e]
  le32 size;                  // [0x10]
  le32 mtime;                 // [0x14]
  le32 atime;                 // [0x18]
  le32 ctime;                 // [0x1c]
  le32 dev;                   // [0x20]
  std::uint8_t unknown_a[4];  // [0x24]
  le32 dsize;                 // [0x28]
  std::uint8_t unknown_b[4];  // [0x2c]
};
static_assert(sizeof(name_rt_record) == 0x30 && offsetof(name_rt_record, size) == 0x10 &&
              offsetof(name_rt_record, dsize) == 0x28);

// FS_NAME of AIX PS/2 1.x: starts like FS_NAME_X, name at 72, no security record.
struct name_ps2_record {
  record_prefix prefix;      // [0x00] type 12
  le16 nlink;                // [0x06]
  le32 ino;                  // [0x08]
  le32 mode;                 // [0x0c]
  le32 uid;                  // [0x10]
  le32 gid;                  // [0x14]
  le32 size;                 // [0x18]
  le32 atime;                // [0x1c]
  le32 mtime;                // [0x20]
  le32 ctime;                // [0x24]
  std::uint8_t unknown[32];  // [0x28] nobody has documented it
};
static_assert(sizeof(name_ps2_record) == 0x48 && offsetof(name_ps2_record, unknown) == 0x28);

// Security record: lengths of ACL and PCL in 8-byte units, then both.
struct security_prefix {
  le32 acl_dwords;  // [0x00]
  le32 pcl_dwords;  // [0x04]
};
static_assert(sizeof(security_prefix) == 0x08);

// AIXC ACL; entries follow.
struct acl_record {
  le32 acl_len;   // [0x00] bytes used, with the entries
  le32 acl_mode;  // [0x04] attribute bits, or the whole st_mode
  le16 acl_rsvd;  // [0x08] uninitialised memory
  le16 u_access;  // [0x0a]
  le16 g_access;  // [0x0c]
  le16 o_access;  // [0x0e]
};
static_assert(sizeof(acl_record) == 0x10 && offsetof(acl_record, u_access) == 0x0a);

// Privilege control list of AIX 3 and 4, always empty.
struct pcl_record {
  le32 pcl_len;                // [0x00] 16
  le32 pcl_mode;               // [0x04] the header's mode again
  std::uint8_t privileges[8];  // [0x08] 0
};
static_assert(sizeof(pcl_record) == 0x10 && offsetof(pcl_record, pcl_mode) == 0x04);

}  // namespace sysb::backup_by_name
