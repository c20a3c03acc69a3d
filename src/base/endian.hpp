// SPDX-License-Identifier: Apache-2.0
// Integers as they stand in a file: fixed byte order, alignment 1, no implicit
// arithmetic. A field type says what the medium holds; `value()` says what it means.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace sysb {

enum class byte_order : std::uint8_t { little, big };

template <typename Int, byte_order Order>
class file_int {
  static_assert(std::is_unsigned_v<Int>);

 public:
  file_int() = default;
  constexpr explicit file_int(Int v) noexcept { store(v); }

  [[nodiscard]] constexpr Int value() const noexcept {
    Int v = 0;
    for (std::size_t i = 0; i < sizeof(Int); ++i) {
      auto const shift = Order == byte_order::little ? 8 * i : 8 * (sizeof(Int) - 1 - i);
      v = static_cast<Int>(v | static_cast<Int>(static_cast<Int>(bytes_[i]) << shift));
    }
    return v;
  }
  // NOLINTNEXTLINE(google-explicit-constructor): reading a field is what it is for
  constexpr operator Int() const noexcept { return value(); }
  constexpr file_int& operator=(Int v) noexcept {
    store(v);
    return *this;
  }

 private:
  constexpr void store(Int v) noexcept {
    for (std::size_t i = 0; i < sizeof(Int); ++i) {
      auto const shift = Order == byte_order::little ? 8 * i : 8 * (sizeof(Int) - 1 - i);
      bytes_[i] = static_cast<std::uint8_t>(v >> shift);
    }
  }
  std::array<std::uint8_t, sizeof(Int)> bytes_{};
};

using le16 = file_int<std::uint16_t, byte_order::little>;
using le32 = file_int<std::uint32_t, byte_order::little>;
using le64 = file_int<std::uint64_t, byte_order::little>;
using be16 = file_int<std::uint16_t, byte_order::big>;
using be32 = file_int<std::uint32_t, byte_order::big>;
using be64 = file_int<std::uint64_t, byte_order::big>;

static_assert(sizeof(le32) == 4 && alignof(le32) == 1);

}  // namespace sysb
