// SPDX-License-Identifier: Apache-2.0
// A manifest: JSON Lines, or CSV or TSV with a header, told apart by content. One row an image.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sysb::batch {

struct manifest_row {
  std::size_t line = 0;  // where it begins, from 1
  // Column -> its values: one, but for JSON arrays. Empty cells and null are left out; a JSON true has no value,
  // and false is left out.
  std::map<std::string, std::vector<std::string>> fields;
};

// Throws fatal_error{usage} that names file and line: broken quoting, a row with more cells than the header,
// something that is no JSON object, a column named twice.
[[nodiscard]] std::vector<manifest_row> parse_manifest(std::string_view text, std::string const& name);

}  // namespace sysb::batch
