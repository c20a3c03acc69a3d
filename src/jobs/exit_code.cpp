// SPDX-License-Identifier: Apache-2.0
#include "jobs/exit_code.hpp"

#include <csignal>
#include <cstddef>

namespace sysb::jobs {

namespace {

// Strongest first.
constexpr std::array ranks{exit_code::usage,   exit_code::terminated,  exit_code::interrupted,
                           exit_code::hung_up, exit_code::closed_pipe, exit_code::failed,
                           exit_code::damaged, exit_code::unsupported, exit_code::unfit,
                           exit_code::loss,    exit_code::jobs_left,   exit_code::differs};

std::uint32_t bit_of(exit_code c) noexcept {
  for (std::size_t i = 0; i < ranks.size(); ++i) {
    if (ranks[i] == c) { return 1u << i; }
  }
  return 0;
}

}  // namespace

exit_code code_of(fault_class f) noexcept {
  switch (f) {
    case fault_class::damage: return exit_code::damaged;
    case fault_class::unsupported: return exit_code::unsupported;
    case fault_class::unfit: return exit_code::unfit;
    case fault_class::loss: return exit_code::loss;
    case fault_class::io: return exit_code::failed;
    case fault_class::refused: return exit_code::damaged;
  }
  return exit_code::failed;
}

exit_code code_of(fatal_error::kind k, int stop_signal) noexcept {
  switch (k) {
    case fatal_error::kind::io: return exit_code::failed;
    case fatal_error::kind::internal: return exit_code::failed;
    case fatal_error::kind::usage: return exit_code::usage;
    case fatal_error::kind::damaged: return exit_code::damaged;
    case fatal_error::kind::loss: return exit_code::loss;
    case fatal_error::kind::unsupported: return exit_code::unsupported;
    case fatal_error::kind::unfit: return exit_code::unfit;
    case fatal_error::kind::interrupted:
      return stop_signal == SIGTERM  ? exit_code::terminated
             : stop_signal == SIGHUP ? exit_code::hung_up
                                     : exit_code::interrupted;
    case fatal_error::kind::closed_pipe: return exit_code::closed_pipe;
  }
  return exit_code::failed;
}

wpar::verdict verdict_of(exit_code c) noexcept {
  switch (c) {
    case exit_code::done: return wpar::verdict::ok;
    case exit_code::loss: return wpar::verdict::ok;  // the image is sound, an output cannot hold it
    case exit_code::damaged: return wpar::verdict::damaged;
    case exit_code::unfit: return wpar::verdict::unfit;
    case exit_code::failed:
    case exit_code::jobs_left:
    case exit_code::trouble:
    case exit_code::differs:
    case exit_code::usage:
    case exit_code::unsupported:
    case exit_code::hung_up:
    case exit_code::interrupted:
    case exit_code::closed_pipe:
    case exit_code::terminated: return wpar::verdict::undecided;
  }
  return wpar::verdict::undecided;
}

void exit_state::add(exit_code c) noexcept { seen_ |= bit_of(c); }

void exit_state::add(fault_counts const& seen, fault_rules const& how) noexcept {
  for (std::size_t i = 0; i < seen.errors_by_fault.size(); ++i) {
    auto const f = static_cast<fault_class>(i);
    auto const silent = (f == fault_class::loss && !how.loss_counts) || (f == fault_class::unfit && how.forced);
    if (seen.errors_by_fault[i] != 0 && !silent) { add(code_of(f)); }
  }
}

bool exit_state::has(exit_code c) const noexcept { return (seen_ & bit_of(c)) != 0; }

exit_code exit_state::value() const noexcept {
  for (auto const c : ranks) {
    if (has(c)) { return c; }
  }
  return exit_code::done;
}

}  // namespace sysb::jobs
