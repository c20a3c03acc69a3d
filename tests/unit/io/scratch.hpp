// SPDX-License-Identifier: Apache-2.0
// A folder of its own for one test, files and pipes that hold known bytes, and what the system
// says about reading.
#pragma once
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "support/temp_dir.hpp"

namespace scratch {

[[nodiscard]] inline std::vector<std::byte> pattern(std::size_t size, unsigned seed) {
  std::mt19937 random{seed};
  std::vector<std::byte> out(size);
  for (auto& b : out) { b = static_cast<std::byte>(random() >> 13); }
  return out;
}

enum class channel { pipe, socket };

class folder {
 public:
  folder() { ::signal(SIGPIPE, SIG_IGN); }
  ~folder() {
    for (auto& w : writers_) { w.join(); }
  }
  folder(folder const&) = delete;
  folder& operator=(folder const&) = delete;

  [[nodiscard]] std::string const& path() const { return dir_.path(); }

  std::string file(std::string const& name, std::span<std::byte const> bytes) {
    auto const full = dir_ / name;
    std::ofstream out{full, std::ios::binary};
    out.write(reinterpret_cast<char const*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    if (!out.flush()) { throw std::runtime_error{"cannot write " + full}; }
    return full;
  }
  void append(std::string const& full, std::span<std::byte const> bytes) {
    std::ofstream out{full, std::ios::binary | std::ios::app};
    out.write(reinterpret_cast<char const*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  }
  std::string sparse_file(std::string const& name, std::uint64_t size) {
    auto const full = file(name, {});
    std::filesystem::resize_file(full, size);
    return full;
  }
  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> out;
    for (auto const& e : std::filesystem::directory_iterator{path()}) { out.push_back(e.path().filename()); }
    return out;
  }

  // The reading end of a channel that a thread fills with `bytes`.
  [[nodiscard]] int feed(std::vector<std::byte> bytes, channel kind) {
    std::array<int, 2> ends{};
    auto const made = kind == channel::pipe ? ::pipe2(ends.data(), O_CLOEXEC)
                                            : ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data());
    if (made != 0) { throw std::runtime_error{"no channel"}; }
    writers_.emplace_back([out = ends[1], b = std::move(bytes)] {
      std::size_t at = 0;
      std::size_t step = 1;
      while (at < b.size()) {
        auto const n = ::write(out, b.data() + at, std::min(step, b.size() - at));
        if (n <= 0) { break; }  // the reader is gone
        at += static_cast<std::size_t>(n);
        step = step * 3 % 60013 + 100;
      }
      ::close(out);
    });
    return ends[0];
  }

 private:
  sysb::test::temp_dir dir_;
  std::vector<std::thread> writers_;
};

// Bytes that this process has asked read(2) and its kin for.
[[nodiscard]] inline std::uint64_t bytes_read() {
  std::ifstream in{"/proc/self/io"};
  std::string word;
  std::uint64_t value = 0;
  while (in >> word >> value) {
    if (word == "rchar:") { return value; }
  }
  return 0;
}

// Files of this process cannot grow beyond `bytes` while this lives.
class file_size_limit {
 public:
  explicit file_size_limit(std::uint64_t bytes) {
    ::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    rlimit now{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &now);
  }
  ~file_size_limit() { ::setrlimit(RLIMIT_FSIZE, &before_); }
  file_size_limit(file_size_limit const&) = delete;
  file_size_limit& operator=(file_size_limit const&) = delete;

 private:
  rlimit before_{};
};

}  // namespace scratch
