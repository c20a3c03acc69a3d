// SPDX-License-Identifier: Apache-2.0
// `sysb batch run` and `sysb batch run-one`: the embedded engine, and the unit for any engine.
#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <utility>

#include "base/number.hpp"
#include "base/text.hpp"
#include "batch/child.hpp"
#include "batch/engine.hpp"
#include "batch/unit.hpp"
#include "cli/batch_arguments.hpp"
#include "cli/command.hpp"
#include "cli/input.hpp"
#include "cli/session.hpp"
#include "core/fatal_error.hpp"

namespace sysb::cli {

namespace {

void write_result_fields(json_writer& w, batch::plan_row const& row, batch::job_result const& r) {
  w.name_field("key", row.key).field("job", std::string_view{r.job.text()}).name_field("image", row.image_path());
  w.field("state", batch::to_text(r.state)).field("exit", r.exit);
  w.field("attempts", std::uint64_t{r.attempts.size()}).field("seconds", static_cast<std::uint64_t>(r.seconds + 0.5));
  if (!r.reasons.empty()) {
    w.field("reason_id", std::string_view{r.reasons.front().id})
        .field("reason", std::string_view{r.reasons.front().text});
  }
  if (r.output) { w.name_field("out", r.output->path).field("size", r.output->size); }
}

std::string reason_of(batch::job_result const& r) {
  if (r.reasons.empty()) { return {}; }
  auto const& why = r.reasons.front();
  return concat(": ", why.id, why.id.empty() ? "" : " ", printable_text(why.text));
}

std::string duration(double seconds) {
  auto const whole = static_cast<std::uint64_t>(seconds + 0.5);
  if (whole < 60) { return concat(whole, " s"); }
  if (whole < 3600) { return concat(whole / 60, " min ", whole % 60, " s"); }
  return concat(whole / 3600, " h ", whole / 60 % 60, " min");
}

class batch_run_command final : public command {
 public:
  void define(option_table& options) override {
    batch_.define(options);
    options.number("-j,--jobs", jobs_, "N", 1, 1024, "jobs at once; default: as many as the machine has processors");
    options.optional_text(
        "--max-failures", max_failures_, "N|P%",
        "start no more jobs once more than N, or P percent, ended without success; what runs is finished");
    options.number("--attempts", attempts_, "N", 1, 100, "tries of a job where another may help; default 2");
    options.optional_text("--space-reserve", reserve_, "SIZE",
                          "bytes that stay free on the file systems of the outputs");
    options.optional_text("--memory", memory_, "SIZE", "memory for all jobs together; default: what is available");
    options.text("--wave", wave_, "W", "only the rows of this wave");
    rerun_.define(options);
    options.flag("--dry-run", dry_run_, "list what would be started, in its order");
    threads_.define(options);
  }
  void judge() override {
    batch_.judge();
    rerun_.judge();
    if (max_failures_) {
      std::string_view word = *max_failures_;
      percent_ = !word.empty() && word.back() == '%';
      if (percent_) { word.remove_suffix(1); }
      if (!to_number(word, limit_) || (percent_ && limit_ > 100)) {
        usage(concat("--max-failures ", quoted(*max_failures_), ": a number, or a percentage from 0% to 100%"));
      }
    }
    if (reserve_) { reserve_bytes_ = parse_size("--space-reserve", *reserve_); }
    if (memory_) { memory_bytes_ = parse_size("--memory", *memory_); }
  }
  [[nodiscard]] std::string subject() const override { return batch_.given(); }

  void run(session& s) override {
    auto const batch = batch_.folder();
    batch::engine_options o;
    o.program = batch::own_program();
    o.jobs = static_cast<unsigned>(jobs_.value_or(jobs::usual_threads()));
    // Threads of one job: the processors shared out, at least one each.
    o.threads = threads_.given() ? threads_.value() : std::max(1u, jobs::usual_threads() / o.jobs);
    o.attempts = static_cast<unsigned>(attempts_.value_or(2));
    if (max_failures_ && percent_) { o.max_failures_percent = static_cast<unsigned>(limit_); }
    if (max_failures_ && !percent_) { o.max_failures = limit_; }
    o.space_reserve = reserve_bytes_;
    o.memory = memory_bytes_;
    o.wave = wave_;
    o.when = rerun_.value();
    o.dry_run = dry_run_;
    o.counters = &s.counters();
    s.counters().phase = "batch";
    batch::engine_events events;
    events.would_start = [&](batch::plan_row const& row) { print_start(s, row); };
    events.ended = [&](batch::plan_row const& row, batch::job_result const& r, std::uint64_t at, std::uint64_t of) {
      print_end(s, row, r, at, of);
    };
    events.tick = [&](std::size_t, std::uint64_t done, std::uint64_t of, double) {
      s.counters().bytes = done;
      s.counters().total = of;
      s.counters().entries = done;
    };
    auto const totals = batch::run_batch(batch, o, events);
    finish(s, totals);
  }

