// SPDX-License-Identifier: Apache-2.0
// System calls of the byte sources: repeated after signals, and errors told with place and cause.
#include "io/descriptor.hpp"

#include <poll.h>
#include <unistd.h>

#include <cerrno>

#include "base/os/temporary_file.hpp"
#include "base/os/transfer.hpp"
#include "base/text.hpp"
#include "core/fatal_error.hpp"

namespace sysb::io {

namespace {

// Runs a system call again after a signal that asks for nothing, and on a descriptor that does not block, as some pipes
// are that ssh and CI systems hand over, as soon as there is something to read.
template <typename Call>
std::int64_t repeat(int fd, Call const& call, progress const* counters) {
  for (int in_vain = 0;;) {
    std::int64_t const n = call();
    if (n >= 0 || (errno != EINTR && errno != EAGAIN)) { return n; }
    if (errno == EAGAIN) {
      pollfd wait{fd, POLLIN, 0};
      auto const ready = ::poll(&wait, 1, -1);
      // Something that is always ready and never gives anything is an error, not a reason to spin.
      if (ready > 0 && ++in_vain == 1000) {
        errno = EAGAIN;
        return -1;
      }
      if (ready < 0 && errno != EINTR) { return -1; }
    }
    if (counters != nullptr) { counters->stop_if_asked(); }
  }
}

fatal_error spool_error(std::string const& folder, std::uint64_t at, int cause) {
  if (cause == ENOSPC || cause == EDQUOT || cause == EFBIG) {
    return {fatal_error::kind::io, concat("no space for the spool in ", quoted(folder), " after ", at, " bytes (",
                                          os_text(cause), "); name a folder with more space with --tmpdir")};
  }
  return {fatal_error::kind::io, concat("spool in ", quoted(folder), " failed: ", os_text(cause)), at};
}

unique_fd create_spool(std::string const& folder) {
  auto fd = make_temporary_file(folder);
  if (!fd.ok()) {
    throw fatal_error{fatal_error::kind::io, concat("cannot create a spool file in ", quoted(folder), ": ",
                                                    os_text(errno), "; name another folder with --tmpdir")};
  }
  return fd;
}

}  // namespace

std::int64_t read_some(int fd, std::span<std::byte> out, progress const* counters) {
  return repeat(
      fd, [&] { return std::int64_t{::read(fd, out.data(), out.size())}; }, counters);
}

std::int64_t read_some_at(int fd, std::span<std::byte> out, std::uint64_t offset, progress const* counters) {
  return repeat(
      fd, [&] { return std::int64_t{::pread(fd, out.data(), out.size(), static_cast<off_t>(offset))}; }, counters);
}

spool_file::spool_file(std::string folder) : folder_{std::move(folder)} {
  if (folder_.empty()) {
    throw fatal_error{fatal_error::kind::io,
                      "the input cannot seek and no folder for a spool is allowed; name one with --tmpdir"};
  }
  fd_ = create_spool(folder_);
}

void spool_file::write_at(std::uint64_t offset, std::span<std::byte const> bytes) {
  auto const error = write_fully_at(fd_.get(), bytes, offset);
  if (error != 0) { throw spool_error(folder_, offset, error); }
}

void spool_file::read_at(std::uint64_t offset, std::span<std::byte> out) const {
  auto const got = read_fully_at(fd_.get(), out, offset);
  if (got.bytes != out.size()) { throw spool_error(folder_, offset + got.bytes, got.error != 0 ? got.error : EIO); }
}

void spool_file::clear() {
  if (::ftruncate(fd_.get(), 0) != 0) { throw spool_error(folder_, 0, errno); }
}

}  // namespace sysb::io
