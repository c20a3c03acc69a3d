// SPDX-License-Identifier: Apache-2.0
// Which blocks explain the bytes that samples have beyond their security record and content, and what
// proves on which side of the content each stands.
#pragma once
#include <string>
#include <vector>

#include "formats/backup_by_name/grammar.hpp"
#include "formats/backup_by_name/sampling.hpp"

namespace sysb::backup_by_name {

// Adds to `rules` what is fitted. False where too few samples agree.
[[nodiscard]] bool fit_blocks(lookahead& ahead, std::vector<sample> const& samples, grammar& rules,
                              std::vector<std::string>& proofs);

}  // namespace sysb::backup_by_name
