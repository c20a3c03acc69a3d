// SPDX-License-Identifier: Apache-2.0
// A temporary file of a tree, and positioned reads and writes; all of them throw fatal_error{io}.
#pragma once
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/os/transfer.hpp"
#include "core/fatal_error.hpp"
#include "output/fd.hpp"
#include "output/tree_host.hpp"

namespace sysb::output {

[[nodiscard]] inline unique_fd open_spool(tree_host& host) {
  auto fd = host.make_spool();
  if (!fd.ok()) { throw_os(errno, "cannot make a temporary file"); }
  return fd;
}

inline void write_at(int fd, std::span<std::byte const> bytes, std::uint64_t offset) {
  if (auto const error = write_fully_at(fd, bytes, offset); error != 0) { throw_unwritten(error); }
}

inline void read_at(int fd, std::span<std::byte> bytes, std::uint64_t offset) {
  auto const got = read_fully_at(fd, bytes, offset);
  if (got.error != 0) { throw_os(got.error, "read of a temporary file failed"); }
  if (got.bytes != bytes.size()) { throw fatal_error{fatal_error::kind::io, "a temporary file became shorter"}; }
}

}  // namespace sysb::output
