// SPDX-License-Identifier: Apache-2.0
// The second half of a copy run: content on its way to the sink, in the order of the image.
#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "core/limits.hpp"
#include "pipeline/copier.hpp"
#include "pipeline/diagnostics.hpp"

namespace sysb::pipeline {

namespace {

// Who is told of a member gets its names as they are in the image.
void use_image_names(entry& e) {
  e.path = std::exchange(e.image_path, {});
  if (!e.link_to.empty()) { e.link_to = std::exchange(e.image_link_to, {}); }
}

}  // namespace

// --- content ---------------------------------------------------------------------------------

void copier::write_content(entry& e, std::string path, content_request r, bool learn, bool compare) {
  bool const has_content = e.content == content_state::here && o_.read_content;
  auto item = new_item(e, std::move(path));
  item->emit = fits(item->member);
  item->compare = compare;
  item->learn = learn;
  item->request = r;
  if (!has_content || (!item->emit && !compare && !learn)) {
    // Headers only, an empty file, or a member that the output cannot hold.
    item->request = {0, 0, false, r.digest};
    if (e.packed && e.content == content_state::here) { sum_.content_verified = false; }
    submit(std::move(item));
    return;
  }
  if (e.incomplete) {
    auto const end = e.offset + e.record_bytes;
    item->request.stored_there = std::min(r.stored, end > e.content_offset ? end - e.content_offset : 0);
  }
  bool const cpu_work = r.packed || r.digest || (sink_->concurrent() && queue_.has_workers());
  bool const long_member = r.stored > small_member_bytes || r.plain > small_member_bytes;
  auto const run = reader_.file();
  // Small content that nobody works on costs less in one write with its neighbours.
  bool const together = out_of_turn_ && !cpu_work && r.plain < copied_alone_bytes;
  // Small content that is only digested, or only counted, costs more to hand over than to read.
  if (queue_.has_workers() && !out_of_turn_ && !r.packed && !sink_->wants_data() && r.plain < digested_at_once_bytes) {
    item->from = work_item::origin::memory;
    item->outcome = run_content(
        r, queue_.tools(), [this] { return reader_.read_stored(); }, [](std::span<std::byte const>) {});
    item->progress = work_item::state::ready;
    submit(std::move(item));
    return;
  }
  if (queue_.has_workers() && run && !together && (cpu_work || out_of_turn_ || !queue_.empty())) {
    // What must not be used counts as missing.
    item->from = reader_.may_read_apart() ? work_item::origin::file : work_item::origin::memory;
    item->offset = e.content_offset;
    reader_.skip();
    submit(std::move(item));
    return;
  }
  if (queue_.has_workers() && !run && !long_member && (cpu_work || !queue_.empty())) {
    item->from = work_item::origin::memory;
    item->bytes.reserve(static_cast<std::size_t>(r.stored));
    for (auto p = reader_.read_stored(); !p.empty(); p = reader_.read_stored()) {
      item->bytes.insert(item->bytes.end(), p.begin(), p.end());
    }
    submit(std::move(item));
    return;
  }
  // Straight from the reader's window into the sink.
  if (!out_of_turn_) { drain(); }
  if (failed_) { return; }
  bool const write = item->emit && !compare && sink_->wants_data();
  if (item->emit) { sink_->begin_entry(item->member); }
  item->from = work_item::origin::memory;
  item->outcome = run_content(
      r, queue_.tools(),
      [&] {
        if (o_.counters != nullptr) { o_.counters->stop_if_asked(); }
        return reader_.read_stored();
      },
      [&](std::span<std::byte const> p) {
        if (write) { sink_->write_data(p); }
      });
  if (!out_of_turn_) {
    settle(*item, item->emit);
    return;
  }
  // Told of in its turn.
  if (item->emit && item->whole_content()) { sink_->end_entry(item->outcome.result); }
  item->begun = item->emit;
  item->progress = work_item::state::ready;
  submit(std::move(item));
}

// The content of `item` has been delivered: judges it, closes the entry, and tells.
void copier::settle(work_item& item, bool begun) {
  auto& m = item.member;
  auto const& outcome = item.outcome;
  bool const whole = item.whole_content();
  if (begun && whole) { sink_->end_entry(item.compare ? content_result{} : outcome.result); }
  use_image_names(m);
  if (!whole) { content_fault(m, outcome); }
  if (whole && item.learn && outcome.result.digest) { links_.learn_digest(m, *outcome.result.digest); }
  if (whole && item.compare) {
    if (outcome.result.digest && links_.differs(m, *outcome.result.digest)) {
      refuse(link_content_differs, m, concat("first name ", quoted(m.link_to)));
      failed_ = failed_ || !o_.keep_going;
    }
  }
  if (!item.compare) { sum_.bytes += outcome.result.bytes; }
  count(item.what.action);
  tell(m, item.what, &outcome.result, false, !whole);
}

void copier::content_fault(entry const& e, content_outcome const& outcome) {
  sum_.content_verified = false;
  if (outcome.fault != nullptr) {
    d_.report({.code = outcome.fault, .offset = e.offset, .path = e.path, .detail = outcome.fault_text, .level = {}});
  }
  // Bytes that are missing without a fault of the decoder: the reader said why.
  failed_ = failed_ || !o_.keep_going;
}

// --- generated members -------------------------------------------------------------------------

void copier::replace(entry const& e, decision const& what) {
  std::vector<std::byte> original;
  if (plan_.wants_content(e)) { original = read_content(reader_, e, limits{}.survey_member_bytes, d_); }
  auto g = plan_.replace(e, original);
  if (g.rule.empty()) { g.rule = what.rule; }
  if (g.reason.empty()) { g.reason = what.reason; }
  g.about.path = e.path;
  generate(std::move(g), plan_action::replace);
}

void copier::generate(generated_member g, plan_action action) {
  auto item = queue_.take();
  item->member = std::move(g.about);
  item->member.image_path = std::move(item->member.path);
  item->member.path = normal_path(item->member.image_path);
  item->member.packed = false;
  item->member.ino = 0;  // a file of its own
  item->what = {action, g.rule, std::move(g.reason)};
  item->emit = fits(item->member);
  if (item->member.kind == entry_kind::file) {
    item->member.size = item->member.stored = g.content.size();
    item->request = {g.content.size(), g.content.size(), false, digest_};
    item->bytes = std::move(g.content);
    item->from = item->bytes.empty() ? work_item::origin::none : work_item::origin::memory;
  } else if (sink_->concurrent()) {
    put_now(*item);
  }
  submit(std::move(item));
}

// --- delivery ----------------------------------------------------------------------------------

std::unique_ptr<work_item> copier::new_item(entry const& e, std::string path) {
  auto item = queue_.take();
  item->member = e;
  item->member.image_path = e.path;
  item->member.path = std::move(path);
  return item;
}

// A directory that workers need, or an entry without content: it need not wait for its turn.
void copier::put_now(work_item& item) {
  if (!item.emit) { return; }
  sink_->begin_entry(item.member);
  sink_->end_entry({});
  item.begun = true;
}

// The entry goes out in the order of submission; content in a file follows when it is ready.
void copier::put_out_of_turn(work_item& item) {
  if (!item.emit || item.begun) { return; }
  if (item.compare || item.from == work_item::origin::none || item.request.wanted() == 0) {
    put_now(item);
    return;
  }
  sink_->begin_entry(item.member);
  if (item.from == work_item::origin::file) {
    item.place = sink_->reserve();
  } else {
    item.outcome = run_content(item.request, queue_.tools(), one_piece(item.bytes),
                               [&](std::span<std::byte const> p) { sink_->write_data(p); });
    item.bytes = {};
    item.progress = work_item::state::ready;
  }
  sink_->end_entry({});
  item.begun = true;
}

void copier::submit(std::unique_ptr<work_item> item) {
  if (out_of_turn_) { put_out_of_turn(*item); }
  auto const cost = queue_.cost_of(*item);
  while (!queue_.has_room(cost)) { deliver_front(); }
  queue_.push(std::move(item));
  // Without workers nothing is gained by waiting.
  if (!queue_.has_workers()) { drain(); }
}

void copier::drain() {
  while (!queue_.empty()) { deliver_front(); }
}

void copier::deliver_front() {
  struct in_delivery {
    bool& flag;
    ~in_delivery() { flag = false; }
  } const guard{delivering_};
  delivering_ = true;
  auto& item = queue_.front();
  auto& m = item.member;
  if (failed_) {
    // After damage nothing more is written; what workers still hold is let go.
    if (item.from != work_item::origin::none) {
      (void)queue_.finish_front([](std::span<std::byte const>) {});
    }
    queue_.pop();
    return;
  }
  if (item.from != work_item::origin::none) {
    bool const by_worker = queue_.put_by_worker(item);
    bool const begin = item.emit && !by_worker && !item.begun;
    if (begin) { sink_->begin_entry(m); }
    item.outcome = queue_.finish_front([&](std::span<std::byte const> p) { sink_->write_data(p); });
    settle(item, begin);
    queue_.pop();
    return;
  }
  content_result const* told = nullptr;
  if (item.emit) {
    bool const empty_file = m.kind == entry_kind::file && m.link_to.empty() && m.size == 0;
    if (empty_file) {
      if (digest_) { item.outcome.result.digest = digest_of({}); }
      told = &item.outcome.result;
    }
    if (!item.begun) {
      sink_->begin_entry(m);
      sink_->end_entry(item.outcome.result);
    }
  }
  if (item.refused) {
    ++sum_.refused;
  } else {
    count(item.what.action);
  }
  use_image_names(m);
  tell(m, item.what, told, item.refused);
  queue_.pop();
}

}  // namespace sysb::pipeline
