// SPDX-License-Identifier: Apache-2.0
// What a person has decided of damage: of members that nobody needs it is a note, and files that changed while they
// were saved are a warning where they are taken as they are.
#pragma once
#include "core/ledger.hpp"
#include "jobs/image.hpp"
#include "pipeline/select.hpp"

namespace sysb::jobs {

// While it lives; `chosen` outlives it.
class decided_findings {
 public:
  decided_findings(ledger& d, image_request const& image, pipeline::selection const& chosen);
  ~decided_findings() { ledger_.set_judge({}); }
  decided_findings(decided_findings const&) = delete;
  decided_findings& operator=(decided_findings const&) = delete;

 private:
  ledger& ledger_;
};

}  // namespace sysb::jobs
