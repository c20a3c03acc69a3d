// SPDX-License-Identifier: Apache-2.0
// For bsd_sum.cpp only.
#pragma once
#include <cstddef>
#include <cstdint>

#if defined(__x86_64__) && defined(__GNUC__)
#define SYSB_BSD_SUM_AVX512 1
#else
#define SYSB_BSD_SUM_AVX512 0
#endif

namespace sysb::detail {

#if SYSB_BSD_SUM_AVX512
inline constexpr std::size_t bsd_sum_avx512_stride = 256;

[[nodiscard]] bool has_bsd_sum_avx512() noexcept;
// All whole strides of `size` bytes; the number of bytes summed. Only where has_bsd_sum_avx512() says so.
[[nodiscard]] std::size_t bsd_sum_avx512(std::uint16_t& value, std::byte const* from, std::size_t size) noexcept;
#endif

}  // namespace sysb::detail
