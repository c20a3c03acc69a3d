// SPDX-License-Identifier: Apache-2.0
// The head of the security record: how many words, which of them counts what, fitted to where the lists of the samples
// were found by their own marks.
#pragma once
#include <string>
#include <vector>

#include "formats/backup_by_name/grammar.hpp"
#include "formats/backup_by_name/sampling.hpp"

namespace sysb::backup_by_name {

// Adds to `rules` what is fitted, and sets sample::security to what the rules say.
void fit_security(std::vector<sample>& samples, grammar& rules, std::vector<std::string>& proofs);

// The rule places the lists of the sample where its marks are; `out` is then its security record.
[[nodiscard]] bool agrees(security_rule const& rule, sample const& s, security_record& out);

// Rules like `rule` by which one more of its words, or of those that may follow them, is the length of a further block,
// where samples have room for it. Only what stands after that block can tell which of them holds.
[[nodiscard]] std::vector<security_rule> with_one_more(security_rule const& rule, std::vector<sample> const& samples);

}  // namespace sysb::backup_by_name
