// SPDX-License-Identifier: Apache-2.0
// Packed content as it stands in a member. There is one fixed field; the others follow from it:
//
//   u8 levels            // [0x00] 1..24
//   u8 count[levels]     // [0x01] leaves on each level; the last is written minus 2
//   u8 symbol[leaves-1]  // level by level; the end mark, last leaf of the last level, has none
//   bits                 // codes, most significant bit first, then zero bits to a whole byte
#pragma once
#include <cstddef>
#include <cstdint>

namespace sysb::packed {

struct tree_prefix {
  std::uint8_t levels;  // [0x00]
};
static_assert(sizeof(tree_prefix) == 1 && offsetof(tree_prefix, levels) == 0x00);

inline constexpr std::uint32_t max_levels = 24;
inline constexpr std::uint32_t max_leaves = 257;  // every byte value and the end mark
// What the last count is written less by: the deepest level has two leaves at least.
inline constexpr std::uint32_t last_count_bias = 2;
inline constexpr std::size_t max_tree_bytes = sizeof(tree_prefix) + max_levels + max_leaves - 1;
inline constexpr std::uint64_t min_stored = 2;

}  // namespace sysb::packed
