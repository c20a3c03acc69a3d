// SPDX-License-Identifier: Apache-2.0
// What the sinks ask of the operating system, and when: calls of this program go through the functions below, as the
// linker takes a program's own functions before those of the C library.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "base/os/directory.hpp"
#include "killed_run.hpp"
#include "output/joint_commit.hpp"
#include "output/output.hpp"
#include "output/remove_tree.hpp"
#include "support.hpp"
#include "tree_fixture.hpp"

namespace host_calls_test {

using namespace sysb;
using namespace sysb::test;

namespace {

// Given what is called, and with which; anything but 0 is the errno that the call fails with.
struct hooks {
  std::function<int(int fd)> fsync{};
  std::function<int(int fd)> syncfs{};
  std::function<int(std::string_view path, int flags)> openat{};
  std::function<int(std::string_view path)> unlinkat{};
  std::function<int(std::string_view path)> stat{};     // empty: of a descriptor
  std::function<bool(std::string_view text)> strdup{};  // true: there is no memory for it
};
hooks* active = nullptr;

class hooked {
 public:
  explicit hooked(hooks h) : mine_{std::move(h)} { active = &mine_; }
  ~hooked() { active = nullptr; }
  hooked(hooked const&) = delete;
  hooked& operator=(hooked const&) = delete;

