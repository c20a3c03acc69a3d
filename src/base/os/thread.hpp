// SPDX-License-Identifier: Apache-2.0
// Threads are a help, never a need: where none can be started, the work is done without.
#pragma once
#include <new>
#include <system_error>
#include <thread>
#include <utility>

namespace sysb {

// Runs `body` in a thread, or returns one that is not joinable: the limit of the user's processes is
// reached (EAGAIN), or there is no memory for a stack.
template <typename Body>
[[nodiscard]] std::thread start_thread(Body&& body) noexcept {
  try {
    return std::thread{std::forward<Body>(body)};
  } catch (std::system_error const&) { return {}; } catch (std::bad_alloc const&) {
    return {};
  }
}

}  // namespace sysb
