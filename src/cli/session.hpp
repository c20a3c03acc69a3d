// SPDX-License-Identifier: Apache-2.0
// One run of one command: its streams, its findings, its progress, and the summary that
// ends it.
#pragma once
#include <cstdint>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/findings.hpp"
#include "cli/json_lines.hpp"
#include "cli/progress_printer.hpp"
#include "cli/streams.hpp"
#include "core/fatal_error.hpp"
#include "core/ledger.hpp"
#include "core/limits.hpp"
#include "jobs/jobs.hpp"

namespace sysb::cli {

using jobs::exit_code;
using jobs::exit_state;

// What the `summary` object says beyond the counts of findings.
struct run_summary : jobs::totals {
  wpar::verdict verdict = wpar::verdict::ok;  // of a job
  bool output_written = false;
  bool forced = false;
  std::optional<bool> content_verified;
  std::optional<std::string_view> wpar;  // "shared" "private"
  struct level_verdict {
    std::string source;
    std::optional<bool> minimum_ok;
    std::string host;
    std::string_view action;  // "none" "syncwpar" "migwpar" "too_new" "unknown"
  };
  std::optional<level_verdict> level;
  bool is_diff = false;                      // exit codes are those of diff(1)
  std::optional<std::string_view> compared;  // the verdict of a comparison: "same" "different"
  std::function<void(json_writer&)> more;    // what one command alone has to say
};

class session {
 public:
  session(streams const& s, run_control& control, common_options const& o, std::string subject);

  [[nodiscard]] text_writer& out() noexcept { return out_; }  // content for people
  [[nodiscard]] json_lines& json() noexcept { return json_; }
  [[nodiscard]] ledger& findings() noexcept { return findings_; }
  [[nodiscard]] findings_printer& printer() noexcept { return printer_; }
  [[nodiscard]] progress& counters() noexcept { return control_.counters; }
  [[nodiscard]] progress_printer& progress_display() noexcept { return progress_; }
  [[nodiscard]] limits const& bounds() const noexcept { return limits_; }
  [[nodiscard]] streams const& descriptors() const noexcept { return streams_; }
  // What was typed.
  [[nodiscard]] std::string const& command_line() const noexcept { return command_line_; }
  [[nodiscard]] run_summary& summary() noexcept { return summary_; }
  void add_exit(exit_code c) noexcept { exit_.add(c); }
  // The code as it stands now.
  [[nodiscard]] exit_code current() const;

  // A line for people on stderr; nothing with --quiet.
  void say(std::string_view text);

  // What a job came to: into the summary and the exit code; says what ended it.
  void finish(jobs::outcome const& done);
  void fatal(fatal_error const& e);  // remembers the code, prints the object and the text
  // Ends progress, prints the summary, flushes; returns the exit code.
  [[nodiscard]] int close() noexcept;

 private:
  void print_summary(exit_code c);

  streams streams_;
  run_control& control_;
  bool quiet_;
  std::string command_line_;
  limits limits_;
  console console_;
  text_writer out_;
  json_lines json_;
  findings_printer printer_;
  ledger findings_;
  progress_printer progress_;
  exit_state exit_;
  std::optional<exit_code> job_exit_;
  run_summary summary_;
};

// What a job tells, for a command that shows nothing of it but findings and progress.
class job_events : public jobs::events {
 public:
  explicit job_events(session& s) : events{s.findings(), s.counters()}, session_{s} {}
  void opening() override { session_.progress_display().start(); }

 protected:
  session& session_;
};

}  // namespace sysb::cli
