// SPDX-License-Identifier: Apache-2.0
#include "wpar/file_system_counts.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace sysb::wpar {

file_system_counts::file_system_counts(facts const& f) {
  for (auto const& fs : f.image_data.file_systems) { by_mount_.emplace(fs.mount, subtree_count{}); }
  for (auto& [mount, count] : by_mount_) { count = f.count_below(mount); }
  // What is mounted below goes off the nearest above it: that one holds the rest.
  for (auto const& [inner, unused] : by_mount_) {
    if (inner.empty()) { continue; }
    auto above = parent_path(inner);
    while (!above.empty() && by_mount_.count(above) == 0) { above = parent_path(above); }
    auto const at = by_mount_.find(above);
    if (at == by_mount_.end()) { continue; }
    auto const less = f.count_below(inner);
    at->second.members -= std::min(at->second.members, less.members);
    at->second.bytes -= std::min(at->second.bytes, less.bytes);
  }
}

subtree_count file_system_counts::of(std::string_view mount) const {
  auto const at = by_mount_.find(mount);
  return at == by_mount_.end() ? subtree_count{} : at->second;
}

}  // namespace sysb::wpar
