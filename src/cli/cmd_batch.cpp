// SPDX-License-Identifier: Apache-2.0
// `sysb batch status`, `retry`, `clean`, `report` and `script`.
#include <unistd.h>
#include <chrono>
#include <thread>
#include <utility>

#include "base/text.hpp"
#include "batch/report/report.hpp"
#include "batch/scripts.hpp"
#include "batch/status.hpp"
#include "batch/unit.hpp"
#include "cli/batch_arguments.hpp"
#include "cli/command.hpp"
#include "cli/input.hpp"
#include "cli/session.hpp"
#include "core/fatal_error.hpp"

namespace sysb::cli {

namespace {

constexpr auto every_state = {batch::job_state::succeeded, batch::job_state::blocked, batch::job_state::failed,
                              batch::job_state::canceled,  batch::job_state::stale,   batch::job_state::running,
                              batch::job_state::pending};
constexpr std::size_t shown_reasons = 10;
constexpr auto look_again = std::chrono::milliseconds{500};

class batch_status_command final : public command {
 public:
  void define(option_table& options) override {
    batch_.define(options);
    rerun_.define(options);
    options.flag("--wait", wait_, "come back when nothing is pending or running");
    options.flag("--all", all_, "a line a job");
  }
  void judge() override {
    batch_.judge();
    rerun_.judge();
  }
  [[nodiscard]] std::string subject() const override { return batch_.given(); }

  void run(session& s) override {
    auto const batch = batch_.folder();
    if (wait_) { wait_for_end(s, batch); }
    auto const status = batch::status_of(batch, rerun_.value(), [&](auto const& row, auto state, auto const* result) {
      if (all_ || s.json().wanted()) { print_job(s, row, state, result); }
    });
    print(s, status);
    s.summary().entries = status.jobs;
    if (status.over() && !status.all_succeeded()) { s.add_exit(exit_code::jobs_left); }
  }

 private:
  void wait_for_end(session& s, batch::batch_folder const& batch) const {
    for (;;) {
      auto const now = batch::status_of(batch, rerun_.value());
      s.counters().phase = "batch";
      s.counters().total = now.jobs;
      s.counters().bytes = now.jobs - now.of(batch::job_state::pending) - now.of(batch::job_state::running);
      if (now.over()) { return; }
      for (auto i = 0; i < 4; ++i) {
        s.counters().stop_if_asked();
        std::this_thread::sleep_for(look_again);
      }
    }
  }

  void print_job(session& s, batch::plan_row const& row, batch::job_state state, batch::job_result const* r) const {
    s.json().object("job", [&](json_writer& w) {
      w.name_field("key", row.key).name_field("image", row.image_path()).field("state", batch::to_text(state));
      if (r != nullptr && !r->reasons.empty()) {
        w.field("reason_id", std::string_view{r->reasons.front().id})
            .field("reason", std::string_view{r->reasons.front().text});
      }
    });
    if (s.json().wanted()) { return; }
    auto const why =
        r == nullptr || r->reasons.empty() ? std::string{} : concat("  ", printable_text(r->reasons.front().text));
    auto const word = batch::to_text(state);
    s.out().write(concat(word, std::string(10 - word.size(), ' '), printable(row.key), why, '\n'));
  }

  static void print(session& s, batch::batch_status const& status) {
    s.json().object("batch", [&](json_writer& w) {
      w.field("jobs", status.jobs);
      for (auto const state : every_state) { w.field(batch::to_text(state), status.of(state)); }
      w.key("reasons").begin_array();
      for (auto const& why : status.reasons) {
        w.begin_object().field("id", std::string_view{why.id}).field("text", std::string_view{why.text});
        w.field("count", why.count).name_field("example", why.example).end_object();
      }
      w.end_array();
      w.key("now").begin_array();
      for (auto const& [key, who] : status.running) {
        w.begin_object().name_field("key", key).name_field("host", who.host).field("pid", who.pid);
        w.field("start", who.start).field("engine", std::string_view{who.engine}).end_object();
      }
      w.end_array();
    });
    if (s.json().wanted()) { return; }
    s.out().write(concat(status.jobs, status.jobs == 1 ? " job" : " jobs", '\n'));
    for (auto const state : every_state) {
      auto const word = batch::to_text(state);
      if (status.of(state) != 0) {
        s.out().write(concat("  ", word, std::string(12 - word.size(), ' '), status.of(state), '\n'));
      }
    }
    for (auto const& [key, who] : status.running) {
      s.out().write(concat("running: ", printable(key), " on ", printable(who.host), ", process ", who.pid, ", since ",
                           utc_time(who.start), " UTC\n"));
    }
    for (std::size_t i = 0; i < status.reasons.size() && i < shown_reasons; ++i) {
      auto const& why = status.reasons[i];
      s.out().write(concat("  ", why.count, " x ", why.id, why.id.empty() ? "" : " ", printable_text(why.text), " (",
                           printable(why.example), why.count > 1 ? ", ...)" : ")", '\n'));
    }
  }

