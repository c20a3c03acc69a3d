// SPDX-License-Identifier: Apache-2.0
// Named corruptions of an image, so that a failing case says what was done to it.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "support/image_record.hpp"

namespace sysb::test {

struct damage {
  enum class how : std::uint8_t { flip_bit, truncate, zero_range };
  how kind = how::flip_bit;
  std::uint64_t offset = 0;  // flip_bit: of the byte; truncate: the length that is left
  std::uint64_t amount = 0;  // flip_bit: which bit, 0 the lowest; zero_range: bytes

  [[nodiscard]] std::string name() const;  // "flip bit 3 at 0x48"
};

// Throws std::out_of_range where the damage lies outside the image.
[[nodiscard]] bytes damaged(std::span<std::byte const> image, damage const& d);

// Every bit of [first, last).
[[nodiscard]] std::vector<damage> bit_flips(std::uint64_t first, std::uint64_t last);
// Every length in [first, last).
[[nodiscard]] std::vector<damage> truncations(std::uint64_t first, std::uint64_t last);
// Runs of `length` bytes that start at every `step` bytes of [first, last).
[[nodiscard]] std::vector<damage> zeroings(std::uint64_t first, std::uint64_t last, std::uint64_t length,
                                           std::uint64_t step);

// Shorthands for one damage.
[[nodiscard]] bytes flip_bit(std::span<std::byte const> image, std::uint64_t offset, unsigned bit);
[[nodiscard]] bytes truncated(std::span<std::byte const> image, std::uint64_t length);
[[nodiscard]] bytes zeroed(std::span<std::byte const> image, std::uint64_t offset, std::uint64_t n);
// `with` in place of the bytes at `offset`.
[[nodiscard]] bytes patched(std::span<std::byte const> image, std::uint64_t offset, std::span<std::byte const> with);

}  // namespace sysb::test
