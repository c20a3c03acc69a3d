// SPDX-License-Identifier: Apache-2.0
// The inner loops of the decoder: one or several cursors over packed bits, by look-up table.
#pragma once
#include <cstddef>
#include <cstdint>

#include "formats/packed/lookup_table.hpp"
#include "formats/packed/tree.hpp"

namespace sysb::packed {

// A place between two codes. `bit` is below 8.
struct bit_position {
  std::uint8_t const* byte;
  unsigned bit;
  bool operator==(bit_position const&) const = default;
};

// What a cursor may touch. Loads stay below `in_end`, stores below `out_end`.
struct cursor {
  bit_position at;
  std::uint8_t const* in_end;
  std::uint8_t* out;
  std::uint8_t* out_end;
};

inline constexpr unsigned max_cursors = 4;

// Advances `n` (1, 2, 3 or 4) cursors by whole groups of look-ups for as long as every one of them
// has input and room for one more group, or until one stands at the end mark.
void run_cursors(cursor* c, unsigned n, lookup_table const& table, code_tree const& tree) noexcept;

enum class stop : std::uint8_t { reached, full, end_mark };

// Advances one cursor to the first place at or after the start of `target`, code by code where
// need be. Loads up to 8 bytes after `target`.
[[nodiscard]] stop step_to(cursor& c, std::uint8_t const* target, lookup_table const& table,
                           code_tree const& tree) noexcept;

struct one_code {
  unsigned bits;  // 0: the `have` bits are not a whole code
  bool end_mark;
  std::uint8_t symbol;
};

// The code at the top of `held`, of which `have` bits (at most 64) count. Shorter codes than
// `from` were ruled out.
[[nodiscard]] inline one_code decode_one(std::uint64_t held, unsigned have, code_tree const& tree,
                                         unsigned from = 1) noexcept {
  for (auto l = from; l <= tree.levels; ++l) {
    if (l > have) { break; }
    auto const code = static_cast<std::uint32_t>(held >> (64 - l));
    if (code >= tree.inner[l]) {
      auto const leaf = code - tree.inner[l];
      if (l == tree.levels && leaf + 1 == tree.count[l]) { return {l, true, 0}; }
      return {l, false, tree.symbol[tree.first[l] + leaf]};
    }
  }
  return {0, false, 0};
}

}  // namespace sysb::packed
