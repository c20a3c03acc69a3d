// SPDX-License-Identifier: Apache-2.0
#include "output/fd_writer.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "core/fatal_error.hpp"
#include "output/fd.hpp"

namespace sysb::output {

void unique_fd::reset(int fd) noexcept {
  if (fd_ >= 0) { ::close(fd_); }
  fd_ = fd;
}

void throw_os(int error_number, std::string_view what, std::string_view path) {
  if (error_number == EPIPE) {
    throw fatal_error{fatal_error::kind::closed_pipe, "the reader of the output went away"};
  }
  throw fatal_error{fatal_error::kind::io, concat(what, ": ", os_text(error_number)), std::nullopt, std::string{path}};
}

namespace {

// Pieces from here on are not worth copying together.
constexpr std::size_t large_piece = 64u << 10;

void wait_writable(int fd) {
  pollfd p{};
  p.fd = fd;
  p.events = POLLOUT;
  if (::poll(&p, 1, -1) < 0 && errno != EINTR) { throw_os(errno, "write failed"); }
}

// At the descriptor's position, or at `at`, which moves.
void write_all(int fd, std::span<std::byte const> first, std::span<std::byte const> second,
               std::optional<std::uint64_t>& at) {
  while (!first.empty() || !second.empty()) {
    std::array<iovec, 2> v{};
    int n = 0;
    for (auto const& s : {first, second}) {
      if (s.empty()) { continue; }
      // writev takes pointers to non-const and does not write through them.
      v[static_cast<std::size_t>(n)].iov_base = const_cast<std::byte*>(s.data());
      v[static_cast<std::size_t>(n)].iov_len = s.size();
      ++n;
    }
    auto const got = at ? ::pwritev(fd, v.data(), n, static_cast<off_t>(*at)) : ::writev(fd, v.data(), n);
    if (got < 0) {
      if (errno == EINTR) { continue; }
      if (errno == EAGAIN) {
        wait_writable(fd);
        continue;
      }
      throw_os(errno, "write failed");
    }
    auto done = static_cast<std::size_t>(got);
    if (at) { *at += done; }
    auto const front = std::min(done, first.size());
    first = first.subspan(front);
    done -= front;
    second = second.subspan(done);
  }
}

}  // namespace

fd_writer::fd_writer(int fd, std::size_t capacity) : fd_{fd}, capacity_{capacity}, buffer_{new std::byte[capacity]} {
  struct stat st {};
  auto const flags = ::fcntl(fd, F_GETFL);
  regular_ = ::fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && flags >= 0 && (flags & O_APPEND) == 0;
}

void fd_writer::send(std::span<std::byte const> piece) {
  // Emptied first: what failed to go out is not tried again by whoever cleans up.
  auto const held = std::span{buffer_.get(), used_};
  used_ = 0;
  write_all(fd_, held, piece, at_);
}

std::optional<std::uint64_t> fd_writer::reserve(std::uint64_t bytes) {
  if (!regular_) { return std::nullopt; }
  flush();
  if (!at_) {
    auto const now = ::lseek(fd_, 0, SEEK_CUR);
    if (now < 0) { throw_os(errno, "seek failed"); }
    at_ = static_cast<std::uint64_t>(now);
  }
  auto const place = *at_;
  *at_ += bytes;
  return place;
}

// Whoever writes to the descriptor afterwards goes on behind.
void fd_writer::finish() {
  flush();
  if (at_ && ::lseek(fd_, static_cast<off_t>(*at_), SEEK_SET) < 0) { throw_os(errno, "seek failed"); }
}

void fd_writer::write(std::span<std::byte const> piece) {
  if (piece.size() >= std::min(large_piece, capacity_)) {
    send(piece);
    return;
  }
  if (piece.empty()) { return; }
  if (piece.size() > capacity_ - used_) { flush(); }
  std::memcpy(buffer_.get() + used_, piece.data(), piece.size());
  used_ += piece.size();
}

void fd_writer::flush() {
  if (used_ != 0) { send({}); }
}

}  // namespace sysb::output
