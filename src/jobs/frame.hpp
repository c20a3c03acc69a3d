// SPDX-License-Identifier: Apache-2.0
// What every job does around its work: whatever ends it becomes part of the outcome.
#pragma once
#include <exception>
#include <new>

#include "base/text.hpp"
#include "core/image_reader.hpp"
#include "jobs/jobs.hpp"

namespace sysb::jobs {

// Exit code and verdict, once everything was said.
void judge(outcome& out, fault_rules const& how, events const& e);

template <typename Work>
[[nodiscard]] outcome run_job(events& e, fault_rules const& how, Work const& work) {
  outcome out;
  ledger::listener const damage{e.findings,
                                [&](diagnostic const& d) {
                                  out.damage.hear(d);
                                  return true;
                                },
                                ledger::listener::moment::said};
  try {
    work(out);
  } catch (fatal_error const& f) { out.ended = f; } catch (std::bad_alloc const&) {
    out.ended.emplace(fatal_error::kind::internal, "out of memory");
  } catch (std::exception const& f) {
    out.ended.emplace(fatal_error::kind::internal, concat("internal error: ", f.what()));
  }
  judge(out, how, e);
  return out;
}

// After the walk.
void tell_learned(image_reader const& r, events& e);

}  // namespace sysb::jobs
