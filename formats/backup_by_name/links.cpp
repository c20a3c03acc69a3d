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

link_group* link_table::find(member_head const& m) noexcept {
  return groups_.find(key_of(m), [](link_group const&) { return true; });
}

void link_table::begin_group(member_head const& m, std::uint64_t at, std::uint64_t size, bool has_data) {
  link_group const fresh{
      .key = key_of(m), .first_at = at, .size = size, .metadata = metadata_of(m), .has_data = has_data};
  auto const [slot, added] = groups_.find_or_add(
      fresh.key, [](link_group const&) { return true; }, fresh);
  if (!added) { *slot = fresh; }
}

bool link_table::same_metadata(link_group const& g, member_head const& m) const noexcept {
  return g.metadata == metadata_of(m);
}

}  // namespace sysb::backup_by_name
