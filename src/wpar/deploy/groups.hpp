// SPDX-License-Identifier: Apache-2.0
// What a person must answer before the WPAR is made.
#pragma once
#include <string>
#include <vector>

#include "wpar/facts.hpp"
#include "wpar/request.hpp"
#include "wpar/rules.hpp"

namespace sysb::wpar::deploy {

struct question {
  std::string id, text, answer;
};
// What must be answered before the WPAR is made: results to decide, and what nobody has said yet.
[[nodiscard]] std::vector<question> open_questions(facts const& f, request const& r, assessment const& a);

}  // namespace sysb::wpar::deploy
