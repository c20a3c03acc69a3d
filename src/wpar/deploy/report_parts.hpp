// SPDX-License-Identifier: Apache-2.0
// What both forms of the report tell; for this folder only.
#pragma once
#include <string>
#include <vector>

#include "wpar/deploy/deploy.hpp"

namespace sysb::wpar::deploy {

struct step {
  std::string what, command;
};
// In order, each with its command where there is one.
[[nodiscard]] std::vector<step> steps_on_aix(facts const& f, request const& r, assessment const& a,
                                             fs_plan const& plan);

// What the output does not hold, or what gets lost when it is unpacked.
[[nodiscard]] std::vector<result::loss> losses(request const& r, result const& done);

// Rows of the software database whose files are gone.
[[nodiscard]] std::vector<installed_fileset const*> rows_without_files(facts const& f);

// What starts or speaks by itself in the copy, a line each.
void put_self_starters(std::string& out, facts const& f, request const& r);

}  // namespace sysb::wpar::deploy
