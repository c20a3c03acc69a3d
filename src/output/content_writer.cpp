// SPDX-License-Identifier: Apache-2.0
#include "output/content_writer.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/os/transfer.hpp"

namespace sysb::output {

namespace {

constexpr std::size_t hole_block = 4096;

bool all_zero(std::span<std::byte const> b) noexcept {
  // Each byte equals the one before, and the first is zero.
  return b.empty() ||
         (b.front() == std::byte{0} && (b.size() == 1 || std::memcmp(b.data(), b.data() + 1, b.size() - 1) == 0));
}

}  // namespace

int content_writer::put(std::span<std::byte const> bytes, std::uint64_t at) noexcept {
  // Without holes the file's own position is right, and write(2) is what pipes and all know.
  auto const error = sparse_ ? write_fully_at(fd_, bytes, at) : write_fully(fd_, bytes);
  if (error == 0 && !bytes.empty()) { length_ = at + bytes.size(); }
  return error;
}

int content_writer::write(std::span<std::byte const> piece) noexcept {
  if (!sparse_) {
    int const error = put(piece, at_);
    at_ += piece.size();
    return error;
  }
  // Blocks lie on multiples of their size in the file; a piece may begin and end within one.
  std::size_t run = 0;  // bytes before `i` that are to be written
  std::size_t i = 0;
  while (i < piece.size()) {
    auto const in_block = hole_block - static_cast<std::size_t>((at_ + i) % hole_block);
    auto const n = std::min(in_block, piece.size() - i);
    if (all_zero(piece.subspan(i, n))) {
      if (int const error = put(piece.subspan(i - run, run), at_ + i - run); error != 0) { return error; }
      run = 0;
    } else {
      run += n;
    }
    i += n;
  }
  int const error = put(piece.subspan(i - run, run), at_ + i - run);
  at_ += piece.size();
  return error;
}

int content_writer::end() noexcept {
  if (length_ == at_) { return 0; }
  return ::ftruncate(fd_, static_cast<off_t>(at_)) == 0 ? 0 : errno;
}

}  // namespace sysb::output
