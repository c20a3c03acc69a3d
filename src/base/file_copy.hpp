// SPDX-License-Identifier: Apache-2.0
// Bytes from one file to another, by the kernel where it can.
#pragma once
#include <cstdint>
#include <optional>

namespace sysb {

struct copied_bytes {
  std::uint64_t bytes = 0;  // fewer than asked for: `from` ends there, or `error`
  int error = 0;            // errno of the read or write that failed
};

// `length` bytes at `from_offset` of the regular file `from`, to `to_offset` of `to`, or to its
// current position (then a pipe will do). Safe beside other calls on the same descriptors where
// `to_offset` is given. Without copy_file_range(2), or where the file systems refuse it, the bytes go
// through memory.
[[nodiscard]] copied_bytes copy_file_bytes(int from, std::uint64_t from_offset, int to,
                                           std::optional<std::uint64_t> to_offset, std::uint64_t length) noexcept;

}  // namespace sysb
