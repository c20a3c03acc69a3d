// SPDX-License-Identifier: Apache-2.0
// Samples the counters of a run and shows them: a bar on a terminal, lines, or objects.
#pragma once
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "cli/console.hpp"
#include "cli/json_lines.hpp"
#include "cli/streams.hpp"

namespace sysb::cli {

enum class progress_mode : std::uint8_t { automatic, plain, json, none };

// How fast a phase goes: bytes a second, and the seconds that are left; 0 where nobody knows yet.
struct progress_pace {
  std::uint64_t rate = 0, left = 0;
};
// From the bytes that a phase has read in so much time.
[[nodiscard]] progress_pace pace_of(progress const& p, std::uint64_t bytes_before, std::uint64_t milliseconds);

// "write: 12.0 MiB of 24.0 MiB (50%), 1234 members, 6.0 MiB/s, 2 s left"
[[nodiscard]] std::string progress_text(progress const& p, progress_pace pace = {});
[[nodiscard]] std::string progress_bar(progress const& p, unsigned columns, progress_pace pace = {});

class progress_printer {
 public:
  // JSON objects go to `json` where it is wanted, else to standard error.
  progress_printer(progress_mode mode, run_control& control, console& err, int err_fd, json_lines& json);
  ~progress_printer() { stop(); }
  progress_printer(progress_printer const&) = delete;
  progress_printer& operator=(progress_printer const&) = delete;

  void start();
  void stop() noexcept;  // joins, wipes the bar; --progress plain|json end with a last sample

 private:
  void loop();
  void sample(bool last);
  void print_object();
  progress_pace pace();

  progress_mode mode_;
  run_control& control_;
  console& err_;
  json_lines& json_;
  json_lines own_json_;     // over standard error
  std::string_view phase_;  // since when, and with how many bytes after it
  std::chrono::steady_clock::time_point phase_begin_{};
  std::uint64_t phase_bytes_ = 0;
  std::thread ticker_;
  std::mutex guard_;
  std::condition_variable wake_;
  bool started_ = false;
  bool stopping_ = false;
};

}  // namespace sysb::cli
