// SPDX-License-Identifier: Apache-2.0
// An image against what is made of it, and sides that are damaged or made to harm.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "base/text.hpp"
#include "core/fatal_error.hpp"
#include "diff/system_changes.hpp"
#include "fixture.hpp"
#include "output/archive_reader.hpp"

namespace sides_test {

using namespace sysb;
using namespace sysb::diff;
using namespace sysb::diff::testing;
using sysb::test::image_builder;

namespace {
using lines = std::vector<std::string>;
}

TEST_CASE("a tree against a tree: types, contents, targets, links") {
  folder const f;
  static_cast<void>(f.put("a/etc/motd", "hello\n"));
  static_cast<void>(f.put("b/etc/motd", "hallo\n"));
  static_cast<void>(f.put("a/etc/only", "1"));
  std::filesystem::create_symlink("x", f.path("a/link"));
  std::filesystem::create_symlink("y", f.path("b/link"));
  static_cast<void>(f.put("a/one", "linked"));
  static_cast<void>(f.put("b/one", "linked"));
  std::filesystem::create_hard_link(f.path("a/one"), f.path("a/two"));
  std::filesystem::create_hard_link(f.path("b/one"), f.path("b/two"));
  std::filesystem::last_write_time(f.path("a/etc/motd"), {});
  auto const seen = compare(f.path("a"), f.path("b"), {.ignore_times = true});
  CHECK(seen.lines == lines{"M etc/motd xxh3", "- etc/only", "M link target"});
  CHECK(seen.findings.empty());
}

TEST_CASE("a tree does not tell everything, and that is known") {
  folder const f;
  image_builder b;
  b.volume().directory("./").file("./x", "content").end();
  auto const image = f.put("a.img", b.bytes());
  static_cast<void>(f.put("t/x", "content"));
  ::chmod(f.path("t/x").c_str(), 0644);
  ::chmod(f.path("t").c_str(), 0755);
  auto const seen = compare(image, f.path("t"), {.ignore_times = true});
  CHECK((seen.not_compared & property::acl) != 0);
  CHECK((seen.not_compared & property::high_mode) != 0);
}

TEST_CASE("the manifest beside a tree tells owner and lists; a mode that was changed in the tree shows") {
  folder const f;
  static_cast<void>(f.put("t/x", "content"));
  ::chmod(f.path("t/x").c_str(), 0600);
  ::chmod(f.path("t").c_str(), 0755);
  static_cast<void>(f.put("t.mtree",
                          "#mtree\n. type=dir mode=0755 uid=0 gid=0 time=0.0 tags=aix_mode:000041ed\n./x type=file "
                          "mode=4755 uid=7 gid=8 size=7 time=0.0 tags=aix_mode:000089ed\n./c type=char mode=0600 uid=0 "
                          "gid=0 time=0.0 device=native,3,4 tags=aix_mode:00002180\n"));
  static_cast<void>(f.put("m",
                          "#mtree\n. type=dir mode=0755 uid=0 gid=0 time=0.0 tags=aix_mode:000041ed\n./x type=file "
                          "mode=4755 uid=7 gid=8 size=7 time=0.0 tags=aix_mode:000089ed\n./c type=char mode=0600 "
                          "uid=0 gid=0 time=0.0 device=native,3,4 tags=aix_mode:00002180\n"));
  // Without a digest in the manifest its content is not known.
  CHECK(compare(f.path("t"), f.path("m"), {.ignore_times = true}).lines == lines{"! x perm"});
  ::chmod(f.path("t/x").c_str(), 0755);
  CHECK(compare(f.path("t"), f.path("m"), {.ignore_times = true}).lines == lines{"! x"});
}

TEST_CASE("a manifest that is cut or none of ours is refused") {
  folder const f;
  auto const good = f.put("good", "#mtree\n. type=dir mode=0755 uid=0 gid=0 time=0.0\n");
  for (auto const* const text :
       {"#mtree\n./x type=file mode=07", "#mtree\nx type=file\n", "#mtree\n./x type=what\n",
        "#mtree\n./\\9 type=file\n", "#mtree\n./x size=99999999999999999999999\n", "#mtree\n./x tags=aix_acl:0g\n"}) {
    auto const bad = f.put("bad", std::string_view{text});
    try {
      static_cast<void>(compare(good, bad));
      FAIL(text);
    } catch (fatal_error const& e) { CHECK(e.what_kind() == fatal_error::kind::damaged); }
  }
}

TEST_CASE("what is missing or unknown ends with its own kind of error") {
  folder const f;
  image_builder b;
  b.volume().directory("./").end();
  auto const image = f.put("a.img", b.bytes());
  auto const kind_of = [&](std::string const& name) {
    try {
      static_cast<void>(compare(image, name));
    } catch (fatal_error const& e) { return e.what_kind(); }
    return fatal_error::kind::internal;
  };
  CHECK(kind_of(f.path("nothing")) == fatal_error::kind::io);
  CHECK(kind_of(f.put("text", "just some text\n")) == fatal_error::kind::unsupported);
  CHECK(kind_of(f.put("index", "SYSBIDX\nrest")) == fatal_error::kind::damaged);
  // What cannot be looked at or read is neither missing nor no archive.
  REQUIRE(std::filesystem::create_directory(f.path("tree")));
  CHECK(kind_of(f.path("tree")) == fatal_error::kind::internal);  // that is: compared
  std::filesystem::create_symlink("tree.mtree", f.path("tree.mtree"));
  CHECK(kind_of(f.path("tree")) == fatal_error::kind::io);
  unique_fd const folder{::open(f.path("tree").c_str(), O_RDONLY)};
  CHECK_THROWS_AS(static_cast<void>(output::is_archive(folder.get())), fatal_error);
}

TEST_CASE("a system is compared by what it says of itself") {
  system_facts a;
  system_facts b;
  a.any = b.any = true;
  a.level = "7.1.5.0";
  b.level = "7.2.0.0";
  a.host["hostname"] = "old";
  b.host["hostname"] = "new";
  a.users["root"] = {0, "0:/:/bin/ksh"};
  b.users["root"] = {0, "0:/:/bin/ksh"};
  b.users["web"] = {204, "1:/home/web:/bin/ksh"};
  a.file_systems["home"] = {1u << 30, "hd1"};
  b.file_systems["home"] = {2u << 30, "hd1"};
  a.filesets["bos.rte"] = {fileset_level{{7, 1, 5, 0}, "committed"}, fileset_level{{7, 1, 5, 0}, "committed"}, {}};
  b.filesets["bos.rte"] = {fileset_level{{7, 2, 0, 0}, "committed"}, fileset_level{{7, 2, 0, 0}, "committed"}, {}};
  a.filesets["old.fs"] = {fileset_level{{1, 0, 0, 10}, "committed"}, {}, {}};
  b.filesets["old.fs"] = {fileset_level{{1, 0, 0, 9}, "committed"}, {}, {}};
  b.filesets["new.fs"] = {fileset_level{{1, 0, 0, 0}, "applied"}, {}, {}};
  std::string text;
  for (auto const& c : compare_systems(a, b)) {
    text += concat(c.area, ' ', c.name, ": ", c.was ? c.before : "-", " > ", c.is ? c.after : "-", '\n');
  }
  CHECK(text ==
        "level level: 7.1.5.0 > 7.2.0.0\nhost hostname: old > new\nfile_system /home: 1.0 GiB, hd1 > 2.0 GiB, hd1\n"
        "user web: - > uid 204, gid:home:shell 1:/home/web:/bin/ksh\n");
  text.clear();
  for (auto const& c : compare_filesets(a, b)) {
    text += concat(c.what, ' ', c.name, ' ', c.before, " > ", c.after, ' ', std::uint64_t{c.parts.size()}, '\n');
  }
  CHECK(text == "up bos.rte 7.1.5.0 > 7.2.0.0 2\nadded new.fs  > 1.0.0.0 1\ndown old.fs 1.0.0.10 > 1.0.0.9 1\n");
  // What one side does not tell did not change.
  b.any = false;
  CHECK(compare_systems(a, b).empty());
}

TEST_CASE("an expected plan: what it names, all of it, and nothing else") {
  folder const f;
  auto const report =
      f.put("d/report.json", R"({"type":"report","plan":[],"left_out":[{"subtree":"/dev","members":2}],)"
                             R"("replaced":[{"path":"/etc/objrepos/CuAt"}],"added":[{"path":"/usr"}]})");
  static_cast<void>(f.put("d/dropped.txt", "V11\t./dev/a\twhy\nV11\t./dev/b\\0012\twhy\n"));
  auto const changed = [](change_kind k, std::string path) {
    change c;
    c.what = k;
    c.path = std::move(path);
    return c;
  };
  {
    expected_plan p{report, "/tmp"};
    CHECK(p.expects(changed(change_kind::removed, "dev/a")));
    CHECK(p.expects(changed(change_kind::removed, "dev/b\n")));
    CHECK(!p.expects(changed(change_kind::removed, "dev/c")));
    CHECK(p.expects(changed(change_kind::content, "etc/objrepos/CuAt")));
    CHECK(!p.expects(changed(change_kind::content, "etc/passwd")));
    CHECK(!p.expects(changed(change_kind::unknown, "etc/objrepos/CuAt")));
    CHECK(p.expects(changed(change_kind::added, "usr")));
    CHECK(!p.expects(changed(change_kind::added, "usr/x")));
    CHECK(p.finish().members == 0);
  }
  {
    expected_plan p{report, "/tmp"};
    CHECK(!p.expects(changed(change_kind::removed, "dev/aa")));
    CHECK(p.finish().members == 2);
  }
  std::filesystem::remove(f.path("d/dropped.txt"));
  {
    expected_plan p{report, "/tmp"};
    CHECK(p.expects(changed(change_kind::removed, "dev/a")));
    CHECK(p.expects(changed(change_kind::removed, "dev/b")));
    CHECK(!p.expects(changed(change_kind::removed, "dev/c")));
    CHECK(p.finish().members == 0);
  }
  CHECK_THROWS_AS(expected_plan(f.put("no.json", "{}"), "/tmp"), fatal_error);
  CHECK_THROWS_AS(expected_plan(f.put("no.json", "[1"), "/tmp"), fatal_error);
}

}  // namespace sides_test
