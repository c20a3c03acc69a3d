// SPDX-License-Identifier: Apache-2.0
// The unit of work: one job, once. Safe to be called by any engine any number of times, by two at once as well:
//
//   1. a finished result of the same job ends it: "already"
//   2. the command runs in a folder of its own beside OUT, where nothing else is touched
//   3. its side files, then OUT, are renamed to their places
//   4. result.json is written aside, synced and renamed
//
// Whoever is killed in between leaves only a folder with our mark, which `batch clean` knows.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "batch/state.hpp"
#include "core/progress.hpp"

namespace sysb::batch {

struct unit_options {
  std::string program;   // sysb itself
  std::string engine;    // "local", "slurm", ...; for the record
  unsigned threads = 0;  // for the command; 0: its own choice
  rerun_on when;
  progress* counters = nullptr;  // a signal ends the command, and the job is canceled
  // The command that does a row: words after the program's name, with OUT as it is named in the working directory.
  std::function<std::vector<std::string>(plan_row const&, std::string const& out, unsigned threads)> command;
};

struct unit_end {
  job_result result;
  bool already = false;
};

// Throws fatal_error{io} only where no result could be written.
[[nodiscard]] unit_end run_one(batch_folder const& batch, plan_row const& row, unit_options const& o);

// Folders and files with our mark that belong to nobody who lives, beside the outputs of the plan and in the batch's
// folder. `remove` false: they are only told.
struct leftover {
  std::string path;
  bool alive = false;  // somebody works there
};
[[nodiscard]] std::vector<leftover> leftovers_of(batch_folder const& batch);
void remove_leftover(leftover const& what);  // throws fatal_error{io}

}  // namespace sysb::batch
