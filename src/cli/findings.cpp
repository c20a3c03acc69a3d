// SPDX-License-Identifier: Apache-2.0
#include "cli/findings.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "cli/option_table.hpp"

namespace sysb::cli {

std::string placed_text(diagnostic const& d, std::string_view text) {
  std::string out;
  if (d.offset) { out += concat("record at 0x", hex(*d.offset), ": "); }
  if (!d.path.empty()) { out += concat(printable(d.path), ": "); }
  out += printable_text(text);
  return out;
}

namespace {

void write_remarks(json_writer& w, diagnostic_remarks const& r) {
  w.field("group", r.group).field("advice", std::string_view{r.advice});
  if (r.known_for) { w.field("known", std::string_view{*r.known_for}); }
  if (r.names.empty()) { return; }
  w.key("names").begin_array();
  for (auto const& name : r.names) { w.begin_object().name_field("path", name).end_object(); }
  w.end_array();
}

}  // namespace

void findings_printer::print(diagnostic const& d) {
  auto const level = d.effective();
  auto const text = d.text();
  if (level == severity::error && first_error_.empty()) {
    first_error_ = concat(placed_text(d, text), " [", d.code->id, ']');
  }
  if (json_.wanted()) {
    json_.object("finding", [&](json_writer& w) {
      w.field("id", d.code->id).field("severity", to_text(level)).field("text", text);
      if (!d.path.empty()) { w.name_field("path", d.path); }
      if (d.offset) { w.field("offset", *d.offset); }
      if (d.remarks) { write_remarks(w, *d.remarks); }
    });
    return;
  }
  if ((d.code->requirement && !rules_as_text_) || level < least_text_ || ++seen_[d.code] > lines_an_id) { return; }
  auto const line =
      concat(subject_, subject_.empty() ? "" : ": ", to_text(level), ": ", placed_text(d, text), " [", d.code->id, ']');
  // A file of messages has one a line.
  err_.line(concat("sysb: ", err_.is_terminal() ? wrapped(line, 6, err_.columns()) : line));
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
