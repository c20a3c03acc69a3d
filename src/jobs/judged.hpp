// SPDX-License-Identifier: Apache-2.0
// An image surveyed and held against the rules. Damage that anybody found counts: every job that asks
// the rules gets one verdict, whatever it is going to do with it.
#pragma once
#include <functional>

#include "core/limits.hpp"
#include "jobs/jobs.hpp"
#include "wpar/facts.hpp"

namespace sysb::jobs {

[[nodiscard]] wpar::facts survey_image(registry::opened_image& image, wpar::request const& rules, limits const& bounds,
                                       unsigned threads, events& e,
                                       std::function<void(entry const&)> const& on_member = {},
                                       std::function<bool(entry&)> const& prepare = {});
// Into the outcome, and as findings.
void hold_rules(wpar::facts const& facts, wpar::request const& rules, events& e, outcome& out);

}  // namespace sysb::jobs
