// SPDX-License-Identifier: Apache-2.0
// One run of one command: its streams, its findings, its progress, and the summary that
// ends it.
#pragma once
#include <chrono>
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

// One image of several: its line of the table, and what its summary says of it.
struct image_line {
  std::string image, host, level, kind, reason;  // as they stand in the image or on the command line
  std::uint64_t bytes = 0;                       // of content
  std::optional<std::uint64_t> filesets;
  std::optional<wpar::verdict> told;  // by rules that were asked and do not decide the exit code
  wpar::verdict result = wpar::verdict::undecided;
  std::string_view verdict;  // in words
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
  [[nodiscard]] std::uint64_t seconds() const;  // since it began
  // What was typed.
  [[nodiscard]] std::string const& command_line() const noexcept { return command_line_; }
  [[nodiscard]] run_summary& summary() noexcept { return summary_; }
  void add_exit(exit_code c) noexcept { exit_.add(c); }
  // Of several images: the line of this one, or nothing where it is alone.
  [[nodiscard]] std::optional<image_line>& line() noexcept { return line_; }
  void settle_line();  // verdict and first reason, once everything was said
  // In the session of all images: what was found in one of them, and the verdict on all.
  void count(fault_counts const& seen) noexcept;
  void set_verdict(wpar::verdict v) noexcept { verdict_of_all_ = v; }
  [[nodiscard]] bool ended() const noexcept { return !end_.empty(); }
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
  void tell(std::string const& line);
  [[nodiscard]] wpar::verdict verdict(exit_code c) const noexcept;

  std::chrono::steady_clock::time_point const begun_ = std::chrono::steady_clock::now();
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
  std::optional<image_line> line_;
  std::optional<wpar::verdict> verdict_of_all_;
  fault_counts counted_;  // in sessions of single images
  std::string end_;       // what a fatal error said
};

// Runs it; what ends it early becomes the end of the session.
void run_guarded(command& c, session& s);

// What a job tells, for a command that shows nothing of it but findings and progress.
class job_events : public jobs::events {
 public:
  explicit job_events(session& s) : events{s.findings(), s.counters()}, session_{s} {}
  void opening() override { session_.progress_display().start(); }

 protected:
  session& session_;
};

}  // namespace sysb::cli
