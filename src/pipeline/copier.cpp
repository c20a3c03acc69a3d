// SPDX-License-Identifier: Apache-2.0
#include "pipeline/copier.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "core/limits.hpp"
#include "pipeline/diagnostics.hpp"

namespace sysb::pipeline {

namespace {

constexpr std::string_view not_selected = "selection";
constexpr std::string_view replaced_later = "names";

bool selects(copy_options const& o) noexcept { return o.select != nullptr && !o.select->everything(); }

}  // namespace

copier::copier(image_reader& reader, member_plan& plan, entry_sink& sink, copy_options const& o, diagnostic_sink& d)
    : reader_{reader}, plan_{plan}, sink_{&sink}, o_{o}, d_{d},
      two_pass_{selects(o) || o.last_name_wins},
      digest_{o.digests || sink.wants_digest()},
      links_{o.tmpdir, d},
      queue_{o.threads > 1 ? o.threads - 1 : 0, [&reader] { return reader.make_decoder(); }, reader.file(), sink,
             sink.concurrent() && o.threads > 1 ? &sink : nullptr} {
  if (o.target != nullptr) { losses_.emplace(*o.target, o.stop_on_loss); }
}

// --- decisions -------------------------------------------------------------------------------

decision copier::decide(entry const& e) {
  if (selects(o_) && !o_.select->matches(e.path)) { return {plan_action::drop, not_selected, "not selected"}; }
  return plan_.decide(e);
}

bool copier::survey() {
  entry e;
  std::uint64_t bytes = 0;
  std::uint64_t entries = 0;
  while (reader_.next(e)) {
    if (o_.counters != nullptr) {
      o_.counters->stop_if_asked();
      o_.counters->bytes = e.offset;
    }
    links_.survey(e);
    auto const what = decide(e);
    if (what.action != plan_action::drop) {
      auto const path = normal_path(e.path);
      auto const outcome = names_.record(path, e.kind, e.offset);
      if (outcome == name_table::outcome::again && twice_++ == 0) { twice_example_ = e.path; }
      bytes += e.kind == entry_kind::file ? e.size : 0;
      ++entries;
    }
    reader_.skip();
  }
  if (!reader_.complete()) { return false; }
  if (o_.before_writing) { o_.before_writing(bytes, entries); }
  reader_.seek_record(reader_.volume_header().size());
  return true;
}

copier::fate copier::judge_name(entry const& e, std::string const& path) {
  if (!e.path.empty() && e.path.front() == '/' && absolute_++ == 0) { absolute_example_ = e.path; }
  if (has_dotdot(path)) {
    refuse(name_has_dotdot, e, {});
    return fate::refused;
  }
  if (path.empty() && e.kind != entry_kind::directory) {
    refuse(root_not_directory, e, {});
    return fate::refused;
  }
  if (two_pass_) {
    if (!names_.is_final(path, e.offset)) {
      if (names_.replaced_later(path, e.offset)) { return fate::superseded; }
      refuse(replaces_directory, e, {});
      return fate::refused;
    }
  } else {
    auto const outcome = names_.record(path, e.kind, e.offset);
    if (outcome == name_table::outcome::refused_directory) {
      refuse(replaces_directory, e, {});
      return fate::refused;
    }
    if (outcome == name_table::outcome::again && twice_++ == 0) { twice_example_ = e.path; }
  }
  if (auto const parent = names_.blocking_parent(path); !parent.empty()) {
    refuse(parent_not_directory, e, concat("parent ", quoted(parent)));
    return fate::refused;
  }
  return fate::keep;
}

void copier::refuse(diag_code const& code, entry const& e, std::string detail) {
  d_.report({.code = &code, .offset = e.offset, .path = e.path, .detail = std::move(detail), .level = {}});
}

// With --on-loss stop the output is given up at the first loss, but the image is read to its end:
// damage would be the stronger reason.
bool copier::fits(entry& e) {
  if (!losses_) { return true; }
  bool const whole = losses_->fit(e);
  if (losses_->stopped() && sink_ != &nowhere_) { sink_ = &nowhere_; }
  return whole || sink_ == &nowhere_;
}

void copier::count(plan_action a) noexcept {
  switch (a) {
    case plan_action::keep: ++sum_.kept; break;
    case plan_action::drop: ++sum_.dropped; break;
    case plan_action::replace: ++sum_.replaced; break;
    case plan_action::add: ++sum_.added; break;
  }
}

void copier::tell(entry const& e, decision const& what, content_result const* content, bool refused) {
  if (o_.on_member) { o_.on_member({e, what, content, refused}); }
}

// --- the walk --------------------------------------------------------------------------------

copy_summary copier::run() {
  // The reader is ahead of the delivery: what it finds is said after what was found before it.
  struct barrier_guard {
    diagnostic_sink& sink;
    ~barrier_guard() { sink.set_barrier({}); }
  } const guard{d_};
  d_.set_barrier([this] {
    if (!delivering_) { drain(); }
  });
  if (two_pass_) {
    if (!reader_.seekable()) {
      throw fatal_error{fatal_error::kind::internal, "a run in two passes needs a source that can seek"};
    }
    if (!survey()) { return sum_; }
  }
  entry e;
  while (!failed_ && reader_.next(e)) {
    if (o_.counters != nullptr) {
      o_.counters->stop_if_asked();
      o_.counters->bytes.store(e.offset, std::memory_order_relaxed);
      o_.counters->entries.fetch_add(1, std::memory_order_relaxed);
    }
    ++sum_.entries;
    member(e);
  }
  release_all_held();
  drain();
  sum_.complete = !failed_ && reader_.complete();
  if (sum_.complete) {
    for (auto& g : plan_.additions()) { generate(std::move(g), plan_action::add); }
    drain();
  }
  if (twice_ != 0) {
    d_.report({.code = &names_twice, .offset = {}, .path = twice_example_,
               .detail = concat(twice_, twice_ == 1 ? " name" : " names"), .level = {}});
  }
  if (absolute_ != 0) {
    d_.report({.code = &absolute_names, .offset = {}, .path = absolute_example_,
               .detail = concat(absolute_, absolute_ == 1 ? " name" : " names"), .level = {}});
  }
  if (losses_) { losses_->report(d_); }
  if (losses_ && losses_->stopped()) {
    if (sum_.complete && sum_.refused == 0) { throw fatal_error{*losses_->stopped()}; }
    sum_.complete = false;
  }
  return sum_;
}

void copier::member(entry& e) {
  auto what = decide(e);
  if (what.action == plan_action::drop) {
    left_out(e, std::move(what), false);
    return;
  }
  auto path = normal_path(e.path);
  switch (judge_name(e, path)) {
    case fate::refused:
      links_.refuse(e);
      left_out(e, {plan_action::drop, "safety", "refused"}, true);
      return;
    case fate::superseded:
      left_out(e, {plan_action::drop, replaced_later, "a later member of this name replaces it"}, false);
      return;
    case fate::keep: break;
  }
  if (what.action == plan_action::replace) {
    replace(e, what);
  } else if (sink_->wants_raw() && (e.path.front() != '/' || link_resolver::may_be_linked(e))) {
    keep_raw(e, std::move(path));
  } else if (e.kind == entry_kind::file) {
    keep_file(e, std::move(path));
  } else {
    keep_other(e, std::move(path));
  }
}

void copier::left_out(entry const& e, decision what, bool refused) {
  if (queue_.empty()) {
    if (refused) { ++sum_.refused; } else { count(plan_action::drop); }
    tell(e, what, nullptr, refused);
    return;
  }
  auto item = new_item(e, {});
  item->what = std::move(what);
  item->refused = refused;
  submit(std::move(item));
}

// The record as it stands; a link whose data is not kept becomes a new record with the data.
void copier::keep_raw(entry& e, std::string path) {
  bool const without_data = e.content != content_state::here;
  if (link_resolver::may_be_linked(e) && (two_pass_ || (without_data && links_.refused(e)))) {
    auto const v = links_.judge(e, path, two_pass_);
    if (v.what == link_resolver::answer::fetch) {
      fetch_from(e, std::move(path), v);
      return;
    }
    if (v.what == link_resolver::answer::conflict) {
      left_out(e, {plan_action::drop, "damage", "hard link without content"}, false);
      return;
    }
    if (v.what == link_resolver::answer::refuse) {
      left_out(e, {plan_action::drop, "safety", "refused"}, true);
      return;
    }
  }
  drain();
  auto name = std::exchange(e.path, std::move(path));
  sink_->begin_raw(e);
  std::uint64_t bytes = 0;
  for (auto piece = reader_.read_raw(); !piece.empty(); piece = reader_.read_raw()) {
    sink_->write_data(piece);
    bytes += piece.size();
  }
  e.path = std::move(name);
  if (bytes != e.record_bytes) {
    failed_ = true;  // the image is cut, and the reader said so
    return;
  }
  sink_->end_raw();
  if (e.packed) { sum_.content_verified = false; }
  count(plan_action::keep);
  sum_.bytes += e.size;
  tell(e, {}, nullptr, false);
}

void copier::keep_other(entry& e, std::string path) {
  auto item = new_item(e, std::move(path));
  item->emit = fits(item->member);
  // Children may be put by workers at once, so their directory cannot wait for its turn.
  if (item->emit && sink_->concurrent() && e.kind != entry_kind::file) {
    sink_->begin_entry(item->member);
    sink_->end_entry({});
    item->begun = true;
  }
  submit(std::move(item));
}

void copier::keep_file(entry& e, std::string path) {
  if (e.content == content_state::refused) {
    left_out(e, {plan_action::drop, "damage", "where its content starts could not be proven"}, false);
    return;
  }
  if (!link_resolver::may_be_linked(e)) {
    write_content(e, std::move(path), {e.stored, e.size, e.packed, digest_}, false, false);
    return;
  }
  auto const v = links_.judge(e, path, two_pass_);
  bool const repeated = e.content == content_state::here && e.size != 0;
  switch (v.what) {
    case link_resolver::answer::own:
      write_content(e, std::move(path), {e.stored, e.size, e.packed, true}, true, false);
      if (repeated) { release_held(e); }
      return;
    case link_resolver::answer::link: {
      auto const link = [&](std::unique_ptr<work_item> item) {
        item->member.link_to = v.first;
        item->emit = fits(item->member);
        submit(std::move(item));
      };
      if (repeated && o_.read_content) {
        entry linked = e;
        linked.link_to = v.first;
        write_content(linked, std::move(path), {e.stored, e.size, e.packed, true}, false, true);
      } else {
        link(new_item(e, std::move(path)));
      }
      return;
    }
    case link_resolver::answer::fetch: fetch_from(e, std::move(path), v); return;
    case link_resolver::answer::hold: hold(e, std::move(path)); return;
    case link_resolver::answer::conflict:
      left_out(e, {plan_action::drop, "damage", "hard link without content"}, false);
      return;
    case link_resolver::answer::refuse:
      left_out(e, {plan_action::drop, "safety", "refused"}, true);
      return;
  }
}

// The first kept name of a group whose data stands under a name that is not kept, or later.
void copier::fetch_from(entry& e, std::string path, link_resolver::verdict const& v) {
  auto const here = e.offset;
  entry source;
  drain();
  reader_.seek_record(v.data_offset);
  if (!reader_.next(source)) {
    throw fatal_error{fatal_error::kind::internal, "the record of a hard link's content is gone", v.data_offset};
  }
  entry whole = e;
  whole.size = v.size;
  whole.stored = source.stored;
  whole.packed = source.packed;
  whole.content = source.content;
  whole.content_offset = source.content_offset;
  write_content(whole, std::move(path), {source.stored, v.size, source.packed, true}, true, false);
  drain();
  reader_.seek_record(here);
  if (!reader_.next(e)) {
    throw fatal_error{fatal_error::kind::internal, "a record that was read before is gone", here};
  }
  reader_.skip();
}

// --- one pass: empty names whose content may come later -----------------------------------------

void copier::hold(entry& e, std::string path) {
  if (held_.size() == max_held) {
    auto oldest = std::move(held_.front());
    held_.pop_front();
    links_.give_up_waiting(oldest.member, oldest.path);
    auto item = new_item(oldest.member, std::move(oldest.path));
    item->emit = fits(item->member);
    submit(std::move(item));
  }
  held_.push_back({e, std::move(path)});
}

void copier::release_held(entry const& e) {
  for (auto at = held_.begin(); at != held_.end();) {
    auto const same = at->member.ino == e.ino && at->member.dev == e.dev;
    if (!same) {
      ++at;
      continue;
    }
    auto h = std::move(*at);
    at = held_.erase(at);
    auto const v = links_.judge(h.member, h.path, two_pass_);
    auto item = new_item(h.member, std::move(h.path));
    if (v.what == link_resolver::answer::link) {
      item->member.link_to = v.first;
      item->emit = fits(item->member);
    } else {
      item->what = {plan_action::drop, "damage", "hard link without content"};
    }
    submit(std::move(item));
  }
}

void copier::release_all_held() {
  while (!held_.empty()) {
    auto h = std::move(held_.front());
    held_.pop_front();
    links_.give_up_waiting(h.member, h.path);
    auto item = new_item(h.member, std::move(h.path));
    item->emit = fits(item->member);
    submit(std::move(item));
    // The other empty names of this inode are links to this one.
    release_held(h.member);
  }
}

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
  bool const cpu_work = r.packed || r.digest || (sink_->concurrent() && o_.threads > 1);
  bool const long_member = r.stored > small_member_bytes || r.plain > small_member_bytes;
  auto const run = reader_.file();
  if (o_.threads > 1 && run && (cpu_work || !queue_.empty())) {
    item->from = work_item::origin::file;
    item->offset = e.content_offset;
    reader_.skip();
    submit(std::move(item));
    return;
  }
  if (o_.threads > 1 && !run && !long_member && (cpu_work || !queue_.empty())) {
    item->from = work_item::origin::memory;
    item->bytes.reserve(static_cast<std::size_t>(r.stored));
    for (auto p = reader_.read_stored(); !p.empty(); p = reader_.read_stored()) {
      item->bytes.insert(item->bytes.end(), p.begin(), p.end());
    }
    submit(std::move(item));
    return;
  }
  // Straight from the reader's window into the sink.
  drain();
  if (failed_) { return; }
  bool const write = item->emit && !compare && sink_->wants_data();
  if (item->emit) { sink_->begin_entry(item->member); }
  item->from = work_item::origin::memory;
  item->outcome = run_content(r, queue_.tools(), [&] {
        if (o_.counters != nullptr) { o_.counters->stop_if_asked(); }
        return reader_.read_stored();
      },
      [&](std::span<std::byte const> p) { if (write) { sink_->write_data(p); } });
  settle(*item, item->emit);
}

