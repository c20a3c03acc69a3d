// SPDX-License-Identifier: Apache-2.0
#include "batch/child.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <utility>

#include "base/text.hpp"
#include "core/fatal_error.hpp"

namespace sysb::batch {

namespace {

constexpr std::size_t longest_line = 1u << 20;

child_end end_of(int status, rusage const& used) {
  child_end end;
  if (WIFSIGNALED(status)) {
    end.signal = WTERMSIG(status);
  } else {
    end.exit = WEXITSTATUS(status);
  }
  end.peak_memory = static_cast<std::uint64_t>(used.ru_maxrss) * 1024;
  return end;
}

}  // namespace

std::string own_program() {
  std::array<char, PATH_MAX> name{};
  auto const n = ::readlink("/proc/self/exe", name.data(), name.size());
  if (n <= 0) { return "/proc/self/exe"; }
  return {name.data(), static_cast<std::size_t>(n)};
}

child::child(std::vector<std::string> const& words, options const& o) {
  std::array<int, 2> pipe_ends{-1, -1};
  if (o.read_out && ::pipe2(pipe_ends.data(), O_CLOEXEC) != 0) {
    throw fatal_error{fatal_error::kind::io, concat("cannot make a pipe: ", os_text(errno))};
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  if (o.read_out) {
    posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], 1);
  } else {
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  }
  posix_spawn_file_actions_addopen(&actions, 2, o.log.empty() ? "/dev/null" : o.log.c_str(),
                                   O_WRONLY | O_CREAT | O_APPEND, 0600);
  if (!o.folder.empty()) { posix_spawn_file_actions_addchdir_np(&actions, o.folder.c_str()); }
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  // A group of its own: a key stroke reaches who coordinates, and that one tells its children in order.
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
  posix_spawnattr_setpgroup(&attributes, 0);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  std::vector<char*> arguments;
  for (auto const& w : words) { arguments.push_back(const_cast<char*>(w.c_str())); }
  arguments.push_back(nullptr);
  auto const error = ::posix_spawn(&pid_, words.front().c_str(), &actions, &attributes, arguments.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (pipe_ends[1] >= 0) { ::close(pipe_ends[1]); }
  if (error != 0) {
    if (pipe_ends[0] >= 0) { ::close(pipe_ends[0]); }
    pid_ = -1;
    throw fatal_error{fatal_error::kind::io, concat("cannot start ", quoted(words.front()), ": ", os_text(error))};
  }
  out_ = pipe_ends[0];
}

child::child(child&& other) noexcept
    : pid_{std::exchange(other.pid_, -1)},
      out_{std::exchange(other.out_, -1)},
      buffer_{std::move(other.buffer_)},
      dropping_{other.dropping_} {}

child::~child() {
  if (out_ >= 0) { ::close(out_); }
  if (pid_ > 0) {
    send(SIGKILL);
    static_cast<void>(wait());
  }
}

void child::send(int signal) const noexcept {
  if (pid_ > 0) { ::kill(pid_, signal); }
}

bool child::read_lines(std::function<void(std::string_view)> const& take, int wait_milliseconds) {
  if (out_ < 0) { return false; }
  pollfd waiting{out_, POLLIN, 0};
  auto const ready = ::poll(&waiting, 1, wait_milliseconds);
  if (ready <= 0) { return true; }
  std::array<char, 64u << 10> piece{};
  auto const n = ::read(out_, piece.data(), piece.size());
  if (n < 0 && (errno == EINTR || errno == EAGAIN)) { return true; }
  if (n <= 0) {
    ::close(out_);
    out_ = -1;
    return false;
  }
  std::string_view rest{piece.data(), static_cast<std::size_t>(n)};
  while (!rest.empty()) {
    auto const end = rest.find('\n');
    auto const part = rest.substr(0, end);
    if (!dropping_) { buffer_.append(part); }
    if (buffer_.size() > longest_line) {
      buffer_.clear();
      dropping_ = true;
    }
    if (end == std::string_view::npos) { break; }
    if (!dropping_) { take(buffer_); }
    buffer_.clear();
    dropping_ = false;
    rest.remove_prefix(end + 1);
  }
  return true;
}

std::optional<child_end> child::poll_end() {
  int status = 0;
  rusage used{};
  auto const got = ::wait4(pid_, &status, WNOHANG, &used);
  if (got != pid_) { return std::nullopt; }
  pid_ = -1;
  return end_of(status, used);
}

child_end child::wait() {
  int status = 0;
  rusage used{};
  while (::wait4(pid_, &status, 0, &used) < 0 && errno == EINTR) {}
  pid_ = -1;
  return end_of(status, used);
}

}  // namespace sysb::batch
