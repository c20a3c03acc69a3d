// SPDX-License-Identifier: Apache-2.0
// The checksum that POSIX cksum prints: every AIX has it.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>

namespace sysb {

class cksum {
 public:
  void add(std::span<std::byte const> bytes) noexcept;
  [[nodiscard]] std::uint32_t value() const noexcept;  // the length of what was added is part of it
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

 private:
  std::uint32_t crc_ = 0;
  std::uint64_t size_ = 0;
};

}  // namespace sysb
