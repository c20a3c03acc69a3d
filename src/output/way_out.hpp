// SPDX-License-Identifier: Apache-2.0
// Some ways out of a process unwind nothing: a library that finds no memory calls exit(), an error is caught by nobody, a
// second signal does not wait. What is staged is remembered here, so that it can go all the same.
#pragma once
#include <string>

namespace sysb::output {

// While it lives, `name` in the folder is one of those. Without memory, and safe for threads.
class on_way_out {
 public:
  on_way_out() = default;
  ~on_way_out() { forget(); }
  on_way_out(on_way_out&& other) noexcept;
  on_way_out& operator=(on_way_out&&) = delete;
  void remember(int folder, std::string const& name, bool tree) noexcept;
  void forget() noexcept;

 private:
  int slot_ = -1;
};

// Removes all that is remembered. `now`: in a signal's handler, where trees cannot be removed.
void remove_on_way_out(bool now) noexcept;

}  // namespace sysb::output
