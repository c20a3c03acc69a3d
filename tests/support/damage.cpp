// SPDX-License-Identifier: Apache-2.0
#include "support/damage.hpp"

#include <algorithm>
#include <stdexcept>

#include "base/text.hpp"

namespace sysb::test {

std::string damage::name() const {
  switch (kind) {
    case how::flip_bit: return concat("flip bit ", amount, " at 0x", hex(offset));
    case how::truncate: return concat("cut to ", offset, " bytes");
    case how::zero_range: return concat("zero ", amount, " bytes at 0x", hex(offset));
  }
  return {};
}

bytes damaged(std::span<std::byte const> image, damage const& d) {
  bytes out{image.begin(), image.end()};
  auto const at = static_cast<std::size_t>(d.offset);
  switch (d.kind) {
    case damage::how::flip_bit: out.at(at) ^= static_cast<std::byte>(1u << (d.amount & 7)); break;
    case damage::how::truncate:
      if (at > out.size()) { throw std::out_of_range{"a cut after the end"}; }
      out.resize(at);
      break;
    case damage::how::zero_range:
      if (at > out.size() || d.amount > out.size() - at) { throw std::out_of_range{"a range after the end"}; }
      std::fill_n(out.begin() + static_cast<std::ptrdiff_t>(at), d.amount, std::byte{0});
      break;
  }
  return out;
}

std::vector<damage> bit_flips(std::uint64_t first, std::uint64_t last) {
  std::vector<damage> out;
  for (auto at = first; at < last; ++at) {
    for (std::uint64_t bit = 0; bit < 8; ++bit) { out.push_back({damage::how::flip_bit, at, bit}); }
  }
  return out;
}

std::vector<damage> truncations(std::uint64_t first, std::uint64_t last) {
  std::vector<damage> out;
  for (auto n = first; n < last; ++n) { out.push_back({damage::how::truncate, n, 0}); }
  return out;
}

std::vector<damage> zeroings(std::uint64_t first, std::uint64_t last, std::uint64_t length, std::uint64_t step) {
  std::vector<damage> out;
  for (auto at = first; at + length <= last; at += step) { out.push_back({damage::how::zero_range, at, length}); }
  return out;
}

bytes flip_bit(std::span<std::byte const> image, std::uint64_t offset, unsigned bit) {
  return damaged(image, {damage::how::flip_bit, offset, bit});
}

bytes truncated(std::span<std::byte const> image, std::uint64_t length) {
  return damaged(image, {damage::how::truncate, length, 0});
}

bytes zeroed(std::span<std::byte const> image, std::uint64_t offset, std::uint64_t n) {
  return damaged(image, {damage::how::zero_range, offset, n});
}

bytes patched(std::span<std::byte const> image, std::uint64_t offset, std::span<std::byte const> with) {
  bytes out{image.begin(), image.end()};
  auto const at = static_cast<std::size_t>(offset);
  if (at > out.size() || with.size() > out.size() - at) { throw std::out_of_range{"a patch after the end"}; }
  std::copy(with.begin(), with.end(), out.begin() + static_cast<std::ptrdiff_t>(at));
  return out;
}

}  // namespace sysb::test
