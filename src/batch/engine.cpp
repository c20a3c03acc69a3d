// SPDX-License-Identifier: Apache-2.0
#include "batch/engine.hpp"

#include <sys/statvfs.h>
#include <unistd.h>
#include <algorithm>
#include <chrono>
#include <csignal>
#include <ctime>
#include <deque>
#include <fstream>
#include <list>
#include <thread>
#include <utility>

#include "base/text.hpp"
#include "batch/child.hpp"
#include "batch/files.hpp"
#include "core/fatal_error.hpp"

namespace sysb::batch {

namespace {

using clock = std::chrono::steady_clock;

constexpr std::uint64_t usual_job_memory = 64u << 20;  // every job's bound, but for xz and its like
constexpr std::uint64_t xz_job_memory = 128u << 20;
constexpr auto look_every = std::chrono::milliseconds{20};
constexpr auto tick_every = std::chrono::seconds{1};

struct waiting_job {
  plan_row row;
  bool elsewhere = false;  // somebody works on it already
  unsigned attempts = 0;   // in this run
};

struct running_one {
  waiting_job what;
  child process;
  std::uint64_t memory = 0;
};

std::uint64_t available_memory() {
  std::ifstream file{"/proc/meminfo"};
  std::string word;
  std::uint64_t kib = 0;
  while (file >> word) {
    if (word == "MemAvailable:" && file >> kib) { return kib * 1024; }
  }
  return 0;
}

std::uint64_t memory_of(plan_row const& row) {
  auto const option = [&](char const* name) -> std::string {
    auto const found = row.options.find(name);
    return found == row.options.end() || found->second.empty() ? std::string{} : found->second.back();
  };
  auto const xz = option("compress") == "xz" || (row.out.size() > 3 && row.out.substr(row.out.size() - 3) == ".xz");
  return xz ? xz_job_memory : usual_job_memory;
}

std::optional<std::uint64_t> free_bytes(std::string const& folder, std::uint64_t& device) {
  struct statvfs s {};
  if (::statvfs(folder.c_str(), &s) != 0) { return std::nullopt; }
  device = s.f_fsid;
  return std::uint64_t{s.f_bavail} * s.f_frsize;
}

class engine {
 public:
  engine(batch_folder const& batch, engine_options const& o, engine_events const& events)
      : batch_{batch}, o_{o}, events_{events}, memory_{o.memory != 0 ? o.memory : available_memory()} {}

  engine_totals run() {
    auto const began = clock::now();
    gather();
    if (o_.dry_run) {
      for (auto const& j : waiting_) { events_.would_start(j.row); }
      totals_.left = waiting_.size();
      return totals_;
    }
    auto ticked = clock::now();
    while (!waiting_.empty() || !running_.empty()) {
      look_for_signal();
      start_what_fits();
      if (running_.empty() && (waiting_.empty() || !totals_.stopped.empty())) { break; }
      auto const ended = collect();
      if (ended || clock::now() - ticked >= tick_every) {
        ticked = clock::now();
        tick();
      }
      if (!ended) { std::this_thread::sleep_for(look_every); }
    }
    totals_.left = waiting_.size();
    totals_.seconds = std::chrono::duration<double>(clock::now() - began).count();
    return totals_;
  }

 private:
  void gather() {
    batch_.each_row([&](plan_row row) {
      if (!o_.wave.empty() && row.wave != o_.wave) { return; }
      ++totals_.jobs;
      auto const result = batch_.result(row.key);
      auto const state = batch_.state(row, result, o_.when);
      switch (state) {
        case job_state::succeeded: ++totals_.before; return;
        case job_state::blocked: ++totals_.before_not; return;
        case job_state::failed:
          if (is_final(*result)) {
            ++totals_.before_not;
            return;
          }
          break;
        case job_state::pending:
        case job_state::running:  // by its turn it may be done, and doing it twice is safe
        case job_state::canceled:
        case job_state::stale: break;
      }
      seconds_left_ += row.seconds;
      // Of what the survey told only the estimate of the output is of use here: ten thousand rows stay small.
      auto const bytes = row.seen.bytes;
      row.seen = {};
      row.seen.bytes = bytes;
      waiting_.push_back({std::move(row), state == job_state::running, 0});
    });
    // What others work on last, then the largest first: what is short fills the end.
    std::stable_sort(waiting_.begin(), waiting_.end(), [](waiting_job const& a, waiting_job const& b) {
      return a.elsewhere != b.elsewhere ? b.elsewhere : a.row.seconds > b.row.seconds;
    });
    of_ = waiting_.size();
  }

