// SPDX-License-Identifier: Apache-2.0
#include "output/fd_writer.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/os/random.hpp"
#include "base/os/transfer.hpp"
#include "core/fatal_error.hpp"
#include "output/fd.hpp"

namespace sysb::output {

namespace {

// Pieces from here on are not worth copying together.
constexpr std::size_t large_piece = 64u << 10;

void refuse_closed_pipe(int error_number) {
  if (error_number == EPIPE) {
    throw fatal_error{fatal_error::kind::closed_pipe, "the reader of the output went away"};
  }
}

}  // namespace

void throw_os(int error_number, std::string_view what, std::string_view path) {
  refuse_closed_pipe(error_number);
  throw fatal_error{fatal_error::kind::io, concat(what, ": ", os_text(error_number)), std::nullopt, std::string{path}};
}

void throw_unwritten(int error_number) {
  refuse_closed_pipe(error_number);
  throw write_error{os_text(error_number)};
}

std::uint64_t unforeseen_number() {
  auto const number = random_number();
  if (!number) { throw_os(errno, "no random numbers"); }
  return *number;
}

fd_writer::fd_writer(int fd, std::size_t capacity) : fd_{fd}, capacity_{capacity}, buffer_{new std::byte[capacity]} {
  struct stat st {};
  auto const flags = ::fcntl(fd, F_GETFL);
  regular_ = ::fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && flags >= 0 && (flags & O_APPEND) == 0;
}

void fd_writer::send(std::span<std::byte const> piece) {
  // Emptied first: what failed to go out is not tried again by whoever cleans up.
  auto const held = std::span{buffer_.get(), used_};
  used_ = 0;
  if (auto const error = write_fully(fd_, held, piece, at_); error != 0) { throw_unwritten(error); }
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

// Whoever writes to the descriptor afterwards goes on after it.
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
