// SPDX-License-Identifier: Apache-2.0
// A run over all members that holds their contents against the software inventory of the image.
#pragma once
#include <cstdint>
#include <optional>

#include "cli/session.hpp"
#include "inventory/verifier.hpp"
#include "pipeline/pipeline.hpp"

namespace sysb::cli {

class inventory_check {
 public:
  explicit inventory_check(session& s) : session_{s}, verifier_{s.bounds()} {}

  // What the run has to give; on_member is the caller's, who passes its events on.
  void attach(pipeline::copy_options& how) const {
    how.sums = true;
    how.keep_content = [this](entry const& e) { return verifier_.wants(e); };
  }
  void member(pipeline::member_event const& m);
  // Reports findings; `asked`: the table of filesets goes to standard output, and an image without an inventory
  // gets a note.
  void finish(bool asked);
  [[nodiscard]] inventory::report const& result() const noexcept { return verifier_.result(); }
  [[nodiscard]] inventory::verifier const& verified() const noexcept { return verifier_; }

 private:
  void print() const;
  session& session_;
  inventory::verifier verifier_;
};

}  // namespace sysb::cli
