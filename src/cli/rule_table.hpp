// SPDX-License-Identifier: Apache-2.0
// What the rules say, for people and for the summary.
#pragma once
#include "cli/session.hpp"
#include "wpar/request.hpp"
#include "wpar/rules.hpp"

namespace sysb::cli {

// All rules with their worst result, on standard output; not with --json.
void print_rule_table(session& s, wpar::assessment const& a);
// Findings, verdict, level and kind into the summary, and the exit code.
void apply_assessment(session& s, wpar::assessment const& a, wpar::request const& r);

}  // namespace sysb::cli
