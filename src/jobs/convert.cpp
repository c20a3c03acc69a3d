// SPDX-License-Identifier: Apache-2.0
// Members as they are, to an archive or a tree.
#include "core/member_plan.hpp"
#include "jobs/copy_run.hpp"
#include "jobs/decided.hpp"
#include "jobs/diagnostics.hpp"
#include "jobs/frame.hpp"

namespace sysb::jobs {

namespace {

// One pass into an output that is staged, and committed where it is whole.
void write(convert_request const& r, registry::opened_image& image, char const* phase, events& e, outcome& out) {
  auto const chosen = r.select;  // remembers what its patterns met
  opened_output to{r.to, *image.reader, r.threads, e.findings};
  keep_all plan;
  copy_run work{e, image, plan, to.sink(), out};
  work.options.select = chosen.everything() ? nullptr : &chosen;
  work.options.threads = to.copy_threads(r.threads);
  work.options.tmpdir = r.image.tmpdir;
  work.write_to(r.to);
  verify_by_index(image, work.options, e.findings);
  work.options.read_on = !r.to.to_stream();
  work.look_through(r.image);
  work.run(phase);
  if (report_unmatched(chosen, e.findings) || !work.may_commit()) { return; }
  to.commit();
  out.finished = true;
  out.committed = !r.to.nothing();
}

}  // namespace

outcome convert(convert_request const& r, events& e) {
  return run_job(e, {}, [&](outcome& out) {
    refuse_existing(r.to);
    settle_killed_run(r.to, {}, e.findings);
    decided_findings const decided{e.findings, r.image, r.select};
    auto image = open_image(r.image, !r.select.everything() || r.to.kind->holds.late_links, e);
    run_again_if_asked(image, !r.to.to_stream(), e, [&] { write(r, image, "write", e, out); });
  });
}

outcome extract(convert_request const& r, events& e) {
  return run_job(e, {}, [&](outcome& out) {
    require_parent(r.to.path);
    settle_killed_run(r.to, {}, e.findings);
    decided_findings const decided{e.findings, r.image, r.select};
    // Where everything is read anyway, an index only stands in the way.
    auto image = r.select.everything() ? open_image(r.image, false, e) : open_by_index(r.image, true, e);
    run_again_if_asked(image, true, e, [&] { write(r, image, "extract", e, out); });
  });
}

}  // namespace sysb::jobs
