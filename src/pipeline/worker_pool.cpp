// SPDX-License-Identifier: Apache-2.0
#include "pipeline/worker_pool.hpp"

#include "base/os/thread.hpp"

namespace sysb::pipeline {

void worker_pool::start(unsigned wanted, std::function<void()> const& work, thread_starter const& start) {
  threads_.reserve(wanted);  // a thread that runs must have its place
  while (threads_.size() < wanted) {
    auto t = start ? start(work) : start_thread(work);
    if (!t.joinable()) { return; }  // those that run do the work
    threads_.push_back(std::move(t));
  }
}

void worker_pool::join() {
  for (auto& t : threads_) { t.join(); }
  threads_.clear();
}

}  // namespace sysb::pipeline
