// SPDX-License-Identifier: Apache-2.0
#include "formats/swvpd/installp.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>

#include "base/text.hpp"
#include "formats/swvpd/inventory_row.hpp"

namespace installp_test {

using namespace sysb;
using namespace sysb::swvpd;

namespace {

constexpr std::string_view openssh =
    "4 R I OpenSSH {\n"
    "OpenSSH 3.0.2.1 1 N U en_US OpenSSH 3.0.2p1 Portable for AIX\n"
    "[\n"
    "%\n"
    "/usr/local/bin 8073\n"
    "/usr/local/sbin 2105\n"
    "%\n"
    "]\n"
    "}\n";

constexpr std::string_view two_filesets =
    "4 R S devices.x {\n"
    "devices.x.rte 07.01.0002.0000 01 b B en_US Driver # built here\n"
    "[\n"
    "*prereq bos.rte 7.1.0.0\n"
    "*ifreq PRIVATE 1.0.0.0\n"
    "%\n"
    "/usr/PRIVATE 8 8\n"
    "%\n"
    "%\n"
    "%\n"
    "PRIVATE\n"
    "%\n"
    "]\n"
    "devices.x.diag 7.1.2.0 1 N U en_US Diagnostics\n"
    "[\n"
    "%\n"
    "/usr/lib 1\n"
    "%\n"
    "%\n"
    "IX12345 1 PRIVATE key is lost\n"
    "%\n"
    "NOT_PRIVATE\n"
    "]\n"
    "}\n";

std::vector<std::pair<std::string_view, std::size_t>> ids(std::vector<fault> const& faults) {
  std::vector<std::pair<std::string_view, std::size_t>> out;
  for (auto const& f : faults) { out.emplace_back(f.code->id, f.line); }
  return out;
}
using found = std::vector<std::pair<std::string_view, std::size_t>>;

}  // namespace

TEST_CASE("the published lpp_name is read") {
  std::vector<fault> faults;
  auto const p = parse_lpp_name(openssh, faults);
  CHECK(faults.empty());
  REQUIRE(p);
  CHECK(p->format == "4");
  CHECK(p->type == "I");
  CHECK(p->name == "OpenSSH");
  REQUIRE(p->filesets.size() == 1);
  auto const& f = p->filesets[0];
  CHECK(f.name == "OpenSSH");
  CHECK(f.level == vrmf{3, 0, 2, 1});
  CHECK(f.content == "U");
  CHECK(f.description == "OpenSSH 3.0.2p1 Portable for AIX");
  REQUIRE(f.sections.size() == 3);
  CHECK(f.sections[1] == std::vector<std::string>{"/usr/local/bin 8073", "/usr/local/sbin 2105"});
  CHECK_FALSE(f.is_private);
}

TEST_CASE("PRIVATE counts as a word after the sizes, not in names, sizes or abstracts") {
  std::vector<fault> faults;
  auto const p = parse_lpp_name(two_filesets, faults);
  CHECK(faults.empty());
  REQUIRE(p);
  REQUIRE(p->filesets.size() == 2);
  CHECK(p->filesets[0].is_private);
  CHECK(p->filesets[0].level == vrmf{7, 1, 2, 0});
  CHECK(p->filesets[0].description == "Driver");
  CHECK_FALSE(p->filesets[1].is_private);
}

TEST_CASE("a .toc is a list of packages, each after its file") {
  std::vector<fault> faults;
  auto const text = concat("0 062312110026 2\nopenssh.bff ", openssh, "x.U ", two_filesets);
  auto const toc = parse_toc(text, faults);
  CHECK(faults.empty());
  REQUIRE(toc.size() == 2);
  CHECK(toc[0].file == "openssh.bff");
  CHECK(toc[0].what.name == "OpenSSH");
  CHECK(toc[1].what.filesets[0].is_private);
  CHECK(parse_toc("not a toc\n", faults).empty());
  CHECK(parse_toc("", faults).empty());
  CHECK(ids(faults) == found{{"SWV-005", 1}, {"SWV-005", 0}});
}

TEST_CASE("an lpp_name that breaks off gives what stands before, with the line") {
  std::vector<fault> faults;
  auto const cut = [&](std::string_view mark) {
    faults.clear();
    return parse_lpp_name(two_filesets.substr(0, two_filesets.find(mark)), faults);
  };
  CHECK(cut("devices.x.diag")->filesets.size() == 1);
  CHECK(ids(faults) == found{{"SWV-005", 13}});
  CHECK(cut("PRIVATE\n%\n]")->filesets.empty());
  CHECK(ids(faults) == found{{"SWV-005", 2}});
  CHECK_FALSE(cut("{").has_value());
  CHECK(ids(faults) == found{{"SWV-005", 1}});
  CHECK_FALSE(parse_lpp_name("\n \n", faults).has_value());
}

TEST_CASE("an inventory gives one entry a stanza") {
  std::vector<inventory_file> seen;
  std::vector<fault> faults;
  parse_inventory(
      "/usr/local/bin/slogin:\n\tclass=apply,inventory,openssh\n\towner=root\n\tgroup=system\n"
      "\tmode=777\n\ttype=SYMLINK\n\ttarget=ssh\n\n/usr/a:  \n  owner = bin\n  size = VOLATILE\n"
      "  checksum = \"08645    1 \"\n  links = /usr/b, /usr/c,\n\tunknown = 1\n"
      "relative:\n\tmode=644\nrubbish\n",
      faults, [&](auto const& f) { seen.push_back(f); });
  REQUIRE(seen.size() == 2);
  CHECK(seen[0].path == "/usr/local/bin/slogin");
  CHECK(seen[0].type == "SYMLINK");
  CHECK(seen[0].target == "ssh");
  CHECK(seen[0].classes == "apply,inventory,openssh");
  CHECK(seen[1].owner == "bin");
  CHECK(seen[1].size == "VOLATILE");
  CHECK(seen[1].checksum == "08645    1 ");
  CHECK(seen[1].links == std::vector<std::string_view>{"/usr/b", "/usr/c"});
  CHECK(ids(faults) == found{{"SWV-006", 15}, {"SWV-006", 17}});
}

TEST_CASE("an apply list gives absolute paths") {
  std::vector<fault> faults;
  std::vector<std::string> seen;
  CHECK(parse_apply_list("./usr/bin/a\n\n./etc/b/\n./\n/opt/c", faults, [&](auto path) { seen.emplace_back(path); }));
  CHECK(seen == std::vector<std::string>{"/usr/bin/a", "/etc/b", "/opt/c"});
  CHECK(faults.empty());
  CHECK(parse_apply_list("./a\n,/b\n./c\x0b./d\n", faults, [](auto) {}));
  CHECK(ids(faults) == found{{"SWV-006", 2}, {"SWV-006", 3}});
}

TEST_CASE("a word of an inventory that is known but for one bit is damaged, others are not known") {
  std::vector<fault> faults;
  auto const row_of = [&](std::string_view text) {
    inventory_row out;
    parse_inventory(text, faults, [&](auto const& f) { out = to_row(f); });
    return out;
  };
  CHECK_FALSE(row_of("/a:\n\ttype = FILE\n\tsitefield = 1\n").broken);
  CHECK_FALSE(row_of("/a:\n\ttype = SOCKET\n").broken);
  CHECK(faults.empty());
  CHECK(row_of("/a:\n\ttype = FILD\n").broken);
  CHECK(row_of("/a:\n\towner = rootJ group = system\n").broken);
  CHECK(faults.empty());
  (void)row_of("/a:\n\ttype = FILE\n\tsizd = 1\n");
  CHECK(ids(faults) == found{{"SWV-006", 3}});
}

TEST_CASE("an apply list that is longer than any is not taken for a whole one") {
  std::vector<fault> faults;
  std::string text;
  for (int i = 0; i < 1'000'001; ++i) { text += "/a\n"; }
  std::size_t paths = 0;
  CHECK_FALSE(parse_apply_list(text, faults, [&](auto) { ++paths; }));
  CHECK(paths == 1'000'000);
}

TEST_CASE("cut anywhere and changed anywhere, the texts are read without harm") {
  std::vector<fault> faults;
  for (std::size_t n = 0; n <= two_filesets.size(); ++n) {
    faults.clear();
    auto const p = parse_lpp_name(two_filesets.substr(0, n), faults);
    // Only the last newline may be missing without a word.
    CHECK(faults.empty() == (n + 1 >= two_filesets.size()));
  }
  auto const toc = concat("0 062312110026 2\nopenssh.bff ", openssh, "x.U ", two_filesets);
  std::mt19937 random{4};
  for (int round = 0; round < 5000; ++round) {
    auto text = toc;
    for (int i = 0; i < 4; ++i) {
      static constexpr std::string_view bytes{"\n\0 []{}%#:=/\"\xff", 14};
      text[random() % text.size()] = bytes[random() % bytes.size()];
    }
    faults.clear();
    (void)parse_toc(text, faults);
    (void)parse_lpp_name(text, faults);
    (void)parse_apply_list(text, faults, [](auto path) { CHECK(path.front() == '/'); });
    parse_inventory(text, faults, [](auto const& f) { CHECK_FALSE(f.path.empty()); });
    CHECK(faults.size() <= 100);
  }
}

TEST_CASE("the lpp_name of real packages is read") {
  auto const* dir = std::getenv("SYSB_SAMPLES_DIR");
  if (dir == nullptr) {
    MESSAGE("skipped: SYSB_SAMPLES_DIR is not set");
    return;
  }
  auto const read_lpp_name = [&](char const* file, std::string_view start) {
    std::ifstream in{concat(dir, '/', file), std::ios::binary};
    std::string const text{std::istreambuf_iterator<char>{in}, {}};
    auto const at = text.find(start);
    REQUIRE(at != std::string::npos);
    auto const end = text.find("\n}", at);
    REQUIRE(end != std::string::npos);
    std::vector<fault> faults;
    auto p = parse_lpp_name(std::string_view{text}.substr(at, end + 2 - at), faults);
    CHECK(faults.empty());
    REQUIRE(p);
    return *p;
  };
  auto const a = read_lpp_name("PkgA.1.0.0.0.bff", "4 R I PkgA");
  REQUIRE(a.filesets.size() == 1);
  CHECK(a.filesets[0].name == "PkgA.rte");
  CHECK(a.filesets[0].level == vrmf{1, 0, 0, 0});
  auto const ffi = read_lpp_name("aixtools.libffi.3.2.1.0.I", "4 R I aixtools");
  REQUIRE(ffi.filesets.size() == 3);
  CHECK(ffi.filesets[2].level == vrmf{3, 2, 1, 0});
}

}  // namespace installp_test
