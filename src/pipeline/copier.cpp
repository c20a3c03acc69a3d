// SPDX-License-Identifier: Apache-2.0
#include "pipeline/copier.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "core/limits.hpp"
#include "pipeline/diagnostics.hpp"

namespace sysb::pipeline {

namespace {

// The record that the reader is at.
class reader_record final : public content_feed::record {
 public:
  reader_record(image_reader& reader, entry const& member) : reader_{reader}, member_{member} {}
  [[nodiscard]] bool whole() const noexcept { return bytes_ == member_.record_bytes; }
  [[nodiscard]] std::optional<run> in_file() override {
    auto const file = reader_.file();
    if (!file || !reader_.may_read_apart()) { return std::nullopt; }
    bytes_ = member_.record_bytes;
    reader_.skip();
    return run{*file, member_.offset};
  }
  [[nodiscard]] bool stream(piece_target const& to) override {
    while (!whole()) {
      auto const piece = reader_.read_raw();
      if (piece.empty()) { break; }
      to(piece);
      bytes_ += piece.size();
    }
    return whole();
  }

 private:
  image_reader& reader_;
  entry const& member_;
  std::uint64_t bytes_ = 0;
};

constexpr std::string_view not_selected = "selection";
constexpr std::string_view replaced_later = "names";

void set_link(entry& e, std::string first) {
  e.link_to = normal_path(first);
  e.image_link_to = std::move(first);
}

bool selects(copy_options const& o) noexcept { return o.select != nullptr && !o.select->everything(); }

}  // namespace

copier::copier(image_reader& reader, member_plan& plan, entry_sink& sink, copy_options const& o, ledger& d)
    : reader_{reader},
      plan_{plan},
      sink_{&sink},
      o_{o},
      d_{d},
      two_pass_{selects(o) || o.last_name_wins},
      looks_ahead_{!two_pass_ && o.target != nullptr && o.target->holds.late_links},
      digest_{o.digests || sink.needs().digest},
      links_{o.tmpdir, o.target != nullptr ? &names_ : nullptr, d},
      queue_{o.threads > 1 ? o.threads - 1 : 0,
             [&reader] { return reader.make_decoder(); },
             reader.file(),
             sink.needs().content,
             o.counters,
             o.start_thread} {
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
  reader_.expect_skips(true, o_.threads);
  while (reader_.next(e)) {
    if (o_.counters != nullptr) {
      o_.counters->stop_if_asked();
      o_.counters->bytes = e.offset;
    }
    (void)correct(e);
    auto const what = decide(e);
    auto const left = salvaged(e);
    if (left != state_of::lost) { links_.survey(e); }
    if (what.action != plan_action::drop && left != state_of::lost) {
      auto const path = normal_path(e.path);
      if (looks_ahead_) { foresee(path); }
      auto const outcome = names_.record(path, e.kind, e.offset);
      if (outcome == name_table::outcome::again && twice_++ == 0) { twice_example_ = e.path; }
      bytes += e.kind == entry_kind::file ? e.size : 0;
      ++entries;
    }
    reader_.skip();
  }
  reader_.expect_skips(false, 1);
  if (!reader_.complete() && o_.salvage == nullptr) { return false; }
  if (o_.before_writing) { o_.before_writing(bytes, entries); }
  if (looks_ahead_) {  // the second pass learns the names in its turn
    std::sort(replaced_.begin(), replaced_.end());
    names_ = name_table{};
    twice_ = 0;
  }
  reader_.rewind();
  return true;
}

// Before the table learns of the member that is called `path`.
void copier::foresee(std::string_view path) {
  if (auto const earlier = names_.file_at(path)) { replaced_.push_back(*earlier); }
}

bool copier::foreseen(entry const& e) const { return std::binary_search(replaced_.begin(), replaced_.end(), e.offset); }

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
    if (outcome == name_table::outcome::again) {
      if (twice_++ == 0) { twice_example_ = e.path; }
      // The earlier one must be there before it is replaced, whoever puts it.
      drain();
    }
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
  if (losses_->stopped()) { give_up_output(); }
  return whole || sink_ == &nowhere_;
}

void copier::give_up_output() {
  sink_ = &nowhere_;
  queue_.give_up();
}

void copier::damaged() {
  if (o_.keep_going) { return; }
  if (o_.read_on) {
    gave_up_ = true;
    give_up_output();
  } else {
    failed_ = true;
  }
}

void copier::count(plan_action a) noexcept {
  switch (a) {
    case plan_action::keep: ++sum_.kept; break;
    case plan_action::drop: ++sum_.dropped; break;
    case plan_action::replace: ++sum_.replaced; break;
    case plan_action::add: ++sum_.added; break;
  }
}

void copier::tell(entry const& e, decision const& what, content_result const* content, bool refused, bool damaged,
                  std::span<std::byte const> kept, std::optional<std::uint64_t> true_size) {
  if ((what.action == plan_action::keep || what.action == plan_action::replace) && !damaged) { ++sum_.whole; }
  if (o_.on_member) { o_.on_member({e, what, content, refused, damaged, kept, true_size}); }
}