 private:
  static void print_start(session& s, batch::plan_row const& row) {
    s.json().object("row", [&](json_writer& w) {
      w.name_field("key", row.key).name_field("image", row.image_path());
      if (!row.out.empty()) { w.name_field("out", row.out); }
      w.field("seconds_estimated", static_cast<std::uint64_t>(row.seconds + 0.5));
    });
    if (!s.json().wanted()) { s.out().write(concat(printable(row.key), "  ", duration(row.seconds), '\n')); }
  }

  static void print_end(session& s, batch::plan_row const& row, batch::job_result const& r, std::uint64_t at,
                        std::uint64_t of) {
    s.json().object("job", [&](json_writer& w) { write_result_fields(w, row, r); });
    s.json().flush();
    if (s.json().wanted()) { return; }
    s.out().write(concat('[', at, '/', of, "] ", batch::to_text(r.state), "  ", printable(row.key), "  ",
                         duration(r.seconds), reason_of(r), '\n'));
    s.out().flush();
  }

  void finish(session& s, batch::engine_totals const& t) const {
    auto& sum = s.summary();
    sum.entries = t.jobs;
    sum.bytes = t.bytes_in;
    sum.output_written = t.succeeded != 0;
    s.json().object("batch", [&](json_writer& w) {
      w.field("jobs", t.jobs).field("before", t.before).field("before_without_success", t.before_not);
      w.field("started", t.started)
          .field("succeeded", t.succeeded)
          .field("blocked", t.blocked)
          .field("failed", t.failed);
      w.field("canceled", t.canceled).field("stale", t.stale).field("left", t.left);
      w.field("seconds", static_cast<std::uint64_t>(t.seconds + 0.5)).field("stopped", std::string_view{t.stopped});
    });
    if (!s.json().wanted() && !dry_run_) {
      s.out().write(concat(t.succeeded, " succeeded, ", t.blocked, " blocked, ", t.failed, " failed, ", t.canceled,
                           " canceled, ", t.stale, " stale, ", t.left, " not started; ", t.before, " were done before",
                           t.before_not != 0 ? concat(", ", t.before_not, " had ended without success") : std::string{},
                           "; ", duration(t.seconds), '\n'));
    }
    if (!t.stopped.empty()) { s.say(printable(t.stopped)); }
    if (t.signal != 0) {
      throw fatal_error{fatal_error::kind::interrupted, "interrupted; run the same command again for what is left"};
    }
    if (t.wrong_definition) { throw fatal_error{fatal_error::kind::usage, printable(t.stopped)}; }
    if (!dry_run_ && !t.all_succeeded()) {
      s.add_exit(exit_code::jobs_left);
      s.say(concat("see: sysb batch status -d ", printable(batch_.given())));
    }
  }

  batch_argument batch_;
  rerun_argument rerun_;
  thread_argument threads_;
  std::optional<std::uint64_t> jobs_, attempts_;
  std::optional<std::string> max_failures_, reserve_, memory_;
  std::string wave_;
  std::uint64_t limit_ = 0, reserve_bytes_ = 0, memory_bytes_ = 0;
  bool percent_ = false, dry_run_ = false;
};

// Index of a row from the option, or from the engines that count for their tasks.
std::optional<std::uint64_t> index_of(std::optional<std::uint64_t> const& given) {
  if (given) { return given; }
  for (auto const* const name : {"SLURM_ARRAY_TASK_ID", "JOB_COMPLETION_INDEX"}) {
    auto const* const text = std::getenv(name);
    std::uint64_t index = 0;
    if (text != nullptr && to_number(text, index)) { return index; }
  }
  return std::nullopt;
}

class batch_run_one_command final : public command {
 public:
  void define(option_table& options) override {
    options.positionals(words_);
    batch_.define(options);
    options.number("--index", index_, "I", 0, 1u << 30,
                   "the row by its number, from 0; default $SLURM_ARRAY_TASK_ID, else $JOB_COMPLETION_INDEX");
    options.optional_text("--shard", shard_, "I/N", "every N-th row from row I on, one after the other");
    options.text("--engine", engine_, "NAME", "who calls, for the record");
    rerun_.define(options);
    threads_.define(options);
  }
  void judge() override {
    batch_.judge();
    rerun_.judge();
    if (words_.size() > 1) { usage("one KEY at most"); }
    auto const ways = (words_.empty() ? 0 : 1) + (index_ ? 1 : 0) + (shard_ ? 1 : 0);
    if (ways > 1) { usage("KEY, --index and --shard exclude each other"); }
    if (shard_) {
      auto const slash = shard_->find('/');
      std::string_view const whole = *shard_;
      if (slash == std::string::npos || !to_number(whole.substr(0, slash), shard_first_) ||
          !to_number(whole.substr(slash + 1), shard_step_) || shard_step_ == 0 || shard_first_ >= shard_step_) {
        usage(concat("--shard ", quoted(*shard_), ": I/N, I from 0 to N-1"));
      }
    } else if (words_.empty()) {
      index_ = index_of(index_);
      if (!index_) { usage("no job given: KEY, --index or --shard"); }
    }
  }
  [[nodiscard]] std::string subject() const override { return batch_.given(); }