// The content of `item` has been delivered: judges it, closes the entry, and tells.
void copier::settle(work_item& item, bool begun) {
  auto& m = item.member;
  auto const& outcome = item.outcome;
  bool const whole = outcome.fault == nullptr && outcome.result.bytes == item.request.plain;
  if (begun && whole) { sink_->end_entry(item.compare ? content_result{} : outcome.result); }
  m.path = item.name;
  if (!whole) { content_fault(m, outcome); }
  if (whole && item.learn && outcome.result.digest) { links_.learn_digest(m, *outcome.result.digest); }
  if (whole && item.compare) {
    auto const first = links_.digest(m);
    if (first && outcome.result.digest && *first != *outcome.result.digest) {
      refuse(link_content_differs, m, concat("first name ", quoted(m.link_to)));
      failed_ = failed_ || !o_.keep_going;
    }
  }
  if (!item.compare) { sum_.bytes += outcome.result.bytes; }
  count(item.what.action);
  tell(m, item.what, &outcome.result, false);
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
  auto item = std::make_unique<work_item>();
  item->member = std::move(g.about);
  item->name = item->member.path;
  item->member.path = normal_path(item->member.path);
  item->member.packed = false;
  item->member.ino = 0;  // a file of its own
  item->what = {action, g.rule, std::move(g.reason)};
  item->emit = fits(item->member);
  if (item->member.kind == entry_kind::file) {
    item->member.size = item->member.stored = g.content.size();
    item->request = {g.content.size(), g.content.size(), false, digest_};
    item->bytes = std::move(g.content);
    item->from = item->bytes.empty() ? work_item::origin::none : work_item::origin::memory;
  } else if (item->emit && sink_->concurrent()) {
    sink_->begin_entry(item->member);
    sink_->end_entry({});
    item->begun = true;
  }
  submit(std::move(item));
}

// --- delivery ----------------------------------------------------------------------------------

std::unique_ptr<work_item> copier::new_item(entry const& e, std::string path) const {
  auto item = std::make_unique<work_item>();
  item->member = e;
  item->name = e.path;
  item->member.path = std::move(path);
  return item;
}

void copier::submit(std::unique_ptr<work_item> item) {
  auto const cost = work_queue::cost_of(*item);
  while (!queue_.has_room(cost)) { deliver_front(); }
  queue_.push(std::move(item));
  // Without workers nothing is gained by waiting.
  if (o_.threads <= 1) { drain(); }
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
    if (item.from != work_item::origin::none) { (void)queue_.finish_front([](std::span<std::byte const>) {}); }
    queue_.pop();
    return;
  }
  if (item.from != work_item::origin::none) {
    bool const by_worker = queue_.puts_whole(item);
    bool const begin = item.emit && !by_worker;
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
  if (item.refused) { ++sum_.refused; } else { count(item.what.action); }
  m.path = item.name;
  tell(m, item.what, told, item.refused);
  queue_.pop();
}

}  // namespace sysb::pipeline