 private:
  hooks mine_;
};

int failed(int error) {
  errno = error;
  return -1;
}

int open_at(int dir, char const* path, int flags, mode_t mode) {
  if (auto* const h = active; h != nullptr && h->openat) {
    if (int const error = h->openat(path, flags); error != 0) { return failed(error); }
  }
  return static_cast<int>(::syscall(SYS_openat, dir, path, flags, mode));
}

int stat_at(int dir, char const* path, struct stat* out, int flags) {
  if (auto* const h = active; h != nullptr && h->stat) {
    if (int const error = h->stat(path); error != 0) { return failed(error); }
  }
  return static_cast<int>(::syscall(SYS_newfstatat, dir, path, out, flags));
}

mode_t mode_of(int flags, va_list& rest) {
  return (flags & (O_CREAT | O_TMPFILE)) != 0 ? static_cast<mode_t>(va_arg(rest, unsigned)) : mode_t{0};
}

}  // namespace

extern "C" {
int fsync(int fd) {
  if (active != nullptr && active->fsync) {
    if (int const error = active->fsync(fd); error != 0) { return failed(error); }
  }
  return static_cast<int>(::syscall(SYS_fsync, fd));
}
int syncfs(int fd) noexcept {
  if (active != nullptr && active->syncfs) {
    if (int const error = active->syncfs(fd); error != 0) { return failed(error); }
  }
  return 0;  // the machine that runs the tests need not write what it has to write
}
int unlinkat(int dir, char const* path, int flags) noexcept {
  if (active != nullptr && active->unlinkat) {
    if (int const error = active->unlinkat(path); error != 0) { return failed(error); }
  }
  return static_cast<int>(::syscall(SYS_unlinkat, dir, path, flags));
}
// With large files both names are one to the compiler and two to the linker.
int sysb_test_openat(int dir, char const* path, int flags, ...) __asm__("openat");
int sysb_test_openat64(int dir, char const* path, int flags, ...) __asm__("openat64");
int sysb_test_openat(int dir, char const* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  auto const mode = mode_of(flags, rest);
  va_end(rest);
  return open_at(dir, path, flags, mode);
}
int sysb_test_openat64(int dir, char const* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  auto const mode = mode_of(flags, rest);
  va_end(rest);
  return open_at(dir, path, flags, mode);
}
char* strdup(char const* text) noexcept {
  if (active != nullptr && active->strdup && active->strdup(text)) {
    errno = ENOMEM;
    return nullptr;
  }
  auto const size = std::strlen(text) + 1;
  auto* const out = static_cast<char*>(std::malloc(size));
  return out == nullptr ? nullptr : static_cast<char*>(std::memcpy(out, text, size));
}
int sysb_test_fstat(int fd, struct stat* out) __asm__("fstat");
int sysb_test_fstat64(int fd, struct stat* out) __asm__("fstat64");
int sysb_test_fstatat(int dir, char const* path, struct stat* out, int flags) __asm__("fstatat");
int sysb_test_fstatat64(int dir, char const* path, struct stat* out, int flags) __asm__("fstatat64");
int sysb_test_fstat(int fd, struct stat* out) { return stat_at(fd, "", out, AT_EMPTY_PATH); }
int sysb_test_fstat64(int fd, struct stat* out) { return stat_at(fd, "", out, AT_EMPTY_PATH); }
int sysb_test_fstatat(int dir, char const* path, struct stat* out, int flags) { return stat_at(dir, path, out, flags); }
int sysb_test_fstatat64(int dir, char const* path, struct stat* out, int flags) {
  return stat_at(dir, path, out, flags);
}
}

namespace {

ino_t inode_of(int fd) {
  struct stat st {};
  return ::fstat(fd, &st) == 0 ? st.st_ino : 0;
}

std::string only_entry(std::string const& folder) {
  dir_stream const d{::opendir(folder.c_str())};
  std::string out;
  while (auto const* const item = ::readdir(d.get())) {
    std::string_view const name{item->d_name};
    if (name != "." && name != "..") { out += out.empty() ? std::string{name} : concat(" ", name); }
  }
  return out;
}

bool is_empty(std::string const& folder) { return only_entry(folder).empty(); }

}  // namespace

TEST_CASE("a file is on disk before it has its name, and its name before it is done") {
  temp_dir const dir;
  auto const out = dir / "out";
  std::vector<std::string> seen;
  ino_t bytes = 0;
  hooked const calls{{
      .fsync =
          [&](int fd) {
            auto const what = inode_of(fd) == bytes                        ? "bytes"
                              : inode_of(fd) == stat_of(dir.path()).st_ino ? "folder"
                                                                           : "other";
            seen.push_back(concat(std::string_view{what}, exists(out) ? " named" : " unnamed"));
            return 0;
          },
  }};
  output::staged_file f{out, false};
  bytes = inode_of(f.fd());
  f.commit();
  CHECK(seen == std::vector<std::string>{"bytes unnamed", "folder named"});
}

TEST_CASE("a file that cannot be brought to disk has no name afterwards") {
  for (bool const folder : {false, true}) {
    temp_dir const dir;
    ino_t bytes = 0;
    {
      hooked const calls{{.fsync = [&](int fd) { return (inode_of(fd) == bytes) != folder ? EIO : 0; }}};
      output::staged_file f{dir / "out", false};
      bytes = inode_of(f.fd());
      CHECK(thrown_by([&] { f.commit(); }).starts_with("io: sync of "));
    }
    CHECK(is_empty(dir.path()));
  }
}

TEST_CASE("a file system that cannot sync folders is no failure") {
  temp_dir const dir;
  ino_t bytes = 0;
  hooked const calls{{.fsync = [&](int fd) { return inode_of(fd) == bytes ? 0 : EINVAL; }}};
  output::staged_file f{dir / "out", false};
  bytes = inode_of(f.fd());
  f.commit();
  CHECK(exists(dir / "out"));
}

TEST_CASE("the name of a tree is on disk before it is done") {
  for (bool const there : {false, true}) {  // an empty directory that is replaced
    temp_dir const dir;
    auto const out = dir / "out";
    if (there) { REQUIRE(::mkdir(out.c_str(), 0700) == 0); }
    std::string named;
    output::staged_tree t{out};
    REQUIRE(::mkdirat(t.fd(), "marker", 0700) == 0);
    hooked const calls{{
        .fsync =
            [&](int fd) {
              if (inode_of(fd) == stat_of(dir.path()).st_ino) { named = exists(out + "/marker") ? "named" : "unnamed"; }
              return 0;
            },
    }};
    t.commit();
    CHECK(named == "named");
  }
}

TEST_CASE("a tree is brought to disk when all of it is there, and that it could not be is an error") {
  temp_dir const dir;
  for (int const error : {0, EIO}) {
    auto const path = dir / (error == 0 ? "whole" : "failed");
    REQUIRE(::mkdir(path.c_str(), 0700) == 0);
    file_descriptor const fd{path, O_RDONLY | O_DIRECTORY};
    collected findings;
    output::tree_options o;
    o.privileged = ::geteuid() == 0;
    o.sync = true;
    auto const sink = output::make_tree_sink(fd.get(), o, findings);
    put(*sink, directory("d", 040750));
    put_file(*sink, "d/f", "content");
    unsigned count = 0;
    hooked const calls{{
        .syncfs =
            [&](int which) {
              ++count;
              CHECK(inode_of(which) == stat_of(path).st_ino);
              CHECK(slurp(path + "/d/f") == "content");
              CHECK((stat_of(path + "/d").st_mode & 07777) == 0750);
              return error;
            },
    }};
    CHECK(thrown_by([&] { sink->finish(); }).starts_with(error == 0 ? "none" : "io: sync failed"));
    CHECK(count == 1);
  }
}

TEST_CASE("the umask counts on file systems without nameless files too, and nothing stays of the look") {
  temp_dir const dir;
  hooked const calls{
      {.openat = [](std::string_view, int flags) { return (flags & O_TMPFILE) == O_TMPFILE ? EOPNOTSUPP : 0; }}};
  for (mode_t const mask : {0077u, 0000u}) {
    auto const name = concat("out", std::uint64_t{mask});
    auto const before = ::umask(mask);
    output::staged_file f{dir / name, false};
    f.commit(0644);
    ::umask(before);
    CHECK((stat_of(dir / name).st_mode & 07777) == (0644u & ~mask));
    REQUIRE(::unlink((dir / name).c_str()) == 0);
    CHECK(is_empty(dir.path()));
  }
}

TEST_CASE("what is not finished is for its owner alone") {
  temp_dir const dir;
  auto const before = ::umask(0);
  {
    output::staged_tree const t{dir / "tree"};
    CHECK((stat_of(dir / only_entry(dir.path())).st_mode & 07777) == 0700);
  }
  {
    output::staged_file const f{dir / "file", false};
    CHECK((stat_of(dir / only_entry(dir.path())).st_mode & 07777) == 0600);
  }
  ::umask(before);
  CHECK(is_empty(dir.path()));
}

TEST_CASE("inodes that are not there are refused, where the file system counts them") {
  temp_dir const dir;
  struct statvfs fs {};
  REQUIRE(::statvfs(dir.path().c_str(), &fs) == 0);
  auto const said = thrown_by([&] { output::require_space(dir.path(), 1, std::numeric_limits<std::uint64_t>::max()); });
  CHECK(said.starts_with(fs.f_files != 0 ? "io: not enough inodes" : "none"));
}

TEST_CASE("removing a tree stops where another process moved a directory of it") {
  temp_dir const dir;
  auto const make = [&](char const* name) { REQUIRE(::mkdir((dir / name).c_str(), 0700) == 0); };
  make("tree");
  make("tree/a");
  make("tree/a/b");
  make("other");
  make("other/b");  // of the same name as what was being removed
  file_descriptor{dir / "tree/a/b/f", O_CREAT | O_WRONLY};
  file_descriptor const top{dir.path(), O_RDONLY | O_DIRECTORY};
  bool moved = false;
  hooked const calls{{.openat = [&](std::string_view path, int) {
    if (path == ".." && !moved) {
      moved = true;
      REQUIRE(::rename((dir / "tree/a/b").c_str(), (dir / "b").c_str()) == 0);
      REQUIRE(::rename((dir / "b").c_str(), (dir / "other/moved").c_str()) == 0);
    }
    return 0;
  }}};
  CHECK(output::remove_tree(top.get(), "tree") == ESTALE);
  CHECK(moved);
  CHECK(exists(dir / "other/b"));
}

TEST_CASE("a journal that stays is told, and the next run removes it") {
  temp_dir const dir;
  {
    output::joint_commit commit{dir / "out", {}};
    hooked const calls{{.unlinkat = [](std::string_view) { return EIO; }}};
    CHECK_THROWS_WITH_AS(commit.close(), doctest::Contains("is complete, but its journal cannot be removed"),
                         fatal_error);
  }
  CHECK_FALSE(is_empty(dir.path()));
  output::joint_commit{dir / "out", {}}.close();
  CHECK(is_empty(dir.path()));
}

TEST_CASE("a journal that cannot be looked at ends the run at once") {
  temp_dir const dir;
  hooked const calls{{.stat = [](std::string_view path) { return path.empty() ? EIO : 0; }}};
  CHECK(thrown_by([&] { output::joint_commit{dir / "out", {}}; }).find("io: cannot write \".sysb-") == 0);
  CHECK(is_empty(dir.path()));
}

TEST_CASE("what a killed run had finished is not taken back where OUT cannot be looked at") {
  temp_dir const dir;
  REQUIRE(::mkdir((dir / "out.d").c_str(), 0755) == 0);
  killed_run(dir, 3, false);
  {
    hooked const calls{{.stat = [](std::string_view path) { return path == "out" ? EIO : 0; }}};
    CHECK(thrown_by([&] { (void)output::settle_killed_run(dir / "out", dir / "out.d"); }).find("io: cannot ") == 0);
  }
  CHECK(slurp(dir / "out") == "new");
  CHECK(slurp(dir / "out.d/report.txt") == "new");
  CHECK(output::settle_killed_run(dir / "out", dir / "out.d") == output::left_behind::finished);
}

TEST_CASE("a directory that cannot be looked at is no member that is refused, and stays") {
  temp_dir const dir;
  tree t;
  put(*t.sink, directory("d"));
  hooked const calls{{.stat = [](std::string_view path) { return path == "d" ? EIO : 0; }}};
  CHECK(thrown_by([&] { put(*t.sink, directory("d")); }).find("io: ") == 0);
  CHECK(exists(t / "d"));
  CHECK(t.findings.ids.empty());
}

TEST_CASE("where libarchive finds no memory, no member is left out for it") {
  temp_dir const dir;
  output::staged_file file{dir / "out", false};
  collected findings;
  auto const sink = output::make_archive_sink(file.fd(), {.format = "pax"}, findings);
  // Of a name of a character set: libarchive calls that a member which it cannot write.
  hooked const calls{{.strdup = [](std::string_view text) { return text == "UTF-8"; }}};
  CHECK_THROWS_AS(put_file(*sink, "member", "x"), std::bad_alloc);
  CHECK(findings.ids.empty());
}

TEST_CASE("an empty directory is removed also where nothing can be opened any more") {
  temp_dir const dir;
  REQUIRE(::mkdir((dir / "empty").c_str(), 0700) == 0);
  unique_fd const folder{::open(dir.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  hooked const calls{{.openat = [](std::string_view, int) { return EMFILE; }}};
  CHECK(output::remove_tree(folder.get(), "empty") == 0);
}

}  // namespace host_calls_test
