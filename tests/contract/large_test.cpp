// SPDX-License-Identifier: Apache-2.0
// Files of 2 GiB and more, in images that are nearly all hole.
#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <string>

#include "base/text.hpp"
#include "contract/walk.hpp"
#include "formats/backup_by_name/backup_by_name.hpp"
#include "io/io.hpp"
#include "support/image_builder.hpp"

namespace large_test {

using namespace sysb;
using namespace sysb::contract;

namespace {

class counting final : public diagnostic_sink {
 public:
  void report(diagnostic const& d) override {
    if (d.effective() != severity::error) { return; }
    ++errors;
    text += d.text() + "\n";
  }
  int errors = 0;
  std::string text;
};

using file = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

file image_with(std::uint64_t size, test::large_layout layout, test::known_member& huge, std::uint64_t cut) {
  file out{std::tmpfile(), &std::fclose};
  REQUIRE(out != nullptr);
  test::image_builder b{fileno(out.get())};
  b.volume().directory("./d").huge_file("./d/huge", size, layout).file("./d/after", "after\n").end();
  huge = b.members()[1];
  if (cut != 0) { REQUIRE(ftruncate(fileno(out.get()), static_cast<off_t>(cut)) == 0); }
  return out;
}

}  // namespace

TEST_CASE("files of 2 GiB and more keep their size in every layout, and the members after them are found") {
  using test::large_layout;
  struct large {
    std::uint64_t size;
    large_layout layout;
  };
  auto const gib = std::uint64_t{1} << 30;
  for (auto const& l : {large{2 * gib + 8, large_layout::wrapped}, large{3 * gib + 5, large_layout::wrapped},
                        large{4 * gib, large_layout::dsize_pad}, large{5 * gib + 24, large_layout::dsize_pad},
                        large{5 * gib + 24, large_layout::size_pad}, large{9 * gib + 1, large_layout::wrapped}}) {
    CAPTURE(l.size);
    CAPTURE(static_cast<int>(l.layout));
    test::known_member huge;
    auto const image = image_with(l.size, l.layout, huge, 0);
    counting findings;
    auto const source = io::open_descriptor(dup(fileno(image.get())), {});
    auto const reader = backup_by_name::format().open(*source, limits{}, findings);
    entry e;
    REQUIRE(reader->next(e));
    REQUIRE(reader->next(e));
    INFO(findings.text);
    CHECK(e.path == "./d/huge");
    CHECK(e.size == l.size);
    CHECK(e.stored == l.size);
    CHECK(e.content_offset == huge.content_offset);
    auto const head = reader->read_stored();
    REQUIRE(head.size() >= 8);
    CHECK(as_text(head.first(8)) == "<<begin>");
    REQUIRE(reader->next(e));
    CHECK(e.path == "./d/after");
    CHECK(e.offset == huge.end);
    CHECK_FALSE(reader->next(e));
    CHECK(reader->complete());
    CHECK(findings.errors == 0);
  }
}

TEST_CASE("an image cut inside a file of 5 GiB is cut, and no shorter file is made of it") {
  for (auto const layout : {test::large_layout::dsize_pad, test::large_layout::size_pad}) {
    CAPTURE(static_cast<int>(layout));
    test::known_member huge;
    auto const size = (std::uint64_t{5} << 30) + 24;
    auto const image = image_with(size, layout, huge, std::uint64_t{3} << 30);
    counting findings;
    auto const source = io::open_descriptor(dup(fileno(image.get())), {});
    auto const reader = backup_by_name::format().open(*source, limits{}, findings);
    entry e;
    while (reader->next(e)) { reader->skip(); }
    CHECK_FALSE(reader->complete());
    CHECK(findings.errors > 0);
  }
}

}  // namespace large_test
