// SPDX-License-Identifier: Apache-2.0
// Contents whose checksum the image itself knows, by its software inventory, prove on which side of them a block stands
// that says nothing of itself.
#pragma once
#include <string>
#include <vector>

#include "formats/backup_by_name/grammar.hpp"
#include "formats/backup_by_name/lookahead.hpp"

namespace sysb::backup_by_name {

// Settles what is open in `rules` where at least eight contents agree with one side and none with the other. Only
// where looking ahead is cheap: the whole archive is walked. The record at `at` is read by these rules.
void settle_by_sums(lookahead& ahead, std::uint64_t at, grammar& rules, std::vector<std::string>& proofs);

}  // namespace sysb::backup_by_name
