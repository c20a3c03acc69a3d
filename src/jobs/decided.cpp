// SPDX-License-Identifier: Apache-2.0
#include "jobs/decided.hpp"

#include "base/text.hpp"

namespace sysb::jobs {

decided_findings::decided_findings(ledger& d, image_request const& image, pipeline::selection const& chosen)
    : ledger_{d} {
  d.set_judge([&chosen, accept_changed = image.accept_changed](diagnostic& f) {
    if (f.effective() != severity::error || f.path.empty()) { return; }
    auto const add = [&](std::string_view text) { f.detail += concat(f.detail.empty() ? "" : "; ", text); };
    if (f.code->reach != fault_reach::archive && chosen.excludes(f.path)) {
      f.level = severity::note;
      add("the member is left out by --exclude");
    } else if (accept_changed && f.code->reach == fault_reach::changed) {
      f.level = severity::warning;
      add("taken as it was stored: --accept-changed");
    }
  });
}

}  // namespace sysb::jobs
