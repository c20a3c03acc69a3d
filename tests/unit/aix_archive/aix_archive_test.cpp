// SPDX-License-Identifier: Apache-2.0
#include "formats/aix_archive/aix_archive.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <random>

#include "base/text.hpp"
#include "formats/packed/packed.hpp"

using namespace sysb;
using namespace sysb::aix_archive;

namespace {

std::vector<new_member> const three{{"a.rte.al", "./usr/bin/a\n", 1375425475, 0, 0, 0644},
                                    {"odd", "xyz", -1, 7, 8, 0600},
                                    {"a.rte.inventory", "", 0, 0, 0, 0444}};

std::vector<std::string_view> ids(std::vector<fault> const& faults) {
  std::vector<std::string_view> out;
  for (auto const& f : faults) { out.push_back(f.code->id); }
  return out;
}
using found = std::vector<std::string_view>;

void overwrite(std::vector<std::byte>& bytes, std::size_t at, std::string_view text) {
  std::memcpy(bytes.data() + at, text.data(), text.size());
}

}  // namespace

TEST_CASE("both formats give names, attributes and content of every member") {
  for (bool const big : {false, true}) {
    auto const bytes = build(three, big);
    std::vector<fault> faults;
    auto const a = parse(bytes, faults);
    CHECK(faults.empty());
    REQUIRE(a);
    CHECK(a->big == big);
    CHECK(a->complete);
    REQUIRE(a->members.size() == 3);
    CHECK(a->members[0].name == "a.rte.al");
    CHECK(a->members[0].date == 1375425475);
    CHECK(a->members[0].mode == 0644);
    CHECK(as_text(data_of(bytes, a->members[0])) == "./usr/bin/a\n");
    CHECK(a->members[1].uid == 7);
    CHECK(a->members[1].gid == 8);
    CHECK(a->members[1].date == -1);
    CHECK(as_text(data_of(bytes, a->members[1])) == "xyz");
    CHECK(data_of(bytes, a->members[2]).empty());
  }
}

TEST_CASE("an archive without members is whole") {
  for (bool const big : {false, true}) {
    std::vector<fault> faults;
    auto const a = parse(build({}, big), faults);
    CHECK(faults.empty());
    REQUIRE(a);
    CHECK(a->complete);
    CHECK(a->members.empty());
  }
}

TEST_CASE("each way in which an archive can be wrong has its finding") {
  auto const seen = [](std::vector<std::byte> const& bytes, std::size_t* members = nullptr) {
    std::vector<fault> faults;
    auto const a = parse(bytes, faults);
    if (members != nullptr) { *members = a ? a->members.size() : 0; }
    if (a && !faults.empty()) { CHECK_FALSE(a->complete); }
    return ids(faults);
  };
  auto const good = build(three, false);
  auto const second = std::size_t{68 + 88 + 8 + 2 + 12};
  std::size_t members = 0;
  SUBCASE("another kind of file") {
    auto bytes = good;
    bytes[0] = std::byte{'!'};
    CHECK(seen(bytes) == found{"AAR-001"});
    CHECK(seen({}) == found{"AAR-001"});
  }
  SUBCASE("an offset of the file header that is no number, and one outside") {
    auto bytes = good;
    overwrite(bytes, 0x20, "6x");
    CHECK(seen(bytes) == found{"AAR-002"});
    bytes = good;
    overwrite(bytes, 0x2c, "99999999");
    CHECK(seen(bytes) == found{"AAR-002"});
  }
  SUBCASE("a member field that is no number, and a missing mark") {
    auto bytes = good;
    overwrite(bytes, second, "z");
    CHECK(seen(bytes, &members) == found{"AAR-003"});
    CHECK(members == 1);
    bytes = good;
    overwrite(bytes, second + 88 + 4, "'");
    CHECK(seen(bytes) == found{"AAR-003"});
  }
  SUBCASE("a size and a name that run past the end") {
    auto bytes = good;
    overwrite(bytes, second, "999999999999");
    CHECK(seen(bytes, &members) == found{"AAR-004"});
    CHECK(members == 1);
    bytes = good;
    overwrite(bytes, second + 0x54, "9999");
    CHECK(seen(bytes) == found{"AAR-004"});
  }
  SUBCASE("a chain that turns back, and one that ends too early") {
    auto bytes = good;
    overwrite(bytes, second + 12, "68  ");
    CHECK(seen(bytes, &members) == found{"AAR-005"});
    CHECK(members == 2);
    bytes = good;
    overwrite(bytes, second + 12, "0   ");
    CHECK(seen(bytes) == found{"AAR-005"});
  }
  SUBCASE("a way back that leads elsewhere, and a last member that does not lead to the member table") {
    auto bytes = good;
    overwrite(bytes, second + 24, "70");
    CHECK(seen(bytes, &members) == found{"AAR-005"});
    CHECK(members == 3);
    bytes = good;
    overwrite(bytes, 0x08, "2");
    REQUIRE(bytes != good);
    CHECK(seen(bytes, &members).front() == "AAR-005");
    CHECK(members == 3);
  }
  SUBCASE("a member table that tells another number, another place or another name") {
    auto const table = as_text(good).rfind("`\n") + 2;
    for (auto const at : {table, table + 12, good.size() - 3}) {
      auto bytes = good;
      bytes[at] ^= std::byte{1};
      CAPTURE(at);
      CHECK(seen(bytes, &members) == found{"AAR-006"});
      CHECK(members == 3);
    }
  }
  SUBCASE("members inside each other") {
    // Member 1 covers everything after it, and member 2 again.
    auto bytes = good;
    overwrite(bytes, 68, concat(std::uint64_t{bytes.size() - 68 - 98}));
    CHECK(seen(bytes) == found{"AAR-005"});
  }
}

