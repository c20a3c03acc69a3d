// SPDX-License-Identifier: Apache-2.0
// The ten rules that keep the successor test honest, each with the wrong layout it prevents.
#include <doctest/doctest.h>

#include "by_name_support.hpp"

namespace rules_test {

using namespace by_name_test;
using sysb::content_state;

namespace {

bytes hard_link_first(std::string_view content) { return file("./first", content, {.nlink = 2, .ino = 77}); }
rec hard_link_second(std::uint32_t size) { return {.name = "./second", .size = size, .nlink = 2, .ino = 77}; }

}  // namespace

TEST_CASE("rule 1: a plain file followed by no header is damage, whatever other layout would fit") {
  // The size is 8 too large: with `dsize` or without data a valid header would follow.
  auto wrong = header({.name = "./a", .size = 24}) + security(0100644) + pad8(of("sixteen bytes..."));
  auto const seen = walk(image(wrong + file("./b", "x")));
  CHECK_FALSE(seen.complete);
  CHECK(seen.errors() >= 1);
  CHECK(seen.names() == std::vector{"./a"s});
}

TEST_CASE("rule 1: zeroed sectors after a directory are damage and no unknown block") {
  auto const hidden = file("./hidden", std::string(400, 'h'));
  auto const seen = walk(image(directory("./d") + zeros(hidden.size()) + file("./b", "x")));
  CHECK(seen.has("BBN-002"));
  CHECK_FALSE(seen.complete);
  CHECK(seen.names() == std::vector{"./d"s});
}

TEST_CASE("rule 2: a security record with a flipped length does not move the content") {
  // acl_dwords 0: the content would start with 16 bytes of the privilege list and lose its tail.
  auto first = header({.name = "./a", .size = 4}) + security(0100644) + pad8(of("text"));
  auto const at = first.size() - 8 - 40;
  put(first, at, 0, 4);
  auto const seen = walk(image(first + file("./b", "x")));
  CHECK(seen.has("BBN-005"));
  CHECK(seen.errors() >= 2);  // and the header after it is not where it should be
}

TEST_CASE("rule 2: one member whose privilege list has another mode is damaged though a header follows") {
  auto const bad = header({.name = "./a", .size = 4}) + security(0100600) + pad8(of("text"));
  auto const seen = walk(image(bad + file("./b", "x")));
  CHECK(seen.complete);
  CHECK(seen.ids() == std::vector{"BBN-005"s});
  CHECK(seen.findings[0].path == "./a");
}

TEST_CASE("rule 2: the same deviation on all of at least eight members is a variant, reported once") {
  bytes members;
  for (int i = 0; i < 8; ++i) {
    members = members + header({.name = "./f" + std::to_string(i), .size = 4}) + security(0) + pad8(of("text"));
  }
  auto const seen = walk(image(directory("./d") + members));
  CHECK(seen.complete);
  CHECK(seen.ids() == std::vector{"BBN-026"s});
  CHECK(seen.errors() == 0);
  CHECK(seen.findings[0].text.find("02000000020000001000") != std::string::npos);
  CHECK(seen.content("./f7") == "text");

  SUBCASE("seven are not enough") {
    auto const few = walk(image({members.data(), members.data() + members.size() / 8 * 7}));
    CHECK(few.errors() == 7);
  }
  SUBCASE("one that conforms makes all others damaged") {
    auto const mixed = walk(image(members + file("./good", "x")));
    CHECK(mixed.errors() == 8);
  }
  SUBCASE("a second deviation makes all of them damaged") {
    auto other = header({.name = "./o", .size = 4}) + security(0100644) + pad8(of("text"));
    put(other, other.size() - 8 - 32, 99, 4);
    CHECK(walk(image(members + other)).errors() == 9);
  }
}

TEST_CASE("rule 2: packed content that ends where it must proves its start though the security record does not") {
  // One level: leaf 'a' and the end mark. "aaaa" is 0000, then 1.
  auto const packed = [](std::string_view stream) {
    return header({.name = "./p", .size = 4, .dsize = 4, .magic = 0xea6c}) + security(0100600) + pad8(of(stream));
  };
  CHECK(walk(image(packed("\x01\x00\x61\x08"sv))).ids() == std::vector{"BBN-031"s});
  CHECK(walk(image(packed("\x01\x00\x61\x18"sv))).ids() == std::vector{"BBN-005"s});
}

TEST_CASE("rule 3: of two layouts that end at a header the one wins whose records reach the end") {
  // The repeated data is itself a run of records without an end record: "no data" also ends at
  // a header, and walks into nothing.
  auto const nested = file("./nested", "inner") + zeros(64);
  auto const content = sysb::as_text(nested);
  auto const seen =
      walk(image(hard_link_first(content) + header(hard_link_second(static_cast<std::uint32_t>(nested.size()))) +
                 security(0100644) + nested + file("./last", "x")));
  CHECK(seen.errors() == 0);
  CHECK(seen.names() == std::vector{"./first"s, "./second"s, "./last"s});
  CHECK(seen.content("./second") == content);
}

TEST_CASE("rule 3: two layouts that both reach an end record are ambiguous, which is an error") {
  auto const nested = file("./nested", "inner") + end_record() + zeros(8);
  auto const seen = walk(image(hard_link_first(sysb::as_text(nested)) +
                               header(hard_link_second(static_cast<std::uint32_t>(nested.size()))) + security(0100644) +
                               nested + file("./last", "x")));
  CHECK(seen.has("BBN-009"));
  CHECK_FALSE(seen.complete);
}

TEST_CASE("rule 3: an end record far from the end of the input is none of this archive") {
  auto const nested = file("./nested", "inner") + end_record() + zeros(8);
  auto const content = sysb::as_text(nested);
  auto const seen =
      walk(image(hard_link_first(content) + header(hard_link_second(static_cast<std::uint32_t>(nested.size()))) +
                 security(0100644) + nested + file("./last", std::string((1u << 20) + 8, 'x'))));
  CHECK(seen.errors() == 0);
  CHECK(seen.names() == std::vector{"./first"s, "./second"s, "./last"s});
  CHECK(seen.content("./second") == content);
}

TEST_CASE("rule 3: an end record with a member right after it is none of this archive") {
  auto const nested = file("./nested", "inner") + end_record();
  auto const seen = walk(image(hard_link_first(sysb::as_text(nested)) +
                               header(hard_link_second(static_cast<std::uint32_t>(nested.size()))) + security(0100644) +
                               nested + file("./last", "x")));
  CHECK(seen.errors() == 0);
  CHECK(seen.names() == std::vector{"./first"s, "./second"s, "./last"s});
}

TEST_CASE("rule 3: an alternative and more than 1 MiB after the end record is an error") {
  auto const second = hard_link_second(4);
  auto const members = hard_link_first("data") + header(second) + security(0100644);
  auto const near = walk(volume() + members + end_record() + zeros(1000));
  CHECK(near.errors() == 0);
  auto const far = walk(volume() + members + end_record() + zeros((1u << 20) + 8));
  CHECK(far.has("BBN-016"));
  auto const usual = walk(volume() + hard_link_first("data") + end_record() + zeros((1u << 20) + 8));
  CHECK(usual.errors() == 0);
}

TEST_CASE("rule 4: a damaged header is never taken for an unknown block") {
  // Volume magic 0xea6f: unknown blocks are looked for at all.
  auto third = file("./third", "lost");
  auto const good = volume(1, 0xea6f) + directory("./d") + third + file("./b", "x") + end_record();
  CHECK(walk(good).errors() == 0);
  for (std::size_t bit = 0; bit < 48; ++bit) {
    auto bad = good;
    bad[72 + 64 + 8 + 40 + bit / 8] ^= std::byte{1} << (bit % 8);
    auto const seen = walk(bad);
    CHECK_MESSAGE(seen.errors() != 0, "bit " << bit);
    CHECK_MESSAGE(!seen.has("BBN-025"), "bit " << bit);
  }
}

TEST_CASE("rule 4: an unknown block in a marked volume is one warning, and content it makes doubtful is refused") {
  auto const block = of("OPAQUE attribute bytes..");
  auto const dir = directory("./d") + block;
  auto const plain = file("./doubtful", "content") + block;
  auto const seen = walk(volume(1, 0xea6f) + dir + plain + file("./b", "x") + end_record());
  CHECK(seen.complete);
  CHECK(seen.member("./d").opaque.size() == 1);
  CHECK(seen.member("./d").opaque[0].length == 24);
  CHECK(seen.member("./doubtful").content == content_state::refused);
  CHECK(seen.content("./doubtful") == "");
  CHECK(seen.content("./b") == "x");
  CHECK(seen.ids() == std::vector{"BBN-014"s, "BBN-023"s, "BBN-025"s});
  CHECK(seen.findings.back().text.find("2 blocks, 48 bytes") != std::string::npos);
}

TEST_CASE("rule 4: in a volume without a mark the same block is damage") {
  auto const seen =
      walk(volume() + directory("./d") + of("OPAQUE attribute bytes..") + file("./b", "x") + end_record());
  CHECK(seen.has("BBN-002"));
  CHECK_FALSE(seen.complete);
}

TEST_CASE("rule 5: a layout past the end of input is truncation, and no shorter one replaces it") {
  // Data repeated, and cut inside: its first bytes look like the record of a nested archive.
  auto const nested = file("./nested", "inner") + end_record();
  auto const whole = zeros(8) + bytes(4096, std::byte{7});
  auto const content = sysb::as_text(nested);
  auto const size = static_cast<std::uint32_t>(nested.size() + whole.size());
  auto const cut = volume() + hard_link_first(std::string(size, 'd')) + header(hard_link_second(size)) +
                   security(0100644) + of(content);
  auto const seen = walk(cut);
  CHECK(seen.ids() == std::vector{"BBN-001"s});
  CHECK(seen.findings[0].offset == cut.size());
  CHECK_FALSE(seen.complete);
}

TEST_CASE("rule 5: a layout that the archive has shown may stand where another would pass the end") {
  auto const big = std::string(4096, 'd');
  auto const second = header(hard_link_second(4096)) + security(0100644);
  auto third = hard_link_second(4096);
  third.name = "./third";
  auto const decided = hard_link_first(big) + second + file("./between", big + big) + header(third) + security(0100644);
  auto const seen = walk(volume() + decided + end_record());
  CHECK(seen.errors() == 0);
  CHECK(seen.member("./third").content == content_state::elsewhere);
}

TEST_CASE("rule 6: each layout of symbolic links is found, and one archive has one") {
  auto const mode = 0120777u;
  auto const record = [&](std::string name, std::uint32_t size, std::uint32_t dsize = 0xffffffff) {
    return header({.name = std::move(name), .mode = mode, .size = size, .dsize = dsize});
  };
  std::vector<std::pair<std::string, bytes>> const layouts{
      {"no security record", record("./l", 8) + of("/usr/lib")},
      {"security record, then", record("./l", 8) + security(mode) + of("/usr/lib")},
      {"then a security record", record("./l", 8) + of("/usr/lib") + security(mode)},
      {"ended by NUL, then", record("./l", 8) + pad8(of("/usr/lib") + zeros(1)) + security(mode)},
      {"`dsize` bytes", record("./l", 0, 8) + of("/usr/lib")},
      {"ended by NUL, no", record("./l", 0) + pad8(of("/usr/lib") + zeros(1))},
  };
  for (auto const& one : layouts) {
    auto const& text = one.first;
    auto const& link = one.second;
    CAPTURE(text);
    auto const seen = walk(image(link + file("./b", "x")));
    CHECK(seen.errors() == 0);
    CHECK(seen.member("./l").target == "/usr/lib");
    CHECK(seen.member("./l").size == 8);
    CHECK(seen.has("BBN-040"));
    bool told = false;
    for (auto const& f : seen.findings) { told = told || f.text.find(text) != std::string::npos; }
    CHECK(told);
  }
  auto const two = walk(image(layouts[0].second + layouts[1].second + file("./b", "x")));
  CHECK(two.has("BBN-010"));
  CHECK(two.complete);
}

TEST_CASE("rule 6: a target is as long as a path can be, and no longer") {
  auto const longest = std::string(4095, 't');
  auto const seen = walk(image(link_to("./l", longest) + file("./b", "x")));
  CHECK(seen.errors() == 0);
  CHECK(seen.member("./l").target == longest);
  auto const longer = walk(image(link_to("./l", longest + "t") + file("./b", "x")));
  CHECK(longer.errors() != 0);
  CHECK(longer.names().empty());
}

TEST_CASE("rule 6: a target with a NUL inside its size is no target") {
  auto const bad = header({.name = "./l", .mode = 0120777, .size = 8}) + of("/us\0/lib"sv);
  auto const seen = walk(image(bad + file("./b", "x")));
  CHECK(seen.has("BBN-011"));
  CHECK_FALSE(seen.complete);
}

TEST_CASE("rule 7: a name without data links only to a file seen before with several links") {
  auto const bare = header({.name = "./second", .size = 4, .nlink = 2, .ino = 77}) + security(0100644);
  SUBCASE("seen") {
    auto const seen = walk(image(hard_link_first("data") + bare + file("./b", "x")));
    CHECK(seen.errors() == 0);
    CHECK(seen.member("./second").content == content_state::elsewhere);
    CHECK(seen.member("./second").size == 4);
    CHECK(seen.has("BBN-041"));
  }
  SUBCASE("not seen: the record is damaged") {
    auto const seen = walk(image(bare + file("./b", "x")));
    CHECK_FALSE(seen.complete);
    CHECK(seen.errors() >= 1);
  }
  SUBCASE("seen with one link: not a link group") {
    auto const seen = walk(image(file("./first", "data", {.nlink = 1, .ino = 77}) + bare + file("./b", "x")));
    CHECK_FALSE(seen.complete);
  }
}

TEST_CASE("rule 7: every layout of a further name") {
  auto const second = hard_link_second(4);
  auto const empty = hard_link_second(0);
  struct one {
    char const* what;
    bytes record;
    content_state state;
  };
  std::vector<one> const all{
      {"data repeated", header(second) + security(0100644) + pad8(of("data")), content_state::here},
      {"size kept, security", header(second) + security(0100644), content_state::elsewhere},
      {"size kept, bare", header(second), content_state::elsewhere},
      {"size 0, security", header(empty) + security(0100644), content_state::elsewhere},
      {"size 0, bare", header(empty), content_state::elsewhere},
  };
  for (auto const& o : all) {
    CAPTURE(o.what);
    auto const seen = walk(image(hard_link_first("data") + o.record + file("./b", "x")));
    CHECK(seen.errors() == 0);
    CHECK(seen.complete);
    CHECK(seen.member("./second").content == o.state);
    CHECK(seen.member("./second").size == 4);
    CHECK(seen.content("./b") == "x");
  }
}

TEST_CASE("rule 7: size 0 with other metadata is an error, not a link and not an empty file") {
  auto other = hard_link_second(0);
  other.mtime += 1;
  auto const seen = walk(image(hard_link_first("data") + header(other) + security(0100644) + file("./b", "x")));
  CHECK(seen.has("BBN-012"));
  CHECK(seen.member("./second").content == content_state::refused);
  CHECK(seen.complete);
}

TEST_CASE("rule 7: the data may stand with the last name") {
  auto const seen =
      walk(image(hard_link_first("") + header(hard_link_second(4)) + security(0100644) + pad8(of("data"))));
  CHECK(seen.errors() == 0);
  CHECK(seen.has("BBN-045"));
  CHECK(seen.content("./second") == "data");
}

TEST_CASE("rule 8: a security record beyond 128 KiB is damage, and lengths do not wrap") {
  for (auto const words : {0x4001u, 0x20000000u, 0xffffffffu}) {
    auto f = file("./a", "text");
    put(f, f.size() - 8 - 40, words, 4);
    auto const seen = walk(image(f + file("./b", "x")));
    CHECK(seen.has("BBN-006"));
    CHECK_FALSE(seen.complete);
  }
}

TEST_CASE("rule 8: a broken list inside sound lengths keeps its bytes and the content") {
  // One entry that claims 4 bytes.
  bytes entry_bytes = of("\x04\x00\x06\x40\x08\x00\x02\x00\x00\x00\x00\xd6"sv);
  auto const mode = 0100644u;
  auto const record = u32(4) + u32(2) + u32(28) + zeros(12) + entry_bytes + zeros(4) + u32(16) + u32(mode) + zeros(8);
  auto const seen = walk(image(header({.name = "./a", .size = 4}) + record + pad8(of("text")) + file("./b", "x")));
  CHECK(seen.errors() == 0);
  CHECK(seen.ids() == std::vector{"ACL-003"s});
  CHECK(seen.member("./a").acl.size() == 28);
  CHECK(seen.member("./a").acl_extended);
  CHECK(seen.content("./a") == "text");
}

TEST_CASE("rule 9: impossible sizes of a packed member refuse its content before anything is given out") {
  auto const packed = [](std::uint32_t plain, std::uint32_t stored) {
    return header({.name = "./p", .size = plain, .dsize = stored, .magic = 0xea6c}) + security(0100644) +
           pad8(bytes(stored, std::byte{1}));
  };
  struct sizes {
    std::uint32_t plain, stored;
    bool fine;
  };
  for (auto const& [plain, stored, fine] :
       {sizes{65, 8, false}, sizes{1, 1, false}, sizes{0, 0, false}, sizes{64, 8, true}}) {
    auto const seen = walk(image(packed(plain, stored) + file("./b", "x")));
    CHECK(seen.complete);
    CHECK(seen.has("BBN-013") == !fine);
    CHECK((seen.member("./p").content == content_state::here) == fine);
    CHECK(seen.content("./p").size() == (fine ? stored : 0));
    CHECK(seen.content("./b") == "x");
  }
}

TEST_CASE("rule 10: what a pipe cannot look at is an error that names --tmpdir, never another layout") {
  auto const big = std::string(1u << 20, 'd');
  auto const second = header(hard_link_second(1u << 20)) + security(0100644) + of(big);
  auto const whole = image(hard_link_first(big) + second + file("./b", "x"));
  auto const from_file = walk(whole);
  CHECK(from_file.errors() == 0);
  CHECK(from_file.member("./second").content == content_state::here);
  test_source narrow{whole, test_source::like::pipe};
  narrow.window = 64u << 10;
  auto const from_pipe = walk(narrow);
  CHECK(from_pipe.fatal.find("--tmpdir") != std::string::npos);
  auto const wide = walk(whole, mode::read, test_source::like::pipe);
  CHECK(wide.names() == from_file.names());
  CHECK(wide.findings == from_file.findings);
}

}  // namespace rules_test
