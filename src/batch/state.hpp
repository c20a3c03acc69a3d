// SPDX-License-Identifier: Apache-2.0
// What a batch's folder holds:
//
//   plan.jsonl            a row an image; manifest.N the manifests as they were given
//   jobs/KEY/result.json  how the job ended: written aside, synced, renamed, after the output
//   jobs/KEY/details.json file sets and contents, for the report (details.hpp)
//   jobs/KEY/running.json for display only; touched now and then by who works
//   jobs/KEY/ours         its output's place was free when this batch first came to it
//   jobs/KEY/log          what the command said, attempt after attempt
//
// No database, no lock: two workers on one job both finish, and the rename decides.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "batch/row.hpp"

namespace sysb::batch {

enum class job_state : std::uint8_t { pending, running, succeeded, blocked, failed, canceled, stale };
inline constexpr std::size_t job_states = 7;
[[nodiscard]] std::string_view to_text(job_state s) noexcept;
[[nodiscard]] std::optional<job_state> parse_state(std::string_view word) noexcept;

// The contract's table: what an engine does with the way a job ended.
enum class remedy : std::uint8_t {
  none,       // done
  try_again,  // 1, 129, 130, 143, a signal, no memory: elsewhere too
  stop,       // 2: the batch's definition is wrong
  final,      // 3, 4, 5, 6: of this image; the batch goes on
};
[[nodiscard]] remedy remedy_of(int exit, int signal) noexcept;
[[nodiscard]] job_state state_of(int exit, int signal) noexcept;

struct attempt {
  std::int64_t start = 0, end = 0;  // seconds since 1970
  std::string host, engine;
  int exit = 0, signal = 0;  // signal 0: it ended by itself
  std::string fatal;         // text of what ended it; may be empty
};

struct job_result {
  std::string key;
  job_id job;
  job_state state = job_state::failed;
  int exit = 0;
  std::string verdict;  // of the summary
  std::vector<attempt> attempts;
  std::vector<reason> reasons;  // never empty unless it succeeded
  std::map<std::string, std::uint64_t> findings;
  std::uint64_t bytes_in = 0, bytes_out = 0, members = 0;
  double seconds = 0;             // of the last attempt, by a clock that does not jump
  std::uint64_t peak_memory = 0;  // bytes
  struct output_file {
    std::string path, format;
    std::uint64_t size = 0;  // bytes; of a tree its content
    std::string xxh3;        // of the file; of a tree its manifest's
  };
  std::optional<output_file> output;
  std::string report;   // folder with the side files; empty: none
  std::string summary;  // the command's own summary object, as it was printed; empty: it did not get there
};

// The first reason of a job that ended with an error of the image and wrote an output all the same: --salvage, or
// names that were refused.
inline constexpr std::string_view incomplete_output =
    "the output is written, but not complete: its report names what is missing";

[[nodiscard]] std::string to_text(job_result const& r, plan_row const& row);  // result.json
[[nodiscard]] std::optional<job_result> parse_result(std::string_view text);

// Which changes make a finished job pending again: --rerun-on.
struct rerun_on {
  bool input = true, options = true, version = false;
};
[[nodiscard]] std::optional<rerun_on> parse_rerun_on(std::string_view words);  // "input,options"

struct running_job {
  std::string host, engine;
  std::int64_t start = 0;
  int pid = 0;
  std::uint64_t born = 0;  // of the process, so that a number used again is told
};

class batch_folder {
 public:
  explicit batch_folder(std::string path);  // need not exist yet

  [[nodiscard]] std::string const& path() const noexcept { return path_; }
  [[nodiscard]] std::string plan_file() const { return path_ + "/plan.jsonl"; }
  [[nodiscard]] std::string job_folder(std::string_view key) const;

  // Rows in plan order. Throws fatal_error{io}: no plan, or one that cannot be read.
  void each_row(std::function<void(plan_row)> const& take) const;
  [[nodiscard]] std::optional<plan_row> find(std::string_view key) const;
  // Those rows whose number, from 0, is wanted; the others are not even parsed. `seen` is how many there are.
  [[nodiscard]] std::vector<plan_row> rows_at(std::function<bool(std::uint64_t)> const& wanted,
                                              std::uint64_t& seen) const;

  [[nodiscard]] std::optional<job_result> result(std::string_view key) const;  // a broken one is none
  void put_result(job_result const& r, plan_row const& row) const;
  // True where there was one. Never an output.
  bool clear_result(std::string_view key) const;

  void put_running(std::string_view key, running_job const& r) const;
  void touch_running(std::string_view key) const noexcept;
  void clear_running(std::string_view key) const noexcept;
  // Who works on it now: a process of this host that lives, or one of another host that touched its mark in the last
  // ten minutes by the clock of the file system.
  [[nodiscard]] std::optional<running_job> running(std::string_view key) const;

  [[nodiscard]] job_state state(plan_row const& row, std::optional<job_result> const& r, rerun_on const& when) const;

 private:
  void each_line(std::function<void(std::string const& line, std::uint64_t number)> const& take) const;
  [[nodiscard]] plan_row parsed(std::string const& line, std::uint64_t number) const;
  std::string path_;
};

// Seconds since something was touched, by the clock of its file system: one that does not jump with ours.
[[nodiscard]] std::optional<std::int64_t> age_of(std::string const& file);

// The process's own mark, and whether the process of a mark of this host lives.
[[nodiscard]] running_job this_process(std::string engine);
[[nodiscard]] bool lives_here(int pid, std::uint64_t born);
inline constexpr std::int64_t silent_seconds = 600;

}  // namespace sysb::batch
