// SPDX-License-Identifier: Apache-2.0
// What a rule's result asks of a person: decide, watch, or nothing.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "wpar/facts.hpp"
#include "wpar/request.hpp"
#include "wpar/rules.hpp"

namespace sysb::wpar::deploy {

enum class group : std::uint8_t { decide, watch, passed };
[[nodiscard]] std::string_view to_text(group g) noexcept;

// Errors, and warnings that an option or a command answers, are to be decided; other warnings are to be watched.
[[nodiscard]] group group_of(rule_result const& r) noexcept;
// The option or command that answers it; empty: there is none.
[[nodiscard]] std::string_view advice_for(rule_result const& r) noexcept;

struct question {
  std::string id, text, answer;
};
// What must be answered before the WPAR is made: results to decide, and what nobody has said yet.
[[nodiscard]] std::vector<question> open_questions(facts const& f, request const& r, assessment const& a);

}  // namespace sysb::wpar::deploy
