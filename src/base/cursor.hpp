// SPDX-License-Identifier: Apache-2.0
// Checked, forward-only reader over a span of image bytes. A read past the end
// gives zeros and clears `ok()`, which is asked once after a run of reads.
#pragma once
#include <cstddef>
#include <cstring>
#include <span>
#include <type_traits>

namespace sysb {

class byte_cursor {
 public:
  explicit byte_cursor(std::span<std::byte const> bytes) noexcept : rest_{bytes} {}

  // T is a structure of file_int and byte arrays: alignment 1, any bits valid.
  template <typename T>
  [[nodiscard]] T take() noexcept {
    static_assert(std::is_trivially_copyable_v<T> && alignof(T) == 1);
    T out{};
    if (rest_.size() < sizeof(T)) {
      fail();
      return out;
    }
    std::memcpy(&out, rest_.data(), sizeof(T));
    rest_ = rest_.subspan(sizeof(T));
    return out;
  }

  [[nodiscard]] std::span<std::byte const> bytes(std::size_t n) noexcept {
    if (rest_.size() < n) {
      fail();
      return {};
    }
    auto const out = rest_.first(n);
    rest_ = rest_.subspan(n);
    return out;
  }

  [[nodiscard]] std::size_t left() const noexcept { return rest_.size(); }
  [[nodiscard]] bool ok() const noexcept { return ok_; }

 private:
  void fail() noexcept {
    ok_ = false;
    rest_ = {};
  }
  std::span<std::byte const> rest_;
  bool ok_ = true;
};

}  // namespace sysb
