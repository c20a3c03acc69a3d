// SPDX-License-Identifier: Apache-2.0
// The Kaitai description says what layout.hpp says.
#include <doctest/doctest.h>

#include <cstddef>
#include <cstdlib>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "formats/packed/layout.hpp"

namespace layout_test {

TEST_CASE("the description's fields stand in the order and size of the layout") {
  auto const* const source = std::getenv("SYSB_SOURCE_DIR");
  if (source == nullptr) {
    MESSAGE("skipped: SYSB_SOURCE_DIR is not set");
    return;
  }
  std::ifstream in{std::string{source} + "/formats/packed/packed.ksy"};
  REQUIRE(in);
  // Of the top-level sequence: id and what follows "type:" or "size:".
  std::vector<std::pair<std::string, std::string>> fields;
  auto in_sequence = false;
  for (std::string line; std::getline(in, line);) {
    if (!line.empty() && line[0] != ' ') { in_sequence = line == "seq:"; }
    if (!in_sequence) { continue; }
    auto const value = [&](std::string const& key) {
      auto const at = line.find(key);
      return at == std::string::npos ? std::string{} : line.substr(at + key.size());
    };
    if (auto const id = value("- id: "); !id.empty()) { fields.emplace_back(id, ""); }
    if (fields.empty()) { continue; }
    if (auto const type = value("type: "); !type.empty()) { fields.back().second = type; }
    if (auto const n = value("repeat-expr: "); !n.empty()) { fields.back().second += "*" + n; }
  }
  using sysb::packed::tree_prefix;
  REQUIRE(fields.size() == 4);
  CHECK(fields[0] == std::pair<std::string, std::string>{"levels", "u1"});
  CHECK(sizeof(tree_prefix::levels) == 1);
  CHECK(offsetof(tree_prefix, levels) == 0);
  CHECK(fields[1] == std::pair<std::string, std::string>{"counts", "u1*levels"});
  CHECK(fields[2].first == "symbols");
  CHECK(fields[3] == std::pair<std::string, std::string>{"bits", ""});
}

}  // namespace layout_test
