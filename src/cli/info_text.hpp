// SPDX-License-Identifier: Apache-2.0
// The facts of an image as `sysb info` shows them.
#pragma once
#include <string>

#include "cli/json_lines.hpp"
#include "cli/streams.hpp"
#include "wpar/facts.hpp"
#include "wpar/rules.hpp"

namespace sysb::cli {

void print_info(text_writer& to, wpar::facts const& f, wpar::assessment const& a);
void print_image_object(json_lines& json, wpar::facts const& f, wpar::assessment const& a);

// "system copy WPAR: fit, shared (…)", or which rules stand against it.
[[nodiscard]] std::string readiness_line(wpar::assessment const& a);

}  // namespace sysb::cli
