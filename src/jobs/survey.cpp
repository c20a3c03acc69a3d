// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "jobs/frame.hpp"
#include "jobs/judged.hpp"
#include "wpar/profile.hpp"
#include "wpar/survey.hpp"

namespace sysb::jobs {

wpar::facts survey_image(registry::opened_image& image, wpar::request const& rules, limits const& bounds,
                         unsigned threads, events& e, std::function<void(entry const&)> const& on_member,
                         std::function<bool(entry&)> const& prepare) {
  e.counters.phase = "survey";
  e.counters.total = image.source->size().value_or(0);
  auto facts = wpar::gather_facts(*image.reader,
                                  {.bounds = bounds,
                                   .counters = &e.counters,
                                   .wanted = &rules,
                                   .on_member = on_member,
                                   .prepare = prepare,
                                   .threads = threads},
                                  e.findings);
  // The survey does not see what the reader reported, that of the volume header for one.
  facts.structure_errors = std::max(facts.structure_errors, e.findings.counts().errors_of(fault_class::damage));
  return facts;
}

void hold_rules(wpar::facts const& facts, wpar::request const& rules, events& e, outcome& out) {
  out.rules = wpar::assess(facts, rules);
  wpar::report(*out.rules, e.findings);
  // Where there are several images, who goes through them tells of the lines that were of use to none.
  if (out.rules->known && !rules.others) { wpar::report_profile(*rules.known, out.rules->profile_used, e.findings); }
  e.assessed(facts, *out.rules);
}

outcome survey(survey_request const& r, events& e) {
  return run_job(e, {}, [&](outcome& out) {
    auto image = open_by_index(r.image, false, e);
    auto const facts = survey_image(image, r.rules, r.image.bounds, r.threads, e);
    image.source->check_unchanged();
    out.members.entries = facts.members;
    out.members.bytes = facts.content_bytes;
    // Readiness is told, not judged: only damage that was met is a reason for the exit code.
    e.assessed(facts, wpar::assess(facts, r.rules));
    tell_learned(*image.reader, e);
  });
}

}  // namespace sysb::jobs
