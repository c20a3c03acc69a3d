// SPDX-License-Identifier: Apache-2.0
// Counters that a working thread writes and a printer samples; and the request to stop.
#pragma once
#include <atomic>
#include <cstdint>
#include <string_view>

#include "core/fatal_error.hpp"

namespace sysb {

struct progress {
  std::atomic<std::uint64_t> bytes{0};  // of the medium, read so far in this phase
  std::atomic<std::uint64_t> total{0};  // 0: not known
  std::atomic<std::uint64_t> entries{0};
  std::atomic<char const*> phase{""};  // static text: "survey" "spool" "write" "check" "verify"
  std::atomic<int> stop_signal{0};     // set by a signal handler; polled by stop_if_asked()

  // Throws fatal_error{interrupted} once a signal asked for it.
  void stop_if_asked() const {
    if (stop_signal.load(std::memory_order_relaxed) != 0) {
      throw fatal_error{fatal_error::kind::interrupted, "interrupted"};
    }
  }
};

}  // namespace sysb
