// SPDX-License-Identifier: Apache-2.0
// What a walk has learned of an archive with a grammar of its own, for whoever shows it as data: the table of BBN-027.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/image_reader.hpp"

namespace sysb::backup_by_name {

struct grammar_table {
  struct row {
    std::string deviation;
    std::uint64_t members = 0, open = 0, first_offset = 0;  // open: the content is not given out
    std::string first_path;
    std::vector<std::pair<std::string_view, std::uint64_t>> kinds;  // "file", "packed file", ...
  };
  std::vector<row> rows;
  std::vector<std::string> proofs;
};

// Nothing where `r` is no reader of this format, or its archive follows the documents.
[[nodiscard]] std::optional<grammar_table> grammar_of(image_reader const& r);

}  // namespace sysb::backup_by_name
