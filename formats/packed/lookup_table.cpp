// SPDX-License-Identifier: Apache-2.0
// Builds the table: first the one code that every index begins with, then up to three of them.
#include "formats/packed/lookup_table.hpp"

#include <algorithm>

namespace sysb::packed {

void lookup_table::build(code_tree const& tree, unsigned width, bool several) noexcept {
  width_ = width;
  auto const size = 1u << width;
  // No room for it beside any code: what no single code fits into.
  constexpr std::uint16_t none = 63;

  // Codes in ascending order are the levels from the deepest up; a level's codes stand in order.
  // Below the first code of level l are the longer ones: inner[l] of them, of width l.
  std::uint32_t end = size;
  for (std::uint32_t l = 1; l <= std::min(tree.levels, width); ++l) {
    auto const run = size >> l;
    auto const begin = tree.inner[l] * run;
    auto const count = tree.count[l];
    auto const* symbol = &tree.symbol[tree.first[l]];
    auto at = begin;
    auto const coded = l == tree.levels ? count - 1 : count;
    for (std::uint32_t i = 0; i < coded; ++i, at += run) {
      auto const e = static_cast<std::uint16_t>(l | static_cast<unsigned>(symbol[i]) << 8);
      std::fill_n(single_.begin() + at, run, e);
    }
    std::fill(single_.begin() + at, single_.begin() + end, none);  // the end mark
    end = begin;
  }
  std::fill(single_.begin(), single_.begin() + end, none);

  if (!several) {
    for (std::uint32_t i = 0; i < size; ++i) {
      std::uint32_t const a = single_[i];
      entries_[i] = a == none ? 0 : lookup_entry::make(a >> 8, a & 63, 1);
    }
    return;
  }
  auto const mask = size - 1;
  for (std::uint32_t i = 0; i < size; ++i) {
    std::uint32_t const a = single_[i];
    auto const a_bits = a & 63;
    std::uint32_t const b = single_[(i << (a_bits & 31)) & mask];
    auto const b_bits = a_bits + (b & 63);
    std::uint32_t const c = single_[(i << (b_bits & 31)) & mask];
    auto const c_bits = b_bits + (c & 63);
    // Without branches: which codes fit is as good as random to the processor.
    auto const one = lookup_entry::make(a >> 8, a_bits, 1);
    auto const two = lookup_entry::make(a >> 8 | (b & 0xff00), b_bits, 2);
    auto const three = lookup_entry::make(a >> 8 | (b & 0xff00) | (c & 0xff00) << 8, c_bits, 3);
    auto const some = b_bits > width ? one : c_bits > width ? two : three;
    entries_[i] = a == none ? 0 : some;
  }
}

}  // namespace sysb::packed
