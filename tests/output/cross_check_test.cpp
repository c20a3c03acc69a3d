// SPDX-License-Identifier: Apache-2.0
// Our archives and manifests, read by tools that are not ours: GNU tar, bsdtar, cpio.
#include <doctest/doctest.h>
#include <sys/wait.h>

#include <cstdio>
#include <map>

#include "output/output.hpp"
#include "unit/output/support.hpp"

namespace cross_check_test {

using namespace sysb;
using namespace sysb::test;
using output::compression;

namespace {

struct outcome {
  int exit = -1;
  std::string text;  // stdout and stderr
};

outcome run(std::string const& command) {
  outcome o;
  FILE* const p = ::popen(concat("( ", command, " ) 2>&1").c_str(), "r");
  REQUIRE(p != nullptr);
  char buffer[4096];
  for (std::size_t n = 0; (n = std::fread(buffer, 1, sizeof buffer, p)) > 0;) { o.text.append(buffer, n); }
  int const status = ::pclose(p);
  o.exit = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return o;
}

bool have(char const* tool) {
  if (run(concat("command -v ", std::string_view{tool})).exit == 0) { return true; }
  MESSAGE("skipped: no ", tool);
  return false;
}

std::string big_content() {
  std::string s;
  for (unsigned i = 0; s.size() < 700000; ++i) { s += concat(i * 2654435761u, ' '); }
  return s;
}

// Members that every format holds.
struct content {
  bool old_times = false;  // before 1970
  bool latin = true;       // a name that is not UTF-8
};

void fill(entry_sink& s, content const& what, std::string const& big) {
  put(s, directory(""));
  put(s, directory("etc", 040750));
  put_file(s, "etc/motd", "hello\n", 0106755);
  put_file(s, "caf\xc3\xa9", "utf-8");
  if (what.latin) { put_file(s, "caf\xe9", "latin"); }
  put_file(s, "del\x7f\x7f", "two");
  put_file(s, "big", big);
  put_file(s, "empty", "");
  auto old = file("old", 3);
  old.mtime = what.old_times ? -100 : 100;
  put(s, old, "old");
  auto first = file("bin/first", 4);
  first.nlink = 3;
  put(s, first, "link");
  put(s, hard_link("bin/second", "bin/first"));
  put(s, symbolic_link("dangling", "no/such/target"));
  put(s, member(entry_kind::fifo, "fifo", 010640));
  put(s, hard_link("third", "bin/first"));
  auto acl = file("acl", 1);
  acl.mode |= 0x02000000;
  acl.acl = {std::byte{0}, std::byte{1}};
  acl.acl_extended = true;
  acl.acl_text = "permit rw- g:214\n";
  put(s, acl, "a");
  auto const deep = std::string(90, 'd') + "/" + std::string(90, 'e');
  put_file(s, deep, "deep");
}

void check_unpacked(std::string const& at, content const& what, std::string const& big, bool dir_times = true) {
  CHECK(slurp(at + "/etc/motd") == "hello\n");
  CHECK((stat_of(at + "/etc/motd").st_mode & 07777) == 06755);
  CHECK((stat_of(at + "/etc").st_mode & 07777) == 0750);
  if (dir_times) { CHECK(stat_of(at + "/etc").st_mtime == 1000000000); }
  CHECK(slurp(at + "/caf\xc3\xa9") == "utf-8");
  if (what.latin) { CHECK(slurp(at + "/caf\xe9") == "latin"); }
  CHECK(slurp(at + "/del\x7f\x7f") == "two");
  CHECK(slurp(at + "/big") == big);
  CHECK(stat_of(at + "/empty").st_size == 0);
  CHECK(stat_of(at + "/old").st_mtime == (what.old_times ? -100 : 100));
  CHECK(slurp(at + "/bin/first") == "link");
  CHECK(stat_of(at + "/bin/first").st_nlink == 3);
  CHECK(stat_of(at + "/bin/first").st_ino == stat_of(at + "/bin/second").st_ino);
  CHECK(stat_of(at + "/bin/first").st_ino == stat_of(at + "/third").st_ino);
  CHECK(link_target(at + "/dangling") == "no/such/target");
  CHECK(S_ISFIFO(stat_of(at + "/fifo").st_mode));
  CHECK(slurp(concat(at, '/', std::string(90, 'd'), '/', std::string(90, 'e'))) == "deep");
}

std::string write_archive(temp_dir const& dir, std::string_view format, compression c, content const& what,
                          std::string const& big) {
  auto const path = dir / concat(format, '.', static_cast<int>(c));
  file_descriptor const fd{path, O_RDWR | O_CREAT | O_TRUNC};
  collected findings;
  auto const sink = output::make_archive_sink(fd.get(), {.format = format, .compress = c, .threads = 2}, findings);
  fill(*sink, what, big);
  sink->finish();
  CHECK(findings.text == "");
  return path;
}

std::string fresh(temp_dir const& dir, std::string_view name) {
  auto path = dir / name;
  REQUIRE(::mkdir(path.c_str(), 0755) == 0);
  return path;
}

constexpr compression all_compressions[]{compression::none, compression::gzip, compression::xz, compression::zstd};

}  // namespace

TEST_CASE("GNU tar lists and unpacks every tar of ours without a word") {
  if (!have("tar")) { return; }
  auto const big = big_content();
  int n = 0;
  for (std::string_view const format : {"pax", "ustar", "gnutar"}) {
    for (auto const c : all_compressions) {
      if (c != compression::none && format != "pax") { continue; }
      temp_dir const dir;
      // GNU tar has a word for names in a pax archive that are not UTF-8: see below.
      content const what{.latin = format != "pax"};
      auto const path = write_archive(dir, format, c, what, big);
      CAPTURE(path);
      for (std::string_view const locale : {"C", "C.UTF-8"}) {
        auto const listed = run(concat("LC_ALL=", locale, " tar -tf ", path, " >/dev/null"));
        CHECK(listed.exit == 0);
        CHECK(listed.text == "");
        auto const at = fresh(dir, concat("t", ++n));
        auto const got = run(concat("umask 0; LC_ALL=", locale, " tar -xpf ", path, " -C ", at));
        CHECK(got.exit == 0);
        CHECK(got.text == "");
        check_unpacked(at, what, big);
      }
    }
  }
}

TEST_CASE("GNU tar unpacks names that are not UTF-8 and times before 1970 from pax") {
  if (!have("tar")) { return; }
  content const what{.old_times = true};
  for (std::string_view const locale : {"C", "C.UTF-8"}) {
    temp_dir const dir;
    auto const path = write_archive(dir, "pax", compression::none, what, "x");
    auto const at = fresh(dir, "t");
    auto const got = run(concat("umask 0; TZ=UTC LC_ALL=", locale, " tar -xpf ", path, " -C ", at));
    CHECK(got.exit == 0);
    // It does not know the standard's keyword for such names, and says so; it needs none.
    CHECK(got.text ==
          "tar: Ignoring unknown extended header keyword 'hdrcharset'\n"
          "tar: old: implausibly old time stamp 1969-12-31 23:58:20\n");
    check_unpacked(at, what, "x");
  }
}

TEST_CASE("GNU tar finds the AIX attributes of a pax archive") {
  if (!have("tar")) { return; }
  temp_dir const dir;
  auto const path = write_archive(dir, "pax", compression::none, {}, "x");
  auto const got = run(concat("tar --xattrs --xattrs-include='*' -tvvf ", path, " acl"));
  CHECK(got.exit == 0);
  for (char const* name : {"user.aix.mode", "user.aix.acl", "user.aix.acl_text"}) {
    CHECK(got.text.find(name) != std::string::npos);
  }
}

TEST_CASE("bsdtar unpacks every archive of ours") {
  if (!have("bsdtar")) { return; }
  auto const big = big_content();
  for (std::string_view const format : {"pax", "ustar", "gnutar", "newc"}) {
    for (auto const c : all_compressions) {
      if (c != compression::none && format != "newc") { continue; }
      temp_dir const dir;
      content const what{.old_times = format == "pax"};
      auto const path = write_archive(dir, format, c, what, big);
      CAPTURE(path);
      auto const at = fresh(dir, "b");
      auto const got = run(concat("umask 0; LC_ALL=C.UTF-8 bsdtar -xp --no-xattrs -f ", path, " -C ", at));
      CHECK(got.exit == 0);
      CHECK(got.text == "");
      check_unpacked(at, what, big);
    }
  }
}

TEST_CASE("GNU cpio unpacks a newc archive with its hard links") {
  if (!have("cpio")) { return; }
  auto const big = big_content();
  temp_dir const dir;
  auto const path = write_archive(dir, "newc", compression::none, {}, big);
  CHECK(stat_of(path).st_size % 512 == 0);
  auto const at = fresh(dir, "c");
  auto const got = run(concat("cd ", at, " && umask 0 && LC_ALL=C cpio --quiet -idm < ", path));
  CHECK(got.exit == 0);
  CHECK(got.text == "");
  check_unpacked(at, {}, big, false);  // it sets a directory's time before it fills it
}

TEST_CASE("bsdtar reads an mtree manifest without complaint") {
  if (!have("bsdtar")) { return; }
  temp_dir const dir;
  auto const path = dir / "manifest";
  {
    file_descriptor const fd{path, O_RDWR | O_CREAT};
    auto const sink = output::make_mtree_sink(fd.get());
    fill(*sink, {}, "x");
    sink->finish();
  }
  auto const got = run(concat("LC_ALL=C bsdtar -tf ", path));
  CHECK(got.exit == 0);
  CHECK(got.text.find("bsdtar:") == std::string::npos);
  CHECK(got.text.find("./etc/motd") != std::string::npos);
  CHECK(got.text.find("./bin/second") != std::string::npos);
}

TEST_CASE("a tree of ours and the same members unpacked by GNU tar are equal") {
  if (!have("tar")) { return; }
  auto const big = big_content();
  temp_dir const dir;
  auto const ours = fresh(dir, "ours");
  {
    file_descriptor const fd{ours, O_RDONLY | O_DIRECTORY};
    collected findings;
    auto const sink = output::make_tree_sink(fd.get(), {.privileged = ::geteuid() == 0, .sync = false}, findings);
    fill(*sink, {.latin = false}, big);
    sink->finish();
  }
  check_unpacked(ours, {.latin = false}, big);
  auto const path = write_archive(dir, "pax", compression::none, {.latin = false}, big);
  auto const got = run(concat("tar --compare -f ", path, " -C ", ours));
  CHECK(got.text == "");
  CHECK(got.exit == 0);
}

}  // namespace cross_check_test
