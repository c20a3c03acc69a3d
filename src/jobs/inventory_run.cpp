// SPDX-License-Identifier: Apache-2.0
#include "jobs/inventory_run.hpp"

#include <optional>

#include "inventory/diagnostics.hpp"

namespace sysb::jobs {

void inventory_run::member(pipeline::member_event const& m) {
  if (!m.kept.empty()) { verifier_.take(m.member, m.kept); }
  bool const whole = m.content != nullptr && !m.damaged && m.member.content == content_state::here;
  verifier_.member(m.member, whole ? m.content->sum : std::nullopt);
}

inventory::report const& inventory_run::finish(bool asked, ledger& findings) {
  // Nobody asked for the inventory: the rules tell what it shows, and damage speaks for itself.
  ledger::listener const wanted{findings,
                                [&](diagnostic const& d) { return asked || d.effective() == severity::error; }};
  auto const& r = verifier_.finish(findings);
  if (!r.any && asked) {
    findings.report({.code = &inventory::no_inventory, .offset = {}, .path = {}, .detail = {}, .level = {}});
  }
  return r;
}

}  // namespace sysb::jobs
