// SPDX-License-Identifier: Apache-2.0
// What the tree writer must not be led into: links above a member, directories that are not there any more,
// set-id bits for the wrong owner.
#include <doctest/doctest.h>

#include "output/output.hpp"
#include "support.hpp"
#include "tree_fixture.hpp"

using namespace sysb;
using namespace sysb::test;

TEST_CASE("no parent is reached through a symbolic link, however far above the member it stands") {
  temp_dir const outside;
  tree t;
  REQUIRE(::mkdir((outside / "sub").c_str(), 0755) == 0);
  REQUIRE(::symlink(outside.path().c_str(), (t / "link").c_str()) == 0);
  put_file(*t.sink, "link/sub/member", "evil");
  put_file(*t.sink, "link/made/member", "evil");
  put(*t.sink, directory("link/sub/folder"));
  t.sink->finish();
  CHECK(t.findings.ids == std::vector<std::string>{"OUT-002", "OUT-002", "OUT-002"});
  CHECK_FALSE(exists(outside / "sub/member"));
  CHECK_FALSE(exists(outside / "sub/folder"));
  CHECK_FALSE(exists(outside / "made"));
}

TEST_CASE("a directory that was replaced and comes again is the new one, not the one that was removed") {
  tree t;
  put(*t.sink, directory("d"));
  put(*t.sink, hard_link("d/link", "d/none"));  // looks into it
  put_file(*t.sink, "d", "a file now");
  put(*t.sink, directory("d"));
  put_file(*t.sink, "d/member", "x");
  t.sink->finish();
  CHECK(t.findings.ids == std::vector<std::string>{"OUT-004"});
  CHECK(slurp(t / "d/member") == "x");
}

TEST_CASE("members that another process takes away are missed, whatever else came and went") {
  for (bool taken : {false, true}) {
    tree t;
    put(*t.sink, directory("d"));
    put_file(*t.sink, "d/one", "1");
    put_file(*t.sink, "d/one", "a later member of the name");
    put_file(*t.sink, "made/by/itself", "2");
    put(*t.sink, symbolic_link("s", "d/one"));
    put(*t.sink, directory("s"));
    put(*t.sink, directory("d"));
    put(*t.sink, hard_link("d/link", "d/one"));
    if (taken) { REQUIRE(::unlink((t / "made/by/itself").c_str()) == 0); }
    auto const said = thrown_by([&] { t.sink->finish(); });
    CHECK(said == (taken ? "io: another process removed members of the tree: 1 gone" : "none"));
  }
}

TEST_CASE("a directory that another process takes away is missed, one that a member replaced is not") {
  for (bool taken : {false, true}) {
    tree t;
    put(*t.sink, directory("d"));
    put_file(*t.sink, "d", "a later member");
    put(*t.sink, directory("e"));
    if (taken) { REQUIRE(::rmdir((t / "e").c_str()) == 0); }
    auto const said = thrown_by([&] { t.sink->finish(); });
    CHECK(said == (taken ? "io: \"e\" is gone from the tree: another process removed or replaced it" : "none"));
  }
}

TEST_CASE("nodes and directories whose owner cannot exist keep no set-id bits") {
  if (!root("owners")) { return; }
  tree t;
  auto pipe = member(entry_kind::fifo, "pipe", 016755);
  auto folder = directory("folder", 046755);
  pipe.uid = folder.uid = 0xffffffff;
  put(*t.sink, pipe);
  put(*t.sink, folder);
  t.sink->finish();
  CHECK((stat_of(t / "pipe").st_mode & 07777) == 0755);
  CHECK((stat_of(t / "folder").st_mode & 07777) == 0755);
}

TEST_CASE("a file whose content turns out damaged is not left in the tree") {
  tree t;
  auto const e = file("f", 8);
  auto const slot = t.sink->place(e);
  REQUIRE(slot);
  memory_feed feed{{as_bytes("half")}, false};
  slot->fill(feed);
  slot->close({});
  put_file(*t.sink, "g", "whole");
  t.sink->finish();
  CHECK_FALSE(exists(t / "f"));
  CHECK(slurp(t / "g") == "whole");
}
