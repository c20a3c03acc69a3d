// SPDX-License-Identifier: Apache-2.0
// Which lines of two lists are the same: the shortest script that makes one of the other (Myers 1986, in linear
// space). Where that would cost too much, what is left is taken as replaced.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace sysb::diff {

// A run of lines: [a, a_end) of the first list became [b, b_end) of the second.
struct hunk {
  std::size_t a = 0, a_end = 0, b = 0, b_end = 0;
  bool operator==(hunk const&) const = default;
};

// In order, apart from each other. `work`: steps that may be taken.
[[nodiscard]] std::vector<hunk> compare_lines(std::span<std::string_view const> a, std::span<std::string_view const> b,
                                              std::uint64_t work = 200'000'000);

}  // namespace sysb::diff
