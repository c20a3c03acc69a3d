// SPDX-License-Identifier: Apache-2.0
// The exit codes of the contract, and which one wins where several apply.
#pragma once
#include <array>
#include <cstdint>

#include "core/diagnostic.hpp"
#include "core/fatal_error.hpp"
#include "core/ledger.hpp"
#include "wpar/rules.hpp"

namespace sysb::jobs {

// What a job or a command ends with.
enum class exit_code : int {
  done = 0,
  failed = 1,
  usage = 2,
  damaged = 3,
  loss = 4,
  unsupported = 5,
  unfit = 6,
  jobs_left = 7,  // batch: some jobs ended without success
  trouble = 8,    // diff: what is `failed` elsewhere, for 1 means there that something differs
  hung_up = 129,
  interrupted = 130,
  closed_pipe = 141,
  terminated = 143,
  differs = 256,  // diff: said as 1
};

// What the process says of `c`; `of_diff`: in the words of diff(1).
[[nodiscard]] constexpr int number_of(exit_code c, bool of_diff) noexcept {
  if (c == exit_code::differs) { return 1; }
  return static_cast<int>(of_diff && c == exit_code::failed ? exit_code::trouble : c);
}

[[nodiscard]] exit_code code_of(fault_class f) noexcept;
// `stop_signal`: which one interrupted, where one did.
[[nodiscard]] exit_code code_of(fatal_error::kind k, int stop_signal = 0) noexcept;
// What the code says of an image, where no rule was asked.
[[nodiscard]] wpar::verdict verdict_of(exit_code c) noexcept;

// What an error means beside its class.
struct fault_rules {
  bool forced = false;       // --force: errors of class unfit are no reason for the exit code
  bool loss_counts = false;  // --on-loss stop: a loss of severity error is exit 4, else never a reason
};

// Collects reasons to fail. Order where several apply: 1, 3, 5, 6, 4; a signal, a closed
// stdout and a wrong command line stand above all of them.
class exit_state {
 public:
  void add(exit_code c) noexcept;
  void add(fault_counts const& seen, fault_rules const& how) noexcept;
  [[nodiscard]] bool has(exit_code c) const noexcept;
  [[nodiscard]] exit_code value() const noexcept;

 private:
  std::uint32_t seen_ = 0;  // one bit a rank
};

}  // namespace sysb::jobs
