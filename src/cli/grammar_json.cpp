// SPDX-License-Identifier: Apache-2.0
#include "cli/grammar_json.hpp"

#include "base/json_writer.hpp"

namespace sysb::cli {

void print_learned_grammar(json_lines& json, grammar_table const& learned) {
  json.object("grammar", [&](json_writer& w) {
    w.key("deviations").begin_array();
    for (auto const& r : learned.rows) {
      w.begin_object().field("deviation", r.deviation).field("members", r.members).field("open", r.open);
      w.field("first_offset", r.first_offset).name_field("first_path", r.first_path);
      w.key("kinds").begin_object();
      for (auto const& [kind, n] : r.kinds) { w.field(kind, n); }
      w.end_object().end_object();
    }
    w.end_array().key("proofs").begin_array();
    for (auto const& p : learned.proofs) { w.value(p); }
    w.end_array();
  });
}

}  // namespace sysb::cli
