// SPDX-License-Identifier: Apache-2.0
#include "catalog/indexed_reader.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "catalog/diagnostics.hpp"
#include "core/fatal_error.hpp"

namespace sysb::index {

namespace {

// Runs what reads the index. Its text, where the index turns out to be of no use.
template <typename Step>
std::optional<std::string> try_index(Step const& step) {
  try {
    step();
    return std::nullopt;
  } catch (unusable const& e) { return e.what(); } catch (fatal_error const& e) {
    if (e.what_kind() != fatal_error::kind::io) { throw; }
    return e.what();
  }
}

}  // namespace

indexed_reader::indexed_reader(std::unique_ptr<image_reader> walk, byte_source& source,
                               std::unique_ptr<index_file> index, ledger& findings)
    : findings_{&findings}, walk_{std::move(walk)}, source_{&source}, index_{std::move(index)} {}

void indexed_reader::use_walk() {
  if (walking_) { return; }
  walking_ = true;
  walk_->rewind();
}

std::unique_ptr<index_file> indexed_reader::take_index() {
  use_walk();
  return std::move(index_);
}

// The walk goes again, in silence, over what was given out already.
void indexed_reader::give_up(std::string_view why) {
  use_walk();
  findings_->report({.code = &damaged_index, .offset = {}, .path = {}, .detail = std::string{why}, .level = {}});
  entry e;
  while (walk_->next(e)) {
    if (e.offset < next_at_) { continue; }
    walk_->seek_record(e.offset);
    return;
  }
}

void indexed_reader::tell_before(std::uint64_t ordinal) {
  auto const& all = index_->findings();
  while (told_ < all.size() && all[told_].before <= ordinal) { findings_->report_ahead(all[told_++].what); }
}

bool indexed_reader::next_of_index(entry& out, index_file::member& m) {
  if (!chosen_only_) { return index_->next(out, m); }
  if (next_chosen_ == chosen_.size()) { return false; }
  out = chosen_[next_chosen_].about;
  m = chosen_[next_chosen_++].what;
  return true;
}

bool indexed_reader::next(entry& out) {
  if (walking_) { return walk_->next(out); }
  index_file::member m;
  bool found = false;
  if (auto const why = try_index([&] { found = next_of_index(out, m); })) {
    give_up(*why);
    return walk_->next(out);
  }
  if (!found) {
    tell_before(index_->members());
    at_end_ = true;
    current_.header = proof::none;
    return false;
  }
  next_at_ = out.offset + out.record_bytes;
  tell_before(m.ordinal);
  auto const here = out.content == content_state::here;
  current_.offset = out.offset;
  current_.record_end = out.offset + out.record_bytes;
  current_.content = out.content_offset;
  current_.content_end = here ? out.content_offset + out.stored : out.content_offset;
  current_.head = head_bytes(out);
  current_.facts = m.facts;
  current_.path = out.path;
  current_.at = 0;
  current_.header = proof::due;
  return true;
}

bool indexed_reader::header_agrees(std::uint64_t offset, std::size_t bytes, std::uint64_t hash) {
  source_->seek(offset);
  auto const seen = source_->peek(bytes);
  return seen.size() >= bytes && head_hash_of(seen.first(bytes)) == hash;
}

// Once a member, before the first of its bytes is given out.
bool indexed_reader::header_proven() {
  if (current_.header != proof::due) { return current_.header == proof::agreed; }
  if (header_agrees(current_.offset, current_.head, current_.facts.head_hash)) {
    current_.header = proof::agreed;
    return true;
  }
  current_.header = proof::differs;
  findings_->report(
      {.code = &record_differs, .offset = current_.offset, .path = current_.path, .detail = {}, .level = {}});
  return false;
}

std::span<std::byte const> indexed_reader::piece(std::uint64_t from, std::uint64_t end) {
  if (!header_proven()) { return {}; }
  if (current_.at == 0) { current_.at = from; }
  if (current_.at >= end) { return {}; }
  source_->seek(current_.at);
  auto const want = static_cast<std::size_t>(std::min(end - current_.at, largest_piece));
  auto seen = source_->peek(want);
  seen = seen.first(std::min(seen.size(), want));
  current_.at += seen.size();
  return seen;
}

std::span<std::byte const> indexed_reader::read_stored() {
  if (walking_) { return walk_->read_stored(); }
  if (current_.content_end == current_.content) { return {}; }
  auto const first = current_.at == 0;
  auto const out = piece(current_.content, current_.content_end);
  if (first && !out.empty()) { expect_digest(); }
  return out;
}

bool indexed_reader::may_read_apart() {
  if (walking_) { return walk_->may_read_apart(); }
  if (!header_proven()) { return false; }
  if (current_.content_end != current_.content) { expect_digest(); }
  return true;
}

void indexed_reader::expect_digest() {
  if (current_.facts.digest) { read_[current_.content] = *current_.facts.digest; }
}

std::span<std::byte const> indexed_reader::read_raw() {
  return walking_ ? walk_->read_raw() : piece(current_.offset, current_.record_end);
}

void indexed_reader::skip() {
  if (walking_) { walk_->skip(); }
}

bool indexed_reader::complete() const noexcept { return walking_ ? walk_->complete() : at_end_; }

std::uint64_t indexed_reader::end_offset() const noexcept {
  return walking_ ? walk_->end_offset() : index_->end_offset();
}

void indexed_reader::seek_record(std::uint64_t offset) {
  if (walking_) {
    walk_->seek_record(offset);
    return;
  }
  next_at_ = offset;
  current_.header = proof::none;
  if (chosen_only_) {
    auto const at_or_after = [&](index_file::found const& f) { return f.about.offset >= offset; };
    next_chosen_ =
        static_cast<std::size_t>(std::find_if(chosen_.begin(), chosen_.end(), at_or_after) - chosen_.begin());
    return;
  }
  if (auto const why = try_index([&] { index_->seek_offset(offset); })) { give_up(*why); }
}

bool indexed_reader::only(std::string_view normal) {
  if (walking_) { return false; }
  if (auto const why = try_index([&] { chosen_ = index_->find(normal); })) {
    give_up(*why);
    return false;
  }
  for (auto const& f : chosen_) {
    if (header_agrees(f.about.offset, head_bytes(f.about), f.what.facts.head_hash)) { continue; }
    use_walk();
    findings_->report({.code = &foreign_index,
                       .offset = f.about.offset,
                       .path = f.about.path,
                       .detail = "the header of this record differs",
                       .level = {}});
    return false;
  }
  chosen_only_ = true;
  next_chosen_ = 0;
  return true;
}

std::optional<digest128> indexed_reader::take_digest(std::uint64_t content_offset) {
  auto const at = read_.find(content_offset);
  if (at == read_.end()) { return std::nullopt; }
  auto const out = at->second;
  read_.erase(at);
  return out;
}

}  // namespace sysb::index
