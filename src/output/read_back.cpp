// SPDX-License-Identifier: Apache-2.0
#include "output/read_back.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <vector>

#include "base/os/transfer.hpp"
#include "base/text.hpp"
#include "core/fatal_error.hpp"
#include "output/fd.hpp"
#include "output/utf8_names.hpp"

namespace sysb::output {

namespace {

constexpr std::size_t piece_bytes = 256u << 10;

struct read_deleter {
  void operator()(::archive* a) const noexcept { ::archive_read_free(a); }
};

[[noreturn]] void unreadable(::archive* a) {
  auto const* const text = ::archive_error_string(a);
  std::string_view const why{text != nullptr ? text : "unknown error"};
  throw fatal_error{fatal_error::kind::io, concat("the output cannot be read back: ", why)};
}

entry_kind kind_of(unsigned type) noexcept {
  switch (type) {
    case S_IFDIR: return entry_kind::directory;
    case S_IFLNK: return entry_kind::symlink;
    case S_IFCHR: return entry_kind::char_device;
    case S_IFBLK: return entry_kind::block_device;
    case S_IFIFO: return entry_kind::fifo;
    case S_IFSOCK: return entry_kind::socket;
    default: return entry_kind::file;
  }
}

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
  utf8_locale locale;
  utf8_locale::scope const utf8{locale};
  std::unique_ptr<::archive, read_deleter> const reader{::archive_read_new()};
  auto* const a = reader.get();
  if (a == nullptr) { throw std::bad_alloc{}; }
  ::archive_read_support_filter_gzip(a);
  ::archive_read_support_filter_xz(a);
  ::archive_read_support_filter_zstd(a);
  ::archive_read_support_format_tar(a);
  ::archive_read_support_format_cpio(a);
  if (::archive_read_open_fd(a, fd, piece_bytes) != ARCHIVE_OK) { unreadable(a); }
  read_back_member m;
  std::vector<std::byte> piece(piece_bytes);
  for (;;) {
    ::archive_entry* e = nullptr;
    auto const r = ::archive_read_next_header(a, &e);
    if (r == ARCHIVE_EOF) { return; }
    if (r < ARCHIVE_WARN) { unreadable(a); }
    auto const* const name = ::archive_entry_pathname(e);
    m.path = name != nullptr ? name : "";
    m.kind = kind_of(::archive_entry_filetype(e));
    m.link = ::archive_entry_hardlink(e) != nullptr;
    m.size = 0;
    digester all;
    for (;;) {
      auto const n = ::archive_read_data(a, piece.data(), piece.size());
      if (n < 0) { unreadable(a); }
      if (n == 0) { break; }
      m.size += static_cast<std::uint64_t>(n);
      all.update(std::span{piece}.first(static_cast<std::size_t>(n)));
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
