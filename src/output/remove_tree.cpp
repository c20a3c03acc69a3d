// SPDX-License-Identifier: Apache-2.0
#include "output/remove_tree.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "base/os/directory.hpp"
#include "output/fd.hpp"

namespace sysb::output {

namespace {

constexpr int open_flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

dir_stream open_for_removal(int parent, char const* name) {
  struct stat st {};
  if (::fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) != 0) { return nullptr; }
  if (S_ISDIR(st.st_mode) && (st.st_mode & S_IRWXU) != S_IRWXU) {
    // Whether it helped is seen when the directory is opened.
    [[maybe_unused]] auto const helped = ::fchmodat(parent, name, S_IRWXU, AT_SYMLINK_NOFOLLOW);
  }
  return read_directory(unique_fd{::openat(parent, name, open_flags)});
}

// One step down: the directory's name, and which directory it was entered from.
struct level {
  std::string name;
  dev_t parent_dev = 0;
  ino_t parent_ino = 0;
};

// Unlinks what `d` holds until a directory stands in the way that is not empty; its name is
// returned, or nothing when `d` is empty. `error` is set when something cannot be removed.
std::string clear_entries(DIR* d, int& error) {
  int const fd = ::dirfd(d);
  for (;;) {
    errno = 0;
    dirent const* const item = ::readdir(d);
    if (item == nullptr) {
      if (errno != 0) { error = errno; }
      return {};
    }
    std::string_view const name{item->d_name};
    if (name == "." || name == "..") { continue; }
    if (item->d_type != DT_DIR && ::unlinkat(fd, item->d_name, 0) == 0) { continue; }
    if (::unlinkat(fd, item->d_name, AT_REMOVEDIR) == 0) { continue; }
    if (errno == ENOTEMPTY || errno == EEXIST || errno == EACCES) { return std::string{name}; }
    error = errno;
    return {};
  }
}

int remove_below(int parent, char const* name) {
  auto current = open_for_removal(parent, name);
  if (!current) {
    auto const error = errno;
    // Where nothing can be opened any more, an empty one can still go.
    return ::unlinkat(parent, name, AT_REMOVEDIR) == 0 ? 0 : error;
  }
  std::vector<level> way;
  for (;;) {
    int error = 0;
    auto deeper = clear_entries(current.get(), error);
    if (error != 0) { return error; }
    if (!deeper.empty()) {
      struct stat st {};
      if (::fstat(::dirfd(current.get()), &st) != 0) { return errno; }
      auto next = open_for_removal(::dirfd(current.get()), deeper.c_str());
      if (!next) { return errno; }
      way.push_back({std::move(deeper), st.st_dev, st.st_ino});
      current = std::move(next);
      continue;
    }
    if (way.empty()) { break; }
    // Up again by "..", which must be where we came from: nobody may have moved it meanwhile.
    auto above = read_directory(unique_fd{::openat(::dirfd(current.get()), "..", open_flags)});
    if (!above) { return errno; }
    int const up = ::dirfd(above.get());
    struct stat st {};
    if (::fstat(up, &st) != 0) { return errno; }
    if (st.st_dev != way.back().parent_dev || st.st_ino != way.back().parent_ino) { return ESTALE; }
    if (::unlinkat(up, way.back().name.c_str(), AT_REMOVEDIR) != 0) { return errno; }
    way.pop_back();
    current = std::move(above);
  }
  current.reset();
  return ::unlinkat(parent, name, AT_REMOVEDIR) == 0 ? 0 : errno;
}

}  // namespace

int remove_tree(int parent, char const* name) noexcept {
  try {
    return remove_below(parent, name);
  } catch (std::bad_alloc const&) { return ENOMEM; }
}

}  // namespace sysb::output
