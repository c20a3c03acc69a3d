// SPDX-License-Identifier: Apache-2.0
// Two sides in files of their own, compared, and what comes of it as text.
#pragma once
#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "core/ledger.hpp"
#include "diff/compare.hpp"
#include "diff/expected_plan.hpp"
#include "diff/load.hpp"
#include "diff/side.hpp"
#include "support/image_builder.hpp"
#include "support/temp_dir.hpp"

namespace sysb::diff::testing {

class folder {
 public:
  [[nodiscard]] std::string put(std::string const& name, std::span<std::byte const> bytes) const;
  [[nodiscard]] std::string put(std::string const& name, std::string_view text) const;
  [[nodiscard]] std::string path(std::string const& name) const { return dir_ / name; }

 private:
  test::temp_dir dir_;
};

}  // namespace sysb::diff::testing

// So that a failure shows them.
namespace doctest {
template <>
struct StringMaker<std::vector<std::string>> {
  static String convert(std::vector<std::string> const& lines) {
    std::string out;
    for (auto const& line : lines) { out += line + "\n"; }
    return out.c_str();
  }
};
}  // namespace doctest

namespace sysb::diff::testing {

struct outcome {
  std::vector<std::string> lines;  // "M etc/motd size xxh3"
  tally counted;
  std::vector<std::string> findings;  // ids
  std::uint32_t not_compared = 0;
};
[[nodiscard]] outcome compare(std::string const& a, std::string const& b, compare_options const& o = {},
                              unsigned threads = 1);
// Images in memory.
[[nodiscard]] outcome compare(test::image_builder const& a, test::image_builder const& b,
                              compare_options const& o = {});

}  // namespace sysb::diff::testing
