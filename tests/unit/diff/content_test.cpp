// SPDX-License-Identifier: Apache-2.0
#include "diff/content.hpp"

#include <doctest/doctest.h>

#include "base/text.hpp"
#include "formats/odm/class_builder.hpp"

namespace content_test {

using namespace sysb;
using namespace sysb::diff;

namespace {

std::string shown(std::string_view path, std::string_view a, std::string_view b) {
  auto const c = compare_contents(path, as_bytes(a), as_bytes(b));
  auto out = concat(to_text(c.form), c.same ? " same\n" : "\n");
  for (auto const& l : c.lines) { out += concat(l.mark == '@' ? "" : std::string(1, l.mark), l.text, '\n'); }
  return out;
}

std::string odm_class(std::vector<std::pair<std::string, int>> const& rows) {
  odm::class_builder b{"CuAt"};
  b.add_char("name", 16).add_long("generic");
  for (auto const& [name, n] : rows) { b.add_record({name, std::int32_t{n}}); }
  auto const bytes = b.build();
  return std::string{as_text(bytes)};
}

}  // namespace

TEST_CASE("text is shown with the lines around it, as diff -u numbers them") {
  CHECK(shown("etc/motd", "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n") ==
        "text\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n");
  CHECK(shown("etc/motd", "", "a\nb\n") == "text\n@@ -0,0 +1,2 @@\n+a\n+b\n");
  CHECK(shown("etc/motd", "a\n", "") == "text\n@@ -1 +0,0 @@\n-a\n");
  CHECK(shown("etc/motd", "a\n", "a\n") == "text same\n");
  CHECK(shown("etc/motd", "a\n", "a") == "text\n\\ no newline at the end of the second\n");
}

TEST_CASE("changes that stand near each other are one hunk") {
  std::string a;
  std::string b;
  for (int i = 0; i < 30; ++i) {
    a += concat("line ", i, '\n');
    b += concat("line ", i == 3 || i == 9 || i == 25 ? i + 100 : i, '\n');
  }
  auto const c = compare_contents("x", as_bytes(a), as_bytes(b));
  std::size_t heads = 0;
  for (auto const& l : c.lines) { heads += l.mark == '@' ? 1 : 0; }
  CHECK(heads == 2);
}

TEST_CASE("stanza files are compared by stanza and attribute: their order means nothing") {
  std::string const a = "/:\n\tdev = /dev/hd4\n\tvfs = jfs2\n\n/home:\n\tdev = /dev/hd1\n";
  std::string const b = "/home:\n\tdev = /dev/hd1\n\n/:\n\tdev = /dev/hd4\n\tvfs = jfs\n\n/data:\n\tdev = /dev/d\n";
  CHECK(shown("etc/filesystems", a, b) ==
        "stanza\n@@ stanza / @@\n-vfs = jfs2\n+vfs = jfs\n@@ stanza /data added @@\n+dev = /dev/d\n");
  CHECK(shown("etc/security/user", "root:\n\tadmin = true\n\tsu = false\n", "root:\n\tsu = true\n\tadmin = true\n") ==
        "stanza\n@@ stanza root @@\n-su = false\n+su = true\n");
  CHECK(shown("x", "a:\n\tx = 1\n\tx = 2\n", "a:\n\tx = 2\n\tx = 1\n").substr(0, 6) == "stanza");
  // Only the order differs, which a byte comparison still shows.
  CHECK(shown("etc/filesystems", "a:\n\tx = 1\nb:\n\tx = 2\n", "b:\n\tx = 2\na:\n\tx = 1\n").substr(0, 4) == "text");
}

TEST_CASE("a class of the ODM is compared by rows") {
  CHECK(shown("etc/objrepos/CuAt", odm_class({{"hdisk0", 1}, {"en0", 2}}), odm_class({{"hdisk0", 1}, {"en1", 2}})) ==
        "odm\n-name=\"en0\" generic=2\n+name=\"en1\" generic=2\n");
}

TEST_CASE("what is neither is told by length and first difference") {
  CHECK(shown("bin/x", std::string("a\0b", 3), std::string("a\0cd", 4)) ==
        "binary\ncontents differ from byte 0x2 on: 3 and 4 bytes\n");
}

}  // namespace content_test
