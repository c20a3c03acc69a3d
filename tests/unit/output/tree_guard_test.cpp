// SPDX-License-Identifier: Apache-2.0
// What the tree writer must not be led into: links above a member, directories that are not there any more,
// set-id bits for the wrong owner.
#include <doctest/doctest.h>
#include <linux/filter.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <cstddef>

#include "output/output.hpp"
#include "support.hpp"
#include "tree_fixture.hpp"

namespace tree_guard_test {

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

TEST_CASE("likewise where the system has no openat2, as old kernels and strict sandboxes") {
  temp_dir const outside;
  tree t;
  REQUIRE(::mkdir((outside / "sub").c_str(), 0755) == 0);
  REQUIRE(::symlink(outside.path().c_str(), (t / "link").c_str()) == 0);
  REQUIRE(::mkdir((t / "d").c_str(), 0755) == 0);
  REQUIRE(::symlink(outside.path().c_str(), (t / "d/link").c_str()) == 0);
  auto const said = in_child([&]() -> std::string {
    sock_filter code[]{
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    sock_fprog const filter{std::size(code), code};
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0) {
      return "no filter";
    }
    open_how how{};
    if (::syscall(SYS_openat2, AT_FDCWD, ".", &how, sizeof how) >= 0 || errno != ENOSYS) { return "openat2 is there"; }
    for (std::string const parent : {"link", "link/sub", "link/made", "d/link", "d/link/sub"}) {
      put_file(*t.sink, parent + "/member", "evil");
      put(*t.sink, directory(parent + "/folder"));
    }
    put_file(*t.sink, "d/deeper/member", "x");
    put(*t.sink, hard_link("d/again", "d/deeper/member"));
    put(*t.sink, hard_link("taken", "link/sub"));
    t.sink->finish();
    return concat(t.findings.text, slurp(t / "d/again"));
  });
  if (said == "no filter") {
    MESSAGE("skipped: system calls cannot be filtered here");
    return;
  }
  INFO(said);
  std::size_t refused = 0;
  for (auto at = said.find("OUT-002"); at != std::string::npos; at = said.find("OUT-002", at + 1)) { ++refused; }
  CHECK(refused == 10);
  CHECK(said.substr(said.rfind('\n') + 1) == "x");
  CHECK(said.find("OUT-004 taken") != std::string::npos);
  for (char const* name : {"member", "folder", "sub/member", "sub/folder", "made"}) {
    CAPTURE(name);
    CHECK_FALSE(exists(outside / name));
  }
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

}  // namespace tree_guard_test
