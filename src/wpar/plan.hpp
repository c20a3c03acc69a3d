// SPDX-License-Identifier: Apache-2.0
// An action for every member of the image, with rule and reason; the same plan drives every output.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "core/diagnostic.hpp"
#include "core/member_plan.hpp"
#include "wpar/facts.hpp"
#include "wpar/request.hpp"
#include "wpar/rules.hpp"

namespace sysb::wpar {

// `f`, `r` and `a` outlive the plan. decide() is pure: the same member gets the same answer. What
// is no member's business (a --keep that names nothing, a class that stays) goes to `d` here.
[[nodiscard]] std::unique_ptr<member_plan> make_plan(facts const& f, request const& r, assessment const& a,
                                                     diagnostic_sink& d);

// What became of the members, by action, rule and reason; for report and summary.
struct plan_line {
  plan_action action = plan_action::keep;
  std::string rule;
  std::string reason;
  std::uint64_t members = 0;
  std::uint64_t bytes = 0;  // plain content
};
class plan_totals {
 public:
  void add(plan_action action, std::string_view rule, std::string_view reason, std::uint64_t bytes);
  void add(entry const& e, decision const& what) { add(what.action, what.rule, what.reason, e.size); }
  // Sorted by action, rule and reason. Beyond max_lines reasons are summed up under their rule.
  [[nodiscard]] std::vector<plan_line> lines() const;
  [[nodiscard]] std::uint64_t members(plan_action action) const noexcept;

 private:
  static constexpr std::size_t max_lines = 512;
  std::map<std::tuple<plan_action, std::string, std::string>, plan_line> table_;
};

}  // namespace sysb::wpar
