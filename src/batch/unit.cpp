// SPDX-License-Identifier: Apache-2.0
#include "batch/unit.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <ctime>
#include <memory>
#include <set>

#include "base/digest.hpp"
#include "base/os/descriptor.hpp"
#include "base/os/directory.hpp"
#include "base/os/transfer.hpp"
#include "base/text.hpp"
#include "batch/child.hpp"
#include "batch/files.hpp"
#include "batch/json.hpp"
#include "batch/stage.hpp"
#include "core/fatal_error.hpp"
#include "output/output.hpp"

namespace sysb::batch {

namespace {

using clock = std::chrono::steady_clock;

constexpr std::size_t kept_reasons = 10;
constexpr auto touch_every = std::chrono::seconds{60};

// What the command's JSON lines tell.
class listener {
 public:
  explicit listener(job_result& r) : result_{&r} {}

  void line(std::string_view text) {
    auto const object = parse_object(text);
    if (!object) { return; }
    auto const type = text_of(*object, "type");
    if (type == "finding") {
      auto const id = text_of(*object, "id");
      ++result_->findings[id];
      auto const severity = text_of(*object, "severity");
      auto& list = severity == "error" ? errors_ : warnings_;
      if (severity != "note" && list.size() < kept_reasons) {
        auto said = text_of(*object, "text");
        if (auto const path = text_of(*object, "path"); !path.empty()) { said = concat(path, ": ", said); }
        list.push_back({id, std::move(said)});
      }
    } else if (type == "fatal") {
      fatal_ = text_of(*object, "text");
    } else if (type == "summary") {
      result_->summary = text;
      result_->verdict = text_of(*object, "verdict");
      result_->members = number_of(*object, "entries");
      result_->bytes_out = number_of(*object, "bytes");
      written_ = text_of(*object, "output") == "written";
    }
  }

  [[nodiscard]] std::string const& fatal() const noexcept { return fatal_; }
  [[nodiscard]] bool written() const noexcept { return written_; }
  // Errors; where there are none (an undecided level is a warning), what was warned of.
  [[nodiscard]] std::vector<reason> take_reasons() {
    return errors_.empty() ? std::move(warnings_) : std::move(errors_);
  }

 private:
  job_result* result_;
  std::vector<reason> errors_, warnings_;
  std::string fatal_;
  bool written_ = false;
};

std::string words_for(int exit, int signal) {
  if (signal != 0) {
    auto const* const name = ::sigabbrev_np(signal);
    return concat("ended by signal ", signal, " (SIG", name != nullptr ? std::string_view{name} : "?", ')',
                  signal == SIGKILL ? "; the kernel does this when memory is short" : "");
  }
  switch (exit) {
    case 3: return "the image is damaged or incomplete";
    case 4: return "the output cannot hold something";
    case 5: return "not an image of a known format";
    case 6: return "the image is not fit for the purpose";
    case 129:
    case 130:
    case 143: return "stopped by a signal";
    default: return concat("ended with exit code ", exit, "; the job's log says more");
  }
}

std::string format_of(plan_row const& row) {
  auto const value = [&](char const* name) -> std::string {
    auto const found = row.options.find(name);
    return found == row.options.end() || found->second.empty() ? std::string{} : found->second.back();
  };
  auto const by_name = output::parse_output_name(row.out);
  auto format = value("format").empty() ? by_name.format : value("format");
  auto compress = value("compress");
  if (compress.empty()) {
    switch (by_name.compress) {
      case output::compression::none: break;
      case output::compression::gzip: compress = "gzip"; break;
      case output::compression::xz: compress = "xz"; break;
      case output::compression::zstd: compress = "zstd"; break;
    }
  }
  return compress.empty() || compress == "none" ? format : concat(format, ' ', compress);
}

std::string digest_of_file(std::string const& path) {
  unique_fd const fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!fd.ok()) { return {}; }
  digester d;
  std::vector<std::byte> block(1u << 20);
  for (;;) {
    auto const got = read_fully(fd.get(), block);
    if (got.error != 0) { return {}; }
    d.update({block.data(), got.bytes});
    if (got.bytes < block.size()) { return sysb::to_text(d.value()); }
  }
}

void describe_output(job_result& r, plan_row const& row) {
  struct stat s {};
  if (::stat(row.out.c_str(), &s) != 0) {
    throw fatal_error{fatal_error::kind::io, concat("cannot look at ", sysb::quoted(row.out), ": ", os_text(errno)),
                      std::nullopt, row.out};
  }
  job_result::output_file out{row.out, format_of(row), 0, {}};
  if (S_ISDIR(s.st_mode)) {
    out.size = r.bytes_out;
    out.xxh3 = exists(row.out + ".mtree") ? digest_of_file(row.out + ".mtree") : std::string{};
  } else {
    out.size = static_cast<std::uint64_t>(s.st_size);
    out.xxh3 = digest_of_file(row.out);
  }
  r.bytes_out = out.size;
  r.output = std::move(out);
  if (exists(row.out + ".d")) { r.report = row.out + ".d"; }
}

bool output_stands(job_result const& r) {
  if (!r.output) { return true; }
  struct stat s {};
  if (::stat(r.output->path.c_str(), &s) != 0) { return false; }
  return S_ISDIR(s.st_mode) || static_cast<std::uint64_t>(s.st_size) == r.output->size;
}

// The place of an output belongs to the batch once it was seen free: what stands there later is ours to replace.
void claim_output(batch_folder const& batch, plan_row const& row) {
  auto const mark = batch.job_folder(row.key) + "/ours";
  auto const kept = read_file(mark);
  if (kept && *kept == row.out) { return; }
  if (exists(row.out) && row.options.count("overwrite") == 0) {
    throw fatal_error{fatal_error::kind::io,
                      concat("output ", sysb::quoted(row.out),
                             " exists already, and this batch did not make it: move it away, or plan with --overwrite"),
                      std::nullopt, row.out};
  }
  write_file(mark, row.out);
}

class job {
 public:
  job(batch_folder const& batch, plan_row const& row, unit_options const& o)
      : batch_{batch}, row_{row}, o_{o}, who_{this_process(o.engine)} {}

