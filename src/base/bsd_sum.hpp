// SPDX-License-Identifier: Apache-2.0
// The 16-bit sum of BSD's sum(1), which AIX keeps of every file it installs: rotate right by one, add the byte.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>

namespace sysb {

class bsd_sum {
 public:
  void reset() noexcept { value_ = 0; }
  void update(std::span<std::byte const> bytes) noexcept;
  [[nodiscard]] std::uint16_t value() const noexcept { return value_; }

 private:
  std::uint16_t value_ = 0;
};

// What stands beside the sum: the length in blocks of 1024 bytes, rounded up.
[[nodiscard]] constexpr std::uint64_t sum_blocks(std::uint64_t bytes) noexcept {
  return bytes / 1024 + (bytes % 1024 != 0 ? 1 : 0);
}

// One byte after the other, as the definition says: what the fast form is held against.
[[nodiscard]] std::uint16_t bsd_sum_by_bytes(std::uint16_t value, std::span<std::byte const> bytes) noexcept;

}  // namespace sysb
