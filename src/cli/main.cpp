// SPDX-License-Identifier: Apache-2.0
// What belongs to the process and to nobody below: locale, signals, stderr, the exit.
#include <malloc.h>
#include <unistd.h>

#include <clocale>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "cli/app.hpp"
#include "cli/library_stderr.hpp"
#include "jobs/exit_code.hpp"
#include "output/way_out.hpp"

namespace {

sysb::cli::run_control control;

extern "C" void on_stop(int number) {
  // A second signal ends a run that does not listen.
  if (control.counters.stop_signal.exchange(number) != 0) {
    sysb::output::remove_on_way_out(true);
    std::_Exit(128 + number);
  }
}
extern "C" void on_line(int) { control.line_wanted.store(true); }

void listen(int number, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  sigemptyset(&action.sa_mask);
  sigaction(number, &action, nullptr);
}

// What nobody caught, such as a want of memory before main() or in a destructor: a sentence and an exit code, as of
// every other failure, and no core with the content of a system in it.
[[noreturn]] void on_terminate() {
  constexpr std::string_view text{"sysb: ended by an error that left no memory to tell of it\n"};
  (void)!::write(STDERR_FILENO, text.data(), text.size());
  sysb::output::remove_on_way_out(false);
  std::_Exit(static_cast<int>(sysb::jobs::exit_code::failed));
}

// The first of all objects: the parser's own allocate before main() begins.
struct last_resort {
  last_resort() noexcept {
    std::set_terminate(on_terminate);
    // libarchive calls exit() where it finds no memory.
    std::atexit([] { sysb::output::remove_on_way_out(false); });
  }
};
__attribute__((init_priority(101))) last_resort const installed;

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
  std::vector<std::string> const arguments(argv + 1, argv + argc);
  return sysb::cli::run(arguments, {}, control);
}
