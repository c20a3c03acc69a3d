// SPDX-License-Identifier: Apache-2.0
// Where a path stands: its folder, and one name in it; the file system that they are in.
#pragma once
#include <sys/statvfs.h>

#include <cerrno>
#include <string>
#include <utility>

namespace sysb::output {

struct place {
  std::string folder, name;
};

// "a/b/" -> "a" and "b"; "b" -> "." and "b".
[[nodiscard]] inline place split_place(std::string path) {
  while (path.size() > 1 && path.back() == '/') { path.pop_back(); }
  auto const slash = path.rfind('/');
  if (slash == std::string::npos) { return {".", path}; }
  return {slash == 0 ? "/" : path.substr(0, slash), path.substr(slash + 1)};
}

// Of the folder that is there on the way to `path`, which becomes that folder. 0 or errno.
[[nodiscard]] inline int look_at_file_system(std::string& path, struct statvfs& out) {
  if (path.empty()) { path = "."; }
  while (::statvfs(path.c_str(), &out) != 0) {
    if (errno == EINTR) { continue; }
    auto above = split_place(path).folder;
    if (errno != ENOENT || above == path) { return errno; }
    path = std::move(above);
  }
  return 0;
}

}  // namespace sysb::output
