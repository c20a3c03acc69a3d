// SPDX-License-Identifier: Apache-2.0
// An object `grammar` in the stream of JSON lines: what the reader has learned of an image that deviates from the
// documented grammar.
#pragma once
#include "cli/json_lines.hpp"
#include "core/grammar_table.hpp"

namespace sysb::cli {

void print_learned_grammar(json_lines& json, grammar_table const& learned);

}  // namespace sysb::cli
