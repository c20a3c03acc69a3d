// SPDX-License-Identifier: Apache-2.0
// What changed as a system: read from what both sides say of themselves.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "diff/system.hpp"

namespace sysb::diff {

struct system_change {
  std::string_view area;  // "level" "host" "file_system" "user" "group"
  std::string name;       // "hostname", "/home", "root"
  std::string before, after;
  bool was = true, is = true;  // false: it was not there, or is not any more
};

struct fileset_change {
  std::string name;
  std::string_view what;  // "up" "down" "state" "added" "removed"
  std::string before, after;
  std::vector<std::string_view> parts;  // "usr" "root" "share"
};

// Sorted by area, in the order above, and name.
[[nodiscard]] std::vector<system_change> compare_systems(system_facts const& before, system_facts const& after);
// Sorted by name. Parts that changed alike are one change.
[[nodiscard]] std::vector<fileset_change> compare_filesets(system_facts const& before, system_facts const& after);

}  // namespace sysb::diff
