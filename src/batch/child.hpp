// SPDX-License-Identifier: Apache-2.0
// A child process: started in a folder, its standard output read line by line or left alone, its end waited for.
#pragma once
#include <sys/types.h>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sysb::batch {

struct child_end {
  int exit = 0;
  int signal = 0;                 // 0: it ended by itself
  std::uint64_t peak_memory = 0;  // bytes, of the largest process of it
};

class child {
 public:
  struct options {
    std::string folder;     // working directory; empty: ours
    std::string log;        // standard error is appended to it; empty: /dev/null
    bool read_out = false;  // standard output comes through read_lines(), else to /dev/null
  };
  // Throws fatal_error{io} where no process can be started.
  child(std::vector<std::string> const& words, options const& o);
  ~child();  // an unfinished one is killed and waited for
  child(child&& other) noexcept;
  child& operator=(child&&) = delete;

  [[nodiscard]] pid_t pid() const noexcept { return pid_; }
  void send(int signal) const noexcept;
  // Reads what there is for at most `wait_milliseconds`, gives whole lines; a line over 1 MiB is dropped. False once
  // the other side closed.
  bool read_lines(std::function<void(std::string_view)> const& take, int wait_milliseconds);
  // Nothing while it runs.
  [[nodiscard]] std::optional<child_end> poll_end();
  [[nodiscard]] child_end wait();

 private:
  pid_t pid_ = -1;
  int out_ = -1;
  std::string buffer_;
  bool dropping_ = false;
};

// This program's own file, for children of the same version.
[[nodiscard]] std::string own_program();

}  // namespace sysb::batch
