// SPDX-License-Identifier: Apache-2.0
#include "output/leftovers.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>

#include "base/os/descriptor.hpp"
#include "base/os/directory.hpp"
#include "base/text.hpp"
#include "core/fatal_error.hpp"
#include "output/joint_commit.hpp"
#include "output/remove_tree.hpp"

namespace sysb::output {

namespace {

constexpr std::string_view journal_suffix = ".lock";
constexpr std::array<std::string_view, 5> suffixes{".part", ".tree", ".mask", ".spool", journal_suffix};

[[noreturn]] void fail(std::string const& what, std::string const& path, int error) {
  throw fatal_error{fatal_error::kind::io, concat(what, ' ', quoted(path), ": ", os_text(error)), std::nullopt, path};
}

// A file is opened for writing, since a network file system gives an exclusive lock for nothing less.
unique_fd open_staged(int folder, std::string const& name, bool tree) {
  return unique_fd{
      ::openat(folder, name.c_str(), (tree ? O_RDONLY | O_DIRECTORY : O_RDWR | O_NONBLOCK) | O_NOFOLLOW | O_CLOEXEC)};
}

bool lock(int fd) noexcept {
  for (;;) {
    if (::flock(fd, LOCK_EX | LOCK_NB) == 0) { return true; }
    if (errno != EINTR) { return false; }
  }
}

}  // namespace

bool is_staged_name(std::string_view name) noexcept {
  constexpr std::string_view mark = ".sysb-";
  if (name.substr(0, mark.size()) != mark || name.size() < mark.size() + 16) { return false; }
  auto const digits = name.substr(mark.size(), 16);
  auto const hexadecimal = std::all_of(digits.begin(), digits.end(),
                                       [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
  return hexadecimal && std::find(suffixes.begin(), suffixes.end(), name.substr(mark.size() + 16)) != suffixes.end();
}

bool held_by_another(int fd) noexcept { return !lock(fd) && errno == EWOULDBLOCK; }

bool claim(int fd) noexcept {
  if (held_by_another(fd)) { return false; }
  struct stat st {};
  return ::fstat(fd, &st) != 0 || st.st_nlink != 0;
}

std::vector<leftover> find_leftovers(std::string const& folder) {
  dir_stream const open{::opendir(folder.c_str())};
  if (!open) { fail("cannot read folder", folder, errno); }
  std::vector<leftover> found;
  for (;;) {
    errno = 0;
    auto const* const item = ::readdir(open.get());
    if (item == nullptr) {
      if (errno != 0) { fail("cannot read folder", folder, errno); }
      break;
    }
    std::string const name{item->d_name};
    struct stat st {};
    if (!is_staged_name(name) || ::fstatat(::dirfd(open.get()), name.c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0) {
      continue;
    }
    if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)) { continue; }  // nothing that we make
    leftover one{concat(folder, folder.back() == '/' ? "" : "/", name), S_ISDIR(st.st_mode), true,
                 static_cast<std::uint64_t>(st.st_blocks) * 512};
    auto const fd = open_staged(::dirfd(open.get()), name, one.tree);
    one.in_use = !fd.ok() || !lock(fd.get());
    found.push_back(std::move(one));
  }
  std::sort(found.begin(), found.end(), [](auto const& a, auto const& b) { return a.path < b.path; });
  return found;
}

bool remove_leftover(leftover const& what) {
  auto const slash = what.path.rfind('/');
  auto const folder = slash == 0 ? std::string{"/"} : what.path.substr(0, slash);
  auto const name = what.path.substr(slash + 1);
  unique_fd const above{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!above.ok()) { fail("cannot open folder", folder, errno); }
  auto const fd = open_staged(above.get(), name, what.tree);
  if (!fd.ok()) {
    if (errno == ENOENT) { return false; }
    fail("cannot open", what.path, errno);
  }
  if (!lock(fd.get())) { return false; }
  if (name.size() > journal_suffix.size() &&
      std::string_view{name}.substr(name.size() - journal_suffix.size()) == journal_suffix) {
    // With it goes what its run had put in place without the rest.
    ::flock(fd.get(), LOCK_UN);
    (void)settle_journal(folder, name);
    struct stat st {};
    return ::fstat(fd.get(), &st) == 0 && st.st_nlink == 0;
  }
  auto const error = what.tree                                       ? remove_tree(above.get(), name.c_str())
                     : ::unlinkat(above.get(), name.c_str(), 0) == 0 ? 0
                                                                     : errno;
  if (error != 0) { fail("cannot remove", what.path, error); }
  return true;
}

}  // namespace sysb::output