  batch_argument batch_;
  rerun_argument rerun_;
  bool wait_ = false, all_ = false;
};

class batch_retry_command final : public command {
 public:
  void define(option_table& options) override {
    batch_.define(options);
    options.list("--state", states_, "STATE",
                 "jobs in this state: failed (default), blocked, canceled, stale, succeeded");
    options.text("--key", key_, "GLOB", "only jobs whose key fits");
    rerun_.define(options);
  }
  void judge() override {
    batch_.judge();
    rerun_.judge();
    for (auto const& word : states_) {
      auto const state = batch::parse_state(word);
      if (!state || *state == batch::job_state::pending || *state == batch::job_state::running) {
        usage(concat("--state ", quoted(word), ": known are failed, blocked, canceled, stale and succeeded"));
      }
      wanted_.push_back(*state);
    }
    if (wanted_.empty()) { wanted_.push_back(batch::job_state::failed); }
  }
  [[nodiscard]] std::string subject() const override { return batch_.given(); }
  void run(session& s) override {
    auto const cleared = batch::retry(batch_.folder(), wanted_, key_, rerun_.value());
    for (auto const& key : cleared) {
      s.json().object("retry", [&](json_writer& w) { w.name_field("key", key); });
      if (!s.json().wanted()) { s.out().write(concat(printable(key), '\n')); }
    }
    s.summary().entries = cleared.size();
    s.say(concat(cleared.size(), cleared.size() == 1 ? " result" : " results", " cleared; sysb batch run does ",
                 cleared.size() == 1 ? "this job" : "these jobs", " again"));
  }

 private:
  batch_argument batch_;
  rerun_argument rerun_;
  std::vector<std::string> states_;
  std::vector<batch::job_state> wanted_;
  std::string key_;
};

class batch_clean_command final : public command {
 public:
  void define(option_table& options) override {
    batch_.define(options);
    options.flag("--dry-run", dry_run_, "only list what would be removed");
  }
  void judge() override { batch_.judge(); }
  [[nodiscard]] std::string subject() const override { return batch_.given(); }
  void run(session& s) override {
    std::uint64_t removed = 0;
    for (auto const& what : batch::leftovers_of(batch_.folder())) {
      if (!what.alive && !dry_run_) { batch::remove_leftover(what); }
      removed += what.alive ? 0 : 1;
      s.json().object("leftover", [&](json_writer& w) {
        w.name_field("path", what.path).field("alive", what.alive).field("removed", !what.alive && !dry_run_);
      });
      if (!s.json().wanted()) {
        s.out().write(concat(printable(what.path), what.alive ? "  in use, left alone" : "", '\n'));
      }
    }
    s.summary().entries = removed;
    s.say(concat(removed, removed == 1 ? " thing " : " things ", dry_run_ ? "would be removed" : "removed"));
  }

 private:
  batch_argument batch_;
  bool dry_run_ = false;
};

class batch_script_command final : public command {
 public:
  void define(option_table& options) override {
    batch_.define(options);
    std::vector<std::string> words;
    for (auto const e : batch::engines()) { words.emplace_back(e); }
    options.choice("--engine", engine_, "ENGINE", std::move(words), "slurm parallel make k8s lsf ansible");
    options.number("-j,--jobs", jobs_, "N", 1, 100000, "jobs at once; default: as many as this machine has processors");
    options.number("--shards", shards_, "N", 1, 100000, "tasks that share the rows; default: by the plan's estimates");
    options.text("--program", program_, "FILE", "sysb as the engine's machines call it; default sysb");
    options.text("--image", image_, "NAME", "k8s: the container image; default sysb:latest");
    threads_.define(options);
  }
  void judge() override {
    batch_.judge();
    if (engine_.empty()) { usage("no engine given: --engine slurm|parallel|make|k8s|lsf|ansible"); }
  }
  [[nodiscard]] bool content_to_stdout() const override { return true; }
  [[nodiscard]] std::string subject() const override { return batch_.given(); }
  void run(session& s) override {
    batch::script_request r;
    if (!program_.empty()) { r.program = program_; }
    r.jobs = jobs_.value_or(jobs::usual_threads());
    r.threads = threads_.given() ? threads_.value() : 1;
    r.shards = shards_.value_or(0);
    r.image = image_;
    s.out().write(batch::script_for(batch_.folder(), engine_, r));
  }

