// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>
#include <system_error>

namespace sysb {

// The whole of `text` as a number: digits of `base` (after a minus sign where Int has one) and nothing else; nothing
// where there are no digits or the number does not fit. Does not depend on the locale.
template <typename Int = std::uint64_t>
[[nodiscard]] std::optional<Int> whole_number(std::string_view text, int base = 10) noexcept {
  Int out{};
  auto const* const end = text.data() + text.size();
  auto const done = std::from_chars(text.data(), end, out, base);
  return !text.empty() && done.ec == std::errc{} && done.ptr == end ? std::optional{out} : std::nullopt;
}

// The same into `out`, which stays as it is where there is no number.
template <typename Int>
[[nodiscard]] bool to_number(std::string_view text, Int& out, int base = 10) noexcept {
  auto const number = whole_number<Int>(text, base);
  if (number) { out = *number; }
  return number.has_value();
}

}  // namespace sysb
