// SPDX-License-Identifier: Apache-2.0
// Facts of a sound image, and for every rule changes to them that trigger it and that do not.
#pragma once
#include <functional>
#include <vector>

#include "wpar/rules.hpp"

namespace sysb::wpar::testing {

[[nodiscard]] facts sound_facts();
[[nodiscard]] request no_private();  // keeps V23 quiet

struct rule_case {
  char const* id;
  char const* result;  // worst severity, or "ok"
  char const* what;
  std::function<void(facts&, request&)> change;
};
[[nodiscard]] std::vector<rule_case> cases();

}  // namespace sysb::wpar::testing
