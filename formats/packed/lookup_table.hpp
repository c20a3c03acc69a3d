// SPDX-License-Identifier: Apache-2.0
// The next `width` bits of a packed stream say which whole codes they begin with.
#pragma once
#include <array>
#include <cstdint>

#include "formats/packed/tree.hpp"

namespace sysb::packed {

// An entry, from its lowest bit: three symbols of 8 bits, the first one lowest; 6 bits for how many
// bits they use; 2 for how many symbols there are. So symbols are stored without a shift, and one
// shift gives a number whose low 6 bits are all that a 64-bit shift looks at. An entry is zero where
// its bits begin with a code longer than the table is wide, or with the end mark: nothing is used,
// so a look-up repeated there changes nothing, and one test after several look-ups is enough.
struct lookup_entry {
  static constexpr unsigned max_symbols = 3;

  [[nodiscard]] static constexpr std::uint32_t make(std::uint32_t symbols, unsigned bits, unsigned count) noexcept {
    return symbols | bits << 24 | count << 30;
  }
  [[nodiscard]] static constexpr unsigned bits(std::uint32_t e) noexcept { return e >> 24 & 63; }
  [[nodiscard]] static constexpr unsigned count(std::uint32_t e) noexcept { return e >> 30; }
};

inline constexpr unsigned min_width = 8;
inline constexpr unsigned max_width = 12;

class lookup_table {
 public:
  // `several`: up to three codes an entry. That takes about as long as 150 look-ups do.
  void build(code_tree const& tree, unsigned width, bool several) noexcept;

  [[nodiscard]] unsigned width() const noexcept { return width_; }
  [[nodiscard]] std::uint32_t const* entries() const noexcept { return entries_.data(); }

 private:
  unsigned width_ = 0;
  std::array<std::uint32_t, 1u << max_width> entries_{};
  std::array<std::uint16_t, 1u << max_width> single_{};  // bits [0..7], symbol [8..15]
};

}  // namespace sysb::packed
