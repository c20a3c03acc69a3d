// SPDX-License-Identifier: Apache-2.0
// A program of a user of the library: one include, one image, its members and a digest.
#include <sysb/sysb.hpp>

#include <cstdlib>

#include <doctest/doctest.h>

namespace {
struct collected : sysb::diagnostic_sink {
  std::vector<std::string> ids;
  void report(sysb::diagnostic const& d) override { ids.emplace_back(d.code->id); }
};
}  // namespace

TEST_CASE("the installed header is enough to list an image and to read a member") {
  auto const path = std::string{std::getenv("SYSB_TESTDATA_DIR")} + "/backup_by_name/good/packed/image.bff";
  collected findings;
  sysb::limits const bounds;
  auto image = sysb::registry::open_image({.volumes = {path}}, bounds, findings);
  sysb::entry e;
  std::uint64_t members = 0, packed = 0;
  while (image.reader->next(e)) {
    ++members;
    if (!e.packed) { continue; }
    ++packed;
    auto const content = sysb::pipeline::read_content(*image.reader, e, bounds.survey_member_bytes, findings);
    CHECK(content.size() == e.size);
  }
  CHECK(image.reader->complete());
  CHECK(members != 0);
  CHECK(packed != 0);
  CHECK(findings.ids.empty());
}

TEST_CASE("what cannot be opened is a fatal_error that says what to do") {
  collected findings;
  CHECK_THROWS_AS((void)sysb::registry::open_image({.volumes = {"/nonexistent"}}, {}, findings), sysb::fatal_error);
}
