// SPDX-License-Identifier: Apache-2.0
// Random access gives what the walk gave; and the image of unknown origin that must be refused.
#include <doctest/doctest.h>

#include <cstdlib>
#include <memory>
#include <string>

#include "base/text.hpp"
#include "contract/walk.hpp"
#include "formats/backup_by_name/backup_by_name.hpp"
#include "io/io.hpp"

namespace access_test {

using namespace sysb;
using namespace sysb::contract;

namespace {

class silent final : public diagnostic_sink {
 public:
  void report(diagnostic const& d) override { errors_ += d.effective() == severity::error ? 1 : 0; }
  [[nodiscard]] int errors() const noexcept { return errors_; }

 private:
  int errors_ = 0;
};

}  // namespace

TEST_CASE("records read again in any order are the ones of the walk") {
  auto images = images_of("backup_by_name/good");
  for (auto& i : real_samples()) { images.push_back(std::move(i)); }
  for (auto const& i : images) {
    CAPTURE(i.name);
    auto const whole = walk(i.image, mode::skip);
    silent findings;
    auto const source = io::from_memory(i.image);
    auto const reader = backup_by_name::format().open(*source, limits{}, findings);
    REQUIRE(reader->seekable());
    entry e;
    while (reader->next(e)) { reader->skip(); }
    for (auto at = whole.entries.rbegin(); at != whole.entries.rend(); ++at) {
      CAPTURE(printable(at->about.path));
      reader->seek_record(at->about.offset);
      REQUIRE(reader->next(e));
      seen_entry again;
      again.about = e;
      CHECK(again == *at);
      std::uint64_t n = 0;
      for (auto p = reader->read_stored(); !p.empty(); p = reader->read_stored()) { n += p.size(); }
      CHECK(n == (e.content == content_state::here ? e.stored : 0));
    }
    CHECK(findings.errors() == 0);
  }
}

TEST_CASE("an archive with zero checksums that does not add up is refused") {
  auto const* folder = std::getenv("SYSB_SAMPLES_DIR");
  auto const path = concat(folder == nullptr ? "" : folder, "/synthetic_inconsistent.bff");
  if (folder == nullptr || !exists(path)) {
    MESSAGE("skipped: no sample synthetic_inconsistent.bff");
    return;
  }
  for (auto const from : {medium::file, medium::pipe}) {
    auto const seen = walk(content_of(path), mode::read, from);
    CHECK(seen.has_error());
    CHECK_FALSE(seen.complete);
  }
}

}  // namespace access_test
