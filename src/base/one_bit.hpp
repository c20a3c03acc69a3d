// SPDX-License-Identifier: Apache-2.0
// Texts that a single flipped bit makes of each other.
#pragma once
#include <bit>
#include <cstddef>
#include <string_view>

namespace sysb {

// Of one length, and all but one bit is the same.
[[nodiscard]] inline bool one_bit_apart(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) { return false; }
  unsigned seen = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    auto const d = static_cast<unsigned>(static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]));
    if (d == 0) { continue; }
    if (seen != 0 || !std::has_single_bit(d)) { return false; }
    seen = d;
  }
  return seen != 0;
}

}  // namespace sysb
