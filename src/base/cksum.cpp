// SPDX-License-Identifier: Apache-2.0
#include "base/cksum.hpp"

#include <array>

namespace sysb {

namespace {

constexpr std::uint32_t polynomial = 0x04c11db7;
using table = std::array<std::array<std::uint32_t, 256>, 8>;

// tables[k][b]: byte b, followed by k bytes of zero.
constexpr table make_tables() {
  table t{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    auto c = i << 24;
    for (int bit = 0; bit < 8; ++bit) { c = (c & 0x80000000) != 0 ? (c << 1) ^ polynomial : c << 1; }
    t[0][i] = c;
  }
  for (std::size_t k = 1; k < t.size(); ++k) {
    for (std::size_t i = 0; i < 256; ++i) { t[k][i] = (t[k - 1][i] << 8) ^ t[0][t[k - 1][i] >> 24]; }
  }
  return t;
}
constexpr table tables = make_tables();

std::uint32_t byte_at(std::span<std::byte const> b, std::size_t i) noexcept { return static_cast<std::uint32_t>(b[i]); }

std::uint32_t step(std::uint32_t crc, std::uint32_t byte) noexcept {
  return (crc << 8) ^ tables[0][(crc >> 24) ^ (byte & 0xff)];
}

}  // namespace

void cksum::add(std::span<std::byte const> bytes) noexcept {
  size_ += bytes.size();
  auto crc = crc_;
  while (bytes.size() >= 8) {
    crc ^= byte_at(bytes, 0) << 24 | byte_at(bytes, 1) << 16 | byte_at(bytes, 2) << 8 | byte_at(bytes, 3);
    crc = tables[7][crc >> 24] ^ tables[6][crc >> 16 & 0xff] ^ tables[5][crc >> 8 & 0xff] ^ tables[4][crc & 0xff] ^
          tables[3][byte_at(bytes, 4)] ^ tables[2][byte_at(bytes, 5)] ^ tables[1][byte_at(bytes, 6)] ^
          tables[0][byte_at(bytes, 7)];
    bytes = bytes.subspan(8);
  }
  for (auto const b : bytes) { crc = step(crc, static_cast<std::uint32_t>(b)); }
  crc_ = crc;
}

std::uint32_t cksum::value() const noexcept {
  auto crc = crc_;
  for (auto n = size_; n != 0; n >>= 8) { crc = step(crc, static_cast<std::uint32_t>(n & 0xff)); }
  return ~crc;
}

}  // namespace sysb
