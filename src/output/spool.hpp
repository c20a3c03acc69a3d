// SPDX-License-Identifier: Apache-2.0
// A temporary file beside the output, and positioned reads and writes that throw.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/os/descriptor.hpp"

namespace sysb::output {

// In the file system of `dirfd`, mode 0600. Throws fatal_error{io}.
[[nodiscard]] unique_fd open_spool(int dirfd);
void write_at(int fd, std::span<std::byte const> bytes, std::uint64_t offset);
void read_at(int fd, std::span<std::byte> bytes, std::uint64_t offset);

}  // namespace sysb::output
