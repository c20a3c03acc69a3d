// SPDX-License-Identifier: Apache-2.0
// The next `width` bits of a packed stream say which whole codes they begin with.
#pragma once
#include <array>
#include <cstdint>

#include "formats/packed/tree.hpp"

namespace sysb::packed {

// An entry: bits used [0..5], symbols [6..7], then the symbols, first one lowest. Zero where the
// bits begin with a code longer than the table is wide, or with the end mark: nothing is used, so
// a look-up repeated there changes nothing and one test behind several look-ups is enough.
struct lookup_entry {
  static constexpr unsigned max_symbols = 3;
  static constexpr unsigned symbol_shift = 8;

  [[nodiscard]] static constexpr unsigned bits(std::uint32_t e) noexcept { return e & 63; }
  [[nodiscard]] static constexpr unsigned count(std::uint32_t e) noexcept { return e >> 6 & 3; }
};

inline constexpr unsigned min_width = 8;
inline constexpr unsigned max_width = 12;

class lookup_table {
 public:
  void build(code_tree const& tree, unsigned width) noexcept;

  [[nodiscard]] unsigned width() const noexcept { return width_; }
  [[nodiscard]] std::uint32_t const* entries() const noexcept { return entries_.data(); }

 private:
  unsigned width_ = 0;
  std::array<std::uint32_t, 1u << max_width> entries_{};
  std::array<std::uint16_t, 1u << max_width> single_{};  // bits [0..7], symbol [8..15]
};

}  // namespace sysb::packed
