// SPDX-License-Identifier: Apache-2.0
// What a walk has learned of an image with a grammar of its own, for whoever shows it as data.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sysb {

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

}  // namespace sysb
