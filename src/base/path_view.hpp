// SPDX-License-Identifier: Apache-2.0
// normal_path() without a copy where none is needed, for loops over all members.
#pragma once
#include <string>
#include <string_view>

#include "base/text.hpp"

namespace sysb {

// normal_path() of `path`: mostly a piece of it, else in `room`.
[[nodiscard]] inline std::string_view normal_path_view(std::string_view path, std::string& room) {
  auto const odd = [](std::string_view part) { return part.empty() || part == "."; };
  auto begin = path;
  for (auto slash = begin.find('/'); slash != begin.npos && odd(begin.substr(0, slash)); slash = begin.find('/')) {
    begin.remove_prefix(slash + 1);
  }
  for (auto rest = begin;;) {
    auto const slash = rest.find('/');
    if (odd(rest.substr(0, slash))) { return room = normal_path(path); }
    if (slash == rest.npos) { return begin; }
    rest.remove_prefix(slash + 1);
  }
}

}  // namespace sysb
