// SPDX-License-Identifier: Apache-2.0
// A pass over all members that holds their contents against the software inventory of the image.
#pragma once
#include "core/ledger.hpp"
#include "core/limits.hpp"
#include "inventory/verifier.hpp"
#include "pipeline/pipeline.hpp"

namespace sysb::jobs {

class inventory_run {
 public:
  inventory_run(limits const& bounds, std::string tmpdir) : verifier_{bounds, std::move(tmpdir)} {}

  // What the pass has to give; on_member is the caller's, who passes its events on.
  void attach(pipeline::copy_options& how) {
    how.sums = true;
    how.keep_content = [this](entry const& e) { return verifier_.wants(e); };
  }
  void member(pipeline::member_event const& m);
  // `asked`: reports all that there is to say, that there is no inventory, too; else errors only.
  inventory::report const& finish(bool asked, ledger& findings);
  [[nodiscard]] inventory::verifier const& verified() const noexcept { return verifier_; }

 private:
  inventory::verifier verifier_;
};

}  // namespace sysb::jobs
