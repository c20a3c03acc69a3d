// SPDX-License-Identifier: Apache-2.0
// Samples the counters of a run and shows them: a bar on a terminal, lines, or objects.
#pragma once
#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "cli/console.hpp"
#include "cli/json_lines.hpp"
#include "cli/streams.hpp"

namespace sysb::cli {

enum class progress_mode : std::uint8_t { automatic, plain, json, none };

// "write: 12.0 MiB of 24.0 MiB (50%), 1234 members"
[[nodiscard]] std::string progress_text(progress const& p);
[[nodiscard]] std::string progress_bar(progress const& p, unsigned columns);

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

  progress_mode mode_;
  run_control& control_;
  console& err_;
  json_lines& json_;
  json_lines own_json_;  // over standard error
  std::thread ticker_;
  std::mutex guard_;
  std::condition_variable wake_;
  bool started_ = false;
  bool stopping_ = false;
};

}  // namespace sysb::cli
