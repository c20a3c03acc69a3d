// SPDX-License-Identifier: Apache-2.0
// What the walk remarked about an image: kept in its index and told again, so that nobody hears
// less because there is one.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "core/diagnostic.hpp"

namespace sysb::index {

struct kept_finding {
  std::uint64_t before = 0;  // told before the member of this ordinal
  diagnostic what;
};

// The code that has this id; null for none.
using code_finder = std::function<diag_code const*(std::string_view id)>;

void append_finding(diagnostic const& d, std::uint64_t before, std::vector<std::byte>& out);
// Throws unusable for what append_finding() did not write, and unknown_code for an id that `codes`
// does not know.
[[nodiscard]] std::vector<kept_finding> read_findings(std::span<std::byte const> bytes, std::uint64_t count,
                                                      code_finder const& codes);

}  // namespace sysb::index
