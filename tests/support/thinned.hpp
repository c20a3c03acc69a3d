// SPDX-License-Identifier: Apache-2.0
// How much of what could be tried is tried.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdlib>

namespace sysb::test {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool sanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
inline constexpr bool sanitized = true;
#else
inline constexpr bool sanitized = false;
#endif
#else
inline constexpr bool sanitized = false;
#endif

// The step of a loop that tries everything: 1 in a campaign, and in the release suites of CI (SYSB_SANITIZED); `n` under a
// sanitizer, where a step costs 20 to 50 times as much; at most 3 in the release suites that anybody runs. A step that is
// no power of two meets every place within a word.
inline std::size_t stride(std::size_t n) {
  if (std::getenv("SYSB_CAMPAIGN") != nullptr) { return 1; }
  if (sanitized) { return n; }
  return std::getenv("SYSB_SANITIZED") != nullptr ? 1 : std::min<std::size_t>(n, 3);
}

}  // namespace sysb::test
