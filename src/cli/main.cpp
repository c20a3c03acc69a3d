// SPDX-License-Identifier: Apache-2.0
// What belongs to the process and to nobody below: locale, signals, stderr, the exit.
#include <malloc.h>

#include <clocale>
#include <csignal>
#include <cstdlib>
#include <string>
#include <vector>

#include "cli/app.hpp"
#include "cli/library_stderr.hpp"

namespace {

sysb::cli::run_control control;

extern "C" void on_stop(int number) {
  // A second signal ends a run that does not listen.
  if (control.counters.stop_signal.exchange(number) != 0) { std::_Exit(128 + number); }
}
extern "C" void on_line(int) { control.line_wanted.store(true); }

void listen(int number, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  sigemptyset(&action.sa_mask);
  sigaction(number, &action, nullptr);
}

bool ignored(int number) {
  struct sigaction action {};
  return sigaction(number, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

}  // namespace

int main(int argc, char** argv) {
  // First of all: a signal that comes now is one that the run answers.
  listen(SIGINT, on_stop);
  listen(SIGTERM, on_stop);
  if (!ignored(SIGHUP)) { listen(SIGHUP, on_stop); }  // nohup ignores it, and that stays so
  listen(SIGUSR1, on_line);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // a limit on the size of files is an error of the write, with a reason
  // An arena a thread keeps several megabytes that others could use: 5 of 64 with 8 threads.
  ::mallopt(M_ARENA_MAX, 2);
  // libarchive asks the locale how names are spelled; without it valid UTF-8 would be flagged.
  std::setlocale(LC_CTYPE, "C.UTF-8");
  sysb::cli::keep_library_messages();
  return sysb::cli::run(std::vector<std::string>(argv + 1, argv + argc), {}, control);
}
