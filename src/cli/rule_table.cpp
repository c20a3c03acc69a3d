// SPDX-License-Identifier: Apache-2.0
#include "cli/rule_table.hpp"

#include <string>

#include "base/text.hpp"

namespace sysb::cli {

namespace {

std::string row(std::string_view id, std::string_view word, std::string_view text) {
  auto const head = concat(id, "  ", word, std::string(word.size() < 9 ? 9 - word.size() : 1, ' '));
  return concat(head, wrapped(printable(text), head.size(), 100), '\n');
}

}  // namespace

void print_rule_table(session& s, wpar::assessment const& a) {
  if (s.json().wanted()) { return; }
  for (auto const& rule : wpar::rules()) {
    auto found = false;
    for (auto const& r : a.results) {
      if (r.rule != &rule) { continue; }
      found = true;
      s.out().write(row(rule.id(), to_text(r.level), r.text));
    }
    // What a rule says when it is broken is no sentence for one that holds.
    if (!found) { s.out().write(row(rule.id(), "-", "nothing to report")); }
  }
  s.out().write(concat("level: ", printable(a.source.text()), " (from ", to_text(a.source.source), ")\n"));
  if (a.host) { s.out().write(concat("host: ", printable(a.host->text), '\n')); }
  s.out().write(concat("WPAR: ", to_text(a.kind.kind), ", because ", printable(a.kind.reason), '\n'));
}

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
