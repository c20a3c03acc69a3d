// SPDX-License-Identifier: Apache-2.0
// Standard error as people see it: lines, and at most one progress bar below them.
#pragma once
#include <mutex>
#include <string_view>

namespace sysb::cli {

class console {
 public:
  explicit console(int fd) noexcept : fd_{fd} {}
  // One line; a bar that is shown is wiped first. Safe from any thread.
  void line(std::string_view text);
  void bar(std::string_view text);  // replaces the bar
  void wipe_bar();
  [[nodiscard]] bool is_terminal() const noexcept;
  [[nodiscard]] unsigned columns() const noexcept;

 private:
  int fd_;
  bool bar_shown_ = false;
  std::mutex guard_;
};

}  // namespace sysb::cli
