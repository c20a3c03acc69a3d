// SPDX-License-Identifier: Apache-2.0
// Characters that must not reach a terminal though they are well-formed UTF-8.
#pragma once
#include <cstddef>
#include <string_view>

namespace sysb {

// Length of the character of several bytes at the front of `bytes` where it is a control character, turns the direction of
// text, or ends a line; else 0.
[[nodiscard]] std::size_t deceptive_length(std::string_view bytes) noexcept;

}  // namespace sysb
