// SPDX-License-Identifier: Apache-2.0
#include "cli/findings.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/text.hpp"

namespace sysb::cli {

std::string placed_text(diagnostic const& d, std::string_view text) {
  std::string out;
  if (d.offset) { out += concat("record at 0x", hex(*d.offset), ": "); }
  if (!d.path.empty()) { out += concat(printable(d.path), ": "); }
  out += printable(text);
  return out;
}

void findings_printer::print(diagnostic const& d) {
  auto const level = d.effective();
  auto const text = d.text();
  if (json_.wanted()) {
    json_.object("finding", [&](json_writer& w) {
      w.field("id", d.code->id).field("severity", to_text(level)).field("text", text);
      if (!d.path.empty()) { w.name_field("path", d.path); }
      if (d.offset) { w.field("offset", *d.offset); }
    });
    return;
  }
  if ((d.code->requirement && !rules_as_text_) || level < least_text_ || ++seen_[d.code] > lines_an_id) { return; }
  auto const word = level == severity::error ? std::string{} : concat(to_text(level), ": ");
  err_.line(
      concat("sysb: ", subject_, subject_.empty() ? "" : ": ", word, placed_text(d, text), " [", d.code->id, ']'));
}

void findings_printer::summarise_hidden() {
  std::vector<std::pair<std::string_view, std::uint64_t>> hidden;
  for (auto const& [code, n] : seen_) {
    if (n > lines_an_id) { hidden.emplace_back(code->id, n - lines_an_id); }
  }
  std::sort(hidden.begin(), hidden.end());
  for (auto const& [id, n] : hidden) {
    err_.line(
        concat("sysb: ", subject_, subject_.empty() ? "" : ": ", n, " more of ", id, " not shown; --json gives all"));
  }
}

}  // namespace sysb::cli
