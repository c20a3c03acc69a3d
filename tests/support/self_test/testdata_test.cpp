// SPDX-License-Identifier: Apache-2.0
// testdata/ and its generator stay together: what is committed is what would be written now.
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "support/testdata_cases.hpp"

namespace testdata_test {

using namespace sysb::test;
namespace fs = std::filesystem;

namespace {

bytes content_of(fs::path const& path) {
  std::ifstream in{path, std::ios::binary};
  REQUIRE(in.good());
  return to_bytes(std::string{std::istreambuf_iterator<char>{in}, {}});
}

}  // namespace

TEST_CASE("the committed test data is what the generator writes, file for file") {
  auto const* root = std::getenv("SYSB_TESTDATA_DIR");
  REQUIRE(root != nullptr);
  std::set<fs::path> expected;
  for (auto const& c : all_cases()) {
    for (auto const& f : c.files) {
      auto const path = fs::path{root} / c.folder / f.name;
      CAPTURE(path.string());
      CHECK(expected.insert(path).second);
      REQUIRE(fs::exists(path));
      CHECK(content_of(path) == f.content);
    }
  }
  for (auto const& at : fs::recursive_directory_iterator{fs::path{root} / "backup_by_name"}) {
    if (at.is_directory()) { continue; }
    CAPTURE(at.path().string());
    CHECK(expected.count(at.path()) == 1);
  }
}

TEST_CASE("the same cases come out twice, byte for byte") {
  auto const first = all_cases();
  auto const second = all_cases();
  REQUIRE(first.size() == second.size());
  for (std::size_t i = 0; i < first.size(); ++i) {
    CAPTURE(first[i].folder);
    REQUIRE(first[i].files.size() == second[i].files.size());
    for (std::size_t k = 0; k < first[i].files.size(); ++k) {
      CHECK(first[i].files[k].content == second[i].files[k].content);
    }
  }
}

TEST_CASE("every case is small and says where it comes from") {
  for (auto const& c : all_cases()) {
    CAPTURE(c.folder);
    auto has_origin = false;
    for (auto const& f : c.files) {
      has_origin = has_origin || f.name == "origin.txt";
      CHECK(f.content.size() < 400 * 1024);
    }
    CHECK(has_origin);
  }
}

}  // namespace testdata_test
