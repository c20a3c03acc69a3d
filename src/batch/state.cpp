// SPDX-License-Identifier: Apache-2.0
#include "batch/state.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <array>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <fstream>

#include "base/json_writer.hpp"
#include "base/text.hpp"
#include "batch/files.hpp"
#include "core/fatal_error.hpp"

namespace sysb::batch {

namespace {

constexpr std::array<std::string_view, job_states> words{"pending", "running",  "succeeded", "blocked",
                                                         "failed",  "canceled", "stale"};

// Field 22 of /proc/PID/stat: clock ticks since the machine started. 0: no such process.
std::uint64_t born_at(int pid) {
  auto const text = read_file(concat("/proc/", pid, "/stat"), 1u << 16);
  if (!text) { return 0; }
  auto const name_end = text->rfind(')');  // the name may hold blanks and brackets
  if (name_end == std::string::npos) { return 0; }
  // A zombie has ended; whoever started it may never ask how.
  auto const condition = name_end + 2 < text->size() ? (*text)[name_end + 2] : 'X';
  if (condition == 'Z' || condition == 'X') { return 0; }
  std::size_t at = name_end;
  for (auto field = 2; field < 22; ++field) {
    at = text->find(' ', at + 1);
    if (at == std::string::npos) { return 0; }
  }
  std::uint64_t ticks = 0;
  for (++at; at < text->size() && (*text)[at] >= '0' && (*text)[at] <= '9'; ++at) {
    ticks = ticks * 10 + static_cast<std::uint64_t>((*text)[at] - '0');
  }
  return ticks;
}

}  // namespace

std::string_view to_text(job_state s) noexcept { return words[static_cast<std::size_t>(s)]; }

std::optional<job_state> parse_state(std::string_view word) noexcept {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == word) { return static_cast<job_state>(i); }
  }
  return std::nullopt;
}

remedy remedy_of(int exit, int signal) noexcept {
  if (signal != 0) { return remedy::try_again; }
  switch (exit) {
    case 0: return remedy::none;
    case 2: return remedy::stop;
    case 3:
    case 4:
    case 5:
    case 6: return remedy::final;
    default: return remedy::try_again;
  }
}

job_state state_of(int exit, int signal) noexcept {
  if (signal == 0) {
    switch (exit) {
      case 0: return job_state::succeeded;
      case 4:
      case 6: return job_state::blocked;
      case 129:
      case 130:
      case 143: return job_state::canceled;
      default: return job_state::failed;
    }
  }
  return signal == SIGHUP || signal == SIGINT || signal == SIGTERM ? job_state::canceled : job_state::failed;
}

std::optional<rerun_on> parse_rerun_on(std::string_view text) {
  rerun_on when{false, false, false};
  for (auto const word : split(text, ',')) {
    if (word == "input") {
      when.input = true;
    } else if (word == "options") {
      when.options = true;
    } else if (word == "version") {
      when.version = true;
    } else {
      return std::nullopt;
    }
  }
  return when;
}

batch_folder::batch_folder(std::string path) : path_{absolute_path(path)} {}

std::string batch_folder::job_folder(std::string_view key) const { return concat(path_, "/jobs/", folder_name(key)); }

void batch_folder::each_line(std::function<void(std::string const&, std::uint64_t)> const& take) const {
  std::ifstream file{plan_file(), std::ios::binary};
  if (!file) {
    throw fatal_error{
        fatal_error::kind::io,
        concat("no plan in ", quoted(path_), ": make one with `sysb batch plan ... -d ", printable(path_), '`'),
        std::nullopt, plan_file()};
  }
  std::string line;
  for (std::uint64_t number = 0; std::getline(file, line);) {
    if (!line.empty()) { take(line, number++); }
  }
  if (file.bad()) {
    throw fatal_error{fatal_error::kind::io, concat("cannot read ", quoted(plan_file())), std::nullopt, plan_file()};
  }
}

