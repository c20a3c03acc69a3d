// SPDX-License-Identifier: Apache-2.0
// What a job tells while it runs, and where it can be stopped.
#pragma once
#include "core/grammar_table.hpp"
#include "core/ledger.hpp"
#include "core/progress.hpp"
#include "inventory/verifier.hpp"
#include "pipeline/pipeline.hpp"
#include "wpar/facts.hpp"
#include "wpar/rules.hpp"

namespace sysb::jobs {

// Everything is called on the thread that runs the job; findings go to the ledger.
class events {
 public:
  events(ledger& f, progress& c) noexcept : findings{f}, counters{c} {}
  virtual ~events() = default;
  events(events const&) = delete;
  events& operator=(events const&) = delete;

  virtual void opening() {}                              // of the image; counters run from here on
  virtual void member(pipeline::member_event const&) {}  // what became of each, in image order
  virtual void assessed(wpar::facts const&, wpar::assessment const&) {}
  virtual void inventoried(inventory::report const&) {}  // where the inventory was asked for and there is one
  virtual void learned(grammar_table const&) {}          // where an image deviates from what is documented
  virtual void writing() {}                              // the plan is made, the members follow

  ledger& findings;
  progress& counters;  // counters.stop_signal set: the job ends as interrupted and leaves nothing behind
};

}  // namespace sysb::jobs