  static bool is_final(job_result const& r) {
    if (r.attempts.empty()) { return false; }
    return remedy_of(r.attempts.back().exit, r.attempts.back().signal) == remedy::final;
  }

  void look_for_signal() {
    auto const stop = o_.counters != nullptr ? o_.counters->stop_signal.load() : 0;
    if (stop == 0 || totals_.signal != 0) { return; }
    totals_.signal = stop;
    totals_.stopped = "stopped by a signal";
    for (auto const& r : running_) { r.process.send(stop); }
  }

  void start_what_fits() {
    while (totals_.stopped.empty() && running_.size() < o_.jobs && !waiting_.empty()) {
      std::uint64_t used = 0;
      for (auto const& r : running_) { used += r.memory; }
      auto const need = memory_of(waiting_.front().row);
      if (!running_.empty() && memory_ != 0 && used + need > memory_) { return; }
      if (!enough_space(waiting_.front().row)) {
        if (!running_.empty()) { return; }  // what runs may make room, or has its own claim on it
        give_up_for_space();
        continue;
      }
      auto next = std::move(waiting_.front());
      waiting_.pop_front();
      // Another run may have done it since.
      auto const result = batch_.result(next.row.key);
      if (batch_.state(next.row, result, o_.when) == job_state::succeeded) {
        ++totals_.before;
        --of_;
        seconds_left_ -= next.row.seconds;
        continue;
      }
      start(std::move(next), need);
    }
  }

  // The estimates of what runs on the same file system count as used: their bytes are still to come.
  bool enough_space(plan_row const& row) const {
    if (o_.space_reserve == 0 || row.out.empty()) { return true; }
    std::uint64_t device = 0;
    auto const available = free_bytes(parent_folder(row.out), device);
    if (!available) { return true; }  // the job itself says what is wrong with that folder
    auto claimed = row.seen.bytes;
    for (auto const& r : running_) {
      std::uint64_t other = 0;
      if (r.what.row.out.empty() || !free_bytes(parent_folder(r.what.row.out), other) || other != device) { continue; }
      claimed += r.what.row.seen.bytes;
    }
    return claimed <= *available && *available - claimed >= o_.space_reserve;
  }

  void give_up_for_space() {
    auto job = std::move(waiting_.front());
    waiting_.pop_front();
    auto const folder = parent_folder(job.row.out);
    std::uint64_t device = 0;
    auto const text = concat("not started: ", human_size(job.row.seen.bytes), " are needed in ", quoted(folder),
                             " beside the ", human_size(o_.space_reserve), " of --space-reserve, and ",
                             human_size(free_bytes(folder, device).value_or(0)), " are free");
    finish(job, write_failure(job.row, 1, 0, text));
  }

  void start(waiting_job job, std::uint64_t memory) {
    ++job.attempts;
    std::vector<std::string> words{o_.program, "batch",     "run-one",          "-d",     batch_.path(), "--engine",
                                   "local",    "--threads", concat(o_.threads), "--quiet"};
    std::string when;
    for (auto const& [yes, word] :
         {std::pair{o_.when.input, "input"}, {o_.when.options, "options"}, {o_.when.version, "version"}}) {
      if (yes) { when += concat(when.empty() ? "" : ",", word); }
    }
    words.insert(words.end(), {"--rerun-on", when});
    words.insert(words.end(), {"--", job.row.key});
    try {
      running_.push_back({std::move(job), child{words, {}}, memory});
    } catch (fatal_error const& e) {
      // No process can be started now: with others running one may be later.
      --job.attempts;
      if (running_.empty()) {
        finish(job, write_failure(job.row, 1, 0, e.what()));
      } else {
        waiting_.push_front(std::move(job));
        std::this_thread::sleep_for(look_every * 10);
      }
      return;
    }
    ++totals_.started;
  }

