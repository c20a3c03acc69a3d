// SPDX-License-Identifier: Apache-2.0
// The fast form of bsd_sum.cpp with sixteen runs side by side, for processors that have AVX2: every function here is for
// them alone, and who calls has asked the processor.
#include "base/bsd_sum_avx2.hpp"

#if SYSB_BSD_SUM_AVX2

#include <immintrin.h>

namespace sysb::detail {

namespace {

constexpr int lane_bytes = 16;
constexpr int most_guesses = 6;

// Byte k of every lane's run, as one vector of words for each k. The upper half of a vector is the second 128 bytes.
[[gnu::target("avx2")]] inline void transpose(std::byte const* from, __m256i (&out)[lane_bytes]) noexcept {
  __m256i r[8];
  for (int i = 0; i < 8; ++i) {
    auto const low = _mm_loadu_si128(reinterpret_cast<__m128i const*>(from + 16 * i));
    auto const high = _mm_loadu_si128(reinterpret_cast<__m128i const*>(from + 128 + 16 * i));
    r[i] = _mm256_inserti128_si256(_mm256_castsi128_si256(low), high, 1);
  }
  __m256i a[8];
  for (int i = 0; i < 4; ++i) {
    a[2 * i] = _mm256_unpacklo_epi8(r[i], r[i + 4]);
    a[2 * i + 1] = _mm256_unpackhi_epi8(r[i], r[i + 4]);
  }
  __m256i b[8];
  for (int i = 0; i < 2; ++i) {
    for (int half = 0; half < 2; ++half) {
      b[4 * i + 2 * half] = _mm256_unpacklo_epi8(a[2 * i + half], a[2 * (i + 2) + half]);
      b[4 * i + 2 * half + 1] = _mm256_unpackhi_epi8(a[2 * i + half], a[2 * (i + 2) + half]);
    }
  }
  auto const zero = _mm256_setzero_si256();
  for (int i = 0; i < 4; ++i) {
    auto const low = _mm256_unpacklo_epi8(b[i], b[i + 4]);
    auto const high = _mm256_unpackhi_epi8(b[i], b[i + 4]);
    out[4 * i] = _mm256_unpacklo_epi8(low, zero);
    out[4 * i + 1] = _mm256_unpackhi_epi8(low, zero);
    out[4 * i + 2] = _mm256_unpacklo_epi8(high, zero);
    out[4 * i + 3] = _mm256_unpackhi_epi8(high, zero);
  }
}

// Modulo 65,535: the carry comes back at the other end.
[[gnu::target("avx2")]] inline __m256i add_around(__m256i a, __m256i b) noexcept {
  auto const sum = _mm256_add_epi16(a, b);
  auto const no_carry = _mm256_cmpeq_epi16(_mm256_max_epu16(sum, a), sum);
  return _mm256_add_epi16(_mm256_add_epi16(sum, no_carry), _mm256_set1_epi16(1));
}

// What every lane adds in its 16 steps, if no carry is lost.
[[gnu::target("avx2")]] inline __m256i added(__m256i const (&bytes)[lane_bytes]) noexcept {
  auto low = bytes[7];
  auto high = bytes[15];
  for (int k = 6; k >= 0; --k) {
    low = _mm256_add_epi16(_mm256_add_epi16(low, low), bytes[k]);
    high = _mm256_add_epi16(_mm256_add_epi16(high, high), bytes[8 + k]);
  }
  return add_around(_mm256_or_si256(_mm256_slli_epi16(low, 1), _mm256_srli_epi16(low, 15)),
                    _mm256_or_si256(_mm256_slli_epi16(high, 9), _mm256_srli_epi16(high, 7)));
}

// Where every lane ends that begins where the one before it ended.
[[gnu::target("avx2")]] inline __m256i ends_of(__m256i first, __m256i deltas) noexcept {
  auto sums = add_around(deltas, _mm256_slli_si256(deltas, 2));
  sums = add_around(sums, _mm256_slli_si256(sums, 4));
  sums = add_around(sums, _mm256_slli_si256(sums, 8));
  auto const last = _mm_shuffle_epi8(_mm256_castsi256_si128(sums), _mm_set1_epi16(0x0f0e));
  sums = add_around(sums, _mm256_inserti128_si256(_mm256_setzero_si256(), last, 1));
  return add_around(first, sums);
}

}  // namespace

[[gnu::target("avx2")]] std::size_t bsd_sum_avx2(std::uint16_t& value, std::byte const* from,
                                                 std::size_t size) noexcept {
  std::size_t done = 0;
  for (; size - done >= bsd_sum_avx2_stride; done += bsd_sum_avx2_stride) {
    __m256i bytes[lane_bytes];
    transpose(from + done, bytes);
    auto const first = _mm256_set1_epi16(static_cast<short>(value));
    auto deltas = added(bytes);
    for (int guess = 0;; ++guess) {
      if (guess == most_guesses) { return done; }
      auto const ends = ends_of(first, deltas);
      auto const starts = _mm256_alignr_epi8(ends, _mm256_permute2x128_si256(ends, first, 0x02), 14);
      auto s = starts;
      for (auto const& b : bytes) {
        s = _mm256_add_epi16(_mm256_or_si256(_mm256_srli_epi16(s, 1), _mm256_slli_epi16(s, 15)), b);
      }
      if (_mm256_movemask_epi8(_mm256_cmpeq_epi16(s, ends)) == -1) {
        value = static_cast<std::uint16_t>(_mm256_extract_epi16(ends, 15));
        break;
      }
      deltas = add_around(s, _mm256_xor_si256(starts, _mm256_set1_epi16(-1)));
    }
  }
  return done;
}

}  // namespace sysb::detail

#endif
