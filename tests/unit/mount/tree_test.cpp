// SPDX-License-Identifier: Apache-2.0
// Names, numbers and attributes of what is shown; where symbolic links lead.
#include "mount/tree.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "fixture.hpp"
#include "mount/links.hpp"

namespace tree_test {

using namespace sysb;
using namespace sysb::mount;
using mount::testing::mounted;
using test::image_builder;
using test::link_layout;
using test::member_options;

namespace {

member_options linked(std::uint32_t ino) {
  member_options o;
  o.ino = ino;
  o.nlink = 3;
  return o;
}

}  // namespace

TEST_CASE("names that no directory can hold are not shown, and everything else is") {
  CHECK(can_be_shown("etc"));
  CHECK(can_be_shown("\x1b[31m \n\xff"));
  CHECK(can_be_shown(std::string(1024, 'x')));
  CHECK_FALSE(can_be_shown(std::string(1025, 'x')));
  CHECK_FALSE(can_be_shown(""));
  CHECK_FALSE(can_be_shown("."));
  CHECK_FALSE(can_be_shown(".."));
  CHECK_FALSE(can_be_shown(std::string_view{"a\0b", 3}));
}

TEST_CASE("the number of a node leads back to it: members, the top, and directories that are no member") {
  mounted const m{
      image_builder{}.volume().directory("./etc").file("./etc/motd", "hello").file("./usr/lib/x", "y").end()};
  for (auto const* const path : {"", "etc", "etc/motd", "usr", "usr/lib", "usr/lib/x"}) {
    auto const found = m.files->find(path);
    REQUIRE(found);
    auto const again = m.files->look(found->id);
    REQUIRE(again);
    CHECK(again->id == found->id);
    CHECK(again->kind == found->kind);
    CHECK(m.files->path(found->id) == path);
  }
  CHECK(m.files->find("")->id == root_id);
  CHECK(m.files->find("usr/lib")->mtime == m.members.date);
  CHECK_FALSE(m.files->find("etc/motd/below"));
  CHECK_FALSE(m.files->look(1'000'000));
  CHECK_FALSE(m.files->find(m.files->find("etc")->id, ".."));
}

TEST_CASE("names of one file are one node, with its links and its size") {
  mounted m{image_builder{}
                .volume()
                .file("./first", "twelve bytes", linked(77))
                .hard_link("./second", "twelve bytes", link_layout::empty, linked(77))
                .file("./alone", "x")
                .end()};
  auto const first = *m.files->find("first");
  auto const second = *m.files->find("second");
  CHECK(first.id == second.id);
  CHECK(first.links == 2);  // of three that were recorded, as many as there are
  CHECK(second.size == 12);
  CHECK(m.files->find("alone")->links == 1);
  CHECK(m.content("second") == "twelve bytes");
}

TEST_CASE("a listing goes on after any name it gave") {
  image_builder image;
  image.volume().directory("./d");
  for (int i = 0; i < 700; ++i) { image.file(concat("./d/f", i), "x"); }
  image.file("./d/implied/x", "x").end();
  mounted const m{image};
  auto const all = m.names("d");
  REQUIRE(all.size() == 701);
  auto const d = m.files->find("d")->id;
  std::vector<std::string> pieces;
  for (std::uint64_t from = 0;;) {
    std::size_t n = 0;
    auto const before = from;
    m.files->list(d, from, [&](std::string_view name, attributes const&, std::uint64_t next) {
      pieces.emplace_back(name);
      from = next;
      return ++n < 7;
    });
    if (from == before) { break; }
  }
  CHECK(pieces == all);
  CHECK(m.files->find("d")->links == 3);
}

TEST_CASE("links lead inside, or nowhere") {
  mounted const m{image_builder{}
                      .volume()
                      .directory("./a")
                      .directory("./a/b")
                      .symlink("./a/up", "..")
                      .file("./etc/passwd", "inside")
                      .end()};
  auto const shown = [&](std::string_view path, std::string_view target, link_policy how = link_policy::inside) {
    return shown_target(*m.files, path, target, how).value_or("EPERM");
  };
  CHECK(shown("a/b/l", "/etc/passwd") == "../../etc/passwd");
  CHECK(shown("l", "/") == ".");
  CHECK(shown("a/b/l", "../x") == "../x");
  CHECK(shown("l", "../etc/passwd") == "EPERM");
  CHECK(shown("a/b/l", "../../../etc/passwd") == "EPERM");
  CHECK(shown("l", "/../etc/passwd") == "EPERM");
  CHECK(shown("a/l", "b/../../..") == "EPERM");
  CHECK(shown("a/l", "up/../x") == "EPERM");  // a/up is a link to the top, and .. of that is outside
  CHECK(shown("a/l", std::string_view{"x\0y", 3}) == "EPERM");
  CHECK(shown("a/b/l", "/etc/passwd", link_policy::raw) == "/etc/passwd");
  CHECK(shown("l", "../x", link_policy::raw) == "../x");
  CHECK(shown("a/b/l", "/etc/passwd", link_policy::block) == "EPERM");
  CHECK(shown("a/b/l", "../x", link_policy::block) == "../x");
}

}  // namespace tree_test