// --- the walk --------------------------------------------------------------------------------

copy_summary copier::run() {
  try {
    walk();
  } catch (...) {
    d_.end_order();  // what was found before is not lost
    throw;
  }
  return sum_;
}

void copier::walk() {
  if (two_pass_ || looks_ahead_) {
    if (!reader_.seekable()) {
      throw fatal_error{fatal_error::kind::internal, "a run in two passes needs a source that can seek"};
    }
    if (!survey()) { return; }
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
  if (!failed_) { release_all_held(); }
  drain();
  sum_.complete = !failed_ && !gave_up_ && (reader_.complete() || o_.salvage != nullptr);
  if (sum_.complete) {
    for (auto& g : plan_.additions()) { generate(std::move(g), plan_action::add); }
    drain();
  }
  if (twice_ != 0) {
    d_.report({.code = &names_twice,
               .offset = {},
               .path = twice_example_,
               .detail = concat(twice_, twice_ == 1 ? " name" : " names"),
               .level = {}});
  }
  if (absolute_ != 0) {
    d_.report({.code = &absolute_names,
               .offset = {},
               .path = absolute_example_,
               .detail = concat(absolute_, absolute_ == 1 ? " name" : " names"),
               .level = {}});
  }
  if (losses_) { losses_->report(d_); }
  if (losses_ && losses_->stopped()) {
    if (sum_.complete && sum_.refused == 0) { throw fatal_error{*losses_->stopped()}; }
    sum_.complete = false;
  }
}

void copier::member(entry& e) {
  bool const corrected = correct(e);
  auto what = decide(e);
  if (what.action == plan_action::drop) {
    left_out(e, std::move(what), false);
    return;
  }
  auto const left = salvaged(e);
  // A record that is copied as it stands needs no proof of where its content begins.
  bool const as_it_stands =
      e.content == content_state::refused && !e.stored_size && !corrected && sink_->needs().records;
  if (left == state_of::lost && !as_it_stands) {
    left_out(e, {plan_action::drop, "damage", std::string{o_.salvage->why_lost(e)}}, false);
    return;
  }
  auto path = normal_path(e.path);
  bool const stood = !two_pass_ && may_be_linked(e) && links_.stands(e, path);
  switch (judge_name(e, path)) {
    case fate::refused:
      links_.refuse(e);
      left_out(e, {plan_action::drop, "safety", "refused"}, true);
      return;
    case fate::superseded: superseded(e); return;
    case fate::keep: break;
  }
  if (left == state_of::partial) {
    keep_partial(e, std::move(path));
  } else if (what.action == plan_action::replace) {
    replace(e, what);
  } else if (sink_->needs().records && !corrected && (e.path.front() != '/' || may_be_linked(e))) {
    keep_raw(e, std::move(path));
  } else if (e.kind == entry_kind::file) {
    keep_file(e, std::move(path), stood);
  } else {
    keep_other(e, std::move(path));
  }
}

void copier::superseded(entry const& e) {
  left_out(e, {plan_action::drop, replaced_later, "a later member of this name replaces it"}, false);
}

void copier::left_out(entry const& e, decision what, bool refused) {
  if (queue_.empty()) {
    if (refused) {
      ++sum_.refused;
    } else {
      count(plan_action::drop);
    }
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
  if (may_be_linked(e) && (two_pass_ || (without_data && links_.refused(e)))) {
    auto const v = links_.judge(e, two_pass_, false);
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
  auto item = new_item(e, std::move(path));
  item->emit = true;
  place(*item);
  reader_record record{reader_, item->member};
  fill_now(
      *item, [] { return std::span<std::byte const>{}; }, &record);
  if (!record.whole()) {
    failed_ = true;  // the image is cut, and the reader said so
    return;
  }
  close(*item, {});
  if (e.packed) { sum_.content_verified = false; }
  count(plan_action::keep);
  sum_.bytes += e.size;
  tell(e, {}, nullptr, false);
}

void copier::keep_other(entry& e, std::string path) {
  auto item = new_item(e, std::move(path));
  item->emit = fits(item->member);
  place(*item);
  submit(std::move(item));
}

copier::state_of copier::salvaged(entry& e) {
  if (o_.salvage == nullptr) { return state_of::whole; }
  auto const* const broken = o_.salvage->find(e);
  // A record goes on as it is, whatever nobody knows of the content inside.
  if (broken != nullptr && broken->record_whole && sink_->needs().records) { return state_of::whole; }
  if (broken == nullptr && o_.salvage->why_lost(e).empty()) { return state_of::whole; }
  // Other names of this file have no content either.
  links_.refuse(e);
  bool const some = o_.keep_partial && broken != nullptr && broken->bytes != 0 && e.kind == entry_kind::file &&
                    e.content == content_state::here;
  if (!some) { return state_of::lost; }
  e.path += partial_suffix;
  e.size = broken->bytes;
  e.nlink = 1;
  e.ino = 0;
  return state_of::partial;
}

void copier::keep_partial(entry& e, std::string path) {
  ++sum_.partial;
  auto const* const broken = o_.salvage->find(e);
  content_request r{e.stored, broken != nullptr ? broken->size : e.size, e.packed, digest_};
  r.only_first = e.size;
  write_content(e, std::move(path), r, false, false);
}

void copier::keep_file(entry& e, std::string path, bool stood) {
  if (e.content == content_state::refused) {
    left_out(e, {plan_action::drop, "damage", "where its content starts could not be proven"}, false);
    return;
  }
  if (!may_be_linked(e)) {
    write_content(e, std::move(path), {e.stored, e.size, e.packed, digest_}, false, false);
    return;
  }
  bool const apart = foreseen(e);
  auto const v = apart ? links_.judge_apart(e) : links_.judge(e, two_pass_ || looks_ahead_, stood);
  if (apart) { e.nlink = 1; }
  switch (v.what) {
    case link_resolver::answer::own: {
      bool const data = e.content == content_state::here && e.size != 0;
      write_content(e, std::move(path), {e.stored, e.size, e.packed, true}, v.leads, false);
      if (data) { release_held(e); }
      return;
    }
    case link_resolver::answer::link: write_link(e, std::move(path), v); return;
    case link_resolver::answer::fetch: fetch_from(e, std::move(path), v); return;
    case link_resolver::answer::stands: submit(new_item(e, std::move(path))); return;
    case link_resolver::answer::hold: hold(e, std::move(path)); return;
    case link_resolver::answer::conflict:
      left_out(e, {plan_action::drop, "damage", "hard link without content"}, false);
      return;
    case link_resolver::answer::refuse: left_out(e, {plan_action::drop, "safety", "refused"}, true); return;
  }
}

void copier::write_link(entry& e, std::string path, link_resolver::verdict const& v) {
  bool const repeated = e.content == content_state::here && e.size != 0;
  if (!repeated || !o_.read_content) {
    submit_link(new_item(e, std::move(path)), v.first);
    return;
  }
  entry linked = e;
  set_link(linked, v.first);
  write_content(linked, std::move(path), {e.stored, e.size, e.packed, true}, false, true);
}

void copier::submit_link(std::unique_ptr<work_item> item, std::string first) {
  set_link(item->member, std::move(first));
  item->emit = fits(item->member);
  place(*item);
  submit(std::move(item));
}

// The first kept name of a group whose data stands under a name that is not kept, or not any more, or later.
void copier::fetch_from(entry& e, std::string path, link_resolver::verdict const& v) {
  if (!reader_.seekable()) {
    refuse(link_content_passed, e, concat("inode ", e.ino));
    left_out(e, {plan_action::drop, "damage", "hard link without content"}, false);
    return;
  }
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
  write_content(whole, std::move(path), {source.stored, v.size, source.packed, true}, v.leads, false);
  drain();
  reader_.seek_record(here);
  if (!reader_.next(e)) {
    throw fatal_error{fatal_error::kind::internal, "a record that was read before is gone", here};
  }
  reader_.skip();
}

// --- one pass: empty names whose content may come later -----------------------------------------

void copier::hold(entry& e, std::string path) {
  if (held_.size() == max_held) { (void)release(take_held(held_.begin())); }
  held_.push_back({e, std::move(path)});
}

copier::held_member copier::take_held(std::deque<held_member>::iterator at) {
  auto h = std::move(*at);
  held_.erase(at);
  return h;
}

// Its content did not come: an empty file, or what a refused or replaced name leaves.
bool copier::release(held_member h) {
  if (!names_.is_final(h.path, h.member.offset)) {
    superseded(h.member);
    return false;
  }
  if (links_.refused(h.member)) {
    refuse(link_outside, h.member, concat("inode ", h.member.ino));
    left_out(h.member, {plan_action::drop, "safety", "refused"}, true);
    return false;
  }
  links_.give_up_waiting(h.member);
  auto item = new_item(h.member, std::move(h.path));
  item->emit = fits(item->member);
  place(*item);
  submit(std::move(item));
  return true;
}

// The other names of this inode that wait: links, unless something else has their name by now.
void copier::release_held(entry const& e) {
  for (std::size_t i = 0; i < held_.size();) {
    auto const& m = held_[i].member;
    if (m.ino != e.ino || m.dev != e.dev) {
      ++i;
      continue;
    }
    auto h = take_held(held_.begin() + static_cast<std::ptrdiff_t>(i));
    if (!names_.is_final(h.path, h.member.offset)) {
      superseded(h.member);
      continue;
    }
    auto const v = links_.judge(h.member, two_pass_, false);
    if (v.what == link_resolver::answer::link) {
      submit_link(new_item(h.member, std::move(h.path)), v.first);
    } else {
      left_out(h.member, {plan_action::drop, "damage", "hard link without content"}, false);
    }
  }
}

void copier::release_all_held() {
  while (!held_.empty()) {
    auto const member = held_.front().member;
    if (release(take_held(held_.begin()))) { release_held(member); }
  }
}

}  // namespace sysb::pipeline
