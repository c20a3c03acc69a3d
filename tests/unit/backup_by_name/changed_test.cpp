// SPDX-License-Identifier: Apache-2.0
// Files that changed while they were saved: told apart from damage, with both causes named, and never given out
// unasked; and which fields of two names of one file differ.
#include <doctest/doctest.h>

#include "by_name_support.hpp"
#include "formats/packed/packed.hpp"

namespace changed_test {

using namespace by_name_test;
using sysb::content_state;

namespace {

std::string text_of(walk_result const& seen, std::string_view id) {
  for (auto const& f : seen.findings) {
    if (f.id == id) { return f.text; }
  }
  return {};
}

bytes changed(std::string name, std::uint32_t recorded, std::string_view stored) {
  rec const r{.name = std::move(name), .size = recorded, .dsize = static_cast<std::uint32_t>(stored.size())};
  return header(r) + security(r.mode) + pad8(of(stored), std::byte{0x5a});
}

}  // namespace

TEST_CASE("a plain file whose stored length leads to the next header, and is not the recorded one") {
  struct {
    std::uint32_t recorded;
    std::string stored;
  } const cases[] = {{10, std::string(50, 'g')},  // grown
                     {50, std::string(10, 's')},  // shrunk
                     {13, std::string(14, 'p')},  // both end at one place
                     {14, std::string(13, 'p')}};
  for (auto const& c : cases) {
    CAPTURE(c.recorded);
    auto const seen = walk(image(file("./a", "a") + changed("./log", c.recorded, c.stored) + file("./b", "b")));
    CHECK(seen.complete);
    CHECK(seen.names() == std::vector{"./a"s, "./log"s, "./b"s});
    CHECK(seen.ids() == std::vector{"BBN-060"s});
    CHECK(seen.findings[0].path == "./log");
    CHECK(seen.findings[0].text.find("the file changed while it was saved, or") != std::string::npos);
    CHECK(seen.members[1].about.content == content_state::refused);
    CHECK(seen.members[1].about.stored_size == c.stored.size());
  }
}

TEST_CASE("a file that shrank, whose recorded size leads beyond the end of the image") {
  // An archive in the content leads nowhere but to its own end.
  auto const nested = image(file("./inner", "inner content"));
  for (std::uint32_t const recorded : {std::uint32_t{60'000}, std::uint32_t{0xfffffff0}}) {
    for (auto const& stored : {of(std::string(333, 's')), nested, bytes{}}) {
      CAPTURE(recorded);
      CAPTURE(stored.size());
      rec const r{.name = "./log", .size = recorded, .dsize = recorded};
      auto rest = file("./b", "b");
      for (int i = 0; i < 30; ++i) { rest = rest + file("./c" + std::to_string(i), std::string(300, 'c')); }
      auto const whole = image(file("./a", "a") + header(r) + security(r.mode) + pad8(stored) + rest);
      for (auto const as : {test_source::like::file, test_source::like::pipe, test_source::like::unpacked}) {
        CAPTURE(as);
        auto const seen = walk(whole, mode::read, as);
        // A pipe is not read to its end for this: so far nobody sees that there is none.
        if (as != test_source::like::file && recorded > 1'000'000) {
          CHECK(seen.ids() == std::vector{"BBN-001"s});
          continue;
        }
        CHECK(seen.complete);
        CHECK(seen.members.size() == 33);
        CHECK(seen.ids() == std::vector{"BBN-060"s});
        CHECK(seen.findings[0].path == "./log");
        CHECK(seen.findings[0].text.find("the file shrank while it was saved") != std::string::npos);
        CHECK(seen.members[1].about.content == content_state::refused);
        CHECK(!seen.members[1].about.stored_size);
        CHECK(seen.members[2].about.path == "./b");
      }
    }
  }
  // Cut off: nothing leads to an end record.
  rec const r{.name = "./log", .size = 60'000, .dsize = 60'000};
  auto cut = image(file("./a", "a") + header(r) + security(r.mode) + pad8(nested) + file("./b", "b"));
  cut.resize(cut.size() - 530);
  CHECK(walk(cut).ids() == std::vector{"BBN-001"s});
  // Cut off after the end record of the archive in its content.
  cut = image(file("./a", "a") + header(r) + security(r.mode) + nested);
  cut.resize(cut.size() - 530);
  CHECK(walk(cut).ids() == std::vector{"BBN-001"s});
}

TEST_CASE("an empty file that was not empty when its size was noted") {
  auto const seen = walk(image(file("./a", "a") + changed("./log", 50, "") + file("./b", "b")));
  CHECK(seen.complete);
  CHECK(seen.ids() == std::vector{"BBN-060"s});
  CHECK(seen.members[1].about.stored_size == 0);
}

TEST_CASE("packed content far below its recorded size is whole or impossible") {
  auto const plain = of(std::string(400, 'x') + "y");
  auto const stored = sysb::packed::pack(plain).value();
  auto const with = [&](bytes content) {
    rec const r{
        .name = "./log", .size = 5'000'000, .dsize = static_cast<std::uint32_t>(content.size()), .magic = 0xea6c};
    return walk(image(file("./a", "a") + header(r) + security(r.mode) + pad8(std::move(content)) + file("./b", "b")));
  };
  auto const emptied = with(stored);
  CHECK(emptied.ids() == std::vector{"BBN-060"s});
  CHECK(emptied.members[1].about.stored_size == 401);
  auto broken = stored;
  broken.resize(broken.size() - 1);
  CHECK(with(broken).ids() == std::vector{"BBN-013"s});
}

TEST_CASE("two names of one file that differ: which fields, and by how much") {
  auto const first = file("./first", "content", {.nlink = 2, .ino = 77, .uid = 200, .mtime = 1'600'000'000});
  rec const other{
      .name = "./second", .mode = 0100600, .size = 0, .nlink = 2, .ino = 77, .uid = 0, .mtime = 1'600'000'012};
  auto const seen = walk(image(first + header(other) + security(other.mode) + file("./b", "b")));
  REQUIRE(seen.has("BBN-012"));
  auto const detail = text_of(seen, "BBN-012");
  CAPTURE(detail);
  CHECK(detail.find("mtime 12 s later, mode 100644 to 100600, owner 200 to 0") != std::string::npos);

  rec longer{.name = "./second", .nlink = 2, .ino = 77, .mtime = 1'599'999'990};
  auto const grown = walk(image(first + file("./second", "content and more", longer) + file("./b", "b")));
  REQUIRE(grown.has("BBN-029"));
  CHECK(text_of(grown, "BBN-029").find("this one 16 (9 more); mtime 10 s earlier") != std::string::npos);
}

}  // namespace changed_test
