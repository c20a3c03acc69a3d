// SPDX-License-Identifier: Apache-2.0
// A descriptor that closes itself, and the words for what the system refused.
#pragma once
#include <string>
#include <string_view>
#include <utility>

namespace sysb::output {

class unique_fd {
 public:
  unique_fd() = default;
  explicit unique_fd(int fd) noexcept : fd_{fd} {}
  ~unique_fd() { reset(); }
  unique_fd(unique_fd&& other) noexcept : fd_{std::exchange(other.fd_, -1)} {}
  unique_fd& operator=(unique_fd&& other) noexcept {
    if (this != &other) { reset(std::exchange(other.fd_, -1)); }
    return *this;
  }
  [[nodiscard]] int get() const noexcept { return fd_; }
  [[nodiscard]] bool ok() const noexcept { return fd_ >= 0; }
  void reset(int fd = -1) noexcept;

 private:
  int fd_ = -1;
};

// fatal_error{io}: "what: reason". EPIPE becomes fatal_error{closed_pipe}.
[[noreturn]] void throw_os(int error_number, std::string_view what, std::string_view path = {});

}  // namespace sysb::output
