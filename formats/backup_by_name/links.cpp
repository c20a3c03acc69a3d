// SPDX-License-Identifier: Apache-2.0
#include "formats/backup_by_name/links.hpp"

#include <array>
#include <random>

#include "base/digest.hpp"

namespace sysb::backup_by_name {

// Not from the image, so that an image cannot be made whose keys all meet in one slot.
link_table::link_table() : seed_{std::random_device{}()} {}

std::uint64_t link_table::key_of(member_head const& m) const noexcept {
  std::array<std::uint32_t, 3> const id{m.dev.major, m.dev.minor, m.ino};
  auto const h = table_hash(std::as_bytes(std::span{id}), seed_);
  return h != 0 ? h : 1;
}

std::uint32_t link_table::metadata_of(member_head const& m) const noexcept {
  std::array<std::uint32_t, 4> const v{m.mode, m.uid, m.gid, m.mtime};
  return static_cast<std::uint32_t>(table_hash(std::as_bytes(std::span{v}), seed_));
}

std::size_t link_table::slot_of(std::uint64_t key) const noexcept {
  auto const mask = slots_.size() - 1;
  auto i = static_cast<std::size_t>(key) & mask;
  while (slots_[i].key != 0 && slots_[i].key != key) { i = (i + 1) & mask; }
  return i;
}

link_group* link_table::find(member_head const& m) noexcept {
  if (slots_.empty()) { return nullptr; }
  auto& slot = slots_[slot_of(key_of(m))];
  return slot.key != 0 ? &slot : nullptr;
}

void link_table::begin_group(member_head const& m, std::uint64_t at, std::uint64_t size, bool has_data) {
  if ((used_ + 1) * 8 > slots_.size() * 7) { grow(); }
  auto const key = key_of(m);
  auto& slot = slots_[slot_of(key)];
  used_ += slot.key == 0 ? 1 : 0;
  slot = {.key = key, .first_at = at, .size = size, .metadata = metadata_of(m), .has_data = has_data};
}

bool link_table::same_metadata(link_group const& g, member_head const& m) const noexcept {
  return g.metadata == metadata_of(m);
}

void link_table::grow() {
  auto old = std::move(slots_);
  slots_.assign(old.empty() ? 64 : old.size() * 2, {});
  for (auto const& g : old) {
    if (g.key != 0) { slots_[slot_of(g.key)] = g; }
  }
}

}  // namespace sysb::backup_by_name
