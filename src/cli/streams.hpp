// SPDX-License-Identifier: Apache-2.0
// The three descriptors of a run, and a buffered writer over one of them. Commands take
// them as values, so that a test can run a command inside its own process.
#pragma once
#include <atomic>
#include <string>
#include <string_view>

#include "core/progress.hpp"

namespace sysb::cli {

struct streams {
  int out = 1;
  int err = 2;
};

// What signal handlers may touch. One a process in main, one a run in tests.
struct run_control {
  progress counters;
  std::atomic<bool> line_wanted{false};  // SIGUSR1
};

// Buffered. Once it has failed, every later write fails the same way, so that a failure in
// the progress thread ends the run. The descriptor stays the caller's.
class text_writer {
 public:
  explicit text_writer(int fd) noexcept : fd_{fd} {}
  // Throw fatal_error{closed_pipe} when nobody reads any more, fatal_error{io} otherwise.
  void write(std::string_view text);
  void flush();
  [[nodiscard]] int fd() const noexcept { return fd_; }

 private:
  [[noreturn]] void fail() const;
  int fd_;
  std::string buffer_;
  int error_ = 0;
};

// All of `text`, or false: for messages whose loss must not end a run.
bool write_all(int fd, std::string_view text) noexcept;

}  // namespace sysb::cli
