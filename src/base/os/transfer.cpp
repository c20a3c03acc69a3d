// SPDX-License-Identifier: Apache-2.0
#include "base/os/transfer.hpp"

#include <poll.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace sysb {

namespace {

// True where the call is worth repeating: a signal came, or the descriptor is ready again.
bool once_more(int fd, short event) noexcept {
  if (errno == EINTR) { return true; }
  if (errno != EAGAIN) { return false; }
  pollfd p{fd, event, 0};
  return ::poll(&p, 1, -1) >= 0 || errno == EINTR;
}

template <typename Read>
read_bytes fill(int fd, std::span<std::byte> out, Read const& read) noexcept {
  read_bytes done;
  while (done.bytes < out.size()) {
    auto const n = read(out.subspan(done.bytes), done.bytes);
    if (n < 0 && once_more(fd, POLLIN)) { continue; }
    if (n < 0) { done.error = errno; }
    if (n <= 0) { break; }
    done.bytes += static_cast<std::size_t>(n);
  }
  return done;
}

}  // namespace

int write_fully(int fd, std::span<std::byte const> bytes) noexcept {
  while (!bytes.empty()) {
    auto const n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0) {
      if (once_more(fd, POLLOUT)) { continue; }
      return errno;
    }
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  return 0;
}

int write_fully_at(int fd, std::span<std::byte const> bytes, std::uint64_t offset) noexcept {
  while (!bytes.empty()) {
    auto const n = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (n < 0) {
      if (once_more(fd, POLLOUT)) { continue; }
      return errno;
    }
    bytes = bytes.subspan(static_cast<std::size_t>(n));
    offset += static_cast<std::uint64_t>(n);
  }
  return 0;
}

int write_fully(int fd, std::span<std::byte const> first, std::span<std::byte const> second,
                std::optional<std::uint64_t>& at) noexcept {
  while (!first.empty() || !second.empty()) {
    std::array<iovec, 2> v{};
    int pieces = 0;
    for (auto const& s : {first, second}) {
      if (s.empty()) { continue; }
      // writev takes pointers to non-const and does not write through them.
      v[static_cast<std::size_t>(pieces)].iov_base = const_cast<std::byte*>(s.data());
      v[static_cast<std::size_t>(pieces)].iov_len = s.size();
      ++pieces;
    }
    auto const n = at ? ::pwritev(fd, v.data(), pieces, static_cast<off_t>(*at)) : ::writev(fd, v.data(), pieces);
    if (n < 0) {
      if (once_more(fd, POLLOUT)) { continue; }
      return errno;
    }
    auto const done = static_cast<std::size_t>(n);
    if (at) { *at += done; }
    auto const front = std::min(done, first.size());
    first = first.subspan(front);
    second = second.subspan(done - front);
  }
  return 0;
}

read_bytes read_fully(int fd, std::span<std::byte> out) noexcept {
  return fill(fd, out, [fd](std::span<std::byte> rest, std::size_t) { return ::read(fd, rest.data(), rest.size()); });
}

read_bytes read_fully_at(int fd, std::span<std::byte> out, std::uint64_t offset) noexcept {
  return fill(fd, out, [fd, offset](std::span<std::byte> rest, std::size_t done) {
    return ::pread(fd, rest.data(), rest.size(), static_cast<off_t>(offset + done));
  });
}

}  // namespace sysb
