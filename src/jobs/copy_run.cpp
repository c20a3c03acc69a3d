// SPDX-License-Identifier: Apache-2.0
#include "jobs/copy_run.hpp"

namespace sysb::jobs {

void copy_run::write_to(output_request const& to) {
  options.target = to.kind;
  options.stop_on_loss = to.stop_on_loss;
  options.before_writing = [&to](std::uint64_t bytes, std::uint64_t n) { require_output_space(to, bytes, n); };
}

void copy_run::read(char const* phase) {
  auto& counters = events_.counters;
  counters.phase = phase;
  counters.bytes = 0;
  counters.entries = 0;
  counters.total = image_.source->size().value_or(0);
  options.counters = &counters;
  auto const seen = pipeline::copy_members(*image_.reader, plan_, sink_, options, events_.findings);
  out_.members = {seen.entries, seen.bytes, seen.kept, seen.dropped, seen.replaced, seen.added, seen.refused};
  out_.content_verified = seen.content_verified;
  complete_ = seen.complete;
}

void copy_run::run(char const* phase) {
  read(phase);
  image_.source->check_unchanged();
  if (may_commit()) { sink_.finish(); }
}

void copy_run::salvage(image_request const& image) {
  if (!image.salvage) { return; }
  events_.counters.phase = "check";
  events_.counters.total = image_.source->size().value_or(0);
  options.counters = &events_.counters;
  broken_.look_through(*image_.reader, options, events_.findings);
  options.salvage = &broken_;
  options.keep_partial = image.keep_partial;
}

bool copy_run::may_commit() const {
  auto const seen = events_.findings.counts();
  bool const whole = options.salvage != nullptr || seen.errors_of(fault_class::damage) == 0;
  return complete_ && whole && seen.errors_of(fault_class::unsupported) == 0 && seen.errors_of(fault_class::io) == 0;
}

}  // namespace sysb::jobs
