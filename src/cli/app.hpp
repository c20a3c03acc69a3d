// SPDX-License-Identifier: Apache-2.0
// The whole command line as a function, for main and for tests.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "cli/command.hpp"
#include "cli/streams.hpp"

namespace sysb::cli {

using command_table = std::span<command_entry const* const>;
[[nodiscard]] command_table commands() noexcept;

// `args` without the program's name. Returns the exit code; throws nothing.
[[nodiscard]] int run(std::vector<std::string> const& args, streams const& s, run_control& control,
                      command_table table = commands()) noexcept;

}  // namespace sysb::cli
