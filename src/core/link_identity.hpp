// SPDX-License-Identifier: Apache-2.0
// Which members are names of one file: the one rule for whoever groups them (facts 10 Q4, 18.7).
// Device, inode number and link count say so AND mode, owner, group and time of modification agree: an
// inode number alone may be that of another file, where it was freed and used again during the backup.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/digest.hpp"
#include "base/endian.hpp"
#include "core/entry.hpp"

namespace sysb {

struct link_identity {
  device_number dev;
  std::uint32_t ino = 0;
  std::uint32_t mode = 0, uid = 0, gid = 0;
  std::int64_t mtime = 0;
  bool operator==(link_identity const&) const = default;

  // A key for tables, of device and inode alone; never 0. What meets under it has to be compared.
  [[nodiscard]] std::uint64_t inode_hash(std::uint64_t seed) const noexcept {
    std::array<le32, 3> const id{le32{dev.major}, le32{dev.minor}, le32{ino}};
    auto const h = table_hash(std::as_bytes(std::span{id}), seed);
    return h != 0 ? h : 1;
  }
  // Of the rest.
  [[nodiscard]] std::uint64_t metadata_hash(std::uint64_t seed) const noexcept {
    std::array const words{std::uint64_t{mode}, std::uint64_t{uid}, std::uint64_t{gid},
                           static_cast<std::uint64_t>(mtime)};
    return table_hash(std::as_bytes(std::span{words}), seed);
  }
};

[[nodiscard]] inline link_identity link_identity_of(entry const& e) noexcept {
  return {.dev = e.dev, .ino = e.ino, .mode = e.mode, .uid = e.uid, .gid = e.gid, .mtime = e.mtime};
}
// False: it is a file of its own, or what it shares with others cannot be told.
[[nodiscard]] inline bool may_be_linked(entry const& e) noexcept {
  return e.kind == entry_kind::file && e.nlink > 1 && e.ino != 0;
}
[[nodiscard]] inline bool has_data(entry const& e) noexcept { return e.content == content_state::here && e.size != 0; }
// Of two names with one identity, of which `data` has data: the other one's record says nothing else.
[[nodiscard]] inline bool may_share_content(entry const& e, entry const& data) noexcept {
  return e.size == data.size || (!has_data(e) && e.size == 0);
}

}  // namespace sysb