  void run(session& s) override {
    auto const batch = batch_.folder();
    std::vector<batch::plan_row> rows;
    std::uint64_t number = 0;
    if (words_.empty()) {
      rows = batch.rows_at([&](std::uint64_t n) { return shard_ ? n % shard_step_ == shard_first_ : n == *index_; },
                           number);
    } else if (auto row = batch.find(words_.front())) {
      rows.push_back(std::move(*row));
    }
    if (rows.empty() && !shard_) {
      usage(words_.empty() ? concat("--index ", *index_, ": the plan has ", number, number == 1 ? " row" : " rows")
                           : concat("no job has the key ", quoted(words_.front())));
    }
    batch::unit_options o;
    o.program = batch::own_program();
    o.engine = engine_;
    if (threads_.given()) { o.threads = threads_.value(); }
    o.when = rerun_.value();
    o.counters = &s.counters();
    o.command = row_command;
    for (auto const& row : rows) {
      s.counters().stop_if_asked();
      auto const end = batch::run_one(batch, row, o);
      tell(s, row, end);
    }
  }

 private:
  static void tell(session& s, batch::plan_row const& row, batch::unit_end const& end) {
    auto const& r = end.result;
    s.summary().entries += r.members;
    s.summary().bytes += r.bytes_out;
    if (r.output) { s.summary().output_written = true; }
    s.json().object("job", [&](json_writer& w) {
      write_result_fields(w, row, r);
      w.field("already", end.already);
    });
    if (!s.json().wanted()) {
      s.say(concat(printable(row.key), ": ", batch::to_text(r.state), end.already ? " already" : "", reason_of(r)));
    }
    // The exit code of the worst job; a signal that ended a command is a reason to try again.
    auto const code = r.exit > 128 && r.state != batch::job_state::canceled ? 1 : r.exit;
    if (r.state == batch::job_state::canceled) {
      s.add_exit(code == 130 ? exit_code::interrupted : exit_code::terminated);
    } else {
      s.add_exit(static_cast<exit_code>(code));
    }
  }

  batch_argument batch_;
  rerun_argument rerun_;
  thread_argument threads_;
  std::vector<std::string> words_;
  std::optional<std::uint64_t> index_;
  std::optional<std::string> shard_;
  std::string engine_ = "none";
  std::uint64_t shard_first_ = 0, shard_step_ = 1;
};

}  // namespace

command_entry const batch_run_entry{
    "batch run", "-d BATCH", "does the jobs of a plan that are left, several at once",
    "Starts a child process for every job that is not done, the largest first, and keeps to processors, memory and "
    "space. "
    "Repeat it safely: a job is known by the content of its image and its options, and what is done stays done. One "
    "bad "
    "image never stops the batch.\n"
    "Exit code 7: some jobs ended without success; `sysb batch status` tells which and why.",
    [] { return std::unique_ptr<command>{new batch_run_command}; }};

command_entry const batch_run_one_entry{
    "batch run-one", "-d BATCH KEY", "does one job of a plan, for any engine",
    "The unit of work: safe to be called by any engine any number of times, by two at once as well. The output appears "
    "whole "
    "or not at all, and after it the job's result. A job that is done is not done again.\n"
    "The exit code is that of the job's command: 0 done; 1, 129, 130, 143: try again, elsewhere too; 2: the batch's "
    "definition is wrong; 3, 4, 5, 6: final for this image.",
    [] { return std::unique_ptr<command>{new batch_run_one_command}; }};

}  // namespace sysb::cli
