// SPDX-License-Identifier: Apache-2.0
// The fast form of bsd_sum.cpp with 32 runs of eight bytes side by side, for processors that have AVX-512 with VBMI2, which
// rotates words: every function here is for them alone, and who calls has asked the processor.
//
// Eight steps turn a sum by half of its bits, so sums of odd runs are held with their bytes exchanged: then what a
// run adds does not depend on where its bits stand, and a running total over the runs is a plain one.
//
// A guess that fails costs what the processor has begun after it. Therefore all that does not depend on the sum so far is
// done first, for a few strides, and only short work waits for the sum. A run that ends elsewhere than guessed lost a
// carry: every later run then begins that much lower. Each turn settles one run at least, so it ends by itself.
#include "base/bsd_sum_avx512.hpp"

#if SYSB_BSD_SUM_AVX512

#include <immintrin.h>

#include <algorithm>
#include <array>
#include <bit>

#define SYSB_FOR_AVX512 [[gnu::target("avx512f,avx512bw,avx512vbmi2")]]

namespace sysb::detail {

namespace {

constexpr std::size_t lanes = 32;
constexpr std::size_t columns = 4;     // of two bytes, in a run
constexpr std::size_t most_ahead = 4;  // strides; more do not stay in registers and the nearest cache
constexpr std::uint32_t odd_lanes = 0xaaaaaaaau;
constexpr std::uint32_t even_lanes = ~odd_lanes;

struct stride_work {
  __m512i column[columns];
  __m512i added;  // by every run and all before it, if no carry is lost
};

using lane_table = std::array<std::uint16_t, lanes>;

// Within 64 bytes: the first two bytes of eight runs, then the next two, and so on.
alignas(64) constexpr lane_table by_column = [] {
  lane_table t{};
  for (std::size_t i = 0; i < lanes; ++i) { t[i] = static_cast<std::uint16_t>(i % 8 * columns + i / 8); }
  return t;
}();
// Every run gets what the one before it has, the first one what the last of another vector has.
alignas(64) constexpr lane_table one_up = [] {
  lane_table t{};
  for (std::size_t i = 0; i < lanes; ++i) { t[i] = static_cast<std::uint16_t>(i == 0 ? 2 * lanes - 1 : i - 1); }
  return t;
}();
// The last run of the eight before.
alignas(64) constexpr lane_table eighth_before = [] {
  lane_table t{};
  for (std::size_t i = 8; i < lanes; ++i) { t[i] = static_cast<std::uint16_t>(i / 8 * 8 - 1); }
  return t;
}();

// Modulo 65,535: the carry comes back at the other end.
SYSB_FOR_AVX512 inline __m512i add_around(__m512i a, __m512i b) noexcept {
  auto const sum = _mm512_add_epi16(a, b);
  return _mm512_add_epi16(sum, _mm512_min_epu16(_mm512_subs_epu16(a, sum), _mm512_set1_epi16(1)));
}

SYSB_FOR_AVX512 inline __m512i bytes_exchanged(__m512i v, std::uint32_t in_lanes) noexcept {
  return _mm512_mask_shldi_epi16(v, in_lanes, v, v, 8);
}

SYSB_FOR_AVX512 inline __m512i rotated_right(__m512i v) noexcept { return _mm512_shldi_epi16(v, v, 15); }

// With a mask, for GCC 12 warns of what it leaves undefined without one.
template <int Which>
SYSB_FOR_AVX512 inline __m512i blocks(__m512i a, __m512i b) noexcept {
  return _mm512_maskz_shuffle_i64x2(0xff, a, b, Which);
}

SYSB_FOR_AVX512 inline void split(std::byte const* from, __m512i (&column)[columns]) noexcept {
  auto const order = _mm512_load_si512(by_column.data());
  __m512i z[4];
  for (std::size_t i = 0; i < 4; ++i) { z[i] = _mm512_permutexvar_epi16(order, _mm512_loadu_si512(from + 64 * i)); }
  auto const a = blocks<0x44>(z[0], z[1]);
  auto const b = blocks<0xee>(z[0], z[1]);
  auto const c = blocks<0x44>(z[2], z[3]);
  auto const d = blocks<0xee>(z[2], z[3]);
  column[0] = blocks<0x88>(a, c);
  column[1] = blocks<0xdd>(a, c);
  column[2] = blocks<0x88>(b, d);
  column[3] = blocks<0xdd>(b, d);
}

// Step k of 1 to 8 counts 2^k.
SYSB_FOR_AVX512 inline __m512i added(__m512i const (&column)[columns]) noexcept {
  auto const weights = _mm512_set1_epi16(0x0201);
  auto sum = _mm512_maddubs_epi16(column[columns - 1], weights);
  for (std::size_t i = columns - 1; i-- > 0;) {
    sum = _mm512_add_epi16(_mm512_slli_epi16(sum, 2), _mm512_maddubs_epi16(column[i], weights));
  }
  sum = bytes_exchanged(_mm512_shldi_epi16(sum, sum, 1), odd_lanes);
  sum = add_around(sum, _mm512_bslli_epi128(sum, 2));
  sum = add_around(sum, _mm512_bslli_epi128(sum, 4));
  sum = add_around(sum, _mm512_bslli_epi128(sum, 8));
  auto const before = _mm512_load_si512(eighth_before.data());
  sum = add_around(sum, _mm512_maskz_permutexvar_epi16(0xff00ff00u, before, sum));
  return add_around(sum, _mm512_maskz_permutexvar_epi16(0xffff0000u, _mm512_set1_epi16(15), sum));
}

// Where every run ends that begins at `starts`: the definition.
SYSB_FOR_AVX512 inline __m512i run(__m512i starts, __m512i const (&column)[columns]) noexcept {
  auto v = bytes_exchanged(starts, odd_lanes);
  for (auto const& two : column) {
    v = _mm512_add_epi16(rotated_right(v), _mm512_and_si512(two, _mm512_set1_epi16(0xff)));
    v = _mm512_add_epi16(rotated_right(v), _mm512_srli_epi16(two, 8));
  }
  return bytes_exchanged(v, even_lanes);
}

// `first`: the sum before the stride, in every lane. Returns the one after it.
SYSB_FOR_AVX512 inline __m512i settle(__m512i first, stride_work const& w) noexcept {
  auto ends = add_around(first, w.added);
  for (;;) {
    auto const found = run(_mm512_permutex2var_epi16(ends, _mm512_load_si512(one_up.data()), first), w.column);
    auto const wrong = _mm512_cmpneq_epi16_mask(found, ends);
    if (__builtin_expect(wrong == 0, 1)) { return _mm512_permutexvar_epi16(_mm512_set1_epi16(lanes - 1), ends); }
    // Of the first run that ends elsewhere, the beginning was right.
    auto const in_lane = _mm512_set1_epi16(static_cast<short>(std::countr_zero(wrong)));
    auto const lost =
        _mm512_permutexvar_epi16(in_lane, add_around(found, _mm512_xor_si512(ends, _mm512_set1_epi16(-1))));
    auto const settled = wrong ^ (wrong - 1);  // that run and those before
    ends = _mm512_mask_mov_epi16(add_around(ends, lost), settled, found);
  }
}

}  // namespace

bool has_bsd_sum_avx512() noexcept {
  static bool const has = __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
                          __builtin_cpu_supports("avx512vbmi2") != 0;
  return has;
}

SYSB_FOR_AVX512 std::size_t bsd_sum_avx512(std::uint16_t& value, std::byte const* from, std::size_t size) noexcept {
  stride_work work[most_ahead];
  auto first = _mm512_set1_epi16(static_cast<short>(value));
  std::size_t done = 0;
  while (size - done >= bsd_sum_avx512_stride) {
    auto const count = std::min(most_ahead, (size - done) / bsd_sum_avx512_stride);
    for (std::size_t i = 0; i < count; ++i, done += bsd_sum_avx512_stride) {
      split(from + done, work[i].column);
      work[i].added = added(work[i].column);
    }
    for (std::size_t i = 0; i < count; ++i) { first = settle(first, work[i]); }
  }
  alignas(64) lane_table all{};
  _mm512_store_si512(all.data(), first);
  value = all.front();
  return done;
}

}  // namespace sysb::detail

#endif
