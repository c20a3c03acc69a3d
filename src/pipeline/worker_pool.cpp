// SPDX-License-Identifier: Apache-2.0
#include "pipeline/worker_pool.hpp"

#include <new>
#include <system_error>

namespace sysb::pipeline {

void worker_pool::start(unsigned wanted, std::function<void()> const& work, thread_starter const& start) {
  try {
    threads_.reserve(wanted);  // a thread that runs must have its place
    while (threads_.size() < wanted) { threads_.push_back(start ? start(work) : std::thread{work}); }
  } catch (std::system_error const&) {
    // EAGAIN: those that run do the work.
  } catch (std::bad_alloc const&) {}
}

void worker_pool::join() {
  for (auto& t : threads_) { t.join(); }
  threads_.clear();
}

}  // namespace sysb::pipeline
