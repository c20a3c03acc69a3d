// SPDX-License-Identifier: Apache-2.0
// The parts of an ISO 9660 file system that lead to its files. Most numbers stand in both byte
// orders, little-endian first; only that one is read.
#pragma once
#include <cstddef>
#include <cstdint>

#include "base/endian.hpp"

namespace sysb::iso9660 {

inline constexpr std::uint64_t sector_bytes = 2048;
inline constexpr std::uint64_t first_descriptor = 16 * sector_bytes;

struct both16 {
  le16 little;  // [0x00]
  be16 big;     // [0x02]
};
struct both32 {
  le32 little;  // [0x00]
  be32 big;     // [0x04]
};

// A name of name_length bytes follows, a byte that makes the sum even, and Rock Ridge's fields.
struct directory_record {
  std::uint8_t length;       // [0x00] of the whole record; 0: the next one is in the next sector
  std::uint8_t attributes;   // [0x01] blocks of extended attributes before the content
  both32 extent;             // [0x02] first block
  both32 size;               // [0x0a] bytes
  std::uint8_t date[7];      // [0x12]
  std::uint8_t flags;        // [0x19] record_flag
  std::uint8_t unit;         // [0x1a] not 0: interleaved
  std::uint8_t gap;          // [0x1b]
  both16 volume;             // [0x1c]
  std::uint8_t name_length;  // [0x20]
};
static_assert(sizeof(directory_record) == 33 && offsetof(directory_record, size) == 0x0a &&
              offsetof(directory_record, flags) == 0x19 && offsetof(directory_record, name_length) == 0x20);

namespace record_flag {
inline constexpr unsigned directory = 0x02;
inline constexpr unsigned more_extents = 0x80;  // the file goes on in the next record
}  // namespace record_flag

struct primary_descriptor {
  std::uint8_t type;          // [0x00] 1
  char id[5];                 // [0x01] "CD001"
  std::uint8_t version;       // [0x06]
  std::uint8_t unused_a;      // [0x07]
  char system[32];            // [0x08]
  char volume[32];            // [0x28]
  std::uint8_t unused_b[8];   // [0x48]
  both32 blocks;              // [0x50]
  std::uint8_t unused_c[32];  // [0x58]
  both16 set_size;            // [0x78]
  both16 sequence;            // [0x7c]
  both16 block_bytes;         // [0x80]
  both32 path_table_bytes;    // [0x84]
  le32 path_table[2];         // [0x8c]
  be32 path_table_big[2];     // [0x94]
  directory_record root;      // [0x9c]
};
static_assert(offsetof(primary_descriptor, block_bytes) == 0x80 && offsetof(primary_descriptor, root) == 0x9c);

}  // namespace sysb::iso9660
