// SPDX-License-Identifier: Apache-2.0
// Room for bytes that are written before they are read: growing neither keeps nor clears them.
#pragma once
#include <algorithm>
#include <bit>
#include <cstddef>
#include <memory>
#include <span>

namespace sysb {

class scratch_buffer {
 public:
  // All there is, at least `n` bytes. Good until the next call.
  [[nodiscard]] std::span<std::byte> at_least(std::size_t n) {
    if (size_ < n) {
      constexpr std::size_t page = 4096;
      size_ = 0;
      room_.reset();
      auto const size = std::max(std::bit_ceil(n), page);
      room_ = std::make_unique_for_overwrite<std::byte[]>(size);
      size_ = size;
    }
    return {room_.get(), size_};
  }

 private:
  std::unique_ptr<std::byte[]> room_;
  std::size_t size_ = 0;
};

}  // namespace sysb