  job_result run(std::optional<job_result> const& before) {
    result_.key = row_.key;
    result_.job = job_of(row_);
    result_.bytes_in = row_.image.size;
    if (before && before->job.text() == result_.job.text()) { result_.attempts = before->attempts; }
    attempt now;
    now.start = who_.start;
    now.host = who_.host;
    now.engine = o_.engine;
    auto const began = clock::now();
    try {
      batch_.put_running(row_.key, who_);
    } catch (fatal_error const&) {}  // for display only: where there is no space the work itself says so
    try {
      auto const changed = what_changed();
      if (!changed.empty()) {
        result_.state = job_state::stale;
        result_.exit = now.exit = 1;
        now.fatal = changed;
        result_.reasons.push_back({{}, concat(changed, "; run `sysb batch plan` again")});
      } else {
        work(now);
      }
    } catch (fatal_error const& e) {
      result_.state = job_state::failed;
      result_.exit = now.exit = 1;
      now.fatal = e.what();
      result_.reasons.push_back({{}, e.what()});
    }
    now.end = ::time(nullptr);
    result_.seconds = std::chrono::duration<double>(clock::now() - began).count();
    result_.attempts.push_back(std::move(now));
    batch_.put_result(result_, row_);
    batch_.clear_running(row_.key);
    return std::move(result_);
  }

 private:
  std::string what_changed() const {
    identity found;
    try {
      found = identify(row_.volumes);
    } catch (fatal_error const& e) { return concat("the image cannot be read: ", e.what()); }
    return difference(row_.image, found);
  }

