// SPDX-License-Identifier: Apache-2.0
#include "pipeline/damage_account.hpp"

#include "base/digest.hpp"
#include "base/text.hpp"

namespace sysb::pipeline {

namespace {

std::string counted(std::uint64_t n, std::string_view one, std::string_view more) {
  return concat(n, ' ', n == 1 ? one : more);
}

}  // namespace

void damage_account::hear(diagnostic const& d) {
  // A rule speaks of the whole; what it stands on was reported by itself.
  if (d.effective() != severity::error || d.code->fault != fault_class::damage || d.code->requirement) { return; }
  if (d.path.empty()) {
    ++places_;
    return;
  }
  if (known_.size() >= most_known || !known_.insert(table_hash(as_bytes(d.path), seed_)).second) { return; }
  ++members_;
  changed_ += d.code->reach == fault_reach::changed ? 1u : 0u;
  if (first_.size() < most_named) { first_.push_back(printable(d.path)); }
}

std::string damage_account::sentence(circumstances const& c) const {
  if (!any()) { return {}; }
  std::string out;
  if (members_ != 0) {
    out = concat(counted(members_, "member is", "members are"), " damaged or not proven: ");
    for (std::size_t i = 0; i < first_.size(); ++i) { out += concat(i == 0 ? "" : ", ", first_[i]); }
    if (members_ > first_.size()) { out += concat(" and ", members_ - first_.size(), " more"); }
  }
  if (places_ != 0) {
    out += concat(members_ != 0 ? "; the archive itself is damaged " : "the archive itself is damaged ",
                  places_ == 1 ? "in one place" : concat("in ", places_, " places"), ", not inside a member");
  }
  if (c.to_the_end && c.whole != 0) {
    out +=
        concat("; the other ", counted(c.whole, "member is", "members are"), " whole", c.written ? " and written" : "");
  } else if (!c.to_the_end) {
    out += "; the image was not read to its end: more may be damaged";
  }
  std::string ways;
  if (c.accept_changed && changed_ != 0) {
    ways = concat("--accept-changed takes ", changed_ == members_ ? "them" : concat(changed_, " of them"),
                  " as they were stored, if they changed while they were saved");
  }
  if (c.exclude && members_ != 0) {
    ways += concat(ways.empty() ? "" : "; ", "--exclude leaves out what nobody needs (exit code 0)");
  }
  if (c.salvage) { ways += concat(ways.empty() ? "" : "; ", "--salvage writes everything that is whole"); }
  return concat(out, ways.empty() ? "" : ". ", ways);
}

}  // namespace sysb::pipeline
