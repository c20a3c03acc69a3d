// SPDX-License-Identifier: Apache-2.0
#include "pipeline/name_table.hpp"

#include <random>

#include "base/digest.hpp"
#include "base/text.hpp"

namespace sysb::pipeline {

namespace {

constexpr std::uint64_t offset_bits = 40;
constexpr std::uint64_t kind_shift = 40;
constexpr std::uint64_t occupied = 1ull << 43;
constexpr std::uint64_t has_members = 1ull << 44;
constexpr std::uint64_t implied = 1ull << 45;  // known only as the parent of a member
constexpr std::uint64_t extra_shift = 46;

std::uint64_t packed_offset(std::uint64_t offset) noexcept { return (offset / 8) & ((1ull << offset_bits) - 1); }
entry_kind kind_of(std::uint64_t info) noexcept { return static_cast<entry_kind>((info >> kind_shift) & 7); }

}  // namespace

name_table::name_table() {
  std::random_device entropy;
  seed_ = (std::uint64_t{entropy()} << 32) | entropy();
}

name_table::key name_table::key_of(std::string_view path) const noexcept {
  auto const bytes = as_bytes(path);
  return {table_hash(bytes, seed_), table_hash(bytes, ~seed_) >> extra_shift << extra_shift};
}

name_table::slot const* name_table::find(key k) const noexcept {
  return table_.find(k.hash, [&](slot const& s) { return s.info >> extra_shift << extra_shift == k.extra; });
}

name_table::slot& name_table::find_or_add(key k, bool& added) {
  auto const [s, fresh] =
      table_.find_or_add(k.hash, [&](slot const& o) { return o.info >> extra_shift << extra_shift == k.extra; },
                         {k.hash, k.extra | occupied});
  added = fresh;
  return *s;
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
    if (added) { s.info |= implied | (static_cast<std::uint64_t>(entry_kind::directory) << kind_shift); }
    bool const known = (s.info & has_members) != 0;
    s.info |= has_members;
    if (known) { break; }
  }
  return out;
}

std::optional<std::uint64_t> name_table::file_at(std::string_view path) const {
  auto const* s = find(key_of(path));
  if (s == nullptr || (s->info & implied) != 0 || kind_of(s->info) != entry_kind::file) { return std::nullopt; }
  return (s->info & ((1ull << offset_bits) - 1)) * 8;
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
