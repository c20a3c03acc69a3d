// SPDX-License-Identifier: Apache-2.0
// What our own decoders read before the codes.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>

#include "base/endian.hpp"

namespace sysb::compression {

// The prefix of a file that pack(1) made. After it stands packed content (formats/packed).
struct pack_prefix {
  std::array<std::uint8_t, 2> magic;  // [0x00] 1f 1e
  be32 plain_size;                    // [0x02] bytes of the plain content
};
static_assert(sizeof(pack_prefix) == 6 && offsetof(pack_prefix, plain_size) == 0x02);

// The header of a file that compress(1) made. After it stand the codes.
struct compress_header {
  static constexpr unsigned width_mask = 0x1f;  // widest code, 9 to 16 bits
  static constexpr unsigned block_mode = 0x80;  // code 256 clears the table
  std::array<std::uint8_t, 2> magic;            // [0x00] 1f 9d
  std::uint8_t flags;                           // [0x02]
};
static_assert(sizeof(compress_header) == 3 && offsetof(compress_header, flags) == 0x02);

}  // namespace sysb::compression
