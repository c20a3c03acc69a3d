// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <mutex>

namespace sysb::mount {

// Who reads requests. One thread does at a time, and answers at once what is at hand: it gets its next request
// without anybody being woken. Where it would be away for long it steps aside first, and another one reads on.
class turn {
 public:
  explicit turn(std::mutex& of) : lock_{of, std::defer_lock} { mine() = this; }
  ~turn() { mine() = nullptr; }
  turn(turn const&) = delete;
  turn& operator=(turn const&) = delete;
  void take() {
    if (!lock_.owns_lock()) { lock_.lock(); }
  }
  static void step_aside() {
    if (is_mine()) { mine()->lock_.unlock(); }
  }
  // The same, where requests wait already.
  static void step_aside_if_asked() {
    if (is_mine() && mine()->more_waits) { step_aside(); }
  }
  [[nodiscard]] static bool is_mine() noexcept { return mine() != nullptr && mine()->lock_.owns_lock(); }
  bool more_waits = false;

 private:
  [[nodiscard]] static turn*& mine() noexcept {
    thread_local turn* of_this_thread = nullptr;
    return of_this_thread;
  }
  std::unique_lock<std::mutex> lock_;
};

}  // namespace sysb::mount
