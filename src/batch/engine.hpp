// SPDX-License-Identifier: Apache-2.0
// The embedded engine: the jobs that are left, several at once, each a child process. Repeat it safely.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "batch/state.hpp"
#include "core/progress.hpp"

namespace sysb::batch {

struct engine_options {
  std::string program;
  unsigned jobs = 1;                             // -j
  unsigned threads = 1;                          // of each job
  std::string tmpdir;                            // empty: each job's own choice
  unsigned attempts = 2;                         // of a job in this run, where trying again may help
  std::optional<std::uint64_t> max_failures;     // start no more, finish what runs
  std::optional<unsigned> max_failures_percent;  // of the jobs of this run
  std::uint64_t space_reserve = 0;               // bytes that stay free on every file system that is written to
  std::uint64_t memory = 0;                      // bytes for all jobs together; 0: what the machine has available
  std::string wave;                              // only rows of this wave; empty: all
  rerun_on when;
  bool dry_run = false;
  progress* counters = nullptr;
};

struct engine_totals {
  std::uint64_t jobs = 0;    // of this run's rows
  std::uint64_t before = 0;  // done by an earlier run
  std::uint64_t before_not =
      0;  // ended for good without success by an earlier run; `batch retry` gives them another try
  std::uint64_t started = 0, succeeded = 0, blocked = 0, failed = 0, canceled = 0, stale = 0;
  std::uint64_t left = 0;  // not started
  std::uint64_t bytes_in = 0;
  double seconds = 0;
  std::string stopped;            // why no more were started; empty: all were
  int signal = 0;                 // that ended the run
  bool wrong_definition = false;  // a job ended with exit code 2
  [[nodiscard]] bool all_succeeded() const noexcept {
    return blocked + failed + canceled + stale + left + before_not == 0;
  }
};

struct engine_events {
  // A job ended (or, with dry_run, would start). `position` counts from 1 to `of`.
  std::function<void(plan_row const&, job_result const&, std::uint64_t position, std::uint64_t of)> ended;
  std::function<void(plan_row const&)> would_start;
  // Now and then, and after every job: what runs, what is left in seconds of one job after the other.
  std::function<void(std::size_t running, std::uint64_t done, std::uint64_t of, double seconds_left)> tick;
};

[[nodiscard]] engine_totals run_batch(batch_folder const& batch, engine_options const& o, engine_events const& events);

}  // namespace sysb::batch
