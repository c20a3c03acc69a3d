// SPDX-License-Identifier: Apache-2.0
#include "output/read_back.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "base/os/transfer.hpp"
#include "base/text.hpp"
#include "core/entry_kinds.hpp"
#include "core/fatal_error.hpp"
#include "output/archive_reader.hpp"
#include "output/fd.hpp"

namespace sysb::output {

namespace {

constexpr std::size_t piece_bytes = 256u << 10;

digest128 digest_content(int fd, std::string const& path) {
  digester all;
  std::vector<std::byte> piece(piece_bytes);
  for (;;) {
    auto const got = read_fully(fd, piece);
    if (got.error != 0) { throw_os(got.error, "the output cannot be read back", path); }
    all.update(std::span{piece}.first(got.bytes));
    if (got.bytes < piece.size()) { return all.value(); }
  }
}

unique_fd open_for_reading(int dirfd, std::string const& path, mode_t mode) {
  constexpr int how = O_RDONLY | O_NOFOLLOW | O_CLOEXEC;
  unique_fd fd{::openat(dirfd, path.c_str(), how)};
  if (fd.ok() || errno != EACCES) { return fd; }
  // Without root, a file of mode 0111 can be read by nobody, its writer included.
  if (::fchmodat(dirfd, path.c_str(), S_IRUSR, 0) != 0) { return fd; }
  fd = unique_fd{::openat(dirfd, path.c_str(), how)};
  auto const error = errno;
  if (::fchmodat(dirfd, path.c_str(), mode & 07777, 0) != 0) { throw_os(errno, "cannot set the mode", path); }
  errno = error;
  return fd;
}

}  // namespace

void read_archive_back(int fd, std::function<void(read_back_member const&)> const& visit) {
  if (::lseek(fd, 0, SEEK_SET) != 0) { throw_os(errno, "the output cannot be read back"); }
  archive_reader from{fd, fatal_error::kind::io, "the output cannot be read back"};
  read_back_member m;
  entry e;
  digester all;
  while (from.next(e)) {
    m.path = e.path;
    m.kind = e.kind;
    m.link = !e.link_to.empty();
    m.permissions = e.permissions();
    m.uid = e.uid;
    m.gid = e.gid;
    m.mtime = e.mtime;
    m.size = 0;
    all.reset();
    for (auto piece = from.read(); !piece.empty(); piece = from.read()) {
      m.size += piece.size();
      all.update(piece);
    }
    m.digest = all.value();
    visit(m);
  }
}

std::optional<read_back_member> read_tree_back(int dirfd, std::string const& path) {
  auto const at = path.empty() ? std::string{"."} : path;
  struct stat st {};
  if (::fstatat(dirfd, at.c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) { return std::nullopt; }
    throw_os(errno, "the output cannot be read back", path);
  }
  read_back_member m;
  m.path = path;
  m.kind = kind_of(st.st_mode & S_IFMT);
  m.permissions = st.st_mode & 07777;
  m.uid = st.st_uid;
  m.gid = st.st_gid;
  m.mtime = st.st_mtim.tv_sec;
  if (m.kind == entry_kind::symlink) { m.size = static_cast<std::uint64_t>(st.st_size); }
  if (m.kind != entry_kind::file) { return m; }
  m.size = static_cast<std::uint64_t>(st.st_size);
  m.link = st.st_nlink > 1;
  auto const fd = open_for_reading(dirfd, at, st.st_mode);
  if (!fd.ok()) { throw_os(errno, "the output cannot be read back", path); }
  m.digest = digest_content(fd.get(), path);
  return m;
}

}  // namespace sysb::output
