// SPDX-License-Identifier: Apache-2.0
// The header block of a tar archive, in its POSIX form. Numbers are octal text, or, with the first
// bit set, big-endian binary.
#pragma once
#include <cstddef>

namespace sysb::tar {

inline constexpr std::size_t block_bytes = 512;

struct header {
  char name[100];      // [0x00] may lack a NUL
  char mode[8];        // [0x64]
  char uid[8];         // [0x6c]
  char gid[8];         // [0x74]
  char size[12];       // [0x7c]
  char mtime[12];      // [0x88]
  char checksum[8];    // [0x94] sum of all bytes, these eight taken as spaces
  char type;           // [0x9c]
  char link[100];      // [0x9d]
  char magic[6];       // [0x101] "ustar" and NUL, or a space in GNU's form
  char version[2];     // [0x107]
  char user[32];       // [0x109]
  char group[32];      // [0x129]
  char devmajor[8];    // [0x149]
  char devminor[8];    // [0x151]
  char prefix[155];    // [0x159] POSIX form only
  char padding[12];    // [0x1f4]
};
static_assert(sizeof(header) == block_bytes && alignof(header) == 1);
static_assert(offsetof(header, size) == 0x7c && offsetof(header, checksum) == 0x94 &&
              offsetof(header, type) == 0x9c && offsetof(header, magic) == 0x101 &&
              offsetof(header, prefix) == 0x159);

}  // namespace sysb::tar
