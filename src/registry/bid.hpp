// SPDX-License-Identifier: Apache-2.0
// Who of a table knows the first bytes best.
#pragma once
#include <cstddef>
#include <span>

namespace sysb::registry {

// A plain image shows in little; what a file system looks like stands after its first 32 KiB.
inline constexpr std::size_t first_look = 4u << 10;
inline constexpr std::size_t second_look = 68u << 10;

// Null where nobody does.
template <typename Format>
[[nodiscard]] Format const* best_bid(std::span<Format const* const> all, std::span<std::byte const> head) {
  Format const* best = nullptr;
  unsigned highest = 0;
  for (auto const* f : all) {
    auto const bid = f->bid(head);
    if (bid > highest) {
      highest = bid;
      best = f;
    }
  }
  return best;
}

}  // namespace sysb::registry
