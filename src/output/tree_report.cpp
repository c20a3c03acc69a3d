// SPDX-License-Identifier: Apache-2.0
#include "output/tree_report.hpp"

#include "base/text.hpp"
#include "output/loss.hpp"

namespace sysb::output {

void tally::add(entry const& e) {
  std::lock_guard const lock{mutex_};
  if (count_++ == 0 || e.offset < record_ || (e.offset == record_ && e.path < first_)) {
    record_ = e.offset;
    first_ = e.path;
  }
}

void tally::report(diag_code const& code, diagnostic_sink& d) const {
  if (count_ == 0) { return; }
  d.report({.code = &code, .path = first_, .detail = count_text()});
}

void tally::stop(diag_code const& code) const {
  if (count_ != 0) { throw_loss("tree", code, first_, record_, count_text()); }
}

std::string tally::count_text() const {
  return count_ == 1 ? std::string{"1 member"} : concat(count_, " members, this is the first");
}

void late_findings::add(entry const& e, diagnostic d) {
  std::lock_guard const lock{mutex_};
  kept_.insert_or_assign({e.offset, e.path}, std::move(d));
  if (kept_.size() <= most) { return; }
  auto const last = std::prev(kept_.end());
  auto const* const code = last->second.code;
  auto& counted = more_[code->id];
  counted.first = code;
  ++counted.second;
  kept_.erase(last);
}

void late_findings::report(diagnostic_sink& d) {
  for (auto const& [place, finding] : kept_) { d.report(finding); }
  for (auto const& [id, counted] : more_) {
    d.report({.code = counted.first, .detail = concat(counted.second, " members more")});
  }
  kept_.clear();
  more_.clear();
}

}  // namespace sysb::output
