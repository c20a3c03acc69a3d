// SPDX-License-Identifier: Apache-2.0
// What the rules decided, for the summary of a run.
#pragma once
#include "cli/session.hpp"
#include "wpar/request.hpp"
#include "wpar/rules.hpp"

namespace sysb::cli {

// Level and kind into the summary.
void summarise_rules(session& s, jobs::outcome const& done, wpar::request const& r);

}  // namespace sysb::cli
