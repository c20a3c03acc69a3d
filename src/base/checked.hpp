// SPDX-License-Identifier: Apache-2.0
// Arithmetic on sizes that come from an image: the result, or nothing.
#pragma once
#include <cstdint>
#include <limits>
#include <optional>

namespace sysb {

[[nodiscard]] constexpr std::optional<std::uint64_t> checked_add(std::uint64_t a, std::uint64_t b) noexcept {
  if (b > std::numeric_limits<std::uint64_t>::max() - a) { return std::nullopt; }
  return a + b;
}

[[nodiscard]] constexpr std::optional<std::uint64_t> checked_mul(std::uint64_t a, std::uint64_t b) noexcept {
  if (a != 0 && b > std::numeric_limits<std::uint64_t>::max() / a) { return std::nullopt; }
  return a * b;
}

// Up to the next multiple of `unit` (a power of two is not required; 0 gives nothing).
[[nodiscard]] constexpr std::optional<std::uint64_t> checked_round_up(std::uint64_t v, std::uint64_t unit) noexcept {
  if (unit == 0) { return std::nullopt; }
  auto const rest = v % unit;
  return rest == 0 ? std::optional{v} : checked_add(v, unit - rest);
}

}  // namespace sysb
