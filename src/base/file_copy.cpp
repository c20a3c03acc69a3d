// SPDX-License-Identifier: Apache-2.0
#include "base/file_copy.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <span>

#include "base/os/transfer.hpp"

namespace sysb {

namespace {

// The kernel takes more, and looks for signals only in between.
constexpr std::uint64_t largest_copy = 16u << 20;

bool kernel_cannot(int error) noexcept {
  return error == EXDEV || error == EINVAL || error == ENOSYS || error == EOPNOTSUPP || error == EBADF ||
         error == EPERM || error == ETXTBSY || error == EAGAIN;
}

void through_memory(int from, std::uint64_t from_offset, int to, std::optional<std::uint64_t> to_offset,
                    std::uint64_t length, copied_bytes& out) noexcept {
  std::array<std::byte, 64u << 10> buffer;  // on the stack of whatever thread this is
  while (out.bytes < length) {
    auto const want = static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), length - out.bytes));
    auto const got = read_fully_at(from, std::span{buffer}.first(want), from_offset + out.bytes);
    auto const piece = std::span{buffer}.first(got.bytes);
    out.error = to_offset ? write_fully_at(to, piece, *to_offset + out.bytes) : write_fully(to, piece);
    if (out.error != 0) { return; }
    out.bytes += piece.size();
    out.error = got.error;
    if (piece.size() != want) { return; }
  }
}

}  // namespace

copied_bytes copy_file_bytes(int from, std::uint64_t from_offset, int to, std::optional<std::uint64_t> to_offset,
                             std::uint64_t length) noexcept {
  copied_bytes out;
  while (out.bytes < length) {
    auto in_at = static_cast<off_t>(from_offset + out.bytes);
    auto out_at = static_cast<off_t>(to_offset.value_or(0) + out.bytes);
    auto const n = ::copy_file_range(from, &in_at, to, to_offset ? &out_at : nullptr,
                                     static_cast<std::size_t>(std::min(length - out.bytes, largest_copy)), 0);
    if (n > 0) {
      out.bytes += static_cast<std::uint64_t>(n);
    } else if (n < 0 && errno == EINTR) {
      continue;
    } else if (n == 0 || kernel_cannot(errno)) {
      // Some file systems say 0 where they cannot; at the end of `from` the plain way sees so too.
      through_memory(from, from_offset, to, to_offset, length, out);
      return out;
    } else {
      out.error = errno;
      return out;
    }
  }
  return out;
}

}  // namespace sysb
