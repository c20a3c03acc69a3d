// SPDX-License-Identifier: Apache-2.0
// A set of volumes is one archive: in order all of it, in any other way an error.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "base/digest.hpp"
#include "base/text.hpp"
#include "contract/walk.hpp"
#include "core/fatal_error.hpp"
#include "registry/registry.hpp"
#include "support/image_builder.hpp"

namespace volumes_test {

using namespace sysb;
using namespace sysb::contract;

namespace {

class counting final : public diagnostic_sink {
 public:
  void report(diagnostic const& d) override { errors += d.effective() == severity::error ? 1 : 0; }
  int errors = 0;
};

struct set_result {
  std::string listing;  // without digests
  bool sound = false;
};

set_result read_set(std::vector<std::string> const& names) {
  set_result out;
  registry::image_spec spec;
  for (auto const& n : names) { spec.volumes.push_back(testdata() + "/backup_by_name/sets/volumes/" + n); }
  counting findings;
  try {
    auto image = registry::open_image(spec, limits{}, findings);
    entry e;
    while (image.reader->next(e)) {
      test::known_member m;
      m.path = e.path;
      m.kind = to_text(e.kind);
      m.mode = e.mode;
      m.size = e.size;
      m.stored = e.stored;
      m.packed = e.packed;
      m.mtime = e.mtime;
      digester d;
      for (auto p = image.reader->read_stored(); !p.empty(); p = image.reader->read_stored()) { d.update(p); }
      if (e.kind == entry_kind::file && !e.packed) { m.digest = to_text(d.value()); }
      out.listing += test::listing_line(m);
    }
    out.sound = image.reader->complete() && findings.errors == 0;
  } catch (fatal_error const&) { out.sound = false; }
  return out;
}

// The digest of packed content is of the plain bytes, which are not unpacked here.
std::string expected_listing() {
  std::string out;
  std::string const all{as_text(content_of(testdata() + "/backup_by_name/sets/volumes/listing.txt"))};
  for (std::size_t at = 0; at < all.size();) {
    auto const end = all.find('\n', at);
    auto line = all.substr(at, end - at);
    if (auto const packed = line.find(" packed "); packed != std::string::npos) {
      auto const digest = line.find(' ', packed + 8) + 1;
      line.replace(digest, line.find(' ', digest) - digest, "-");
    }
    out += line + "\n";
    at = end + 1;
  }
  return out;
}

}  // namespace

TEST_CASE("the volumes of a set, in order, are one archive") {
  std::vector<std::string> names;
  for (auto i = 1; exists(concat(testdata(), "/backup_by_name/sets/volumes/image.", i)); ++i) {
    names.push_back(concat("image.", i));
  }
  REQUIRE(names.size() == 4);
  auto const seen = read_set(names);
  CHECK(seen.sound);
  CHECK(seen.listing == expected_listing());
}

TEST_CASE("a set with a volume missing, repeated or out of order is not sound") {
  using names = std::vector<std::string>;
  for (auto const& order :
       {names{"image.1", "image.3", "image.4"}, names{"image.1", "image.2", "image.2", "image.3", "image.4"},
        names{"image.2", "image.1", "image.3", "image.4"}, names{"image.1", "image.2", "image.3"},
        names{"image.2", "image.3", "image.4"}}) {
    std::string text;
    for (auto const& n : order) { text += n + " "; }
    CAPTURE(text);
    CHECK_FALSE(read_set(order).sound);
  }
}

}  // namespace volumes_test
