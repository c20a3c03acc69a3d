// SPDX-License-Identifier: Apache-2.0
#include "pipeline/review.hpp"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <random>
#include <utility>

#include "base/text.hpp"
#include "core/entry_sink.hpp"
#include "core/fatal_error.hpp"
#include "core/link_identity.hpp"
#include "core/member_plan.hpp"
#include "pipeline/diagnostics.hpp"
#include "pipeline/pipeline.hpp"

namespace sysb::pipeline {

namespace {

constexpr std::size_t most_heard = 100'000;
constexpr std::size_t most_reasons = 10'000;
constexpr std::string_view not_whole = "its content is not whole";
constexpr std::string_view other_name = "another name of a file whose content is not whole";

bool is_own_code(diag_code const* c) {
  auto const own = codes();
  return std::find(own.begin(), own.end(), c) != own.end();
}

template <typename Row>
Row const* at_offset(std::vector<Row> const& rows, std::uint64_t offset) {
  auto const at = std::lower_bound(rows.begin(), rows.end(), offset,
                                   [](Row const& r, std::uint64_t wanted) { return r.offset < wanted; });
  return at != rows.end() && at->offset == offset ? &*at : nullptr;
}

bool has(std::vector<std::uint64_t> const& sorted, std::uint64_t key) {
  return std::binary_search(sorted.begin(), sorted.end(), key);
}

void sort_unique(std::vector<std::uint64_t>& v) {
  std::sort(v.begin(), v.end());
  v.erase(std::unique(v.begin(), v.end()), v.end());
}

}  // namespace

review::review() : seed_{std::random_device{}()} {}

std::uint64_t review::inode_of(entry const& e) const noexcept { return link_identity_of(e).inode_hash(seed_); }

void review::look_through(image_reader& reader, copy_options const& how, bool accept_changed, ledger& d) {
  keep_all everything;
  null_sink nowhere;
  copy_options o;
  o.keep_going = true;
  o.tmpdir = how.tmpdir;
  o.threads = how.threads;
  o.counters = how.counters;
  o.keep_content = how.keep_content;
  o.on_member = [&](member_event const& m) {
    note(m, accept_changed);
    if (how.on_member) { how.on_member(m); }
  };
  {
    // What the pass that writes will say of names and links is not said twice; what only this one can know is.
    std::mutex guard;
    ledger::listener const of_the_image{d, [&](diagnostic const& f) {
                                          std::lock_guard const hold{guard};
                                          hear(f);
                                          return !is_own_code(f.code) ||
                                                 (accept_changed && f.code->reach == fault_reach::changed);
                                        }};
    (void)copy_members(reader, everything, nowhere, o, d);
  }
  conclude(reader, d);
  reader.rewind();
}

void review::hear(diagnostic const& d) {
  if (d.effective() != severity::error || d.path.empty() || heard_.size() >= most_heard) { return; }
  heard_.try_emplace(d.path, concat(d.text(), " [", d.code->id, ']'));
}

// Equal reasons are kept once, and of very many different ones the first.
std::uint32_t review::reason_for(entry const& e) {
  auto const at = heard_.find(e.path);
  auto text = at != heard_.end() ? at->second : std::string{not_whole};
  if (reasons_.size() >= most_reasons && reason_numbers_.count(text) == 0) { text = not_whole; }
  auto const [number, fresh] = reason_numbers_.try_emplace(text, static_cast<std::uint32_t>(reasons_.size()));
  if (fresh) { reasons_.push_back(std::move(text)); }
  return number->second;
}

void review::note(member_event const& m, bool accept_changed) {
  auto const& e = m.member;
  auto const changed = e.stored_size ? e.stored_size : m.true_size;
  if (accept_changed && changed && !e.incomplete) {
    corrected_.push_back({e.offset, *changed, e.size});
    if (may_be_linked(e)) { note_name(m, true); }
    return;
  }
  auto const unproven = e.content == content_state::refused;
  auto const whole = !e.incomplete && !m.damaged && !unproven;
  if (accept_changed && may_be_linked(e)) { note_name(m, whole); }
  if (may_be_linked(e) && (e.size != 0 || unproven) && e.content != content_state::elsewhere) {
    (whole ? whole_inodes_ : lost_inodes_).push_back(inode_of(e));
  }
  if (whole) { return; }
  broken const b{.offset = e.offset,
                 .bytes = m.content != nullptr ? m.content->bytes : 0,
                 .size = e.size,
                 .reason = reason_for(e),
                 .record_whole = unproven && !e.incomplete && !e.stored_size};
  if (accept_changed && may_be_linked(e) && b.record_whole) {
    doubtful_.emplace_back(inode_of(e), b);
  } else {
    broken_.push_back(b);
  }
}

void review::note_name(member_event const& m, bool whole) {
  auto const& e = m.member;
  auto& g = groups_[inode_of(e)];
  auto const data = whole && has_data(e);
  std::uint64_t digest = 0;
  if (data && m.content != nullptr && m.content->digest) {
    std::memcpy(&digest, m.content->digest->data(), sizeof digest);
  }
  auto const first = g.names++ == 0;
  auto const size = e.content == content_state::here || e.content == content_state::refused ? e.size : 0;
  if (!first) {
    auto const same = g.mode == e.mode && g.uid == e.uid && g.gid == e.gid && g.mtime == e.mtime;
    auto const sizes = g.has_data && size != 0 && size != g.size;
    auto const bytes = data && g.has_digest && digest != 0 && g.size == e.size && g.digest != digest;
    g.differ = g.differ || !same || sizes || bytes;
    g.denied = g.denied || bytes;
  }
  g.nlink = std::max(g.nlink, e.nlink);
  g.denied = g.denied || (e.content == content_state::refused && !e.stored_size);
  if (first) {
    g.mode = e.mode;
    g.uid = e.uid;
    g.gid = e.gid;
    g.mtime = e.mtime;
  }
  if (data && (!g.has_data || e.offset > g.data_offset)) {
    g.has_data = true;
    g.data_offset = e.offset;
    g.size = e.size;
    g.digest = digest;
    g.has_digest = digest != 0;
  }
  g.last_offset = std::max(g.last_offset, e.offset);
}

void review::conclude(image_reader& reader, ledger& d) {
  auto const by_offset = [](auto const& a, auto const& b) { return a.offset < b.offset; };
  std::sort(corrected_.begin(), corrected_.end(), by_offset);
  sort_unique(whole_inodes_);
  sort_unique(lost_inodes_);
  lost_inodes_.erase(std::remove_if(lost_inodes_.begin(), lost_inodes_.end(),
                                    [&](std::uint64_t key) { return has(whole_inodes_, key); }),
                     lost_inodes_.end());
  whole_inodes_ = {};
  for (auto at = groups_.begin(); at != groups_.end();) {
    auto& g = at->second;
    auto const one_file = g.names <= g.nlink;
    if (g.differ && (one_file || g.denied)) {
      auto& last = latest_[at->first];
      reader.seek_record(g.last_offset);
      if (!reader.next(last)) {
        throw fatal_error{fatal_error::kind::internal, "a record that was read before is gone", g.last_offset};
      }
    }
    if (g.differ && one_file) {
      ++at;
      continue;
    }
    // More names than links: the number was used again, and the names are those of different files.
    if (g.differ && g.denied) {
      auto const& last = latest_.at(at->first);
      d.report({.code = &inode_used_again,
                .offset = last.offset,
                .path = last.path,
                .detail = concat(g.names, " names, ", g.nlink, g.nlink == 1 ? " link" : " links"),
                .level = {}});
      latest_.erase(at->first);
    }
    at = groups_.erase(at);
  }
  // A name that differs from the later one of its file is not broken any more.
  for (auto const& [inode, b] : doubtful_) {
    if (groups_.count(inode) == 0) { broken_.push_back(b); }
  }
  doubtful_ = {};
  std::sort(broken_.begin(), broken_.end(), by_offset);
}

review::broken const* review::find(entry const& e) const { return at_offset(broken_, e.offset); }

std::string_view review::why_lost(entry const& e) const {
  if (auto const* const b = find(e)) { return reasons_[b->reason]; }
  if (e.incomplete) {
    // What only the whole archive tells, as whether a deviation is its own way of writing.
    auto const at = heard_.find(e.path);
    return at != heard_.end() ? std::string_view{at->second} : not_whole;
  }
  if (lost_inodes_.empty() || !may_be_linked(e) || has_data(e)) { return {}; }
  return has(lost_inodes_, inode_of(e)) ? other_name : std::string_view{};
}

review::name_group const* review::differing(entry const& e) const {
  if (groups_.empty() || !may_be_linked(e)) { return nullptr; }
  auto const at = groups_.find(inode_of(e));
  return at != groups_.end() ? &at->second : nullptr;
}

bool review::correct(entry& e) const {
  bool done = false;
  if (auto const* const c = at_offset(corrected_, e.offset)) {
    e.size = c->size;
    e.content = e.stored != 0 ? content_state::here : content_state::none;
    e.damaged = false;
    done = true;
  }
  auto const* const g = differing(e);
  if (g == nullptr) { return done; }
  auto const& last = latest_.at(inode_of(e));
  e.mode = last.mode;
  e.uid = last.uid;
  e.gid = last.gid;
  e.mtime = last.mtime;
  e.atime = last.atime;
  e.ctime = last.ctime;
  e.nlink = last.nlink;
  e.acl = last.acl;
  e.pcl = last.pcl;
  e.acl_extended = last.acl_extended;
  e.acl_text = last.acl_text;
  e.damaged = false;
  if (e.offset == g->data_offset) { return true; }
  e.content = content_state::none;
  e.size = e.stored = 0;
  e.packed = false;
  return true;
}

std::string review::correction_of(entry const& e) const {
  std::string out;
  if (auto const* const c = at_offset(corrected_, e.offset)) {
    out = concat("taken as it was stored: ", c->size, " bytes, ", c->recorded, " were recorded");
  }
  if (auto const* const g = differing(e)) {
    auto const& last = latest_.at(inode_of(e));
    out +=
        concat(out.empty() ? "" : "; ", "names of one file that differ: the later one is taken, ", quoted(last.path));
    if (g->has_data && g->data_offset != last.offset) {
      out += concat(", with the content of the record at 0x", hex(g->data_offset));
    }
  }
  return out;
}

}  // namespace sysb::pipeline
