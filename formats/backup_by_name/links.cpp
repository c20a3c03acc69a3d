// SPDX-License-Identifier: Apache-2.0
#include "formats/backup_by_name/links.hpp"

#include <random>

#include "base/text.hpp"
#include "core/link_identity.hpp"

namespace sysb::backup_by_name {

// Not from the image, so that an image cannot be made whose keys all meet in one slot.
link_table::link_table() : seed_{std::random_device{}()} {}

std::uint64_t link_table::key_of(member_head const& m) const noexcept {
  link_identity const id{.dev = m.dev, .ino = m.ino, .mode = m.mode, .uid = m.uid, .gid = m.gid, .mtime = m.mtime};
  return id.inode_hash(seed_);
}

link_group* link_table::find(member_head const& m) noexcept { return groups_.find(key_of(m)); }

void link_table::begin_group(member_head const& m, std::uint64_t at, std::uint64_t size, bool has_data) {
  link_group const fresh{.key = key_of(m),
                         .first_at = at,
                         .size = size,
                         .mode = m.mode,
                         .uid = m.uid,
                         .gid = m.gid,
                         .mtime = m.mtime,
                         .has_data = has_data};
  auto const [slot, added] = groups_.find_or_add(fresh);
  if (!added) { *slot = fresh; }
}

bool link_table::same_metadata(link_group const& g, member_head const& m) noexcept {
  return g.mode == m.mode && g.uid == m.uid && g.gid == m.gid && g.mtime == m.mtime;
}

std::string link_table::differences(link_group const& g, member_head const& m) {
  std::string out;
  auto const add = [&](std::string_view text) { out += concat(out.empty() ? "" : ", ", text); };
  auto const before = std::int64_t{static_cast<std::int32_t>(g.mtime)};
  auto const now = std::int64_t{static_cast<std::int32_t>(m.mtime)};
  if (now > before) { add(concat("mtime ", now - before, " s later")); }
  if (now < before) { add(concat("mtime ", before - now, " s earlier")); }
  if (g.mode != m.mode) { add(concat("mode ", octal(g.mode), " to ", octal(m.mode))); }
  if (g.uid != m.uid) { add(concat("owner ", g.uid, " to ", m.uid)); }
  if (g.gid != m.gid) { add(concat("group ", g.gid, " to ", m.gid)); }
  return out;
}

}  // namespace sysb::backup_by_name
