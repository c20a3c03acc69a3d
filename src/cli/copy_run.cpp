// SPDX-License-Identifier: Apache-2.0
#include "cli/copy_run.hpp"

namespace sysb::cli {

void look_through(session& s, registry::opened_image& image) {
  auto& reader = *image.reader;
  auto& counters = s.counters();
  counters.phase = "survey";
  counters.bytes = 0;
  reader.rewind();
  reader.expect_skips(true, usual_threads());
  entry e;
  while (reader.next(e)) {
    counters.stop_if_asked();
    counters.bytes = e.offset;
    reader.skip();
  }
  reader.expect_skips(false, 1);
  reader.rewind();
}

void copy_run::run(char const* phase) {
  auto& counters = session_.counters();
  counters.phase = phase;
  counters.bytes = 0;
  counters.entries = 0;
  counters.total = image_.source->size().value_or(0);
  options.counters = &counters;
  auto const seen = pipeline::copy_members(*image_.reader, plan_, sink_, options, session_.findings());
  auto& out = session_.summary();
  out.entries = seen.entries;
  out.bytes = seen.bytes;
  out.kept = seen.kept;
  out.dropped = seen.dropped;
  out.replaced = seen.replaced;
  out.added = seen.added;
  out.refused = seen.refused;
  out.content_verified = seen.content_verified;
  image_.source->check_unchanged();
  complete_ = seen.complete;
  if (may_commit()) { sink_.finish(); }
}

void copy_run::salvage(image_arguments const& image) {
  if (!image.salvage()) { return; }
  session_.counters().phase = "check";
  session_.counters().total = image_.source->size().value_or(0);
  options.counters = &session_.counters();
  broken_.look_through(*image_.reader, options, session_.findings());
  options.salvage = &broken_;
  options.keep_partial = image.keep_partial();
}

bool copy_run::may_commit() const noexcept {
  auto const f = session_.findings().counts();
  bool const whole = options.salvage != nullptr || f.errors_of(fault_class::damage) == 0;
  return complete_ && whole && f.errors_of(fault_class::unsupported) == 0 && f.errors_of(fault_class::io) == 0;
}

}  // namespace sysb::cli
