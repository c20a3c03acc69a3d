// SPDX-License-Identifier: Apache-2.0
#include "formats/backup_by_name/forerunner.hpp"

#include <utility>

#include "base/os/thread.hpp"
#include "formats/backup_by_name/decode.hpp"

namespace sysb::backup_by_name {

forerunner::forerunner(std::unique_ptr<byte_source> source, limits const& l, header_shape const& shape)
    : source_{std::move(source)}, limits_{l}, ahead_{*source_, limits_} {
  ahead_.shape = shape;
  thread_ = start_thread([this] { work(); });
}

forerunner::~forerunner() {
  target_.store(stop_request, std::memory_order_release);
  target_.notify_one();
  if (thread_.joinable()) { thread_.join(); }
}

void forerunner::ask(std::uint64_t offset) noexcept {
  if (records_ < records_ahead / 4) { return; }
  auto const mean = offset / records_;
  if (mean < least_mean) { return; }
  asked_from_ = offset + records_ahead * mean;
  target_.store(asked_from_, std::memory_order_release);
  target_.notify_one();
}

void forerunner::work() noexcept {
  try {
    for (std::uint64_t done = 0;;) {
      target_.wait(done, std::memory_order_acquire);
      done = target_.load(std::memory_order_acquire);
      if (done == stop_request) { return; }
      run_from(done);
    }
  } catch (...) {
    // Whatever it is, the walk meets it in its turn, and says so. Without memory it goes on alone.
  }
}

void forerunner::run_from(std::uint64_t target) {
  auto const size = *source_->size();
  if (target >= size) { return; }
  source_->seek(target);
  auto const first = search_.next_header(target, target + searched_bytes);
  if (!first) { return; }
  ahead_.phase = static_cast<unsigned>(first->at % 8);
  auto at = first->at;
  for (unsigned n = 0; n < most_records && at < size; ++n) {
    if (target_.load(std::memory_order_relaxed) != target) { return; }
    source_->seek(at);
    auto const h = ahead_.header_at(at);
    if (h.state != judged::valid || h.prefix.type == record_type::end) { return; }
    bool cut = false;
    auto const next = search_.next_record(decode_member(h.bytes, ahead_.shape), at, layout::all_symlinks, cut);
    if (!next) { return; }
    at = *next;
    reached_.store(at, std::memory_order_release);
  }
}

}  // namespace sysb::backup_by_name
