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

// Content from the reader's window or from memory, taken by the thread that places.
class here_feed final : public content_feed {
 public:
  here_feed(work_item& item, content_tools& tools, piece_source const& next, content_feed::record* raw)
      : item_{item}, tools_{tools}, next_{next}, record_{raw} {}
  [[nodiscard]] bool stream(piece_target const& to) override {
    item_.outcome = run_content(item_.request, tools_, next_, to);
    return item_.whole_content();
  }
  [[nodiscard]] content_feed::record* whole_record() override { return record_; }

 private:
  work_item& item_;
  content_tools& tools_;
  piece_source const& next_;
  content_feed::record* record_;
};

// Content that workers prepare, and whose turn has come.
class front_feed final : public content_feed {
 public:
  explicit front_feed(work_queue& queue) : queue_{queue} {}
  [[nodiscard]] bool stream(piece_target const& to) override {
    (void)queue_.finish_front(to);
    return queue_.front().whole_content();
  }

 private:
  work_queue& queue_;
};

// Who is told of a member gets its names as they are in the image.
void use_image_names(entry& e) {
  e.path = std::exchange(e.image_path, {});
  if (!e.link_to.empty()) { e.link_to = std::exchange(e.image_link_to, {}); }
}

}  // namespace

// --- content ---------------------------------------------------------------------------------

void copier::write_content(entry& e, std::string path, content_request r, bool learn, bool compare) {
  bool const has_content = e.content == content_state::here && o_.read_content;
  r.sum = o_.sums;
  r.keep = has_content && o_.keep_content && o_.keep_content(e);
  auto item = new_item(e, std::move(path));
  item->emit = fits(item->member);
  item->compare = compare;
  item->learn = learn;
  item->request = r;
  place(*item);
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
  bool const apart = queue_.fills(*item, slot::order::any);
  bool const in_turn = queue_.fills(*item, slot::order::in_turn);
  bool const at_once = queue_.fills(*item, slot::order::at_once);
  // Content that is only counted, and small content that is only digested or summed, costs more to hand over than to
  // read.
  bool const only_read =
      !apart && !in_turn && !at_once && !r.packed && (r.plain < digested_at_once_bytes || !(r.digest || r.sum));
  bool const work =
      queue_.has_workers() && !at_once && !only_read && (r.packed || r.digest || r.sum || !queue_.empty());
  if ((work || apart) && reader_.file()) {
    // What must not be used counts as missing.
    item->from = reader_.may_read_apart() ? work_item::origin::file : work_item::origin::memory;
    item->offset = e.content_offset;
    reader_.skip();
    submit(std::move(item));
    return;
  }
  item->from = work_item::origin::memory;
  if ((work || (apart && queue_.has_workers())) && r.stored <= small_member_bytes && r.plain <= small_member_bytes) {
    item->bytes.reserve(static_cast<std::size_t>(r.stored));
    for (auto p = reader_.read_stored(); !p.empty(); p = reader_.read_stored()) {
      item->bytes.insert(item->bytes.end(), p.begin(), p.end());
    }
    submit(std::move(item));
    return;
  }
  // Straight from the reader's window.
  if (in_turn) { drain(); }
  if (failed_) { return; }
  fill_now(
      *item,
      [&] {
        if (o_.counters != nullptr) { o_.counters->stop_if_asked(); }
        return reader_.read_stored();
      },
      nullptr);
  submit(std::move(item));
}

// The content of `item` has been delivered: judges it, closes the slot, and tells.
void copier::settle(work_item& item) {
  auto& m = item.member;
  auto const& outcome = item.outcome;
  bool const whole = item.whole_content();
  if (whole) { close(item, item.compare ? content_result{} : outcome.result); }
  use_image_names(m);
  if (!whole) { content_fault(m, outcome); }
  if (whole && item.learn && outcome.result.digest) { links_.learn_digest(m, *outcome.result.digest); }
  if (whole && item.compare) {
    if (outcome.result.digest && links_.differs(m, *outcome.result.digest)) {
      refuse(link_content_differs, m, concat("first name ", quoted(m.link_to)));
      damaged();
    }
  }
  if (!item.compare) { sum_.bytes += outcome.result.bytes; }
  count(item.what.action);
  tell(m, item.what, &outcome.result, false, !whole, whole ? std::span{outcome.kept} : std::span<std::byte const>{},
       outcome.true_size);
}

void copier::content_fault(entry const& e, content_outcome const& outcome) {
  sum_.content_verified = false;
  if (outcome.fault != nullptr) {
    d_.report({.code = outcome.fault, .offset = e.offset, .path = e.path, .detail = outcome.fault_text, .level = {}});
  }
  // Bytes that are missing without a fault of the decoder: the reader said why.
  damaged();
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
  }
  place(*item);
  if (item->from != work_item::origin::none && queue_.fills(*item, slot::order::at_once)) {
    fill_now(*item, one_piece(item->bytes), nullptr);
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

void copier::place(work_item& item) {
  if (!item.emit) { return; }
  try {
    item.place = sink_->place(item.member);
  } catch (...) {
    // What ends the run is what comes first in the image.
    drain();
    throw;
  }
}

void copier::fill_now(work_item& item, piece_source const& next, content_feed::record* record) {
  here_feed feed{item, queue_.tools(), next, record};
  if (item.place && !item.compare && queue_.wants_content()) {
    item.place->fill(feed);
    item.filled = true;
  } else {
    (void)feed.stream([](std::span<std::byte const>) {});
  }
  item.progress = work_item::state::ready;
}

// An output that was given up is not told.
void copier::close(work_item& item, content_result const& r) {
  if (item.place && !queue_.given_up()) { item.place->close(r); }
  item.place.reset();
}

void copier::submit(std::unique_ptr<work_item> item) {
  if (item->place && item->place->when() == slot::order::at_once && item->whole_content()) {
    close(*item, item->outcome.result);
  }
  auto const cost = queue_.cost_of(*item);
  while (!queue_.has_room(cost)) { deliver_front(); }
  queue_.push(std::move(item));
  d_.sent_ahead();
  // Without workers nothing is gained by waiting.
  if (!queue_.has_workers()) { drain(); }
}

void copier::drain() {
  while (!queue_.empty()) { deliver_front(); }
}

void copier::deliver_front() {
  d_.begin_delivery();
  deliver(queue_.front());
  queue_.pop();
  // What the reader found ahead of this member would not have been found by one thread.
  if (failed_) { d_.drop_waiting(); }
  d_.end_delivery();
}

void copier::deliver(work_item& item) {
  auto& m = item.member;
  if (failed_) {
    // After damage nothing more is written; what workers still hold is let go.
    if (item.from != work_item::origin::none) {
      (void)queue_.finish_front([](std::span<std::byte const>) {});
    }
    return;
  }
  if (item.from != work_item::origin::none) {
    if (!item.filled && queue_.fills(item, slot::order::in_turn)) {
      front_feed feed{queue_};
      item.place->fill(feed);
    } else {
      (void)queue_.finish_front([](std::span<std::byte const>) {});
    }
    settle(item);
    return;
  }
  content_result const* told = nullptr;
  if (item.emit) {
    bool const empty_file = m.kind == entry_kind::file && m.link_to.empty() && m.size == 0;
    if (empty_file) {
      if (digest_) { item.outcome.result.digest = digest_of({}); }
      told = &item.outcome.result;
    }
    close(item, item.outcome.result);
  }
  if (item.refused) {
    ++sum_.refused;
  } else {
    count(item.what.action);
  }
  use_image_names(m);
  tell(m, item.what, told, item.refused);
}

}  // namespace sysb::pipeline
