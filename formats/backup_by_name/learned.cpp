// SPDX-License-Identifier: Apache-2.0
#include "formats/backup_by_name/learned.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "formats/backup_by_name/diagnostics.hpp"

namespace sysb::backup_by_name {

void learned_log::count(std::string const& what, entry const& e, bool open) {
  auto& r = rows_[what];
  if (r.members++ == 0) {
    r.first_at = e.offset;
    r.first_path = e.path;
  }
  r.open += open ? 1 : 0;
  ++r.of_kind[e.packed ? kinds - 1 : static_cast<std::size_t>(e.kind)];
}

void learned_log::proved(std::vector<std::string> const& proofs) {
  for (auto const& p : proofs) {
    if (std::find(proofs_.begin(), proofs_.end(), p) == proofs_.end()) { proofs_.push_back(p); }
  }
}

grammar_table learned_log::table() const {
  grammar_table out;
  for (auto const& [what, r] : rows_) {
    grammar_table::row shown{.deviation = what,
                             .members = r.members,
                             .open = r.open,
                             .first_offset = r.first_at,
                             .first_path = r.first_path,
                             .kinds = {}};
    for (std::size_t k = 0; k < kinds; ++k) {
      if (r.of_kind[k] == 0) { continue; }
      shown.kinds.emplace_back(k == kinds - 1 ? "packed file" : to_text(static_cast<entry_kind>(k)), r.of_kind[k]);
    }
    out.rows.push_back(std::move(shown));
  }
  out.proofs = proofs_;
  return out;
}

void learned_log::conclude(reporter& to) const {
  if (rows_.empty()) { return; }
  std::string text;
  auto first = ~std::uint64_t{0};
  for (auto const& r : table().rows) {
    text +=
        concat(text.empty() ? "" : "; ", r.deviation, " in ", r.members, r.members == 1 ? " member (" : " members (");
    for (std::size_t i = 0; i < r.kinds.size(); ++i) {
      text += concat(i == 0 ? "" : ", ", r.kinds[i].second, " ", r.kinds[i].first);
    }
    text += concat("), the first at 0x", hex(r.first_offset));
    if (r.open != 0) { text += concat(", ", r.open, " of them open"); }
    first = std::min(first, r.first_offset);
  }
  for (auto const& p : proofs_) { text += concat("; proof: ", p); }
  to.report(learned_grammar, first, {}, std::move(text));
}

}  // namespace sysb::backup_by_name
