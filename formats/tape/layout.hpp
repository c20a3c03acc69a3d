// SPDX-License-Identifier: Apache-2.0
// Tapes as files: a length before (and, in one form, after) each block, and marks between the
// files of the tape.
#pragma once
#include <cstddef>
#include <cstdint>

#include "base/endian.hpp"

namespace sysb::tape {

// SIMH: this word, the block, a zero byte where its length is odd, and the word again.
struct simh_word {
  le32 length;  // [0x00]
};
static_assert(sizeof(simh_word) == 4);
inline constexpr std::uint32_t simh_mark = 0;
inline constexpr std::uint32_t simh_end = 0xffffffff;
inline constexpr std::uint32_t simh_gap = 0xfffffffe;  // a word of erased tape
inline constexpr std::uint32_t simh_bad = 0x80000000;  // the block was read with errors
inline constexpr std::uint32_t simh_longest = 0x00ffffff;

// AWS (and HET, which can also compress): this header, then a block or a part of one.
struct aws_header {
  le16 length;           // [0x00]
  le16 previous_length;  // [0x02]
  std::uint8_t flags;    // [0x04] aws_flag
  std::uint8_t flags_2;  // [0x05]
};
static_assert(sizeof(aws_header) == 6 && offsetof(aws_header, flags) == 0x04);

namespace aws_flag {
inline constexpr unsigned begins = 0x80;
inline constexpr unsigned mark = 0x40;
inline constexpr unsigned ends = 0x20;
inline constexpr unsigned compressed = 0x03;  // HET: how; the parts of a block are one stream
inline constexpr unsigned zlib = 0x01;
inline constexpr unsigned bzip2 = 0x02;
}  // namespace aws_flag
namespace aws_flag_2 {
inline constexpr unsigned bus_tech = 0x80;  // compressed in the way of another maker's tape files
}  // namespace aws_flag_2
inline constexpr std::size_t het_longest = 65535;  // of a block, packed or not

}  // namespace sysb::tape
