// SPDX-License-Identifier: Apache-2.0
#include "cli/console.hpp"

#include <unistd.h>
#include <string>

#include "base/text.hpp"
#include "cli/streams.hpp"
#include "cli/words.hpp"

namespace sysb::cli {

namespace {
constexpr std::string_view wipe = "\r\x1b[K";
}

void console::line(std::string_view text) {
  std::lock_guard const hold{guard_};
  auto const whole = concat(bar_shown_ ? wipe : std::string_view{}, text, '\n');
  bar_shown_ = false;
  write_all(fd_, whole);
}

void console::bar(std::string_view text) {
  std::lock_guard const hold{guard_};
  bar_shown_ = true;
  write_all(fd_, concat(wipe, text));
}

void console::wipe_bar() {
  std::lock_guard const hold{guard_};
  if (!bar_shown_) { return; }
  bar_shown_ = false;
  write_all(fd_, wipe);
}

bool console::is_terminal() const noexcept { return ::isatty(fd_) == 1; }

unsigned console::columns() const noexcept {
  auto const told = text_columns(fd_);
  return told == 0 ? 80 : static_cast<unsigned>(told);
}

}  // namespace sysb::cli