TEST_CASE("cut anywhere and changed anywhere, an archive is read without harm") {
  for (bool const big : {false, true}) {
    auto const good = build(three, big);
    for (std::size_t n = 0; n <= good.size(); ++n) {
      std::vector<fault> faults;
      auto const cut = std::vector<std::byte>(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(n));
      auto const a = parse(cut, faults);
      CHECK(faults.empty() == (a && a->complete));
    }
    std::mt19937 random{3};
    for (int round = 0; round < 20000; ++round) {
      auto bytes = good;
      for (int i = 0; i < 3; ++i) {
        static constexpr std::string_view digits = "0123456789 \n`x\xff";
        bytes[random() % bytes.size()] = static_cast<std::byte>(digits[random() % digits.size()]);
      }
      std::vector<fault> faults;
      if (auto const a = parse(bytes, faults)) {
        std::uint64_t total = 0;
        for (auto const& m : a->members) { total += data_of(bytes, m).size(); }
        CHECK(total <= bytes.size());
      }
    }
  }
}

TEST_CASE("the package archive of a real image gives its lists") {
  auto const* dir = std::getenv("SYSB_SAMPLES_DIR");
  if (dir == nullptr) {
    MESSAGE("skipped: SYSB_SAMPLES_DIR is not set");
    return;
  }
  std::ifstream in{concat(dir, "/PkgA.1.0.0.0.bff"), std::ios::binary};
  std::string const text{std::istreambuf_iterator<char>{in}, {}};
  auto const at = text.find("<aiaff>\n");
  REQUIRE(at != std::string::npos);
  auto const bytes = as_bytes(text).subspan(at, 1628);  // the size in the member's record
  std::vector<fault> faults;
  auto const a = parse(bytes, faults);
  CHECK(faults.empty());
  REQUIRE(a);
  CHECK_FALSE(a->big);
  CHECK(a->complete);
  REQUIRE(a->members.size() == 3);
  CHECK(a->members[0].name == "PkgA.rte.al");
  CHECK(a->members[0].mode == 0644);
  CHECK(as_text(data_of(bytes, a->members[0])) ==
        "./usr/doc/PkgA\n./usr/doc/PkgA/README\n./usr/PkgA\n./usr/PkgA/bin\n./usr/PkgA/bin/acommand\n");
  CHECK(a->members[1].name == "PkgA.rte.inventory");
  CHECK(a->members[1].size == 887);
}

TEST_CASE("a packed package archive of a real image, once unpacked, gives every member its table names") {
  auto const* dir = std::getenv("SYSB_SAMPLES_DIR");
  if (dir == nullptr) {
    MESSAGE("skipped: SYSB_SAMPLES_DIR is not set");
    return;
  }
  std::ifstream in{concat(dir, "/aixtools.libffi.3.2.1.0.I"), std::ios::binary};
  std::string const text{std::istreambuf_iterator<char>{in}, {}};
  // Header (64 bytes and the name up to a multiple of 8), counts, 16 bytes of ACL and of PCL.
  std::string_view const name = "./usr/lpp/aixtools.libffi/liblpp.a";
  auto const name_at = text.find(name);
  REQUIRE(name_at != std::string::npos);
  auto const content_at = name_at + (name.size() + 8) / 8 * 8 + 40;
  constexpr std::uint64_t stored = 3301;
  std::vector<std::byte> plain(5882);
  auto const decoder = packed::make_decoder();
  decoder->reset(stored, plain.size());
  auto from = as_bytes(text).subspan(content_at, stored);
  std::span<std::byte> to{plain};
  auto status = decoder->decode(from, to);
  while (status == content_decoder::status::need_output && to.empty()) { status = decoder->decode(from, to); }
  REQUIRE(status == content_decoder::status::done);

  std::vector<fault> faults;
  auto const a = parse(plain, faults);
  CHECK(faults.empty());
  REQUIRE(a);
  CHECK(a->complete);
  REQUIRE(a->members.size() == 9);
  CHECK(a->members[0].name == "aixtools.libffi.man.en_US.al");
  CHECK(a->members[8].name == "aixtools.libffi.rte.size");
  CHECK(a->members[8].header_offset == 5170);
  CHECK(as_text(data_of(plain, a->members[8])).starts_with("/opt/lib 104\n"));
  // The member table, which the reader does not use, says the same.
  auto const all = as_text(plain);
  std::string names;
  for (auto const& m : a->members) { names.append(m.name).push_back('\0'); }
  CHECK(all.substr(5414).find(names) != std::string_view::npos);
}
