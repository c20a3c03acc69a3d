// SPDX-License-Identifier: Apache-2.0
// What the rules say, for people and for the summary.
#pragma once
#include "cli/session.hpp"
#include "wpar/request.hpp"
#include "wpar/rules.hpp"

namespace sysb::cli {

// All rules with their worst result, on standard output; not with --json.
void print_rule_table(session& s, wpar::assessment const& a);
// Level and kind into the summary.
void summarise_rules(session& s, jobs::outcome const& done, wpar::request const& r);

}  // namespace sysb::cli
