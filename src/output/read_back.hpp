// SPDX-License-Identifier: Apache-2.0
// A finished archive or tree, read again: for comparing it with what was to be written.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/digest.hpp"
#include "core/entry.hpp"

namespace sysb::output {

struct read_back_member {
  std::string path;  // as in the archive
  entry_kind kind = entry_kind::file;
  std::uint64_t size = 0;
  bool link = false;  // a further name of a hard link
  std::uint32_t permissions = 0;
  std::uint32_t uid = 0, gid = 0;
  std::int64_t mtime = 0;
  digest128 digest{};  // of a regular file's content
};

// Every member of a tar or cpio, compressed or not, in its order. `fd` stays the caller's and is
// read from its start. Throws fatal_error{io} where the archive cannot be read to its end.
void read_archive_back(int fd, std::function<void(read_back_member const&)> const& visit);

// One member of a tree below `dirfd`; nothing when it is not there. A file that its owner may not
// read is made readable for the moment. No symbolic link is followed.
[[nodiscard]] std::optional<read_back_member> read_tree_back(int dirfd, std::string const& path);

}  // namespace sysb::output
