// SPDX-License-Identifier: Apache-2.0
// Compressed blocks of a HET tape file.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "formats/tape/blocks.hpp"

namespace sysb::tape {

struct plain_block {
  std::vector<std::byte> bytes;  // with a problem: those that are sound all the same
  std::uint64_t next = 0;        // where the next step begins
  std::string problem;           // empty: the whole block came out
};

// Joins the parts of the block that begins with `first`, and unpacks it. A block is never longer than
// het_longest, packed or not. Leaves the position of `s`.
[[nodiscard]] plain_block unpack_block(byte_source& s, step_function step, chunk const& first);

}  // namespace sysb::tape
