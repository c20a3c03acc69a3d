// SPDX-License-Identifier: Apache-2.0
#include "formats/backup_by_name/links.hpp"

#include <random>

#include "core/link_identity.hpp"

namespace sysb::backup_by_name {

// Not from the image, so that an image cannot be made whose keys all meet in one slot.
link_table::link_table() : seed_{std::random_device{}()} {}

namespace {
link_identity identity_of(member_head const& m) noexcept {
  return {.dev = m.dev, .ino = m.ino, .mode = m.mode, .uid = m.uid, .gid = m.gid, .mtime = m.mtime};
}
}  // namespace

std::uint64_t link_table::key_of(member_head const& m) const noexcept { return identity_of(m).inode_hash(seed_); }

std::uint32_t link_table::metadata_of(member_head const& m) const noexcept {
  return static_cast<std::uint32_t>(identity_of(m).metadata_hash(seed_));
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
