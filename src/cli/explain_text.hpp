// SPDX-License-Identifier: Apache-2.0
// What `sysb explain` says: a finding with its cause, its remedy and the pages it stands on; and the list of all.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/diagnostic.hpp"

namespace sysb::cli {

// What it does to the exit code.
[[nodiscard]] std::string_view consequence(diag_code const& c) noexcept;
// What a person can do; never empty.
[[nodiscard]] std::string_view remedy_of(diag_code const& c) noexcept;
// The links in the text of a page, whole and without what stands around them.
[[nodiscard]] std::vector<std::string_view> links_of(std::string_view page);

[[nodiscard]] std::string explain_one(diag_code const& c);
// Rules by what they protect, then the other findings by where they come from.
[[nodiscard]] std::string explain_all(std::span<diag_code const* const> codes);
// What a rule protects: "the data"; empty for what is no rule.
[[nodiscard]] std::string_view protected_by(diag_code const& c) noexcept;

}  // namespace sysb::cli
