// SPDX-License-Identifier: Apache-2.0
// For bsd_sum.cpp only: its fast form on processors that have AVX2.
#pragma once
#include <cstddef>
#include <cstdint>

#if defined(__x86_64__)
#define SYSB_BSD_SUM_AVX2 1
#else
#define SYSB_BSD_SUM_AVX2 0
#endif

namespace sysb::detail {

inline constexpr std::size_t bsd_sum_avx2_stride = 256;

// As far as whole strides go and guesses hold; tells how far that was.
[[nodiscard]] std::size_t bsd_sum_avx2(std::uint16_t& value, std::byte const* from, std::size_t size) noexcept;

}  // namespace sysb::detail
