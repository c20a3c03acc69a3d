// SPDX-License-Identifier: Apache-2.0
#include "cli/rule_summary.hpp"

#include <string>

#include "base/text.hpp"

namespace sysb::cli {

void summarise_rules(session& s, jobs::outcome const& done, wpar::request const& r) {
  if (!done.rules) { return; }
  auto const& a = *done.rules;
  auto& out = s.summary();
  out.wpar = to_text(a.kind.kind);
  run_summary::level_verdict level;
  level.source = a.source.text();
  level.minimum_ok = a.source.minimum_ok;
  level.host = r.host_level ? r.host_level->text : std::string{};
  level.action = to_text(a.host ? a.host->action : wpar::host_action::unknown);
  out.level = level;
}

}  // namespace sysb::cli