  void work(attempt& now) {
    std::optional<stage> beside;
    if (!row_.out.empty()) {
      claim_output(batch_, row_);
      beside.emplace(row_.out, row_.key, who_);
    }
    std::vector<std::string> words{o_.program};
    for (auto& w : o_.command(row_, beside ? file_part(row_.out) : std::string{}, o_.threads)) {
      words.push_back(std::move(w));
    }
    listener heard{result_};
    auto const end =
        wait_for(child{words, {beside ? beside->path() : std::string{}, batch_.job_folder(row_.key) + "/log", true}},
                 heard, beside ? &*beside : nullptr);
    now.exit = end.exit;
    now.signal = end.signal;
    now.fatal = heard.fatal();
    result_.exit = end.signal != 0 ? 128 + end.signal : end.exit;
    result_.peak_memory = end.peak_memory;
    result_.state = state_of(end.exit, end.signal);
    if (beside && heard.written()) {
      beside->place();
      describe_output(result_, row_);
    } else if (end.exit == 0 && end.signal == 0 && beside) {
      throw fatal_error{fatal_error::kind::internal, "the command ended well, but wrote no output"};
    }
    if (result_.state == job_state::succeeded) { return; }
    result_.reasons = heard.take_reasons();
    if (!now.fatal.empty()) { result_.reasons.insert(result_.reasons.begin(), {{}, now.fatal}); }
    if (result_.output) { result_.reasons.insert(result_.reasons.begin(), {{}, std::string{incomplete_output}}); }
    if (result_.reasons.empty()) { result_.reasons.push_back({{}, words_for(end.exit, end.signal)}); }
  }

  child_end wait_for(child running, listener& heard, stage const* beside) {
    auto touched = clock::now();
    auto told = false;
    auto const take = [&](std::string_view text) { heard.line(text); };
    for (auto open = true; open;) {
      open = running.read_lines(take, 200);
      auto const stop = o_.counters != nullptr ? o_.counters->stop_signal.load() : 0;
      if (stop != 0 && !told) {
        running.send(stop);
        told = true;
      }
      if (clock::now() - touched > touch_every) {
        touched = clock::now();
        batch_.touch_running(row_.key);
        if (beside != nullptr) { beside->touch(); }
      }
    }
    return running.wait();
  }

  batch_folder const& batch_;
  plan_row const& row_;
  unit_options const& o_;
  running_job who_;
  job_result result_;
};

}  // namespace

unit_end run_one(batch_folder const& batch, plan_row const& row, unit_options const& o) {
  auto before = batch.result(row.key);
  if (before) {
    auto const state = batch.state(row, before, o.when);
    auto const last = before->attempts.empty() ? attempt{} : before->attempts.back();
    auto const over = state == job_state::succeeded ? output_stands(*before)
                      : state == job_state::blocked || state == job_state::failed
                          ? remedy_of(last.exit, last.signal) == remedy::final && output_stands(*before)
                          : false;
    if (over) { return {std::move(*before), true}; }
  }
  return {job{batch, row, o}.run(before), false};
}

namespace {

void look_into(std::string const& folder, std::string_view prefix, std::vector<leftover>& found) {
  dir_stream const open{::opendir(folder.c_str())};
  if (!open) { return; }
  auto const here = host_name();
  while (auto const* const item = ::readdir(open.get())) {
    std::string_view const name = item->d_name;
    if (name.substr(0, prefix.size()) != prefix) { continue; }
    auto const maker = maker_of(name);
    if (maker.pid == 0) { continue; }
    auto const path = concat(folder, '/', name);
    auto const age = age_of(path);
    auto const lives = maker.host == here
                           ? (maker.born != 0 ? lives_here(maker.pid, maker.born) : ::kill(maker.pid, 0) == 0)
                           : age && *age < silent_seconds;
    found.push_back({path, lives});
  }
}

}  // namespace

std::vector<leftover> leftovers_of(batch_folder const& batch) {
  std::vector<leftover> found;
  std::set<std::string> folders;
  batch.each_row([&](plan_row const& row) {
    if (!row.out.empty()) { folders.insert(parent_folder(row.out)); }
    look_into(batch.job_folder(row.key), ".sysb-", found);
    // A mark for display whose worker is gone.
    auto const running = batch.job_folder(row.key) + "/running.json";
    if (exists(running) && !batch.running(row.key)) { found.push_back({running, false}); }
  });
  look_into(batch.path(), ".sysb-", found);
  for (auto const& folder : folders) { look_into(folder, stage_mark, found); }
  return found;
}

void remove_leftover(leftover const& what) {
  if (auto const error = remove_whole(what.path); error != 0) {
    throw fatal_error{fatal_error::kind::io, concat("cannot remove ", sysb::quoted(what.path), ": ", os_text(error)),
                      std::nullopt, what.path};
  }
}

}  // namespace sysb::batch
