// SPDX-License-Identifier: Apache-2.0
#include <dirent.h>
#include <doctest/doctest.h>

#include "output/output.hpp"
#include "output/remove_tree.hpp"
#include "support.hpp"

namespace staging_test {

using namespace sysb;
using namespace sysb::test;

namespace {

std::size_t count_entries(std::string const& path) {
  std::size_t n = 0;
  DIR* const d = ::opendir(path.c_str());
  while (::readdir(d) != nullptr) { ++n; }
  ::closedir(d);
  return n - 2;
}

void write_text(int fd, std::string_view text) {
  REQUIRE(::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
}

void make_dir(std::string const& path, mode_t mode = 0755) {
  REQUIRE(::mkdir(path.c_str(), 0700) == 0);
  REQUIRE(::chmod(path.c_str(), mode) == 0);
}

}  // namespace

TEST_CASE("a file appears under its name only when it is committed") {
  temp_dir const dir;
  {
    output::staged_file f{dir / "out", false};
    write_text(f.fd(), "content");
    CHECK_FALSE(exists(dir / "out"));
    struct stat st {};
    REQUIRE(::fstat(f.fd(), &st) == 0);
    CHECK((st.st_mode & 07777) == 0600);
    f.commit();
  }
  CHECK(slurp(dir / "out") == "content");
  CHECK((stat_of(dir / "out").st_mode & 07777) == 0644);
  CHECK(count_entries(dir.path()) == 1);
}

TEST_CASE("an abandoned file leaves nothing, and what stood there stays") {
  temp_dir const dir;
  {
    output::staged_file f{dir / "out", false};
    write_text(f.fd(), "old");
    f.commit();
  }
  CHECK(thrown_by([&] { output::staged_file{dir / "out", false}; }).find("io: ") == 0);
  {
    output::staged_file f{dir / "out", true};
    write_text(f.fd(), "new");
  }
  CHECK(slurp(dir / "out") == "old");
  CHECK(count_entries(dir.path()) == 1);
  {
    output::staged_file f{dir / "out", true};
    write_text(f.fd(), "new");
    auto moved = std::move(f);
    moved.commit(0600);
  }
  CHECK(slurp(dir / "out") == "new");
  CHECK((stat_of(dir / "out").st_mode & 07777) == 0600);
}

TEST_CASE("a name that someone took meanwhile is not replaced") {
  temp_dir const dir;
  output::staged_file f{dir / "out", false};
  { file_descriptor const other{dir / "out", O_CREAT | O_WRONLY}; }
  CHECK(thrown_by([&] { f.commit(); }).find("meanwhile") != std::string::npos);
}

TEST_CASE("devices, directories and names that are none are never replaced") {
  temp_dir const dir;
  make_dir(dir / "d");
  REQUIRE(::symlink("/dev/null", (dir / "null").c_str()) == 0);
  for (auto const& name : {std::string{"/dev/null"}, dir / "d", dir / "null", dir / "", dir / ".."}) {
    CAPTURE(name);
    CHECK(thrown_by([&] { output::staged_file{name, true}; }).find("io: ") == 0);
  }
  CHECK(thrown_by([&] { output::staged_file{dir / "no/such/out", false}; }).find("io: ") == 0);
}

TEST_CASE("a tree appears whole when it is committed") {
  temp_dir const dir;
  for (bool const there : {false, true}) {
    auto const target = dir / (there ? "empty" : "absent");
    if (there) { make_dir(target); }
    {
      output::staged_tree t{target + "/"};
      REQUIRE(::mkdirat(t.fd(), "sub", 0755) == 0);
      CHECK_FALSE(exists(target + "/sub"));
      REQUIRE(::fchmod(t.fd(), 0751) == 0);
      t.commit();
    }
    CHECK(exists(target + "/sub"));
    CHECK((stat_of(target).st_mode & 07777) == 0751);
  }
  CHECK(count_entries(dir.path()) == 2);
}

TEST_CASE("a target that holds something, or is no directory, is refused") {
  temp_dir const dir;
  make_dir(dir / "full");
  make_dir(dir / "full/x");
  { file_descriptor const f{dir / "file", O_CREAT | O_WRONLY}; }
  REQUIRE(::symlink("nowhere", (dir / "dangling").c_str()) == 0);
  for (char const* name : {"full", "file", "dangling", "full/..", "absent/.."}) {
    CAPTURE(name);
    CHECK(thrown_by([&] { output::staged_tree{dir / name}; }).find("io: ") == 0);
  }
  CHECK(count_entries(dir.path()) == 3);
}

TEST_CASE("a tree goes into the directory where that cannot be replaced") {
  temp_dir const dir;
  make_dir(dir / "parent");
  make_dir(dir / "parent/target", 0777);
  auto const target = dir / "parent/target";
  // The unprivileged user may write the target but not its parent.
  auto const said = as_nobody(target, [&] {
    output::staged_tree t{target};
    if (::mkdirat(t.fd(), "sub", 0700) != 0 || ::mkdirat(t.fd(), "sub/deep", 0500) != 0 ||
        ::fchmodat(t.fd(), "sub", 0555, 0) != 0 || ::fchmod(t.fd(), 0710) != 0) {
      return std::string{"setup failed"};
    }
    if (count_entries(target) != 1) { return std::string{"staged elsewhere"}; }
    t.commit();
    return std::string{"done"};
  });
  if (::geteuid() == 0) {
    CHECK(said == "done");
    CHECK(count_entries(target) == 1);
    CHECK((stat_of(target).st_mode & 07777) == 0710);
    CHECK((stat_of(target + "/sub").st_mode & 07777) == 0555);
    CHECK(exists(target + "/sub/deep"));
  }
}

TEST_CASE("an abandoned tree is removed whatever its modes and depth") {
  temp_dir const dir;
  make_dir(dir / "own", 0777);
  auto const said = as_nobody(dir / "own", [&] {
    {
      output::staged_tree t{dir / "own/tree"};
      int at = ::dup(t.fd());
      for (int i = 0; i < 1500; ++i) {
        if (::mkdirat(at, "d", 0700) != 0) { return std::string{"mkdir"}; }
        ::close(::openat(at, "f", O_CREAT | O_WRONLY, 0400));
        int const next = ::openat(at, "d", O_RDONLY | O_DIRECTORY);
        ::fchmod(at, i % 2 == 0 ? 0000 : 0500);
        ::close(at);
        at = next;
      }
      ::close(at);
    }
    return concat(std::uint64_t{count_entries(dir / "own")});
  });
  CHECK(said == "0");
}

TEST_CASE("removing a tree follows no link") {
  temp_dir const dir;
  make_dir(dir / "keep");
  { file_descriptor const f{dir / "keep/canary", O_CREAT | O_WRONLY}; }
  make_dir(dir / "gone");
  REQUIRE(::symlink("../keep", (dir / "gone/link").c_str()) == 0);
  file_descriptor const fd{dir.path(), O_RDONLY | O_DIRECTORY};
  CHECK(output::remove_tree(fd.get(), "gone") == 0);
  CHECK_FALSE(exists(dir / "gone"));
  CHECK(exists(dir / "keep/canary"));
  CHECK(output::remove_tree(fd.get(), "gone") == ENOENT);
}

TEST_CASE("space that is not there is refused before anything is written") {
  temp_dir const dir;
  CHECK(thrown_by([&] { output::require_space(dir.path(), 1, 1); }) == "none");
  CHECK(thrown_by([&] { output::require_space(dir / "not/yet/there", 1, 1); }) == "none");
  for (auto const bytes : {std::uint64_t{UINT64_MAX}, std::uint64_t{1} << 60}) {
    auto const said = thrown_by([&] { output::require_space(dir.path(), bytes, 1); });
    CHECK(said.find("io: not enough space") == 0);
  }
}

TEST_CASE("a finished file is no more readable than the umask allows") {
  temp_dir const dir;
  for (mode_t const mask : {0077u, 0027u, 0000u}) {
    auto const before = ::umask(mask);
    output::staged_file f{dir / concat("out", std::uint64_t{mask}), false};
    f.commit(0644);
    ::umask(before);
    CHECK((stat_of(dir / concat("out", std::uint64_t{mask})).st_mode & 07777) == (0644u & ~mask));
  }
  CHECK(count_entries(dir.path()) == 3);
}

TEST_CASE("a file that was put in place and is not kept is taken back, and what it replaced comes back") {
  temp_dir const dir;
  {
    output::staged_file fresh{dir / "fresh", false};
    fresh.prepare();
    fresh.place();
    CHECK(exists(dir / "fresh"));
  }
  CHECK_FALSE(exists(dir / "fresh"));
  {
    output::staged_file old{dir / "old", false};
    write_text(old.fd(), "old");
    old.commit();
  }
  {
    output::staged_file again{dir / "old", true};
    write_text(again.fd(), "new");
    again.prepare();
    again.place();
    CHECK(slurp(dir / "old") == "new");
  }
  CHECK(slurp(dir / "old") == "old");
  {
    output::staged_file again{dir / "old", true};
    write_text(again.fd(), "new");
    again.commit();
  }
  CHECK(slurp(dir / "old") == "new");
  CHECK(count_entries(dir.path()) == 1);
}

TEST_CASE("a tree that was put in place and is not kept is taken back") {
  temp_dir const dir;
  make_dir(dir / "empty");
  for (auto const* name : {"absent", "empty"}) {
    output::staged_tree t{dir / name};
    REQUIRE(::mkdirat(t.fd(), "etc", 0755) == 0);
    t.place();
    CHECK(exists(concat(dir / name, "/etc")));
  }
  CHECK(count_entries(dir.path()) == 0);
  // Where the target is the working directory, members move into it, and out again.
  make_dir(dir / "here");
  auto const before = ::open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  REQUIRE(::chdir((dir / "here").c_str()) == 0);
  {
    output::staged_tree t{"."};
    REQUIRE(::mkdirat(t.fd(), "etc", 0755) == 0);
    t.place();
    CHECK(exists(dir / "here/etc"));
  }
  CHECK(count_entries(dir / "here") == 0);
  REQUIRE(::fchdir(before) == 0);
  ::close(before);
}

TEST_CASE("what a killed run left in a target does not stand in the way, and goes") {
  temp_dir const dir;
  make_dir(dir / "out");
  make_dir(dir / "out/.sysb-00000000000000aa.tree");
  output::staged_tree t{dir / "out"};
  REQUIRE(::mkdirat(t.fd(), "etc", 0755) == 0);
  t.commit();
  CHECK(count_entries(dir / "out") == 1);
  make_dir(dir / "out/.sysb-00000000000000aa.tree");
  CHECK(thrown_by([&] { output::staged_tree{dir / "out"}; }).find("killed") != std::string::npos);
}

}  // namespace staging_test
