// SPDX-License-Identifier: Apache-2.0
#include "base/file_copy.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>

namespace sysb {

namespace {

// The kernel takes more, and looks for signals only in between.
constexpr std::uint64_t largest_copy = 16u << 20;

bool kernel_cannot(int error) noexcept {
  return error == EXDEV || error == EINVAL || error == ENOSYS || error == EOPNOTSUPP || error == EBADF ||
         error == EPERM || error == ETXTBSY || error == EAGAIN;
}

// 0, or errno.
int write_all(int to, std::optional<std::uint64_t> at, std::byte const* data, std::size_t n) noexcept {
  while (n != 0) {
    auto const done = at ? ::pwrite(to, data, n, static_cast<off_t>(*at)) : ::write(to, data, n);
    if (done < 0 && errno == EAGAIN) {
      pollfd p{to, POLLOUT, 0};
      (void)::poll(&p, 1, -1);
      continue;
    }
    if (done < 0 && errno != EINTR) { return errno; }
    if (done <= 0) { continue; }
    data += done;
    n -= static_cast<std::size_t>(done);
    if (at) { *at += static_cast<std::uint64_t>(done); }
  }
  return 0;
}

void through_memory(int from, std::uint64_t from_offset, int to, std::optional<std::uint64_t> to_offset,
                    std::uint64_t length, copied_bytes& out) noexcept {
  std::array<std::byte, 64u << 10> buffer;  // on the stack of whatever thread this is
  while (out.bytes < length) {
    auto const want = static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), length - out.bytes));
    auto const n = ::pread(from, buffer.data(), want, static_cast<off_t>(from_offset + out.bytes));
    if (n < 0 && errno == EINTR) { continue; }
    if (n < 0) { out.error = errno; }
    if (n <= 0) { return; }
    auto const at = to_offset ? std::optional{*to_offset + out.bytes} : std::nullopt;
    out.error = write_all(to, at, buffer.data(), static_cast<std::size_t>(n));
    if (out.error != 0) { return; }
    out.bytes += static_cast<std::uint64_t>(n);
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
