// SPDX-License-Identifier: Apache-2.0
#include "batch/status.hpp"

#include <fnmatch.h>
#include <algorithm>
#include <map>

namespace sysb::batch {

batch_status status_of(batch_folder const& batch, rerun_on const& when,
                       std::function<void(plan_row const&, job_state, job_result const*)> const& each) {
  batch_status s;
  std::map<std::pair<std::string, std::string>, batch_status::why> reasons;
  batch.each_row([&](plan_row const& row) {
    auto const result = batch.result(row.key);
    auto const state = batch.state(row, result, when);
    ++s.jobs;
    ++s.by_state[static_cast<std::size_t>(state)];
    if (state == job_state::running) {
      if (auto who = batch.running(row.key)) { s.running.emplace_back(row.key, std::move(*who)); }
    }
    auto const without_success =
        state != job_state::succeeded && state != job_state::pending && state != job_state::running;
    if (without_success && result && !result->reasons.empty()) {
      auto const& first = result->reasons.front();
      // Findings of one kind are one reason, whatever names their texts hold.
      auto& w = reasons[first.id.empty() ? std::pair{std::string{}, first.text} : std::pair{first.id, std::string{}}];
      if (w.count++ == 0) { w = {first.id, first.text, row.key, 1}; }
      if (!result->attempts.empty() &&
          remedy_of(result->attempts.back().exit, result->attempts.back().signal) == remedy::try_again) {
        ++s.retries_left;
      }
    }
    if (each) { each(row, state, result ? &*result : nullptr); }
  });
  for (auto& [unused, w] : reasons) { s.reasons.push_back(std::move(w)); }
  std::stable_sort(s.reasons.begin(), s.reasons.end(), [](auto const& a, auto const& b) { return a.count > b.count; });
  return s;
}

std::vector<std::string> retry(batch_folder const& batch, std::vector<job_state> const& states,
                               std::string const& key_glob, rerun_on const& when) {
  std::vector<std::string> cleared;
  batch.each_row([&](plan_row const& row) {
    if (!key_glob.empty() && ::fnmatch(key_glob.c_str(), row.key.c_str(), 0) != 0) { return; }
    auto const state = batch.state(row, batch.result(row.key), when);
    if (std::find(states.begin(), states.end(), state) == states.end()) { return; }
    if (batch.clear_result(row.key)) { cleared.push_back(row.key); }
  });
  return cleared;
}

}  // namespace sysb::batch
