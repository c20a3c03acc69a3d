// SPDX-License-Identifier: Apache-2.0
// How far a batch is; and which results are cleared so that their jobs run again.
#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "batch/state.hpp"

namespace sysb::batch {

struct batch_status {
  std::uint64_t jobs = 0;
  std::array<std::uint64_t, job_states> by_state{};
  // First reasons of what ended without success, the most frequent first; with the key of one such job.
  struct why {
    std::string id, text, example;
    std::uint64_t count = 0;
  };
  std::vector<why> reasons;
  std::vector<std::pair<std::string, running_job>> running;  // key and who
  std::uint64_t retries_left = 0;                            // failed in a way that another try may mend

  [[nodiscard]] std::uint64_t of(job_state s) const noexcept { return by_state[static_cast<std::size_t>(s)]; }
  [[nodiscard]] bool over() const noexcept { return of(job_state::pending) + of(job_state::running) == 0; }
  [[nodiscard]] bool all_succeeded() const noexcept { return of(job_state::succeeded) == jobs; }
};

// `each` is told of every row in plan order, with its state and, where there is one, its result.
[[nodiscard]] batch_status status_of(
    batch_folder const& batch, rerun_on const& when,
    std::function<void(plan_row const&, job_state, job_result const*)> const& each = {});

// Clears results of jobs in one of `states` whose key fits the glob (empty: every key); never an output. Returns the keys.
std::vector<std::string> retry(batch_folder const& batch, std::vector<job_state> const& states,
                               std::string const& key_glob, rerun_on const& when);

}  // namespace sysb::batch
