// SPDX-License-Identifier: Apache-2.0
// Volumes of a set and files of a tape that are found by their names.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sysb::registry {

// NAME.1 NAME.2 ... (or .01 .02, .001 .002) as far as they stand beside the first without a gap;
// empty when `name` does not end so or has no such neighbour.
[[nodiscard]] std::vector<std::string> volumes_beside(std::string const& name);

// What a plain cut leaves: pieces of one size, the last one not larger.
[[nodiscard]] bool sizes_of_a_cut(std::vector<std::string> const& names);

struct numbered_file {
  std::string prefix;  // of its name: "file" of "file4"
  std::uint64_t number = 0;
  std::string path;
};
[[nodiscard]] bool is_directory(std::string const& path);
// The regular files of a directory whose names end in a number, by prefix and number; those with
// the number of another one are left out.
[[nodiscard]] std::vector<numbered_file> numbered_files(std::string const& directory);

}  // namespace sysb::registry
