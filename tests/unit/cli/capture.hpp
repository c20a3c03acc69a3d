// SPDX-License-Identifier: Apache-2.0
// A pair of descriptors that a test can read after a run.
#pragma once
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <string>

#include "cli/streams.hpp"

namespace sysb::cli::test {

class captured {
 public:
  captured() : out_{::memfd_create("out", MFD_CLOEXEC)}, err_{::memfd_create("err", MFD_CLOEXEC)} {}
  ~captured() {
    ::close(out_);
    ::close(err_);
  }
  captured(captured const&) = delete;
  captured& operator=(captured const&) = delete;
  [[nodiscard]] streams descriptors() const noexcept { return {out_, err_}; }
  [[nodiscard]] std::string out() const { return text(out_); }
  [[nodiscard]] std::string err() const { return text(err_); }

 private:
  static std::string text(int fd) {
    std::string all;
    char piece[4096];
    for (off_t at = 0;;) {
      auto const n = ::pread(fd, piece, sizeof piece, at);
      if (n <= 0) { return all; }
      all.append(piece, static_cast<std::size_t>(n));
      at += n;
    }
  }
  int out_;
  int err_;
};

}  // namespace sysb::cli::test
