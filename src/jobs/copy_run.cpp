// SPDX-License-Identifier: Apache-2.0
#include "jobs/copy_run.hpp"

#include "base/text.hpp"
#include "core/fatal_error.hpp"

namespace sysb::jobs {

void copy_run::write_to(output_request const& to) {
  to_ = &to;
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
  // Records that went on as they are were not unpacked.
  out_.whole = sink_.needs().records || !options.read_content ? 0 : seen.whole - seen.partial;
  out_.to_the_end = image_.reader->complete();
  complete_ = seen.complete;
}

void copy_run::run(char const* phase) {
  try {
    read(phase);
    image_.source->check_unchanged();
    if (may_commit()) { sink_.finish(); }
  } catch (write_error const& e) {
    if (to_ == nullptr) { throw; }
    auto const name = to_->to_stream() ? std::string{"standard output"} : to_->path;
    throw fatal_error{fatal_error::kind::io, concat(quoted(name), ": ", e.what()), std::nullopt, name};
  }
}

void copy_run::look_through(image_request const& image) {
  if (!image.reviews()) { return; }
  events_.counters.phase = "check";
  events_.counters.total = image_.source->size().value_or(0);
  options.counters = &events_.counters;
  pipeline::copy_options how;
  how.threads = options.threads;
  how.tmpdir = options.tmpdir;
  how.counters = options.counters;
  seen_.look_through(*image_.reader, how, image.accept_changed, events_.findings);
  use(seen_, image);
}

void copy_run::use(pipeline::review const& seen, image_request const& image) {
  if (image.salvage) { options.salvage = &seen; }
  if (image.accept_changed) { options.corrections = &seen; }
  options.keep_partial = image.keep_partial;
}

bool copy_run::may_commit() const {
  auto const seen = events_.findings.counts();
  bool const whole = options.salvage != nullptr || seen.errors_of(fault_class::damage) == 0;
  return complete_ && whole && seen.errors_of(fault_class::unsupported) == 0 && seen.errors_of(fault_class::io) == 0;
}

}  // namespace sysb::jobs