plan_row batch_folder::parsed(std::string const& line, std::uint64_t number) const {
  return parse_row(line, concat(quoted(plan_file()), ", line ", number + 1));
}

void batch_folder::each_row(std::function<void(plan_row)> const& take) const {
  each_line([&](std::string const& line, std::uint64_t number) { take(parsed(line, number)); });
}

std::optional<plan_row> batch_folder::find(std::string_view key) const {
  // The row has the key as we write it: only such lines are parsed.
  std::string written;
  json_writer{written}.name_field("key", key);
  std::optional<plan_row> out;
  each_line([&](std::string const& line, std::uint64_t number) {
    if (line.find(written) == std::string::npos) { return; }
    auto row = parsed(line, number);
    if (row.key == key) { out = std::move(row); }
  });
  return out;
}

std::vector<plan_row> batch_folder::rows_at(std::function<bool(std::uint64_t)> const& wanted,
                                            std::uint64_t& seen) const {
  std::vector<plan_row> out;
  seen = 0;
  each_line([&](std::string const& line, std::uint64_t number) {
    if (wanted(number)) { out.push_back(parsed(line, number)); }
    seen = number + 1;
  });
  return out;
}

std::optional<job_result> batch_folder::result(std::string_view key) const {
  auto const text = read_file(job_folder(key) + "/result.json");
  return text ? parse_result(*text) : std::nullopt;
}

void batch_folder::put_result(job_result const& r, plan_row const& row) const {
  make_folders(job_folder(row.key));
  write_file(job_folder(row.key) + "/result.json", to_text(r, row));
}

bool batch_folder::clear_result(std::string_view key) const {
  auto const file = job_folder(key) + "/result.json";
  if (::unlink(file.c_str()) == 0) { return true; }
  if (errno == ENOENT || errno == ENOTDIR) { return false; }
  throw fatal_error{fatal_error::kind::io, concat("cannot remove ", quoted(file), ": ", os_text(errno)), std::nullopt,
                    file};
}

void batch_folder::touch_running(std::string_view key) const noexcept {
  ::utimensat(AT_FDCWD, (job_folder(key) + "/running.json").c_str(), nullptr, 0);
}

void batch_folder::clear_running(std::string_view key) const noexcept {
  ::unlink((job_folder(key) + "/running.json").c_str());
}

std::optional<std::int64_t> age_of(std::string const& file) {
  struct stat s {};
  if (::stat(file.c_str(), &s) != 0) { return std::nullopt; }
  // A file made now tells what time it is there.
  auto const probe = concat(parent_folder(file), "/.sysb-now.", host_name(), '.', ::getpid(), ".0");
  auto const fd = ::open(probe.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  struct stat now {};
  auto const told = fd >= 0 && ::fstat(fd, &now) == 0;
  if (fd >= 0) {
    ::close(fd);
    ::unlink(probe.c_str());
  }
  return std::int64_t{told ? now.st_mtim.tv_sec : ::time(nullptr)} - std::int64_t{s.st_mtim.tv_sec};
}

job_state batch_folder::state(plan_row const& row, std::optional<job_result> const& r, rerun_on const& when) const {
  if (!r) { return running(row.key) ? job_state::running : job_state::pending; }
  auto const now = job_of(row);
  auto const other = (when.input && r->job.input != now.input) || (when.options && r->job.options != now.options) ||
                     (when.version && r->job.version != now.version);
  if (other) { return running(row.key) ? job_state::running : job_state::pending; }
  auto const over = r->state == job_state::succeeded || r->state == job_state::blocked;
  if (!over && running(row.key)) { return job_state::running; }
  return r->state;
}

running_job this_process(std::string engine) {
  running_job r;
  r.host = host_name();
  r.engine = std::move(engine);
  r.start = ::time(nullptr);
  r.pid = ::getpid();
  r.born = born_at(r.pid);
  return r;
}

bool lives_here(int pid, std::uint64_t born) { return pid > 0 && born != 0 && born_at(pid) == born; }

}  // namespace sysb::batch
