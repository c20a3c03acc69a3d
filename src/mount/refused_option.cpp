// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <string_view>

#include "base/text.hpp"
#include "mount/file_system.hpp"

namespace sysb::mount {

std::string refused_option(std::string const& options) {
  // What would make foreign files dangerous, and what has an option of its own or would not be what it says.
  constexpr std::array<std::string_view, 15> refused{"rw",         "suid",     "dev",     "exec",     "allow_other",
                                                     "allow_root", "fsname",   "subtype", "fd",       "rootmode",
                                                     "user_id",    "group_id", "blkdev",  "clone_fd", "auto_unmount"};
  for (auto const one : split(options, ',')) {
    auto const name = one.substr(0, one.find('='));
    if (std::find(refused.begin(), refused.end(), name) != refused.end()) { return std::string{one}; }
  }
  return options.find('\\') != std::string::npos ? options : std::string{};
}

}  // namespace sysb::mount
