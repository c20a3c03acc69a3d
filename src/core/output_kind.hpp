// SPDX-License-Identifier: Apache-2.0
// What an output format can hold. The loss check holds every member against this before a
// sink sees it; a test measures the table against the installed libarchive.
#pragma once
#include <cstdint>
#include <limits>
#include <string_view>

namespace sysb {

struct output_properties {
  std::uint64_t max_size = std::numeric_limits<std::uint64_t>::max();  // of one file
  std::uint64_t max_id = 0xffffffff;                                   // uid, gid
  std::uint64_t max_path = std::numeric_limits<std::uint64_t>::max();  // bytes
  std::uint64_t max_target = std::numeric_limits<std::uint64_t>::max();
  std::int64_t min_mtime = std::numeric_limits<std::int64_t>::min();
  std::int64_t max_mtime = std::numeric_limits<std::int64_t>::max();
  std::uint64_t max_device = 0xffffffff;  // major or minor
  std::uint64_t max_major = 0xffffffff;   // where it is smaller than max_device
  bool devices = true;
  bool fifos = true;
  bool sockets = true;
  bool hard_links = true;
  // Its readers make a hard link when they have read all of it: a name must stand for one file throughout.
  bool late_links = false;
  bool atime = true;
  bool ctime = true;
  bool aix_mode = true;  // the high 16 bits of st_mode
  bool acl = true;       // raw ACL and PCL
  bool nlink_ino = false;
  bool content = true;      // false: a manifest
  bool split_path = false;  // ustar: a path beyond max_path fits where a slash parts it in at most
                            // 155 and max_path bytes; ask path_fits()
};

// `path` is normal; a tar adds a slash to a directory's.
[[nodiscard]] constexpr bool path_fits(output_properties const& p, std::string_view path, bool directory) noexcept {
  auto const bytes = path.size() + (directory && p.split_path ? 1 : 0);
  if (bytes <= p.max_path) { return true; }
  if (!p.split_path) { return false; }
  auto const slash = path.find('/', bytes - 1 - static_cast<std::size_t>(p.max_path));
  return slash != std::string_view::npos && slash <= 155 && slash + 1 < path.size();
}

struct output_kind {
  std::string_view id;  // --format: "pax" "ustar" "gnutar" "newc" "tree" "bff" "mtree" "json" "null"
  std::string_view title;
  output_properties holds;
};

}  // namespace sysb
