// SPDX-License-Identifier: Apache-2.0
// The walk: names, times, marks, unknown records, volumes, random access.
#include <doctest/doctest.h>

#include "by_name_support.hpp"

namespace reader_test {

using namespace by_name_test;
using sysb::content_state;

TEST_CASE("names are raw bytes up to the first NUL, and their padding is not judged") {
  auto stale = header({.name = "./usr"});
  std::memcpy(stale.data() + 64 + 6, "xy", 2);  // what a longer name left behind
  seal(stale);
  auto const seen = walk(image(stale + security(0100644) + file("./\x7f\x7f\xe4\n", "x")));
  CHECK(seen.errors() == 0);
  CHECK(seen.ids().empty());
  CHECK(seen.names() == std::vector{"./usr"s, "./\x7f\x7f\xe4\n"s});
}

TEST_CASE("a name area of another length is a warning, an empty name is damage, and the walk goes on") {
  auto wide = header({.name = "./w"}) + zeros(8);
  wide[0] = static_cast<std::byte>(wide.size() / 8);
  seal(wide);
  auto nameless = header({.name = "./n"});
  nameless[64] = std::byte{0};
  seal(nameless);
  auto const seen = walk(image(wide + security(0100644) + nameless + security(0100644) + file("./b", "x")));
  CHECK(seen.ids() == std::vector{"BBN-020"s, "BBN-015"s});
  CHECK(seen.names() == std::vector{"./w"s, "./b"s});
  CHECK(seen.complete);
}

TEST_CASE("many warnings of one kind are counted, not repeated") {
  bytes members;
  for (int i = 0; i < 100; ++i) {
    auto wide = header({.name = "./w" + std::to_string(i)}) + zeros(8);
    wide[0] = static_cast<std::byte>(wide.size() / 8);
    seal(wide);
    members = std::move(members) + wide + security(0100644);
  }
  auto const seen = walk(image(members));
  CHECK(seen.members.size() == 100);
  CHECK(seen.findings.size() == 17);
  CHECK(seen.findings.back().text.find("84 more of BBN-020") != std::string::npos);
}

TEST_CASE("times are signed unless the volume itself is dated beyond 2038") {
  auto const old = file("./old", "x", {.mtime = 0xffffffff});
  CHECK(walk(image(old)).member("./old").mtime == -1);
  auto late = volume();
  put(late, 8, 0x90000000, 4);
  seal(late);
  auto const seen = walk(late + old + end_record());
  CHECK(seen.member("./old").mtime == 0xffffffff);
}

TEST_CASE("a wrong header checksum is an error even where the walk goes on") {
  auto bad = file("./a", "text");
  bad[16] ^= std::byte{4};  // uid
  auto const seen = walk(image(bad + file("./b", "x")));
  CHECK(seen.ids() == std::vector{"BBN-003"s});
  CHECK(seen.findings[0].offset == 72 + 4);
  CHECK(seen.names() == std::vector{"./a"s, "./b"s});
  CHECK(seen.member("./a").damaged);
  CHECK_FALSE(seen.member("./b").damaged);
  CHECK(seen.complete);
}

TEST_CASE("a wrong header checksum and no header where the member ends stops the walk") {
  auto bad = file("./a", "text");
  bad[24] ^= std::byte{64};  // size
  bad[56] ^= std::byte{64};
  auto const seen = walk(image(bad + file("./b", "x")));
  CHECK(seen.ids() == std::vector{"BBN-003"s, "BBN-004"s});
  CHECK(seen.members.empty());
  CHECK_FALSE(seen.complete);
}

TEST_CASE("a lost header is told with its place, what stands there and the member before it") {
  auto const seen = walk(image(file("./a", "text") + of("not a header at all, 32 bytes...") + file("./b", "x")));
  // The 32 bytes may be a part of ./a that stands before its content.
  CHECK(seen.ids() == std::vector{"BBN-014"s, "BBN-002"s});
  CHECK(seen.content("./a").empty());
  auto const& lost = seen.findings.back();
  CHECK(lost.offset == 72 + 72 + 40 + 8);
  CHECK(lost.text.find("\"./a\"") != std::string::npos);
  CHECK(lost.text.find("6e6f74206120") != std::string::npos);
  CHECK(lost.text.find("32 bytes later") != std::string::npos);
}

TEST_CASE("a packed mark counts for regular files only") {
  auto marked = header({.name = "./d", .mode = 0240755, .dsize = 256, .magic = 0xea6c}) + security(0240755);
  auto const seen = walk(image(marked + file("./b", "x")));
  CHECK(seen.ids() == std::vector{"BBN-021"s});
  CHECK_FALSE(seen.member("./d").packed);
}

TEST_CASE("special files are read with and without a security record, and only devices have a number") {
  auto const make = [](std::string name, std::uint32_t mode, bool with) {
    auto r = header({.name = std::move(name), .mode = mode, .rdevmaj = 14, .rdevmin = 70000});
    return with ? r + security(mode) : r;
  };
  for (auto const with : {true, false}) {
    auto const seen = walk(image(make("./c", 0020666, with) + make("./b", 0060600, with) + make("./p", 0010644, with) +
                                 make("./s", 0140777, with) + file("./f", "x")));
    CHECK(seen.errors() == 0);
    CHECK(seen.has("BBN-042"));
    CHECK(seen.members.size() == 5);
    CHECK(seen.member("./c").rdev == sysb::device_number{14, 70000});
    CHECK(seen.member("./b").kind == sysb::entry_kind::block_device);
    CHECK(seen.member("./p").rdev == sysb::device_number{});
    CHECK(seen.member("./s").kind == sysb::entry_kind::socket);
  }
}

TEST_CASE("a newer record type is stepped over with one warning") {
  auto newer = header({.name = "./ignored", .type = 21});
  auto const seen = walk(image(file("./a", "x") + newer + newer + file("./b", "x")));
  CHECK(seen.ids() == std::vector{"BBN-024"s});
  CHECK(seen.findings[0].text.find("2 of type 21") != std::string::npos);
  CHECK(seen.names() == std::vector{"./a"s, "./b"s});
  CHECK(seen.complete);
  auto const body = walk(image(file("./a", "x") + newer + of("body of the record......") + file("./b", "x")));
  CHECK(body.ids() == std::vector{"BBN-024"s});
  CHECK(body.complete);
  newer[20] ^= std::byte{1};
  CHECK(walk(image(file("./a", "x") + newer + file("./b", "x"))).errors() == 1);
}

TEST_CASE("a damaged header after a newer record is not stepped over with it") {
  auto const newer = header({.name = "./ignored", .type = 21}) + of("body of the record......");
  auto bad = file("./a", "x");
  bad[20] ^= std::byte{1};
  auto const seen = walk(image(newer + bad + file("./b", "x")));
  CHECK(seen.has("BBN-002"));
  CHECK_FALSE(seen.complete);
}

TEST_CASE("unknown magics are read like plain members, with one warning a magic") {
  for (auto const magic : {0xea6d, 0xea6e, 0xea6f}) {
    auto const odd = file("./a", "text", {.magic = static_cast<std::uint16_t>(magic)});
    auto const seen = walk(image(odd + odd + file("./b", "x")));
    CHECK(seen.ids() == std::vector{"BBN-023"s});
    CHECK(seen.content("./a") == "text");
    CHECK(seen.complete);
  }
}

TEST_CASE("a packed member proves where it starts beside an unknown block") {
  auto const seen = [] {
    // One level: leaf 'a' and the end mark. "aaaa" is 0000, then 1.
    auto const stream = of("\x01\x00\x61\x08"sv);
    auto const r = header({.name = "./p", .size = 4, .dsize = 4, .magic = 0xea6c}) + security(0100644);
    return walk(volume(1, 0xea6f) + r + of("UNKNOWN BLOCK...") + pad8(stream) + file("./b", "x") + end_record());
  }();
  CHECK(seen.complete);
  CHECK(seen.member("./p").content == content_state::here);
  CHECK(seen.content("./p") == "\x01\x00\x61\x08"s);
  CHECK(seen.errors() == 0);
  CHECK(seen.has("BBN-025"));
}

TEST_CASE("older relatives are read where a valid header follows") {
  auto rt = zeros(48) + pad8(of("./old\0"sv));
  rt[0] = static_cast<std::byte>(rt.size() / 8);
  rt[1] = std::byte{9};
  put(rt, 2, 0xea6b, 2);
  put(rt, 6, 99, 2);
  put(rt, 8, 0100644, 2);
  put(rt, 10, 1, 2);
  put(rt, 12, 200, 2);
  put(rt, 16, 5, 4);
  put(rt, 20, 500'000'000, 4);
  put(rt, 40, 5, 4);
  seal(rt);
  auto const seen = walk(volume() + rt + pad8(of("hello")) + rt + pad8(of("again")) + end_record());
  CHECK(seen.errors() == 0);
  CHECK(seen.complete);
  CHECK(seen.content("./old") == "hello");
  CHECK(seen.member("./old").uid == 200);
  CHECK(seen.member("./old").mtime == 500'000'000);
  CHECK(seen.has("BBN-044"));

  auto ps2 = header({.name = "12345678./old", .size = 5, .type = 12});
  auto const two = walk(volume() + ps2 + pad8(of("hello")) + end_record());
  CHECK(two.errors() == 0);
  CHECK(two.content("./old") == "hello");
}

TEST_CASE("volumes: by inode, later ones, joined ones, no archive at all") {
  CHECK(walk(volume(1, 0xea6b, "/dev/rhd4") + file("./a", "x") + end_record()).fatal.find("by inode") !=
        std::string::npos);
  CHECK(walk(volume(2) + file("./a", "x") + end_record()).ids() == std::vector{"BBN-007"s});
  CHECK(walk(volume(2) + zeros(512)).fatal.find("--volumes") != std::string::npos);
  auto const joined = walk(volume() + file("./a", "x") + volume(2) + file("./b", "x") + end_record());
  CHECK(joined.ids() == std::vector{"BBN-008"s});
  CHECK(walk(of("#!/bin/sh\necho no archive\n")).fatal.find("not an AIX backup") != std::string::npos);
  auto full = volume();
  std::memcpy(full.data() + 52, "sixteencharsuser", 16);
  seal(full);
  test_source source{full + end_record()};
  collector findings;
  auto const r = sysb::backup_by_name::format().open(source, {}, findings);
  CHECK(r->description().volume.user == "sixteencharsuser");
  CHECK(r->description().volume.date == 1'600'000'000);
  CHECK(r->description().variant == "AIX 3.1 and later, by name");
}

TEST_CASE("a damaged volume header is an error, and the members are listed") {
  auto bad = volume();
  bad[52] = std::byte{'t'};
  auto const seen = walk(bad + file("./a", "x") + end_record());
  CHECK(seen.ids() == std::vector{"BBN-003"s});
  CHECK(seen.names() == std::vector{"./a"s});
}

TEST_CASE("files between 2 and 4 GiB have unsigned sizes, larger ones each layout; from their headers alone") {
  constexpr std::uint64_t gib = 1u << 30;
  struct one {
    std::uint32_t size, dsize, pad;
    std::uint64_t real;
    bool note;
  };
  for (auto const& o :
       {one{3u << 30, 3u << 30, 0, 3 * gib, false}, one{123, 123, 1, 4 * gib + 123, true},
        one{123, 0, 1, 4 * gib + 123, true}, one{0, 123, 1, 4 * gib + 123, true}, one{123, 123, 0, 4 * gib + 123, true},
        one{0, 0, 0, 12 * gib, true}, one{8, 8, 0, 64 * gib + 8, true}, one{77, 77, 5, 77, true}}) {
    CAPTURE(o.real);
    CAPTURE(o.pad);
    auto const head = header({.name = "./big", .size = o.size, .dsize = o.dsize, .pad = o.pad}) + security(0100644);
    auto const tail = file("./b", "x") + end_record();
    auto const data = 72 + head.size();
    auto const end = data + (o.real + 7) / 8 * 8;
    test_source source{
        {{0, volume() + head}, {end, tail}}, end + tail.size() + 30 * gib * (o.pad == 5), test_source::like::file};
    auto const seen = walk(source, mode::skip);
    if (o.pad == 5) {  // a shorter candidate that fits beside longer ones inside the input
      CHECK(seen.has("BBN-016"));
    } else {
      CHECK(seen.errors() == 0);
    }
    CHECK(seen.member("./big").size == o.real);
    CHECK(seen.member("./big").stored == o.real);
    CHECK(seen.names() == std::vector{"./big"s, "./b"s});
    CHECK(seen.has("BBN-043") == o.note);
    CHECK(source.probed < (1u << 20));
  }
}

TEST_CASE("a large file that is the last thing in its image is found") {
  constexpr std::uint64_t real = (std::uint64_t{1} << 32) + 128;
  auto const head = header({.name = "./big", .size = 128}) + security(0100644);
  auto const end = 72 + head.size() + real;
  test_source source{{{0, volume() + head}, {end, end_record()}}, end + 8, test_source::like::file};
  auto const seen = walk(source, mode::skip);
  CHECK(seen.errors() == 0);
  CHECK(seen.member("./big").size == real);
}

TEST_CASE("a large file whose high size is lost cannot be told in a pipe, and the error says what to do") {
  constexpr std::uint64_t real = (std::uint64_t{1} << 32) + 128;
  auto const head = header({.name = "./big", .size = 128}) + security(0100644);
  auto const tail = file("./b", "x") + end_record();
  auto const end = 72 + head.size() + real;
  test_source source{{{0, volume() + head}, {end, tail}}, end + tail.size(), test_source::like::pipe};
  auto const seen = walk(source, mode::skip);
  CHECK(seen.ids() == std::vector{"BBN-002"s});
  CHECK(seen.findings[0].text.find("save the image to a file") != std::string::npos);
}

namespace {

// Three files whose headers keep the low half of their sizes, small ones around them; holes between.
struct large_image {
  struct member {
    std::string name;
    std::uint64_t size;
  };
  static constexpr std::uint64_t high = std::uint64_t{1} << 32;
  std::vector<member> members{
      {"./a", high + 128}, {"./small", 3}, {"./b", 3 * high}, {"./c", high + (9u << 20)}, {"./last", 5}};
  std::vector<std::pair<std::uint64_t, bytes>> parts{{0, volume()}};
  std::uint64_t size = 72;

  large_image() {
    for (auto const& m : members) {
      auto const low = static_cast<std::uint32_t>(m.size);
      auto const head = header({.name = m.name, .size = low}) + security(0100644);
      parts.emplace_back(size, head);
      size += head.size() + (m.size + 7) / 8 * 8;
    }
    parts.emplace_back(size, end_record());
    size += 512;
  }
  [[nodiscard]] test_source source(test_source::like how) const { return {parts, size, how}; }
  void require(std::vector<sysb::entry> const& seen) const {
    REQUIRE(seen.size() == members.size());
    for (std::size_t i = 0; i < members.size(); ++i) {
      CHECK(seen[i].path == members[i].name);
      CHECK(seen[i].size == members[i].size);
      CHECK(seen[i].stored == members[i].size);
    }
  }
};

std::vector<sysb::entry> pass(sysb::image_reader& r) {
  std::vector<sysb::entry> all;
  sysb::entry e;
  while (r.next(e)) {
    all.push_back(e);
    r.skip();
  }
  return all;
}

}  // namespace

TEST_CASE("in a compressed file large files are found by a pass that skips, and known in the next one") {
  large_image const image;
  auto source = image.source(test_source::like::unpacked);
  collector findings;
  auto const r = sysb::backup_by_name::format().open(source, {}, findings);
  r->expect_skips(true, 1);
  image.require(pass(*r));
  CHECK(r->complete());
  auto const said = findings.all.size();
  CHECK(said == 1);
  r->expect_skips(false, 1);
  r->seek_record(72);
  CHECK(source.farthest > (std::uint64_t{16} << 30));
  source.farthest = 0;
  image.require(pass(*r));
  CHECK(source.farthest < (2u << 20));  // nothing is looked at twice: a step back would be dear
  CHECK(findings.all.size() == said);
  r->seek_record(image.parts[1].first);  // and at random
  sysb::entry e;
  REQUIRE(r->next(e));
  CHECK(e.size == image.members[0].size);
}

TEST_CASE("a pass that reads a compressed file asks to begin again, once, and then knows") {
  large_image const image;
  auto source = image.source(test_source::like::unpacked);
  collector findings;
  auto const r = sysb::backup_by_name::format().open(source, {}, findings);
  sysb::entry e;
  REQUIRE(r->next(e));
  CHECK(e.size == 128);
  try {
    (void)r->next(e);
    FAIL("not thrown");
  } catch (sysb::begin_again const& again) {
    CHECK(again.path() == "./a");
    CHECK(again.offset() == 72);
  }
  CHECK(findings.all.empty());
  r->seek_record(72);
  r->expect_skips(true, 1);
  image.require(pass(*r));
  r->expect_skips(false, 1);
  r->seek_record(72);
  image.require(pass(*r));
  CHECK(r->complete());
  CHECK(findings.all.size() == 1);
  CHECK(findings.all[0].id == "BBN-043");
}

TEST_CASE("a pass that reads a compressed file knows the largest size that the high half allows") {
  constexpr std::uint64_t real = (std::uint64_t{16} << 32) + 128;
  auto const head = header({.name = "./big", .size = 128}) + security(0100644);
  auto const end = 72 + head.size() + real;
  test_source source{{{0, volume() + head}, {end, end_record()}}, end + 512, test_source::like::unpacked};
  collector findings;
  auto const r = sysb::backup_by_name::format().open(source, {}, findings);
  sysb::entry e;
  REQUIRE(r->next(e));
  CHECK_THROWS_AS((void)r->next(e), sysb::begin_again);
  r->seek_record(72);
  r->expect_skips(true, 1);
  auto const all = pass(*r);
  REQUIRE(all.size() == 1);
  CHECK(all[0].size == real);
}

TEST_CASE("after a step to a record nothing of the member before counts") {
  auto const big = file("./big", std::string(3u << 20, 'b'));
  auto const small = file("./small", "small");
  SUBCASE("bytes that were handed out are not consumed there") {
    test_source source{image(big + small + file("./last", "last"))};
    collector findings;
    auto const r = sysb::backup_by_name::format().open(source, {}, findings);
    sysb::entry e;
    REQUIRE(r->next(e));
    CHECK_FALSE(r->read_stored().empty());
    r->seek_record(72 + big.size());
    REQUIRE(r->next(e));
    CHECK(e.path == "./small");
    CHECK(sysb::as_text(r->read_stored()) == "small");
    REQUIRE(r->next(e));
    CHECK(e.path == "./last");
    CHECK(findings.all.empty());
  }
  SUBCASE("nor is it blamed for what stands there") {
    constexpr std::uint64_t high = std::uint64_t{1} << 32;
    auto const front = volume() + small;
    test_source source{
        {{0, front}, {front.size() + high, end_record()}}, front.size() + high + 512, test_source::like::unpacked};
    collector findings;
    auto const r = sysb::backup_by_name::format().open(source, {}, findings);
    sysb::entry e;
    REQUIRE(r->next(e));
    r->seek_record(front.size());
    CHECK_FALSE(r->next(e));
    REQUIRE(!findings.all.empty());
    CHECK(findings.all.back().id == "BBN-002");
  }
}

TEST_CASE("a magic that nobody knows is learned from a header that is right in all else, and from no other") {
  auto const odd = [](bool sound) {
    auto b = header({.name = "./odd", .size = 4, .magic = 0x1234});
    if (!sound) { b[16] ^= std::byte{1}; }
    return b + security(0100644) + pad8(of("text"));
  };
  CHECK(walk(image(file("./a", "x") + odd(true) + file("./c", "x"))).names() == std::vector{"./a"s, "./odd"s, "./c"s});
  auto const seen = walk(image(file("./a", "x") + odd(false) + file("./c", "x")));
  CHECK(seen.names() == std::vector{"./a"s});
  CHECK(seen.errors() != 0);
  CHECK_FALSE(seen.complete);
}

TEST_CASE("damage after a file in a compressed image is no large file") {
  auto bad = file("./b", "x");
  bad[0] = bad[1] = std::byte{0};
  for (auto const length : {std::uint64_t{1} << 20, std::uint64_t{40} << 30}) {
    auto const front = volume() + file("./a", "aaaa") + bad + file("./c", "x") + end_record();
    test_source source{{{0, front}}, length, test_source::like::unpacked};
    collector findings;
    auto const r = sysb::backup_by_name::format().open(source, {}, findings);
    CHECK(pass(*r).size() == 1);
    REQUIRE(findings.all.size() == 2);
    CHECK(findings.all[0].id == "BBN-014");
    CHECK(findings.all[1].id == "BBN-002");
    CHECK(findings.all[1].text.find("GiB") == std::string::npos);
    r->seek_record(72);
    r->expect_skips(true, 1);
    CHECK(pass(*r).size() == 1);
    CHECK(findings.all.size() == 2);
  }
}

TEST_CASE("records are read again by their offsets, without a second finding") {
  auto wide = header({.name = "./w"}) + zeros(8);
  wide[0] = static_cast<std::byte>(wide.size() / 8);
  seal(wide);
  auto const second = header({.name = "./second", .size = 4, .nlink = 2, .ino = 77}) + security(0100644);
  auto const first = file("./first", "data", {.nlink = 2, .ino = 77});
  test_source source{image(wide + security(0100644) + first + second + link_to("./l", "target") + file("./b", "x"))};
  collector findings;
  auto const r = sysb::backup_by_name::format().open(source, {}, findings);
  std::vector<sysb::entry> all;
  sysb::entry e;
  while (r->next(e)) { all.push_back(e); }
  auto const before = findings.all.size();
  CHECK(before == 3);  // the name area, and notes on links and symbolic links
  for (auto i = all.size(); i-- > 0;) {
    r->seek_record(all[i].offset);
    REQUIRE(r->next(e));
    CHECK(e.path == all[i].path);
    CHECK(e.content == all[i].content);
    CHECK(e.record_bytes == all[i].record_bytes);
    CHECK(e.target == all[i].target);
  }
  while (r->next(e)) {}
  CHECK(findings.all.size() == before);
  CHECK(r->complete());
}

TEST_CASE("content that is refused for what stands after it is refused whenever it is read") {
  auto const lost = file("./a", std::string(100, 'a'));
  bytes const shorter{lost.begin(), lost.end() - 8};  // eight bytes of the content are missing
  test_source source{image(file("./first", "x") + shorter + file("./b", "beta") + file("./c", "gamma"))};
  collector findings;
  auto const r = sysb::backup_by_name::format().open(source, {}, findings);
  std::vector<sysb::entry> all;
  sysb::entry e;
  while (r->next(e)) { all.push_back(e); }
  REQUIRE(all.size() == 2);
  CHECK(all[1].content == sysb::content_state::refused);
  auto const said = findings.all.size();
  r->seek_record(all[1].offset);
  REQUIRE(r->next(e));
  CHECK(e.content == sysb::content_state::refused);
  CHECK(e.damaged);
  CHECK(r->read_stored().empty());
  r->rewind();
  while (r->next(e)) { CHECK((e.content == sysb::content_state::refused) == (e.path == "./a")); }
  CHECK(findings.all.size() == said);
}

TEST_CASE("random access to a further name without data does not give out the bytes after it") {
  auto const first = file("./first", "data", {.nlink = 2, .ino = 77});
  auto const second = header({.name = "./second", .size = 4, .nlink = 2, .ino = 77}) + security(0100644);
  test_source source{image(first + second + file("./b", "x"))};
  collector findings;
  auto const r = sysb::backup_by_name::format().open(source, {}, findings);
  r->seek_record(72 + first.size());
  sysb::entry e;
  CHECK_FALSE(r->next(e));
  REQUIRE(findings.all.size() == 1);
  CHECK(findings.all[0].id == "BBN-018");
}

TEST_CASE("no fields of headers that are alike pass for the records of a newer writer") {
  // Eight bytes on, where the content would end that these names do not have, the inode number is a length, a type and a magic, and the
  // mode a checksum: right for the 131st link of the one inode, the 1306th of the other, and a few more of each.
  for (auto const inode : {370u, 131'527u}) {
    CAPTURE(inode);
    rec r{.size = 5, .nlink = 9, .ino = inode};
    auto members = file("./a", "first", r);
    for (int i = 0; i < 7000; ++i) {
      auto const digits = std::to_string(i);
      r.name = "./b" + std::string(7 - digits.size(), '0') + digits;
      auto const link = header(r) + security(0100644);
      members.insert(members.end(), link.begin(), link.end());
    }
    auto const seen = walk(image(members));
    CHECK(seen.errors() == 0);
    CHECK(seen.complete);
    CHECK(seen.members.size() == 7001);
  }
}

TEST_CASE("a payload cut short is reported once, at the first missing byte") {
  auto whole = volume() + file("./etc/motd", "hello world");
  whole.resize(whole.size() - 8);
  for (auto const how : {mode::read, mode::skip, mode::raw}) {
    for (auto const as : {test_source::like::file, test_source::like::pipe}) {
      auto const seen = walk(whole, how, as);
      REQUIRE(seen.findings.size() == 1);
      CHECK(seen.findings[0].id == "BBN-001");
      CHECK(seen.findings[0].offset == whole.size());
      CHECK(seen.findings[0].path == "./etc/motd");
      CHECK(seen.members.size() == 1);
    }
  }
}

TEST_CASE("a large member comes in pieces of at most 1 MiB") {
  auto const big = std::string((3u << 20) + 5, 'b');
  test_source source{image(file("./big", big) + file("./b", "x"))};
  collector findings;
  auto const r = sysb::backup_by_name::format().open(source, {}, findings);
  sysb::entry e;
  REQUIRE(r->next(e));
  std::uint64_t total = 0;
  for (auto p = r->read_stored(); !p.empty(); p = r->read_stored()) {
    CHECK(p.size() <= (1u << 20));
    total += p.size();
  }
  CHECK(total == big.size());
  REQUIRE(r->next(e));
  CHECK(e.path == "./b");
}

TEST_CASE("the bid grows with what was verified") {
  auto const& f = sysb::backup_by_name::format();
  auto v = volume();
  auto const good = f.bid(v);
  v[60] ^= std::byte{1};
  auto const damaged = f.bid(v);
  CHECK(good > damaged);
  CHECK(damaged > 0);
  CHECK(f.bid(std::span{v}.first(6)) > 0);
  v[0] = std::byte{8};
  CHECK(f.bid(v) == 0);
  CHECK(f.bid({}) == 0);
}

TEST_CASE("codes are complete and distinct") {
  std::vector<std::string_view> ids;
  for (auto const* c : sysb::backup_by_name::codes()) {
    CHECK(c->id.substr(0, 4) == "BBN-");
    CHECK(!c->explain.empty());
    CHECK(std::find(ids.begin(), ids.end(), c->id) == ids.end());
    ids.push_back(c->id);
  }
  CHECK(ids.size() == 44);
}

}  // namespace reader_test
