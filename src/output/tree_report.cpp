// SPDX-License-Identifier: Apache-2.0
#include "output/tree_report.hpp"

#include "base/text.hpp"
#include "core/loss.hpp"
#include "output/diagnostics.hpp"

namespace sysb::output {

void cause_tally::add(entry const& e) {
  std::lock_guard const lock{mutex_};
  if (count_++ == 0 || e.offset < record_ || (e.offset == record_ && e.path < first_)) {
    record_ = e.offset;
    first_ = e.path;
  }
}

void cause_tally::report(diag_code const& code, diagnostic_sink& d) const {
  if (count_ == 0) { return; }
  d.report({.code = &code, .path = first_, .detail = count_text()});
}

void cause_tally::stop(diag_code const& code) const {
  if (count_ != 0) { throw_loss("tree", code, first_, record_, count_text()); }
}

std::string cause_tally::count_text() const {
  return count_ == 1 ? std::string{"1 member"} : concat(count_, " members, this is the first");
}

void tree_losses::stop() const {
  owners.stop(owners_not_set);
  metadata.stop(metadata_not_set);
}

void tree_losses::report(diagnostic_sink& d) const {
  owners.report(owners_not_set, d);
  devices.report(devices_not_made, d);
  metadata.report(metadata_not_set, d);
  attributes.report(attributes_not_in_tree, d);
}

}  // namespace sysb::output
