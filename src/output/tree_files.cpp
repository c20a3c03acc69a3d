// SPDX-License-Identifier: Apache-2.0
#include "output/tree_files.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "base/os/directory.hpp"
#include "base/os/transfer.hpp"
#include "base/text.hpp"
#include "output/fd.hpp"

namespace sysb::output {

namespace {

constexpr std::size_t hole_block = 4096;

bool all_zero(std::span<std::byte const> b) noexcept {
  // Each byte equals the one before, and the first is zero.
  return b.empty() ||
         (b.front() == std::byte{0} && (b.size() == 1 || std::memcmp(b.data(), b.data() + 1, b.size() - 1) == 0));
}

}  // namespace

std::optional<new_file_facts> facts_of_new_files(int dirfd) noexcept {
  constexpr mode_t all = 0777;
  auto const made_with = [dirfd](mode_t mode, struct stat& st) {
    unique_fd const fd{::openat(dirfd, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, mode)};
    return fd.ok() && ::fstat(fd.get(), &st) == 0;
  };
  struct stat most {};
  struct stat least {};
  if (!made_with(all, most) || !made_with(0, least)) { return std::nullopt; }
  // Some file systems give every file the same mode.
  if ((least.st_mode & all) != 0 || least.st_uid != most.st_uid || least.st_gid != most.st_gid) { return std::nullopt; }
  return new_file_facts{most.st_uid, most.st_gid, static_cast<mode_t>(most.st_mode & all)};
}

int refusal_of_system(int result, entry const& e) {
  if (result == 0) { return 0; }
  for (int const known : {EPERM, EACCES, EINVAL, EOPNOTSUPP, EOVERFLOW, ENOSYS, EROFS}) {
    if (errno == known) { return known; }
  }
  throw_os(errno, concat("cannot set owner, mode or times of ", quoted(e.path)), e.path);
}

unique_fd open_directory(dir_cache& from, std::string const& path) {
  constexpr int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  auto const gone = [](int error) { return error == ENOENT || is_in_the_way(error); };
  auto const parent = parent_path(path);
  auto const above = from.open(parent);
  if (!above.dir) {
    if (gone(above.error)) { return {}; }
    throw_os(above.error, concat("cannot open ", quoted(path)), path);
  }
  auto const name = path.empty() ? std::string{"."} : path.substr(parent.empty() ? 0 : parent.size() + 1);
  unique_fd fd{::openat(above.dir->get(), name.c_str(), flags)};
  if (!fd.ok() && errno == EACCES) {
    // Two members of this name: the mode of the first is set already.
    if (::fchmodat(above.dir->get(), name.c_str(), 0700, AT_SYMLINK_NOFOLLOW) == 0) {
      fd.reset(::openat(above.dir->get(), name.c_str(), flags));
    } else {
      errno = EACCES;
    }
  }
  if (!fd.ok() && !gone(errno)) { throw_os(errno, concat("cannot open ", quoted(path)), path); }
  return fd;
}

std::int64_t count_names(int dirfd) {
  auto const d = read_directory(unique_fd{::openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)});
  if (!d) { throw_os(errno, "cannot read the tree that was written"); }
  std::int64_t count = 0;
  while (next_name(d.get())) { ++count; }
  if (errno != 0) { throw_os(errno, "cannot read the tree that was written"); }
  return count;
}

int content_writer::put(std::span<std::byte const> bytes, std::uint64_t at) noexcept {
  // Without holes the file's own position is right, and write(2) is what pipes and all know.
  auto const error = sparse_ ? write_fully_at(fd_, bytes, at) : write_fully(fd_, bytes);
  if (error == 0 && !bytes.empty()) { length_ = at + bytes.size(); }
  return error;
}

int content_writer::write(std::span<std::byte const> piece) noexcept {
  if (!sparse_) {
    int const error = put(piece, at_);
    at_ += piece.size();
    return error;
  }
  // Blocks lie on multiples of their size in the file; a piece may begin and end within one.
  std::size_t run = 0;  // bytes before `i` that are to be written
  std::size_t i = 0;
  while (i < piece.size()) {
    auto const in_block = hole_block - static_cast<std::size_t>((at_ + i) % hole_block);
    auto const n = std::min(in_block, piece.size() - i);
    if (all_zero(piece.subspan(i, n))) {
      if (int const error = put(piece.subspan(i - run, run), at_ + i - run); error != 0) { return error; }
      run = 0;
    } else {
      run += n;
    }
    i += n;
  }
  int const error = put(piece.subspan(i - run, run), at_ + i - run);
  at_ += piece.size();
  return error;
}

int content_writer::end() noexcept {
  if (length_ == at_) { return 0; }
  return ::ftruncate(fd_, static_cast<off_t>(at_)) == 0 ? 0 : errno;
}

}  // namespace sysb::output
