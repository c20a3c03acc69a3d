// SPDX-License-Identifier: Apache-2.0
// What answers the result of a rule, where the result itself says nothing else.
#pragma once
#include <string_view>

namespace sysb::wpar {

// Empty for a rule that never asks anything.
[[nodiscard]] std::string_view advice_of(std::string_view rule_id) noexcept;

}  // namespace sysb::wpar
