// SPDX-License-Identifier: Apache-2.0
// The header block of a tar archive, in its POSIX form. Numbers are octal text, or, with the first
// bit set, big-endian binary.
#pragma once
#include <cstddef>

namespace sysb::tar {

inline constexpr std::size_t block_bytes = 512;

struct header {
  char name[100];    // [0x00] may lack a NUL
  char mode[8];      // [0x64]
  char uid[8];       // [0x6c]
  char gid[8];       // [0x74]
  char size[12];     // [0x7c]
  char mtime[12];    // [0x88]
  char checksum[8];  // [0x94] sum of all bytes, these eight taken as spaces
  char type;         // [0x9c]
  char link[100];    // [0x9d]
  char magic[6];     // [0x101] "ustar" and NUL, or a space in GNU's form
  char version[2];   // [0x107]
  char user[32];     // [0x109]
  char group[32];    // [0x129]
  char devmajor[8];  // [0x149]
  char devminor[8];  // [0x151]
  char prefix[155];  // [0x159] POSIX form only
  char padding[12];  // [0x1f4]
};
static_assert(sizeof(header) == block_bytes && alignof(header) == 1);
static_assert(offsetof(header, size) == 0x7c && offsetof(header, checksum) == 0x94 && offsetof(header, type) == 0x9c &&
              offsetof(header, magic) == 0x101 && offsetof(header, prefix) == 0x159);

// GNU tar's old form of a sparse member (type S): this stands in place of the prefix, and blocks of
// further entries between header and content.
struct sparse_entry {
  char offset[12];  // [0x00] in the file
  char length[12];  // [0x0c]
};
static_assert(sizeof(sparse_entry) == 24);

struct gnu_tail {
  char atime[12];           // [0x00]
  char ctime[12];           // [0x0c]
  char volume_offset[12];   // [0x18]
  char long_names[4];       // [0x24]
  char unused;              // [0x28]
  sparse_entry entries[4];  // [0x29]
  char extended;            // [0x89] not NUL: a block of entries follows
  char real_size[12];       // [0x8a] of the file with its holes
  char padding[17];         // [0x96]
};
inline constexpr std::size_t gnu_tail_at = offsetof(header, prefix);
static_assert(gnu_tail_at + sizeof(gnu_tail) == block_bytes && offsetof(gnu_tail, entries) == 0x29);

struct sparse_block {
  sparse_entry entries[21];  // [0x00]
  char extended;             // [0x1f8]
  char padding[7];           // [0x1f9]
};
static_assert(sizeof(sparse_block) == block_bytes);

}  // namespace sysb::tar