  // A job whose worker could not say how it ended.
  job_result write_failure(plan_row const& row, int exit, int signal, std::string text) {
    job_result r;
    auto const job = job_of(row);
    if (auto before = batch_.result(row.key); before && before->job.text() == job.text()) {
      r.attempts = before->attempts;
    }
    auto const now = static_cast<std::int64_t>(::time(nullptr));
    r.key = row.key;
    r.job = job;
    r.exit = signal != 0 ? 128 + signal : exit;
    r.state = state_of(exit, signal);
    r.bytes_in = row.image.size;
    r.attempts.push_back({now, now, host_name(), "local", exit, signal, text});
    r.reasons.push_back({{}, std::move(text)});
    try {
      batch_.put_result(r, row);
    } catch (fatal_error const& e) {
      // A full disk must not end the others: without a result the job stays pending, which is true.
      r.reasons.push_back({{}, concat("and its result cannot be kept: ", e.what())});
    }
    batch_.clear_running(row.key);
    return r;
  }

  bool collect() {
    auto any = false;
    for (auto it = running_.begin(); it != running_.end();) {
      auto const end = it->process.poll_end();
      if (!end) {
        ++it;
        continue;
      }
      any = true;
      auto job = std::move(it->what);
      it = running_.erase(it);
      settle(std::move(job), *end);
    }
    return any;
  }

  void settle(waiting_job job, child_end const& end) {
    if (end.signal == 0 && end.exit == 2) {
      totals_.wrong_definition = true;
      totals_.stopped = concat("job ", quoted(job.row.key), " says that its command line is wrong; its log says why");
    }
    auto result = batch_.result(job.row.key);
    auto const told = result && result->job.text() == job_of(job.row).text() && end.signal == 0;
    if (!told) {
      auto text = end.signal != 0 ? concat("the worker was ended by signal ", end.signal)
                                  : concat("the worker ended with exit code ", end.exit, " and no result");
      result = write_failure(job.row, end.exit == 0 ? 1 : end.exit, end.signal, std::move(text));
    }
    auto const last = result->attempts.empty() ? attempt{} : result->attempts.back();
    auto const again = result->state != job_state::succeeded && result->state != job_state::stale &&
                       remedy_of(last.exit, last.signal) == remedy::try_again && job.attempts < o_.attempts &&
                       totals_.stopped.empty();
    if (again) {
      waiting_.push_back(std::move(job));
      return;
    }
    finish(job, *result);
  }

  void finish(waiting_job const& job, job_result const& r) {
    ++done_;
    seconds_left_ -= job.row.seconds;
    switch (r.state) {
      case job_state::succeeded: ++totals_.succeeded; break;
      case job_state::blocked: ++totals_.blocked; break;
      case job_state::canceled: ++totals_.canceled; break;
      case job_state::stale: ++totals_.stale; break;
      case job_state::pending:
      case job_state::running:
      case job_state::failed: ++totals_.failed; break;
    }
    totals_.bytes_in += r.bytes_in;
    events_.ended(job.row, r, done_, of_);
    auto const failures = totals_.blocked + totals_.failed + totals_.stale;
    auto const too_many = (o_.max_failures && failures > *o_.max_failures) ||
                          (o_.max_failures_percent && failures * 100 > of_ * *o_.max_failures_percent);
    if (too_many && totals_.stopped.empty()) {
      totals_.stopped = concat(failures, failures == 1 ? " job" : " jobs", " ended without success: --max-failures");
    }
  }

  void tick() { events_.tick(running_.size(), done_, of_, std::max(0.0, seconds_left_) / std::max(1u, o_.jobs)); }

  batch_folder const& batch_;
  engine_options const& o_;
  engine_events const& events_;
  std::uint64_t memory_;
  std::deque<waiting_job> waiting_;
  std::list<running_one> running_;
  engine_totals totals_;
  std::uint64_t done_ = 0, of_ = 0;
  double seconds_left_ = 0;
};

}  // namespace

engine_totals run_batch(batch_folder const& batch, engine_options const& o, engine_events const& events) {
  return engine{batch, o, events}.run();
}

}  // namespace sysb::batch
