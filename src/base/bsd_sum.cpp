// SPDX-License-Identifier: Apache-2.0
// Every byte depends on the sum before it, so bytes cannot be added side by side. But without the carry that
// leaves the 16 bits, 16 steps would be an addition modulo 65,535, and that carry leaves about once in 500
// bytes. So: guess with that addition where the sum stands at eight places 16 bytes apart, run the definition
// from all eight at once, and see whether each ends where the next one began. If not, the carries just met
// give a better guess. Nothing is believed that was not run from the right place. bsd_sum_avx2.cpp has the same
// with sixteen places, bsd_sum_avx512.cpp with 32.
#include "base/bsd_sum.hpp"

#include <array>
#include <cstring>

#include "base/bsd_sum_avx2.hpp"
#include "base/bsd_sum_avx512.hpp"

namespace sysb {

namespace {

using words = std::uint16_t __attribute__((vector_size(16)));
using octets = std::uint8_t __attribute__((vector_size(16)));

constexpr std::size_t lanes = 8;
constexpr std::size_t lane_bytes = 16;
constexpr std::size_t stride = lanes * lane_bytes;
constexpr int most_guesses = 4;

inline octets low_pairs(octets a, octets b) noexcept {
  return __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}
inline octets high_pairs(octets a, octets b) noexcept {
  return __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}

// Byte k of every lane's run, as one vector of words for each k.
inline void transpose(std::byte const* from, words (&out)[lane_bytes]) noexcept {
  octets r[lanes];
  std::memcpy(r, from, sizeof(r));
  octets a[lanes];
  for (std::size_t i = 0; i < 4; ++i) {
    a[2 * i] = low_pairs(r[i], r[i + 4]);
    a[2 * i + 1] = high_pairs(r[i], r[i + 4]);
  }
  octets b[lanes];
  for (std::size_t i = 0; i < 2; ++i) {
    for (std::size_t half = 0; half < 2; ++half) {
      b[4 * i + 2 * half] = low_pairs(a[2 * i + half], a[2 * (i + 2) + half]);
      b[4 * i + 2 * half + 1] = high_pairs(a[2 * i + half], a[2 * (i + 2) + half]);
    }
  }
  octets const zero{};
  for (std::size_t i = 0; i < 4; ++i) {
    auto const low = low_pairs(b[i], b[i + 4]);
    auto const high = high_pairs(b[i], b[i + 4]);
    out[4 * i] = reinterpret_cast<words>(low_pairs(low, zero));
    out[4 * i + 1] = reinterpret_cast<words>(high_pairs(low, zero));
    out[4 * i + 2] = reinterpret_cast<words>(low_pairs(high, zero));
    out[4 * i + 3] = reinterpret_cast<words>(high_pairs(high, zero));
  }
}

inline words rotated_left(words v, int n) noexcept { return (v << n) | (v >> (16 - n)); }

// Modulo 65,535: the carry comes back at the other end.
inline words add_around(words a, words b) noexcept {
  words const sum = a + b;
  return sum - reinterpret_cast<words>(sum < a);
}

inline words moved_up(words v, int by) noexcept {
  words const zero{};
  switch (by) {
    case 1: return __builtin_shufflevector(zero, v, 0, 8, 9, 10, 11, 12, 13, 14);
    case 2: return __builtin_shufflevector(zero, v, 0, 1, 8, 9, 10, 11, 12, 13);
    default: return __builtin_shufflevector(zero, v, 0, 1, 2, 3, 8, 9, 10, 11);
  }
}

// What every lane adds in its 16 steps, if no carry is lost: step k of 1 to 16 counts 2^k, and 2^16 is 1.
inline words added(words const (&bytes)[lane_bytes]) noexcept {
  words low = bytes[7];
  words high = bytes[15];
  for (std::size_t k = 7; k-- > 0;) {
    low = low + low + bytes[k];
    high = high + high + bytes[8 + k];
  }
  return add_around(rotated_left(low, 1), rotated_left(high, 9));
}

// Where every lane begins, and in `end` where the last one ends.
inline words starts_of(std::uint16_t first, words const& added_by_lane, std::uint16_t& end) noexcept {
  words sums = add_around(added_by_lane, moved_up(added_by_lane, 1));
  sums = add_around(sums, moved_up(sums, 2));
  sums = add_around(sums, moved_up(sums, 4));
  words const from = words{} + first;
  words const ends = add_around(from, sums);
  end = ends[7];
  words out = __builtin_shufflevector(from, ends, 0, 8, 9, 10, 11, 12, 13, 14);
  return out;
}

inline bool equal(words a, words b) noexcept {
  std::array<std::uint64_t, 2> d{};
  words const x = a ^ b;
  std::memcpy(d.data(), &x, sizeof(x));
  return (d[0] | d[1]) == 0;
}

// `stride` bytes.
inline std::uint16_t advance(std::uint16_t value, std::byte const* from) noexcept {
  words bytes[lane_bytes];
  transpose(from, bytes);
  auto deltas = added(bytes);
  for (int guess = 0; guess < most_guesses; ++guess) {
    std::uint16_t end = 0;
    auto const starts = starts_of(value, deltas, end);
    words s = starts;
    for (auto const& b : bytes) { s = ((s >> 1) | (s << 15)) + b; }
    words const expected = __builtin_shufflevector(starts, words{} + end, 1, 2, 3, 4, 5, 6, 7, 8);
    if (__builtin_expect(equal(s, expected), 1)) { return end; }
    deltas = add_around(s, ~starts);  // the difference, modulo 65,535
  }
  return bsd_sum_by_bytes(value, {from, stride});
}

}  // namespace

std::uint16_t bsd_sum_by_bytes(std::uint16_t value, std::span<std::byte const> bytes) noexcept {
  std::uint32_t s = value;
  for (auto const b : bytes) { s = (((s >> 1) | (s << 15)) + std::to_integer<std::uint32_t>(b)) & 0xffff; }
  return static_cast<std::uint16_t>(s);
}

void bsd_sum::update(std::span<std::byte const> bytes) noexcept {
  auto value = value_;
  auto const* at = bytes.data();
  auto left = bytes.size();
#if SYSB_BSD_SUM_AVX512
  if (left >= detail::bsd_sum_avx512_stride && detail::has_bsd_sum_avx512()) {
    auto const done = detail::bsd_sum_avx512(value, at, left);
    at += done;
    left -= done;
  }
#endif
#if SYSB_BSD_SUM_AVX2
  constexpr auto wide_stride = detail::bsd_sum_avx2_stride;
  static bool const wide = __builtin_cpu_supports("avx2") != 0;
  while (wide && left >= wide_stride) {
    auto const done = detail::bsd_sum_avx2(value, at, left);
    at += done;
    left -= done;
    if (left < wide_stride) { break; }
    value = bsd_sum_by_bytes(value, {at, wide_stride});  // carries that no guess met
    at += wide_stride;
    left -= wide_stride;
  }
#endif
  for (; left >= stride; left -= stride, at += stride) { value = advance(value, at); }
  value_ = bsd_sum_by_bytes(value, {at, left});
}

}  // namespace sysb
