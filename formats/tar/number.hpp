// SPDX-License-Identifier: Apache-2.0
// Numbers in the fields of tar headers: octal text, or big-endian binary after a set first bit.
#pragma once
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include "base/number.hpp"

namespace sysb::tar {

template <std::size_t N>
[[nodiscard]] std::string_view text_of(char const (&field)[N]) noexcept {
  return {field, static_cast<std::size_t>(std::find(field, field + N, '\0') - field)};
}

template <std::size_t N>
[[nodiscard]] std::optional<std::uint64_t> number(char const (&field)[N]) noexcept {
  auto const first = static_cast<unsigned char>(field[0]);
  if ((first & 0x80) != 0) {
    std::uint64_t v = first & 0x3f;
    if ((first & 0x40) != 0) { return std::nullopt; }  // negative
    for (std::size_t i = 1; i < N; ++i) {
      if (v >> 56 != 0) { return std::nullopt; }
      v = v << 8 | static_cast<unsigned char>(field[i]);
    }
    return v;
  }
  auto text = text_of(field);
  while (!text.empty() && text.front() == ' ') { text.remove_prefix(1); }
  while (!text.empty() && text.back() == ' ') { text.remove_suffix(1); }
  return text.empty() ? std::optional{std::uint64_t{0}} : whole_number(text, 8);
}

}  // namespace sysb::tar
