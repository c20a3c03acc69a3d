// SPDX-License-Identifier: Apache-2.0
// V01 to V03: the stream itself.
#include "wpar/rules/context.hpp"

namespace sysb::wpar::rule {

void v01(rule_context& c) {
  if (c.image.description.format != "backup_by_name") {
    c.error(concat("not a backup by name but ", quoted(c.image.description.format)));
  }
}

void v02(rule_context& c) {
  if (c.image.complete) { return; }
  evidence at;
  at.offset = c.image.end_offset;
  auto const last = c.image.last_good_offset;
  c.error(concat("the end record was not reached; the last member that was read begins at ",
                 last ? concat("0x", hex(*last)) : std::string{"no place at all"}),
          at);
}

void v03(rule_context& c) {
  auto const denied = c.image.inventory ? c.image.inventory->errors : 0;
  if (c.image.structure_errors == 0 && c.image.content_errors == 0 && denied == 0) { return; }
  auto const at = c.image.broken_members.empty() ? evidence{} : c.image.broken_members.front().at;
  c.error(concat(counted(c.image.structure_errors, "error", "errors"), " in headers and structure, ",
                 counted(c.image.content_errors, "member", "members"), " with content that does not decode",
                 denied == 0 ? std::string{}
                             : concat(", ", counted(denied, "file", "files"), " that the software inventory denies")),
          at);
}

}  // namespace sysb::wpar::rule
