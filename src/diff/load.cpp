// SPDX-License-Identifier: Apache-2.0
#include "diff/load.hpp"

#include <cstring>
#include <optional>
#include <random>
#include <type_traits>
#include <utility>

#include "base/digest.hpp"
#include "base/text.hpp"

namespace sysb::diff {

void link_contents::name(group_key const& group) {
  place fresh;
  fresh.key = group;
  (void)places_.find_or_add(fresh.hash(), same(group), fresh);
}

bool link_contents::data(member const& m, bool again) {
  auto* const slot = places_.find(m.group.first, same(m.group));
  if (slot == nullptr || (slot->at != nowhere && !again)) { return false; }
  static_assert(std::is_trivially_copyable_v<content>);
  content const c{.state = m.content,
                  .packed = m.packed,
                  .digest = m.digest,
                  .size = m.size,
                  .order = m.order,
                  .content_offset = m.content_offset,
                  .stored = m.stored};
  std::string bytes(sizeof c, '\0');
  std::memcpy(bytes.data(), &c, sizeof c);
  slot->at = kept_.add(bytes).offset;
  return true;
}

link_contents::answer link_contents::of(group_key const& group) const {
  auto const* const slot = places_.find(group.first, same(group));
  if (slot == nullptr) { return {}; }
  if (slot->at == nowhere) { return {true, std::nullopt}; }
  content c;
  auto const bytes = kept_.get({slot->at, sizeof c});
  std::memcpy(&c, bytes.data(), sizeof c);
  return {true, c};
}

class loaded_side::visitor final : public side_visitor {
 public:
  visitor(loaded_side& to, bool with_system) : to_{to}, with_system_{with_system} { restart(); }

  void take(member const& m) override {
    ++to_.walked_;
    to_.note_parents(m.path);
    // A file with several names has one content, as in every other command.
    if (m.kind == entry_kind::file && note_link(m)) { to_.bytes_ += m.size; }
    value_.clear();
    encode(m, value_);
    to_.members_->add(m.path, value_);
  }
  [[nodiscard]] bool wants(entry const& e) override { return with_system_ && reader_->wants(e); }
  void content(entry const& e, std::span<std::byte const> bytes) override { reader_->take(e, bytes); }
  void restart() override {
    to_.members_ = std::make_unique<sorted_spool>(to_.context_.tmpdir);
    to_.links_ = std::make_unique<link_contents>(to_.context_.tmpdir);
    to_.walked_ = to_.bytes_ = 0;
    to_.parents_ = {};
    to_.last_parent_.clear();
    reader_.emplace(to_.context_.bounds);
  }
  void finish() {
    to_.members_->finish();
    if (with_system_) { reader_->finish(to_.system_, to_.owners_); }
  }

 private:
  // False for a further name of a file whose content was told.
  bool note_link(member const& m) {
    // Where names tell who belongs together, any file may be a first name: only those count that are named.
    if (!m.group.any() || (to_.about().names_link && m.own_data)) { return true; }
    to_.links_->name(m.group);
    return m.own_data && to_.links_->data(m, false);
  }

  loaded_side& to_;
  bool with_system_;
  std::optional<system_reader> reader_;
  std::string value_;
};

loaded_side::loaded_side(side& from, side_context const& c, bool with_system)
    : from_{from}, context_{c}, seed_{std::random_device{}()} {
  visitor v{*this, with_system};
  from_.walk(v);
  v.finish();
  if (about().names_link && links_->size() != 0) { find_link_targets(); }
}

loaded_side::~loaded_side() = default;

std::uint64_t loaded_side::parent_key(std::string_view path) const noexcept {
  return table_hash(as_bytes(path), seed_);
}

bool loaded_side::has_below(std::string_view directory) const noexcept {
  return parents_.contains(parent_key(directory));
}

void loaded_side::note_parents(std::string_view path) {
  // Members of one directory come in a row.
  auto dir = parent_path(path);
  if (path.empty() || (dir == last_parent_ && parents_.size() != 0)) { return; }
  last_parent_ = dir;
  for (;; dir = parent_path(dir)) {
    if (!parents_.add(parent_key(dir)) || dir.empty()) { return; }
  }
}

// A first name stands before those that lead to it, and nobody knew then that they would.
void loaded_side::find_link_targets() {
  sorted_spool::cursor items{*members_};
  member m;
  while (items.next()) {
    decode(items.key(), items.value(), m);
    if (m.own_data && m.group.any()) { static_cast<void>(links_->data(m, true)); }
  }
}

bool loaded_side::has_members(std::string const& directory, std::uint64_t before) const {
  auto const inside = directory + '/';
  sorted_spool::cursor items{*members_};
  member m;
  while (items.next()) {
    if (items.key().substr(0, inside.size()) > inside) { return false; }
    if (items.key().substr(0, inside.size()) != inside) { continue; }
    decode(items.key(), items.value(), m);
    if (m.order < before) { return true; }
  }
  return false;
}

loaded_side::cursor::cursor(loaded_side const& of) : of_{of}, items_{*of.members_}, more_{items_.next()} {}

bool loaded_side::cursor::next() {
  if (!more_) { return false; }
  decode(items_.key(), items_.value(), now_);
  while ((more_ = items_.next()) && items_.key() == now_.path) {
    decode(items_.key(), items_.value(), later_);
    auto const may_be_filled = now_.kind == entry_kind::directory && later_.kind != entry_kind::directory;
    auto const filled = may_be_filled && (++looked_ > most_looks || of_.has_members(now_.path, later_.order));
    if (!filled) { std::swap(now_, later_); }
  }
  settle(now_);
  return true;
}

void loaded_side::cursor::settle(member& m) const {
  if (!m.group.any() || m.kind != entry_kind::file) { return; }
  auto const [named, file] = of_.links_->of(m.group);
  if (!named) {
    m.group = {};
    return;
  }
  if (!file) { return; }
  auto const shares = m.size == file->size || (!m.own_data && m.size == 0);
  if (!shares) {
    m.group = {};  // what says another size than the content of its inode is a file of its own
    return;
  }
  if (m.own_data) { return; }
  m.size = file->size;
  m.content = file->state;
  m.digest = file->digest;
  m.order = file->order;
  m.content_offset = file->content_offset;
  m.stored = file->stored;
  m.packed = file->packed;
}

}  // namespace sysb::diff
