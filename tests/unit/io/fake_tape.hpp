// SPDX-License-Identifier: Apache-2.0
// A tape in memory that behaves as the kernel's driver for SCSI tapes documents it.
#pragma once
#include <algorithm>
#include <cerrno>
#include <memory>
#include <vector>

#include "io/tape_drive.hpp"

namespace fake_tape {

using block = std::vector<std::byte>;
using file = std::vector<block>;

// Cuts `bytes` into blocks of `size`.
[[nodiscard]] inline file blocks(std::span<std::byte const> bytes, std::size_t size) {
  file out;
  for (std::size_t at = 0; at < bytes.size(); at += size) {
    auto const piece = bytes.subspan(at, std::min(size, bytes.size() - at));
    out.emplace_back(piece.begin(), piece.end());
  }
  return out;
}

struct counts {
  std::size_t reads = 0;
  std::size_t steps_back = 0;
};

class drive final : public sysb::io::device {
 public:
  drive(std::vector<file> files, std::size_t fixed = 0, counts* c = nullptr)
      : files_{std::move(files)}, fixed_{fixed}, counts_{c != nullptr ? c : &own_} {}

  std::int64_t read(std::span<std::byte> out) override {
    ++counts_->reads;
    if (file_ == files_.size()) { return 0; }
    auto const& f = files_[file_];
    if (block_ == f.size()) {
      ++file_;
      block_ = 0;
      return 0;
    }
    if (fixed_ != 0) { return read_fixed(f, out); }
    auto const& b = f[block_++];
    if (b.size() > out.size()) { return fail(ENOMEM); }  // and the tape has moved
    std::copy(b.begin(), b.end(), out.begin());
    return static_cast<std::int64_t>(b.size());
  }
  std::optional<tape_state> tape() override { return tape_state{static_cast<long>(block_), fixed_}; }
  bool back_blocks(int n) override {
    ++counts_->steps_back;
    block_ -= static_cast<std::size_t>(n);
    return true;
  }
  bool forward_file() override {
    if (file_ == files_.size()) { return fail(EIO) == 0; }
    ++file_;
    block_ = 0;
    return true;
  }

 private:
  static std::int64_t fail(int cause) {
    errno = cause;
    return -1;
  }
  std::int64_t read_fixed(file const& f, std::span<std::byte> out) {
    if (out.size() % fixed_ != 0) { return fail(EINVAL); }
    std::size_t done = 0;
    for (; block_ < f.size() && done + fixed_ <= out.size(); ++block_) {
      std::copy(f[block_].begin(), f[block_].end(), out.begin() + static_cast<std::ptrdiff_t>(done));
      done += fixed_;
    }
    return static_cast<std::int64_t>(done);
  }

  std::vector<file> files_;
  std::size_t fixed_;
  counts own_;
  counts* counts_;
  std::size_t file_ = 0;
  std::size_t block_ = 0;
};

}  // namespace fake_tape
