// SPDX-License-Identifier: Apache-2.0
// The side file that gives random access to an image. Ours, little-endian, written front to back:
//
//   front | blocks of members | tables: blocks, names, runs, links, again, orphans | findings | footer
//
// A block holds up to 256 members in image order, each coded against the one before it. The tables
// are pages of sorted pairs:
//   blocks   record offset -> block
//   names    hash of a name, or of a link group -> member (its place: block and number in it)
//   runs     hash of a directory's name -> members in it that follow each other (run_value)
//   links    hash of a link group -> member (its ordinal) that may be one of its names
//   again    hash of a name that comes several times -> member (its place)
//   orphans  hash of the name of a directory that is no member -> one member in it (its ordinal)
// Everything is read in small pieces, and every piece has a checksum: nothing is taken on trust,
// and nothing has to be read whole.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>

#include "base/endian.hpp"

namespace sysb::index {

inline constexpr std::array<char, 8> magic{'S', 'Y', 'S', 'B', 'I', 'D', 'X', '\n'};
inline constexpr std::uint32_t current_version = 2;

struct front_record {
  std::array<char, 8> magic;  // [0x00]
  le32 version;               // [0x08]
  le32 reserved;              // [0x0c] 0
};
static_assert(sizeof(front_record) == 16);

inline constexpr std::uint32_t members_a_block = 256;
inline constexpr std::size_t block_target = 32u << 10;  // a block is closed once it has this much
inline constexpr std::size_t max_member = 1u << 20;     // of one coded member

struct block_record {
  le64 checksum;  // [0x00] of everything after it, through the members
  le64 first;     // [0x08] ordinal of its first member
  le32 bytes;     // [0x10] of coded members
  le32 count;     // [0x14] of members
};
static_assert(sizeof(block_record) == 24 && offsetof(block_record, first) == 0x08);

struct pair_record {
  le64 key;    // [0x00]
  le64 value;  // [0x08]
};
inline constexpr std::size_t pairs_a_page = 255;
struct page_record {
  std::array<pair_record, pairs_a_page> pairs;  // [0x000] sorted by key, then value; unused ones are 0
  le64 checksum;                                // [0xff0] of the pairs, seeded with table and number
  le64 number;                                  // [0xff8] of the page within its table
};
static_assert(sizeof(page_record) == 4096);

// Members of one directory whose ordinals follow each other, all of them directories or none.
inline constexpr unsigned run_count_bits = 23;
inline constexpr std::uint64_t longest_run = std::uint64_t{1} << run_count_bits;
[[nodiscard]] constexpr std::uint64_t run_value(std::uint64_t first, bool directories, std::uint64_t count) noexcept {
  return (first << (run_count_bits + 1)) | (directories ? longest_run : 0) | (count - 1);
}

inline constexpr std::uint64_t max_findings_bytes = 1u << 20;

struct footer_record {
  le64 checksum;                      // [0x00] of everything after it
  le32 version;                       // [0x08]
  le32 flags;                         // [0x0c]
  le64 index_bytes;                   // [0x10] of the whole file
  le64 members;                       // [0x18]
  le64 blocks;                        // [0x20]
  le64 blocks_end;                    // [0x28] where the block table starts
  le64 names;                         // [0x30] pairs of the tables
  le64 runs;                          // [0x38]
  le64 links;                         // [0x40]
  le64 again;                         // [0x48]
  le64 orphans;                       // [0x50]
  le64 findings;                      // [0x58] how many
  le64 findings_bytes;                // [0x60]
  le64 findings_checksum;             // [0x68]
  le64 seed;                          // [0x70] of the hashes in the tables
  le64 stream_bytes;                  // [0x78] the image: its length as a stream,
  le64 end_offset;                    // [0x80] the end of its archive,
  le64 changed;                       // [0x88] its time of change in nanoseconds, 0 where unknown,
  std::array<std::byte, 16> samples;  // [0x90] XXH3-128 of blocks all over it
  std::array<char, 8> magic;          // [0xa0]
};
static_assert(sizeof(footer_record) == 0xa8 && offsetof(footer_record, samples) == 0x90);

namespace footer_flag {
inline constexpr std::uint32_t digests = 1;  // contents were read, and digested
}

}  // namespace sysb::index
