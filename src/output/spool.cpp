// SPDX-License-Identifier: Apache-2.0
#include "output/spool.hpp"

#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>

#include <cerrno>

#include "base/text.hpp"
#include "core/fatal_error.hpp"

namespace sysb::output {

unique_fd open_spool(int dirfd) {
  unique_fd fd{::openat(dirfd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600)};
  if (fd.ok()) { return fd; }
  // Not every file system knows files without a name.
  for (int attempt = 0; attempt < 16; ++attempt) {
    std::uint64_t v = 0;
    if (::getrandom(&v, sizeof v, 0) < 0) { throw_os(errno, "no random numbers"); }
    auto const name = concat(".sysb-", hex(v, 16), ".spool");
    fd.reset(::openat(dirfd, name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (fd.ok()) {
      if (::unlinkat(dirfd, name.c_str(), 0) != 0) { throw_os(errno, "cannot unlink a temporary file"); }
      return fd;
    }
    if (errno != EEXIST) { break; }
  }
  throw_os(errno, "cannot make a temporary file");
}

void write_at(int fd, std::span<std::byte const> bytes, std::uint64_t offset) {
  while (!bytes.empty()) {
    auto const n = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (n < 0) {
      if (errno == EINTR) { continue; }
      throw_os(errno, "write failed");
    }
    bytes = bytes.subspan(static_cast<std::size_t>(n));
    offset += static_cast<std::uint64_t>(n);
  }
}

void read_at(int fd, std::span<std::byte> bytes, std::uint64_t offset) {
  while (!bytes.empty()) {
    auto const n = ::pread(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (n < 0) {
      if (errno == EINTR) { continue; }
      throw_os(errno, "read of a temporary file failed");
    }
    if (n == 0) { throw fatal_error{fatal_error::kind::io, "a temporary file became shorter"}; }
    bytes = bytes.subspan(static_cast<std::size_t>(n));
    offset += static_cast<std::uint64_t>(n);
  }
}

}  // namespace sysb::output
