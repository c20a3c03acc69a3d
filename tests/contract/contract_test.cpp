// SPDX-License-Identifier: Apache-2.0
// What every reader owes its callers, tried on every image there is.
#include <doctest/doctest.h>

#include <sstream>
#include <string>

#include "base/text.hpp"
#include "contract/walk.hpp"

namespace contract_test {

using namespace sysb;
using namespace sysb::contract;

namespace {

std::string text_of(bytes const& b) { return std::string{as_text(b)}; }

std::vector<std::string> lines_of(std::string const& text) {
  std::vector<std::string> out;
  std::istringstream in{text};
  for (std::string line; std::getline(in, line);) { out.push_back(line); }
  return out;
}

std::vector<named_image> every_image() {
  std::vector<named_image> out;
  for (auto const* folder : {"backup_by_name/good", "backup_by_name/compat", "backup_by_name/bad"}) {
    for (auto& i : images_of(folder)) { out.push_back(std::move(i)); }
  }
  for (auto& i : real_samples()) { out.push_back(std::move(i)); }
  return out;
}

void check_same(result const& a, result const& b) {
  INFO("one: ", describe(a));
  INFO("other: ", describe(b));
  CHECK(a.fatal == b.fatal);
  CHECK(a.complete == b.complete);
  CHECK(a.end_offset == b.end_offset);
  CHECK(a.findings == b.findings);
  REQUIRE(a.entries.size() == b.entries.size());
  for (std::size_t i = 0; i < a.entries.size(); ++i) {
    CAPTURE(printable(a.entries[i].about.path));
    CHECK(a.entries[i] == b.entries[i]);
  }
}

}  // namespace

TEST_CASE("skipping, reading and copying see the same members and end at the same byte") {
  for (auto const& i : every_image()) {
    CAPTURE(i.name);
    auto const skipped = walk(i.image, mode::skip);
    check_same(skipped, walk(i.image, mode::read));
    check_same(skipped, walk(i.image, mode::raw));
  }
}

TEST_CASE("a pipe gives what a file gives") {
  for (auto const& i : every_image()) {
    CAPTURE(i.name);
    for (auto const how : {mode::skip, mode::read, mode::raw}) {
      auto const file = walk(i.image, how, medium::file);
      auto const pipe = walk(i.image, how, medium::pipe);
      check_same(file, pipe);
      CHECK(file.content_faults == pipe.content_faults);
      CHECK(file.raw == pipe.raw);
    }
  }
}

TEST_CASE("a good image has no error and exactly the members that were put in") {
  for (auto const& i : images_of("backup_by_name/good")) {
    CAPTURE(i.name);
    auto const seen = walk(i.image, mode::read);
    INFO(describe(seen));
    CHECK_FALSE(seen.has_error());
    CHECK(seen.complete);
    CHECK(seen.listing() == text_of(content_of(i.name + "/listing.txt")));
  }
}

TEST_CASE("a deviating image has its members and the warnings that belong to it") {
  for (auto const& i : images_of("backup_by_name/compat")) {
    CAPTURE(i.name);
    auto const seen = walk(i.image, mode::read);
    INFO(describe(seen));
    CHECK_FALSE(seen.has_error());
    CHECK(seen.complete);
    CHECK(seen.warning_ids() == lines_of(text_of(content_of(i.name + "/expected.txt"))));
    CHECK(seen.listing() == text_of(content_of(i.name + "/listing.txt")));
  }
}

TEST_CASE("a bad image gives the findings that belong to its fault") {
  for (auto const& i : images_of("backup_by_name/bad")) {
    CAPTURE(i.name);
    auto const expected = lines_of(text_of(content_of(i.name + "/expected.txt")));
    REQUIRE_FALSE(expected.empty());
    auto const seen = walk(i.image, mode::read);
    INFO(describe(seen));
    if (expected[0] == "-") {
      CHECK_FALSE(seen.has_error());
      CHECK(seen.complete);
    } else if (expected[0].rfind("fatal ", 0) == 0) {
      CHECK(seen.fatal == expected[0].substr(6));
    } else {
      CHECK_FALSE(seen.fatal);
      CHECK(seen.error_ids() == expected);
    }
  }
}

TEST_CASE("copied records, with the volume header before them, are the image up to its end record") {
  auto images = images_of("backup_by_name/good");
  for (auto& i : images_of("backup_by_name/compat")) { images.push_back(std::move(i)); }
  for (auto& i : real_samples()) { images.push_back(std::move(i)); }
  for (auto const& i : images) {
    CAPTURE(i.name);
    auto const seen = walk(i.image, mode::raw);
    REQUIRE(seen.end_offset >= 8);
    REQUIRE(seen.end_offset <= i.image.size());
    bytes const up_to_end{i.image.begin(), i.image.begin() + static_cast<std::ptrdiff_t>(seen.end_offset - 8)};
    CHECK(seen.raw == up_to_end);
  }
}

TEST_CASE("real images have no error, and their end record is found") {
  for (auto const& i : real_samples()) {
    CAPTURE(i.name);
    auto const seen = walk(i.image, mode::read);
    INFO(describe(seen));
    CHECK_FALSE(seen.has_error());
    CHECK(seen.complete);
    CHECK(seen.entries.size() > 3);
  }
}

}  // namespace contract_test
