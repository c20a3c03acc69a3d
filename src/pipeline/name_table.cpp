// SPDX-License-Identifier: Apache-2.0
// Open addressing, split into partitions that grow by a quarter each on their own: the table is
// never copied as a whole, and its load stays between 0.7 and 0.9.
#include "pipeline/name_table.hpp"

#include <random>

#include "base/digest.hpp"
#include "base/text.hpp"

namespace sysb::pipeline {

namespace {

constexpr std::size_t partition_count = 64;
constexpr std::uint64_t offset_bits = 40;
constexpr std::uint64_t kind_shift = 40;
constexpr std::uint64_t occupied = 1ull << 43;
constexpr std::uint64_t has_members = 1ull << 44;
constexpr std::uint64_t implied = 1ull << 45;  // known only as the parent of a member
constexpr std::uint64_t extra_shift = 46;

std::uint64_t packed_offset(std::uint64_t offset) noexcept { return (offset / 8) & ((1ull << offset_bits) - 1); }
entry_kind kind_of(std::uint64_t info) noexcept { return static_cast<entry_kind>((info >> kind_shift) & 7); }

std::size_t bucket(std::uint64_t hash, std::size_t size) noexcept {
  // The low bits chose the partition; the high ones choose the place in it.
  __extension__ using wide = unsigned __int128;
  return static_cast<std::size_t>((wide{hash} * size) >> 64);
}

}  // namespace

name_table::name_table() : partitions_(partition_count) {
  std::random_device entropy;
  seed_ = (std::uint64_t{entropy()} << 32) | entropy();
}

name_table::key name_table::key_of(std::string_view path) const noexcept {
  auto const bytes = as_bytes(path);
  return {table_hash(bytes, seed_), table_hash(bytes, ~seed_) >> extra_shift << extra_shift};
}

name_table::slot const* name_table::find(key k) const noexcept {
  auto const& slots = partitions_[k.hash % partition_count].slots;
  if (slots.empty()) { return nullptr; }
  for (auto i = bucket(k.hash, slots.size());; i = i + 1 == slots.size() ? 0 : i + 1) {
    auto const& s = slots[i];
    if ((s.info & occupied) == 0) { return nullptr; }
    if (s.hash == k.hash && (s.info >> extra_shift << extra_shift) == k.extra) { return &s; }
  }
}

void name_table::place(std::vector<slot>& slots, slot const& s) noexcept {
  auto i = bucket(s.hash, slots.size());
  while ((slots[i].info & occupied) != 0) { i = i + 1 == slots.size() ? 0 : i + 1; }
  slots[i] = s;
}

name_table::slot& name_table::find_or_add(key k, bool& added) {
  auto& p = partitions_[k.hash % partition_count];
  if (p.used * 10 >= p.slots.size() * 9) {
    std::vector<slot> larger(p.slots.size() + p.slots.size() / 4 + 16);
    for (auto const& s : p.slots) {
      if ((s.info & occupied) != 0) { place(larger, s); }
    }
    p.slots = std::move(larger);
  }
  auto i = bucket(k.hash, p.slots.size());
  for (;; i = i + 1 == p.slots.size() ? 0 : i + 1) {
    auto& s = p.slots[i];
    if ((s.info & occupied) == 0) {
      s = {k.hash, k.extra | occupied};
      ++p.used;
      ++count_;
      added = true;
      return s;
    }
    if (s.hash == k.hash && (s.info >> extra_shift << extra_shift) == k.extra) {
      added = false;
      return s;
    }
  }
}

name_table::outcome name_table::record(std::string_view path, entry_kind kind, std::uint64_t offset) {
  bool added = false;
  outcome out = outcome::fresh;
  {
    auto& s = find_or_add(key_of(path), added);
    auto const old = added ? std::uint64_t{implied} : s.info & (implied | has_members);
    bool const was_implied = (old & implied) != 0;
    if (!added) {
      if ((old & has_members) != 0 && kind != entry_kind::directory && kind_of(s.info) == entry_kind::directory) {
        return outcome::refused_directory;
      }
      out = was_implied ? outcome::fresh : outcome::again;
    }
    s.info = (s.info >> extra_shift << extra_shift) | occupied | (old & has_members) |
             (static_cast<std::uint64_t>(kind) << kind_shift) | packed_offset(offset);
  }
  // Every component above exists once this member does.
  for (auto up = parent_path(path); !up.empty(); up = parent_path(up)) {
    auto& s = find_or_add(key_of(up), added);
    if (added) {
      s.info |= implied | (static_cast<std::uint64_t>(entry_kind::directory) << kind_shift);
    }
    bool const known = (s.info & has_members) != 0;
    s.info |= has_members;
    if (known) { break; }
  }
  return out;
}

bool name_table::is_final(std::string_view path, std::uint64_t offset) const {
  auto const* s = find(key_of(path));
  return s != nullptr && (s->info & ((1ull << offset_bits) - 1)) == packed_offset(offset);
}

bool name_table::replaced_later(std::string_view path, std::uint64_t offset) const {
  auto const* s = find(key_of(path));
  return s != nullptr && (s->info & ((1ull << offset_bits) - 1)) > packed_offset(offset);
}

std::string_view name_table::blocking_parent(std::string_view path) const {
  for (auto up = parent_path(path); !up.empty(); up = parent_path(up)) {
    auto const* s = find(key_of(up));
    if (s != nullptr && kind_of(s->info) != entry_kind::directory) { return up; }
  }
  return {};
}

}  // namespace sysb::pipeline
