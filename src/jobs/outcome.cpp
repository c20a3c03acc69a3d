// SPDX-License-Identifier: Apache-2.0
#include "jobs/frame.hpp"

namespace sysb::jobs {

void judge(outcome& out, fault_rules const& how, events const& e) {
  out.faults = e.findings.counts();
  exit_state exit;
  exit.add(out.faults, how);
  if (out.ended) { exit.add(code_of(out.ended->what_kind(), e.counters.stop_signal)); }
  // Undecided is no error of a rule.
  auto const undecided = out.rules && out.rules->outcome == wpar::verdict::undecided;
  if (undecided && !how.forced) { exit.add(exit_code::unfit); }
  out.exit = exit.value();
  out.forced = how.forced && out.rules && out.rules->outcome != wpar::verdict::fit;
  out.result = verdict_of(out.exit);
  // What the rules decided stands unless the image turned out damaged or was not read to its end.
  auto const decided = out.result == wpar::verdict::ok || out.result == wpar::verdict::unfit;
  if (out.rules && decided) { out.result = out.rules->outcome; }
}

}  // namespace sysb::jobs