 private:
  batch_argument batch_;
  thread_argument threads_;
  std::string engine_, program_, image_;
  std::optional<std::uint64_t> jobs_, shards_;
};

class batch_report_command final : public command {
 public:
  void define(option_table& options) override {
    batch_.define(options);
    options.text("-o,--output", out_, "DIR", "a folder for the report: new, empty, or an older report");
    options.text("--format", formats_, "LIST", "html,csv,json,prom, with commas between them; default all");
    options.flag("--redact", redact_, "hide host names, and names of files and keys that may hold them");
    rerun_.define(options);
  }
  void judge() override {
    batch_.judge();
    rerun_.judge();
    if (out_.empty()) { usage("no DIR given: -o DIR"); }
    if (!formats_.empty() && !batch::report::parse_formats(formats_)) {
      usage(concat("--format ", quoted(formats_), ": known are html, csv, json and prom"));
    }
  }
  [[nodiscard]] std::string subject() const override { return batch_.given(); }
  void run(session& s) override {
    batch::report::options o;
    if (!formats_.empty()) { o.write = *batch::report::parse_formats(formats_); }
    o.redact = redact_;
    o.when = rerun_.value();
    auto const rows = batch::report::write(batch_.folder(), out_, o);
    s.summary().entries = rows;
    s.summary().output_written = true;
    s.say(concat(rows, rows == 1 ? " image" : " images", " reported in ", quoted(out_)));
  }

 private:
  batch_argument batch_;
  rerun_argument rerun_;
  std::string out_, formats_;
  bool redact_ = false;
};

}  // namespace

command_entry const batch_status_entry{
    "batch status", "-d BATCH", "how far a batch is, and why jobs ended without success",
    "Counts by state, what runs now and where, and the first reasons, the most frequent first.\n"
    "Exit code 7: nothing is pending or running, and some jobs ended without success.",
    [] { return std::unique_ptr<command>{new batch_status_command}; }};
command_entry const batch_retry_entry{"batch retry", "-d BATCH", "clears results, so that their jobs run again",
                                      "Only results are cleared, never outputs; nothing is started.",
                                      [] { return std::unique_ptr<command>{new batch_retry_command}; }};
command_entry const batch_clean_entry{
    "batch clean", "-d BATCH", "removes what killed runs left",
    "Removes folders and files that carry the mark of a batch, beside its outputs and in its folder, and belong to no "
    "living "
    "process: of this host by its process, of another one when nothing touched them for ten minutes. Never an output.",
    [] { return std::unique_ptr<command>{new batch_clean_command}; }};
command_entry const batch_report_entry{"batch report", "-d BATCH -o DIR",
                                       "the estate: pages for a browser, CSV, JSON, figures for Prometheus",
                                       "DIR/index.html is the whole, with a page an image; it needs no network, and no "
                                       "script to be complete. DIR/data has every "
                                       "table as CSV and JSON, DIR/sysb.prom figures for a Prometheus text collector.",
                                       [] { return std::unique_ptr<command>{new batch_report_command}; }};
command_entry const batch_script_entry{"batch script", "-d BATCH --engine ENGINE",
                                       "prints the text with which an engine does the jobs",
                                       "Runs nothing. slurm: an array job for sbatch; parallel: a shell script for GNU "
                                       "parallel; make: a makefile; k8s: an indexed "
                                       "Kubernetes job; lsf: an array for bsub; ansible: a playbook. What was run with "
                                       "a real engine and what was only written "
                                       "stands in docs/batch.md.",
                                       [] { return std::unique_ptr<command>{new batch_script_command}; }};

}  // namespace sysb::cli
