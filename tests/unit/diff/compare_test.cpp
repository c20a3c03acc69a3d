// SPDX-License-Identifier: Apache-2.0
#include "diff/compare.hpp"

#include <doctest/doctest.h>

#include "fixture.hpp"

namespace compare_test {

using namespace sysb;
using namespace sysb::diff;
using namespace sysb::diff::testing;
using sysb::test::image_builder;
using sysb::test::link_layout;
using sysb::test::member_options;
using sysb::test::prose;

namespace {

using lines = std::vector<std::string>;

image_builder start() {
  image_builder b;
  b.volume().directory("./").directory("./etc");
  return b;
}

member_options inode(std::uint32_t ino, std::uint32_t nlink) {
  member_options o;
  o.ino = ino;
  o.nlink = nlink;
  return o;
}

}  // namespace

TEST_CASE("each kind of change has its letter and its fields") {
  auto a = start();
  auto b = start();
  member_options plain;
  a.file("./etc/same", "same")
      .file("./etc/gone", "was here")
      .file("./etc/longer", "short")
      .file("./etc/other", "12345");
  b.file("./etc/same", "same").file("./etc/new", "is there").file("./etc/longer", "not so short");
  member_options later;
  later.mtime = a.date() + 60;
  later.ctime = a.date() + 60;
  b.file("./etc/other", "54321", later);
  a.file("./etc/quiet", "aaaaa");
  b.file("./etc/quiet", "aaaab");
  member_options owned;
  owned.uid = 7;
  owned.gid = 8;
  owned.perm = 0600;
  a.file("./etc/owned", "x");
  b.file("./etc/owned", "x", owned);
  a.file("./etc/kind", "x");
  b.directory("./etc/kind");
  a.symlink("./etc/link", "a").char_device("./dev0", {1, 2}).fifo("./p");
  b.symlink("./etc/link", "b").char_device("./dev0", {1, 3}).fifo("./p");
  auto const seen = compare(a.end(), b.end());
  CHECK(seen.lines == lines{"U dev0 rdev", "- etc/gone", "T etc/kind kind size", "M etc/link target",
                            "M etc/longer size", "+ etc/new", "M etc/other mtime ctime xxh3",
                            "U etc/owned perm uid gid", "? etc/quiet xxh3"});
  auto const& t = seen.counted;
  CHECK(t.added == 1);
  CHECK(t.removed == 1);
  CHECK(t.changed == 4);
  CHECK(t.metadata_only == 2);
  CHECK(t.suspect == 1);
  CHECK(t.same == 4);
  CHECK(t.bytes_added == 8 + 7);
  CHECK(t.bytes_removed == 8 + 1);
}

TEST_CASE("content is the same whether it is packed or not") {
  auto const text = prose(40'000);
  auto a = start();
  auto b = start();
  a.file("./etc/f", text);
  b.packed_file("./etc/f", text);
  CHECK(compare(a.end(), b.end()).lines.empty());
}

TEST_CASE("a packed stream that does not decode is unknown, and said once") {
  auto const text = prose(40'000);
  auto a = start();
  auto b = start();
  a.file("./etc/f", text);
  auto const broken = test::noise(3000);
  b.packed_stream("./etc/f", broken, text.size());
  auto const seen = compare(a.end(), b.end());
  CHECK(seen.lines == lines{"! etc/f"});
  CHECK(seen.counted.unknown == 1);
  CHECK(seen.counted.same == 2);
  CHECK(seen.findings.size() == 1);
}

TEST_CASE("behind a cut nothing is said to be missing") {
  auto a = start();
  a.file("./etc/a", "1").file("./etc/b", "2").file("./etc/c", "3");
  auto b = a.end().bytes();
  auto const place = a.members()[3].offset;
  b.resize(static_cast<std::size_t>(place) + 20);
  folder const f;
  auto const seen = compare(f.put("a", a.bytes()), f.put("b", b));
  CHECK(seen.lines == lines{"! etc/b kind size", "! etc/c kind size"});
  CHECK(!seen.findings.empty());
  CHECK(seen.counted.removed == 0);
}

TEST_CASE("a file that moved is found by its content") {
  auto a = start();
  auto b = start();
  a.file("./etc/one", prose(5000, 1)).file("./etc/two", prose(5000, 2)).file("./etc/empty", "");
  b.file("./etc/eins", prose(5000, 1)).file("./two", prose(5000, 2)).file("./leer", "").file("./drei", prose(5000, 3));
  auto const seen = compare(a.end(), b.end());
  CHECK(seen.lines == lines{"+ drei", "+ etc/eins = etc/one", "- etc/empty", "- etc/one = etc/eins", "- etc/two = two",
                            "+ leer", "+ two = etc/two"});
  CHECK(seen.counted.renamed == 2);
}

TEST_CASE("of equal contents those with one last name are the pair") {
  auto a = start();
  auto b = start();
  a.file("./etc/x", "content").file("./etc/y", "content");
  b.file("./a/y", "content").file("./b/x", "content");
  CHECK(compare(a.end(), b.end()).lines == lines{"+ a/y = etc/y", "+ b/x = etc/x", "- etc/x = b/x", "- etc/y = a/y"});
}

TEST_CASE("names of one file: only how those belong together that both sides have") {
  auto const linked = [](std::vector<std::string> const& together, std::vector<std::string> const& alone) {
    auto b = start();
    bool first = true;
    for (auto const& name : together) {
      if (first) {
        b.file(name, "content", inode(77, 3));
      } else {
        b.hard_link(name, "content", link_layout::empty, inode(77, 3));
      }
      first = false;
    }
    std::uint32_t ino = 100;
    for (auto const& name : alone) { b.file(name, "content", inode(ino++, 1)); }
    b.end();
    return b;
  };
  CHECK(compare(linked({"./a", "./b", "./c"}, {}), linked({"./c", "./b", "./a"}, {})).lines.empty());
  CHECK(compare(linked({"./a", "./b", "./c"}, {}), linked({"./a", "./b"}, {"./c"})).lines == lines{"U c link_to"});
  // The name that went is a change, the others are not.
  CHECK(compare(linked({"./a", "./b", "./c"}, {}), linked({"./b", "./c"}, {})).lines == lines{"- a"});
  CHECK(compare(linked({}, {"./a", "./b"}), linked({"./a", "./b"}, {})).lines == lines{"U b link_to"});
}

TEST_CASE("a linked name without data has the content of its file") {
  for (auto const layout : {link_layout::repeated, link_layout::empty, link_layout::sized}) {
    auto a = start();
    auto b = start();
    a.file("./a", "one", inode(5, 2)).hard_link("./b", "one", layout, inode(5, 2));
    b.file("./a", "two", inode(5, 2)).hard_link("./b", "two", layout, inode(5, 2));
    CHECK(compare(a.end(), b.end()).lines == lines{"? a xxh3", "? b xxh3"});
    auto same = start();
    same.file("./a", "one", inode(9, 2)).hard_link("./b", "one", link_layout::repeated, inode(9, 2));
    CHECK(compare(a, same.end()).lines.empty());
  }
}

TEST_CASE("of a name that comes twice the later one counts, but not in place of a directory with members") {
  auto a = start();
  auto b = start();
  a.file("./etc/f", "old").file("./etc/f", "new").directory("./d").file("./d/x", "x").file("./d", "no");
  b.file("./etc/f", "new").directory("./d").file("./d/x", "x");
  CHECK(compare(a.end(), b.end()).lines.empty());
  auto c = start();
  auto d = start();
  c.directory("./d").file("./d-1", "").file("./d", "yes");
  d.file("./d-1", "").file("./d", "yes");
  CHECK(compare(c.end(), d.end()).lines.empty());
}

TEST_CASE("what is ignored, and what --exact adds") {
  auto a = start();
  auto b = start();
  member_options moved;
  moved.mtime = a.date() + 1;
  moved.ctime = a.date() + 1;
  moved.atime = a.date() + 5;
  moved.ino = 4711;
  a.directory("./d").file("./f", "x").file("./var/adm/messages", "1").char_device("./dev/tty0", {1, 1});
  b.directory("./d", moved).file("./f", "x", moved).file("./var/adm/messages", "22").char_device("./dev/tty0", {1, 2});
  a.end();
  b.end();
  CHECK(compare(a, b).lines == lines{"U dev/tty0 rdev", "U f mtime ctime", "M var/adm/messages size"});
  CHECK(compare(a, b, {.ignore_times = true, .ignore_devices = true, .ignore_logs = true}).lines.empty());
  auto const exact = compare(a, b, {.exact = true, .ignore_devices = true, .ignore_logs = true}).lines;
  REQUIRE(exact.size() == 2);
  CHECK(exact[0].substr(0, 23) == "U d mtime ctime atime i");
  CHECK(exact[1].substr(0, 23) == "U f mtime ctime atime i");
  CHECK(compare(a, b, {.exact = true, .ignore_inode = true, .ignore_devices = true, .ignore_logs = true}).lines ==
        lines{"U d mtime ctime atime", "U f mtime ctime atime"});
  CHECK(compare(a, b, {.config_only = true}).lines.empty());
}

TEST_CASE("access control lists count where they say more than the mode") {
  auto a = start();
  auto b = start();
  member_options with;
  with.acl = {{}};
  a.file("./f", "x");
  b.file("./f", "x", with);
  auto const seen = compare(a.end(), b.end());
  REQUIRE(seen.lines.size() == 1);
  CHECK(seen.lines[0].find("acl") != std::string::npos);
}

TEST_CASE("names with any byte, and names that lead outside, are names") {
  auto a = start();
  auto b = start();
  a.file("./\xff\x1b[31m", "x").file("../../etc/passwd", "x").file("/abs", "x");
  b.file("./\xff\x1b[31m", "y").file("../../etc/passwd", "y").file("./abs", "x");
  CHECK(compare(a.end(), b.end()).lines == lines{"? ../../etc/passwd xxh3", "? \xff\x1b[31m xxh3"});
}

TEST_CASE("many members, alone and mixed, with any number of threads") {
  auto a = start();
  auto b = start();
  for (std::uint32_t i = 0; i < 3000; ++i) {
    auto const name = "./etc/" + std::to_string(i * 7919 % 3000);
    auto const kind = i % 100;
    auto const text = prose(200 + i % 300, i);
    if (kind != 1) { kind == 5 ? a.packed_file(name, text) : a.file(name, text); }
    if (kind == 2) { continue; }
    auto const changed = kind == 3 ? prose(200 + i % 300, i + 10'000) : text;
    member_options o;
    if (kind == 4) { o.uid = 9; }
    b.file(name, changed, o);
  }
  folder const f;
  auto const one = f.put("a", a.end().bytes());
  auto const two = f.put("b", b.end().bytes());
  auto const seen = compare(one, two);
  CHECK(seen.counted.added == 30);
  CHECK(seen.counted.removed == 30);
  CHECK(seen.counted.suspect == 30);
  CHECK(seen.counted.metadata_only == 30);
  CHECK(seen.counted.same == 3000 + 2 - 4 * 30);
  CHECK(compare(one, two, {}, 4).lines == seen.lines);
}

}  // namespace compare_test
