// SPDX-License-Identifier: Apache-2.0
#include "support/image_output.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace sysb::test {
namespace {

class to_memory final : public image_output {
 public:
  void put(std::span<std::byte const> b) override { append(data_, b); }
  void zeros(std::uint64_t n) override { data_.resize(data_.size() + static_cast<std::size_t>(n)); }
  bytes written(std::uint64_t offset, std::size_t n) const override {
    auto const first = data_.begin() + static_cast<std::ptrdiff_t>(offset);
    return {first, first + static_cast<std::ptrdiff_t>(n)};
  }
  std::uint64_t position() const noexcept override { return data_.size(); }
  bytes const* memory() const noexcept override { return &data_; }

 private:
  bytes data_;
};

[[noreturn]] void fail(char const* what) { throw std::system_error{errno, std::generic_category(), what}; }

class to_descriptor final : public image_output {
 public:
  explicit to_descriptor(int fd) : fd_{fd} {}

  void put(std::span<std::byte const> b) override {
    while (!b.empty()) {
      auto const n = ::pwrite(fd_, b.data(), b.size(), static_cast<off_t>(at_));
      if (n < 0) { fail("pwrite"); }
      at_ += static_cast<std::uint64_t>(n);
      b = b.subspan(static_cast<std::size_t>(n));
    }
  }
  void zeros(std::uint64_t n) override {
    at_ += n;
    if (::ftruncate(fd_, static_cast<off_t>(at_)) != 0) { fail("ftruncate"); }
  }
  bytes written(std::uint64_t offset, std::size_t n) const override {
    bytes out(n);
    std::size_t have = 0;
    while (have < n) {
      auto const got = ::pread(fd_, out.data() + have, n - have, static_cast<off_t>(offset + have));
      if (got <= 0) { fail("pread"); }
      have += static_cast<std::size_t>(got);
    }
    return out;
  }
  std::uint64_t position() const noexcept override { return at_; }

 private:
  int fd_;
  std::uint64_t at_ = 0;
};

}  // namespace

std::unique_ptr<image_output> memory_output() { return std::make_unique<to_memory>(); }
std::unique_ptr<image_output> descriptor_output(int fd) { return std::make_unique<to_descriptor>(fd); }

}  // namespace sysb::test
