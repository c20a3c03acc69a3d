// SPDX-License-Identifier: Apache-2.0
// Where the benchmarks' image makers write.
#pragma once
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <span>
#include <string>
#include <vector>

namespace sysb::bench {

[[noreturn]] inline void die(std::string const& what) {
  std::fprintf(stderr, "%s: %s\n", what.c_str(), std::strerror(errno));
  std::exit(1);
}

class image_file {
 public:
  explicit image_file(char const* path) : fd_{::open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)} {
    if (fd_ < 0) { die(path); }
  }
  void put(std::span<std::byte const> bytes) {
    buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
    if (buffer_.size() >= (1u << 20)) { flush(); }
  }
  void flush() {
    std::size_t done = 0;
    while (done < buffer_.size()) {
      auto const n = ::write(fd_, buffer_.data() + done, buffer_.size() - done);
      if (n < 0) { die("write"); }
      done += static_cast<std::size_t>(n);
    }
    buffer_.clear();
  }

 private:
  int fd_;
  std::vector<std::byte> buffer_;
};

}  // namespace sysb::bench
