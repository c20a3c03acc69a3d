// SPDX-License-Identifier: Apache-2.0
// One command over several images: a table, a line an image, and the worst exit code.
#pragma once
#include <vector>

#include "cli/command.hpp"
#include "cli/session.hpp"
#include "cli/streams.hpp"
#include "wpar/facts.hpp"
#include "wpar/rules.hpp"
#include "wpar/systems.hpp"

namespace sysb::cli {

// c.images() > 1. Each gets a session of its own, so that a bad one stops no other; what stays of it is its line.
[[nodiscard]] int run_many(command& c, streams const& s, run_control& control, common_options const& common);

// What one image says of itself, into its line and to those that follow.
void introduce(image_line& line, wpar::facts const& f, wpar::assessment const& a);
[[nodiscard]] wpar::known_system known_as(std::string image, wpar::facts const& f);

}  // namespace sysb::cli
