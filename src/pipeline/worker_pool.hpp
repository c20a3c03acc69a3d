// SPDX-License-Identifier: Apache-2.0
// Threads beside the caller's: as many as the system gives.
#pragma once
#include <functional>
#include <thread>
#include <utility>
#include <vector>

namespace sysb::pipeline {

// Starts `work` in a thread of its own; a thread that is none where that cannot be.
using thread_starter = std::function<std::thread(std::function<void()> work)>;

class worker_pool {
 public:
  worker_pool() = default;
  // At most `wanted`, none where none can be started: limits of the user, the container or the memory are
  // no reason not to do the work. `start` may be empty.
  void start(unsigned wanted, std::function<void()> const& work, thread_starter const& start);
  void join();
  ~worker_pool() { join(); }
  worker_pool(worker_pool const&) = delete;
  worker_pool& operator=(worker_pool const&) = delete;
  [[nodiscard]] bool empty() const noexcept { return threads_.empty(); }

 private:
  std::vector<std::thread> threads_;
};

}  // namespace sysb::pipeline
