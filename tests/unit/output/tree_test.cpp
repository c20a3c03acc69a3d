// SPDX-License-Identifier: Apache-2.0
// The tree writer as whoever runs the tests; what needs root says so.
#include <doctest/doctest.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include <thread>

#include "output/late_directories.hpp"
#include "output/output.hpp"
#include "support.hpp"
#include "tree_fixture.hpp"

namespace tree_test {

using namespace sysb;
using namespace sysb::test;

TEST_CASE("files, directories, links and nodes come out with modes and times") {
  tree t;
  auto& s = *t.sink;
  put(s, directory("", 040751));
  put(s, directory("etc", 041775));
  put_file(s, "etc/motd", "hello", 0100604);
  put(s, symbolic_link("etc/link", "../../../outside"));
  put(s, member(entry_kind::fifo, "pipe", 010620));
  put(s, member(entry_kind::socket, "sock", 0140666));
  auto old = file("old", 0);
  old.mtime = -1000;
  old.atime = -2000;
  put(s, old);
  s.finish();
  CHECK(stat_of(t / "etc/motd").st_atime == 1000000001);  // before it is read
  CHECK(slurp(t / "etc/motd") == "hello");
  CHECK((stat_of(t / "etc/motd").st_mode & 07777) == 0604);
  CHECK(stat_of(t / "etc/motd").st_mtime == 1000000000);
  CHECK((stat_of(t / "etc").st_mode & 07777) == 01775);
  CHECK(stat_of(t / "etc").st_mtime == 1000000000);
  CHECK((stat_of(t.path).st_mode & 07777) == 0751);
  CHECK(stat_of(t.path).st_mtime == 1000000000);
  CHECK(link_target(t / "etc/link") == "../../../outside");
  CHECK(stat_of(t / "etc/link").st_mtime == 1000000000);
  CHECK(S_ISFIFO(stat_of(t / "pipe").st_mode));
  CHECK((stat_of(t / "pipe").st_mode & 07777) == 0620);
  CHECK(S_ISSOCK(stat_of(t / "sock").st_mode));
  CHECK(stat_of(t / "old").st_mtime == -1000);
  CHECK(stat_of(t / "old").st_atime == -2000);
}

TEST_CASE("set-id bits survive chown") {
  if (!root("chown")) { return; }
  tree t;
  auto e = file("usr/bin/passwd", 3, 0106755);
  e.uid = 201;
  e.gid = 7;
  put(*t.sink, e, "abc");
  auto d = directory("shared", 042775);
  d.uid = 3000000;
  d.gid = 4294967294u;
  put(*t.sink, d);
  auto l = symbolic_link("l", "x");
  l.uid = 5;
  put(*t.sink, l);
  t.sink->finish();
  CHECK((stat_of(t / "usr/bin/passwd").st_mode & 07777) == 06755);
  CHECK(stat_of(t / "usr/bin/passwd").st_uid == 201);
  CHECK(stat_of(t / "usr/bin/passwd").st_gid == 7);
  CHECK((stat_of(t / "shared").st_mode & 07777) == 02775);
  CHECK(stat_of(t / "shared").st_uid == 3000000);
  CHECK(stat_of(t / "shared").st_gid == 4294967294u);
  CHECK(stat_of(t / "l").st_uid == 5);
  CHECK(t.findings.text == "");
}

TEST_CASE("owner and mode are the member's, whatever the folder and the umask give to new files") {
  constexpr unsigned modes[]{0644, 0755, 0444, 0600, 0777, 0666, 0000, 0070, 04755, 02755, 01777};
  // user::rwx group::r-x other::---, with an entry for a user and a mask.
  constexpr unsigned char list[]{2, 0, 0,   0,   1,   0,   7,  0, 255, 255, 255, 255, 2,   0,  7,
                                 0, 9, 0,   0,   0,   4,   0,  5, 0,   255, 255, 255, 255, 16, 0,
                                 5, 0, 255, 255, 255, 255, 32, 0, 0,   0,   255, 255, 255, 255};
  auto const privileged = ::geteuid() == 0;
  for (mode_t const mask : {0u, 022u, 027u, 077u}) {
    for (auto const* folder : {"plain", "set-gid", "of another group", "default list"}) {
      CAPTURE(mask);
      CAPTURE(folder);
      temp_dir dir;
      auto const path = dir / "root";
      REQUIRE(::mkdir(path.c_str(), 0700) == 0);
      std::string_view const kind = folder;
      if (kind != "plain" && kind != "default list" && privileged) {
        REQUIRE(::chown(path.c_str(), 0, 4711) == 0);
        if (kind == "set-gid") { REQUIRE(::chmod(path.c_str(), 02700) == 0); }
      }
      if (kind == "default list" && ::setxattr(path.c_str(), "system.posix_acl_default", list, sizeof list, 0) != 0) {
        continue;  // a file system without lists
      }
      without_owners findings;
      file_descriptor const fd{path, O_RDONLY | O_DIRECTORY};
      auto const before = ::umask(mask);
      auto const sink = output::make_tree_sink(fd.get(), {.privileged = privileged, .sync = false}, findings);
      for (auto const mode : modes) {
        for (std::uint32_t const id : {0u, 4711u}) {
          auto e = file(concat("d/", mode, '-', id), 3, 0100000 | mode);
          e.gid = id;
          put(*sink, e, "abc");
        }
      }
      sink->finish();
      ::umask(before);
      for (auto const mode : modes) {
        for (std::uint32_t const id : {0u, 4711u}) {
          CAPTURE(mode);
          CAPTURE(id);
          auto const st = stat_of(concat(path, "/d/", mode, '-', id));
          // Whoever is not root may lose set-id bits with the group that he could not give.
          if (privileged || mode < 01000) { CHECK((st.st_mode & 07777) == mode); }
          if (privileged) {
            CHECK(st.st_uid == 0);
            CHECK(st.st_gid == id);
          }
        }
      }
    }
  }
}

TEST_CASE("a set-id file whose owner cannot exist does not become root's") {
  if (!root("chown")) { return; }
  tree t;
  auto e = file("su", 1, 0104755);
  e.uid = 0xffffffff;
  put(*t.sink, e, "x");
  t.sink->finish();
  CHECK((stat_of(t / "su").st_mode & 07777) == 0755);
  CHECK(stat_of(t / "su").st_uid == 65534);
  CHECK(t.findings.ids == std::vector<std::string>{"OUT-005"});
}

TEST_CASE("device nodes have their numbers, and those that Linux cannot hold are told") {
  if (!root("mknod")) { return; }
  tree t;
  put(*t.sink, device_member("null", entry_kind::char_device, 1, 3));
  put(*t.sink, device_member("big", entry_kind::block_device, 4096, 1));
  t.sink->finish();
  auto const ids = t.findings.ids;
  if (exists(t / "null")) {  // some containers refuse even root
    CHECK(stat_of(t / "null").st_rdev == ::makedev(1, 3));
    CHECK((stat_of(t / "null").st_mode & 07777) == 0660);
  }
  CHECK_FALSE(exists(t / "big"));
  CHECK(ids == std::vector<std::string>{"OUT-006"});
}

TEST_CASE("parents that the image lacks are made, 0755 and as old as their first member") {
  tree t;
  put_file(*t.sink, "a/b/c/file", "x");
  put(*t.sink, directory("a/b", 040700));
  t.sink->finish();
  CHECK((stat_of(t / "a").st_mode & 07777) == 0755);
  CHECK((stat_of(t / "a/b").st_mode & 07777) == 0700);  // said by the image, later
  CHECK((stat_of(t / "a/b/c").st_mode & 07777) == 0755);
  CHECK(stat_of(t / "a").st_mtime == 1000000000);
  CHECK((stat_of(t.path).st_mode & 07777) == 0755);
}

TEST_CASE("nothing is written through a link, a file or a name that leaves the target") {
  tree t;
  temp_dir const outside;
  { file_descriptor const canary{outside / "canary", O_CREAT | O_WRONLY}; }
  auto& s = *t.sink;
  put(s, symbolic_link("out", outside.path()));
  put(s, symbolic_link("up", ".."));
  put(s, symbolic_link("dangling", "nowhere"));
  put(s, symbolic_link("self", "."));
  put_file(s, "plain", "p");
  for (char const* name : {"out/evil", "out/canary", "up/evil", "dangling/evil", "self/evil", "plain/evil", "../evil",
                           "a/../../evil", "out/deeper/evil"}) {
    put_file(s, name, "evil");
    put(s, directory(name));
    put(s, symbolic_link(name, "x"));
    put(s, member(entry_kind::fifo, name, 010600));
    put(s, file(name, 4), "evil");
  }
  put(s, hard_link("h1", "out/canary"));
  put(s, hard_link("h2", "../root/plain"));
  put(s, hard_link("h3", "absent"));
  put(s, hard_link("plain", "plain"));
  put_file(s, std::string("nul\0x", 5), "x");
  s.finish();
  CHECK(t.findings.ids.size() == 9 * 5 + 5);
  for (auto const& id : t.findings.ids) { CHECK((id == "OUT-002" || id == "OUT-004")); }
  CHECK(slurp(outside / "canary").empty());
  CHECK(stat_of(outside / "canary").st_nlink == 1);
  CHECK_FALSE(exists(outside / "evil"));
  CHECK_FALSE(exists(t.dir / "evil"));
  CHECK_FALSE(exists(t / "evil"));
  CHECK_FALSE(exists(t / "h1"));
  CHECK_FALSE(exists(t / "h2"));
  CHECK(slurp(t / "plain") == "p");
}

TEST_CASE("an existing link is replaced, never written through") {
  tree t;
  { file_descriptor const canary{t.dir / "canary", O_CREAT | O_WRONLY}; }
  auto& s = *t.sink;
  put(s, symbolic_link("f", "../canary"));
  put_file(s, "f", "content");
  put(s, symbolic_link("d", ".."));
  put(s, directory("d", 040700));
  put_file(s, "d/canary", "inside");
  s.finish();
  CHECK(t.findings.text == "");
  CHECK(slurp(t.dir / "canary").empty());
  CHECK(slurp(t / "f") == "content");
  CHECK(S_ISDIR(stat_of(t / "d").st_mode));
  CHECK(slurp(t / "d/canary") == "inside");
  CHECK((stat_of(t.dir.path()).st_mode & 07777) == 0755);
}

TEST_CASE("a later member replaces an earlier one, directories merge, a full one stays") {
  tree t;
  auto& s = *t.sink;
  put_file(s, "f", "first");
  put_file(s, "f", "second");
  put(s, directory("merge", 040700));
  put_file(s, "merge/a", "a");
  put(s, directory("merge", 040711));
  put_file(s, "merge/b", "b");
  put(s, directory("empty"));
  put_file(s, "empty", "now a file");
  put(s, directory("back"));
  put(s, symbolic_link("back", "f"));
  put(s, directory("back", 040750));
  put_file(s, "back/x", "x");
  put_file(s, "merge", "refused");
  put(s, symbolic_link("merge", "refused"));
  put(s, hard_link("merge", "f"));
  auto first = file("one", 1);
  put(s, first, "1");
  put(s, hard_link("two", "one"));
  put_file(s, "one", "3");  // the other name keeps its content
  s.finish();
  CHECK(slurp(t / "f") == "second");
  CHECK((stat_of(t / "merge").st_mode & 07777) == 0711);
  CHECK(slurp(t / "merge/a") == "a");
  CHECK(slurp(t / "merge/b") == "b");
  CHECK(slurp(t / "empty") == "now a file");
  CHECK(slurp(t / "back/x") == "x");
  CHECK((stat_of(t / "back").st_mode & 07777) == 0750);
  CHECK(slurp(t / "one") == "3");
  CHECK(slurp(t / "two") == "1");
  CHECK(t.findings.ids == std::vector<std::string>{"OUT-003", "OUT-003", "OUT-003"});
}

TEST_CASE("hard links share one file, links to symbolic links are links") {
  tree t;
  auto& s = *t.sink;
  put_file(s, "bin/a", "data", 0104755);
  put(s, hard_link("bin/b", "bin/a"));
  put(s, symbolic_link("sym", "bin/a"));
  auto l = hard_link("sym2", "sym");
  l.kind = entry_kind::symlink;
  put(s, l);
  s.finish();
  CHECK(stat_of(t / "bin/a").st_ino == stat_of(t / "bin/b").st_ino);
  CHECK((stat_of(t / "bin/b").st_mode & 07777) == 04755);
  CHECK(stat_of(t / "sym").st_ino == stat_of(t / "sym2").st_ino);
  CHECK(S_ISLNK(stat_of(t / "sym2").st_mode));
}

TEST_CASE("holes are punched where asked, wherever pieces begin and end") {
  std::string const zeros(40000, '\0');
  std::string const data(5000, 'd');
  for (auto const& content : {zeros + data, data + zeros, data + zeros + data, zeros, std::string(8192, '\0'),
                              std::string(100, '\0'), data + zeros + "x" + zeros}) {
    for (std::size_t const piece : {100000u, 4096u, 1000u, 4097u}) {
      tree t{{.sparse = true}};
      std::vector<std::span<std::byte const>> pieces;
      for (std::size_t at = 0; at < content.size(); at += piece) {
        pieces.push_back(as_bytes(std::string_view{content}.substr(at, piece)));
      }
      put_pieces(*t.sink, file("f", content.size()), std::move(pieces));
      put(*t.sink, file("g", content.size()), content);
      t.sink->finish();
      CHECK(slurp(t / "f") == content);
      CHECK(slurp(t / "g") == content);
      if (content.size() > 8192) { CHECK(stat_of(t / "g").st_blocks * 512 < static_cast<long>(content.size())); }
    }
  }
}

TEST_CASE("a name that the file system refuses is left out and told") {
  tree t;
  auto& s = *t.sink;
  put_file(s, std::string(256, 'n'), "x");
  put_file(s, std::string(256, 'n') + "/below", "x");
  put(s, symbolic_link("long", std::string(4096, 't')));
  put(s, symbolic_link("none", ""));
  put_file(s, "good", "x");
  put(s, file("b" + std::string(256, 'n'), 1), "x");
  s.finish();
  CHECK(t.findings.ids == std::vector<std::string>(5, "OUT-008"));
  CHECK(t.findings.paths.back() == "b" + std::string(256, 'n'));
  CHECK(slurp(t / "good") == "x");
}

TEST_CASE("paths longer than the system takes in one call are written by components") {
  tree t;
  std::string path;
  for (int i = 0; i < 600; ++i) { path += "component/"; }
  put_file(*t.sink, path + "file", "deep");
  put_file(*t.sink, path + "file2", "deep");
  t.sink->finish();
  CHECK(t.findings.text == "");
  int at = ::open(t.path.c_str(), O_RDONLY | O_DIRECTORY);
  for (int i = 0; i < 600 && at >= 0; ++i) {
    int const next = ::openat(at, "component", O_RDONLY | O_DIRECTORY);
    ::close(at);
    at = next;
  }
  CHECK(::faccessat(at, "file", R_OK, 0) == 0);
  CHECK(::faccessat(at, "file2", R_OK, 0) == 0);
  struct stat st {};
  CHECK(::fstat(at, &st) == 0);
  CHECK(st.st_mtime == 1000000000);
  ::close(at);
}

TEST_CASE("files put from several threads are those put from one") {
  tree many{{}, "many"};
  std::vector<entry> files;
  for (int d = 0; d < 100; ++d) {
    put(*many.sink, directory(concat("d", d)));
    for (int f = 0; f < 20; ++f) {
      auto e = file(concat("d", d, "/f", f), static_cast<std::uint64_t>(f));
      e.offset = static_cast<std::uint64_t>(d * 1000 + f);
      files.push_back(e);
    }
  }
  std::vector<std::unique_ptr<slot>> slots;
  for (auto const& e : files) { slots.push_back(many.sink->place(e)); }
  CHECK(slots.front()->when() == slot::order::any);
  std::vector<std::thread> workers;
  for (std::size_t w = 0; w < 4; ++w) {
    workers.emplace_back([&, w] {
      for (std::size_t i = w; i < files.size(); i += 4) {
        std::string const content(files[i].size, static_cast<char>('a' + i % 26));
        memory_feed feed{{as_bytes(content)}};
        slots[i]->fill(feed);
      }
    });
  }
  for (int i = 0; i < 200; ++i) { put(*many.sink, symbolic_link(concat("s", i), "x")); }
  for (auto& w : workers) { w.join(); }
  for (auto const& s : slots) { s->close({}); }
  many.sink->finish();
  CHECK(many.findings.text == "");
  for (std::size_t i = 0; i < files.size(); ++i) {
    CHECK(slurp(many / files[i].path) == std::string(files[i].size, static_cast<char>('a' + i % 26)));
    CHECK(stat_of(many / files[i].path).st_mtime == 1000000000);
  }
  CHECK(stat_of(many / "d7").st_mtime == 1000000000);
}

TEST_CASE("short content is truncated data") {
  tree t;
  CHECK(thrown_by([&] { put(*t.sink, file("f", 4), "abc"); }).find("internal: truncated data") == 0);
  CHECK(thrown_by([&] { put(*t.sink, file("g", 4), "abcde"); }).find("internal") == 0);
}

TEST_CASE("a loss that the file system makes stops where it must") {
  auto const refused = [](bool filled) {
    tree t{{.stop_on_loss = true}};
    auto e = file(std::string(300, 'n'), 0);
    e.uid = ::geteuid();
    e.gid = ::getegid();
    return thrown_by([&] {
      auto const s = t.sink->place(e);
      memory_feed nothing{{}};
      if (filled) { s->fill(nothing); }
      s->close({});
    });
  };
  CHECK(refused(false).find("loss: output tree: member left out: the file system of the target refuses it "
                            "(\"nnn") == 0);
  CHECK(refused(true) == refused(false));
}

TEST_CASE("what damage made refused does not stop as a loss") {
  tree t{{.stop_on_loss = true}};
  auto e = file("../out", 0);
  put(*t.sink, e);
  put(*t.sink, hard_link("link", "nowhere"));
  t.sink->finish();
  CHECK(t.findings.ids == std::vector<std::string>{"OUT-002", "OUT-004"});
}

TEST_CASE("as root a loss stops where it must") {
  if (!root("owners and devices")) { return; }
  auto const stopped = [](entry const& e) {
    tree t{{.stop_on_loss = true}};
    return thrown_by([&] { put(*t.sink, e); });
  };
  CHECK(stopped(device_member("dev/hd4", entry_kind::block_device, 40000, 70000)) ==
        "loss: output tree: device nodes could not be made (\"dev/hd4\")");
  auto e = file("f", 0);
  CHECK(stopped(e) == "none");
  e.uid = 0xffffffff;  // chown takes it for "leave it"
  CHECK(stopped(e) == "loss: output tree: owners could not be set (\"f\")");
  CHECK(stopped(member(entry_kind::fifo, "p", 010644)) == "none");
}

TEST_CASE("as root a directory whose owner cannot be set stops at the end, the first in the image named") {
  if (!root("owners")) { return; }
  tree t{{.stop_on_loss = true}};
  for (char const* const name : {"a", "a/b", "a/b/c"}) {
    auto d = directory(name);
    if (*name != '\0' && name[1] != '\0') { d.gid = 0xffffffff; }
    put(*t.sink, d);
  }
  CHECK(thrown_by([&] { t.sink->finish(); }) ==
        "loss: output tree: owners could not be set (\"a/b\": 2 members, this is the first)");
}

TEST_CASE("late directories come back deepest first, spilled or not, the last word last") {
  temp_dir const dir;
  file_descriptor const fd{dir.path(), O_RDONLY | O_DIRECTORY};
  auto const host = output::make_real_host(fd.get());
  for (std::size_t const held : {std::size_t{1} << 20, std::size_t{100}}) {
    output::late_directories late{*host, held};
    late.add("", {.mode = 1});
    for (std::uint32_t i = 0; i < 50; ++i) {
      late.add(concat("d", i), {.mode = i});
      late.add(concat("d", i, "/sub"), {.mode = 100 + i, .mtime = -5});
    }
    late.add("d7", {.mode = 777});
    std::vector<std::pair<std::string, std::uint32_t>> seen;
    late.apply([&](std::string const& path, output::directory_metadata const& m) { seen.emplace_back(path, m.mode); });
    REQUIRE(seen.size() == 102);
    CHECK(seen[0].first == "d0/sub");
    CHECK(seen[49].second == 149);
    CHECK(seen[50].first == "d0");
    CHECK(seen[100] == std::pair<std::string, std::uint32_t>{"d7", 777});
    CHECK(seen[101].first == "");
  }
}

}  // namespace tree_test
