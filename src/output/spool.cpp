// SPDX-License-Identifier: Apache-2.0
#include "output/spool.hpp"

#include <cerrno>

#include "base/os/temporary_file.hpp"
#include "base/os/transfer.hpp"
#include "core/fatal_error.hpp"
#include "output/fd.hpp"

namespace sysb::output {

unique_fd open_spool(int dirfd) {
  auto fd = make_temporary_file(dirfd, ".");
  if (!fd.ok()) { throw_os(errno, "cannot make a temporary file"); }
  return fd;
}

void write_at(int fd, std::span<std::byte const> bytes, std::uint64_t offset) {
  if (auto const error = write_fully_at(fd, bytes, offset); error != 0) { throw_unwritten(error); }
}

void read_at(int fd, std::span<std::byte> bytes, std::uint64_t offset) {
  auto const got = read_fully_at(fd, bytes, offset);
  if (got.error != 0) { throw_os(got.error, "read of a temporary file failed"); }
  if (got.bytes != bytes.size()) { throw fatal_error{fatal_error::kind::io, "a temporary file became shorter"}; }
}

}  // namespace sysb::output
