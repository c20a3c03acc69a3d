// SPDX-License-Identifier: Apache-2.0
// Where a path stands: its folder, and one name in it.
#pragma once
#include <string>

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

}  // namespace sysb::output
