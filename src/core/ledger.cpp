// SPDX-License-Identifier: Apache-2.0
#include "core/ledger.hpp"

#include <algorithm>
#include <random>

#include "base/digest.hpp"
#include "base/text.hpp"

namespace sysb {

ledger::ledger(teller tell) : tell_{std::move(tell)}, seed_{std::random_device{}()} {}

void ledger::report(diagnostic const& d) { take(d, false); }

void ledger::report_ahead(diagnostic const& d) { take(d, true); }

void ledger::take(diagnostic const& d, bool ahead) {
  std::lock_guard const hold{mutex_};
  if (!judge_) { return take_judged(d, ahead); }
  auto judged = d;
  judge_(judged);
  take_judged(judged, ahead);
}

void ledger::take_judged(diagnostic const& d, bool ahead) {
  if (!heard(d, listener::moment::reported)) { return; }
  if (sent_ != delivered_ && !delivering_) {
    waiting_.push_back({sent_, d, ahead});
  } else {
    say(d, ahead);
  }
}

fault_counts ledger::counts() const {
  std::lock_guard const hold{mutex_};
  return counts_;
}

void ledger::say(diagnostic const& d, bool ahead) {
  if (memory_ == memory::used && !ahead && is_repeat(d)) { return; }
  if (memory_ == memory::filling || ahead) { add_to_memory(d); }
  if (ahead) { memory_ = memory::used; }
  if (!heard(d, listener::moment::said)) { return; }
  auto const level = d.effective();
  ++counts_.by_severity[static_cast<std::size_t>(level)];
  if (level == severity::error) { ++counts_.errors_by_fault[static_cast<std::size_t>(d.code->fault)]; }
  if (tell_) { tell_(d); }
}

// --- order -----------------------------------------------------------------------------------

void ledger::sent_ahead() {
  std::lock_guard const hold{mutex_};
  ++sent_;
}

void ledger::begin_delivery() {
  std::lock_guard const hold{mutex_};
  delivering_ = true;
}

void ledger::end_delivery() {
  std::lock_guard const hold{mutex_};
  delivering_ = false;
  ++delivered_;
  release();
}

void ledger::release() {
  while (!waiting_.empty() && waiting_.front().after <= delivered_) {
    auto const next = std::move(waiting_.front());
    waiting_.pop_front();
    say(next.what, next.ahead);
  }
}

void ledger::drop_waiting() {
  std::lock_guard const hold{mutex_};
  waiting_.clear();
}

void ledger::end_order() {
  std::lock_guard const hold{mutex_};
  delivering_ = false;
  delivered_ = sent_;
  release();
}

// --- once ------------------------------------------------------------------------------------

std::uint64_t ledger::key_of(diagnostic const& d) const {
  auto const text = concat(d.code->id, ' ', to_text(d.effective()), ' ', d.offset ? hex(*d.offset) : std::string{"-"},
                           ' ', std::uint64_t{d.path.size()}, ' ', d.path, ' ', d.detail);
  return std::max<std::uint64_t>(table_hash(as_bytes(text), seed_), 1);
}

void ledger::add_to_memory(diagnostic const& d) {
  auto const key = key_of(d);
  ++said_.find_or_add({key, 0}).first->count;
}

bool ledger::is_repeat(diagnostic const& d) {
  auto* const said = said_.find(key_of(d));
  if (said == nullptr || said->count == 0) { return false; }
  --said->count;
  return true;
}

void ledger::remember() {
  std::lock_guard const hold{mutex_};
  memory_ = memory::filling;
}

void ledger::repeat() {
  std::lock_guard const hold{mutex_};
  memory_ = memory::used;
}

// --- listeners -------------------------------------------------------------------------------

bool ledger::heard(diagnostic const& d, listener::moment when) const {
  return std::all_of(listeners_.begin(), listeners_.end(),
                     [&](auto const* l) { return l->when_ != when || l->hear_(d); });
}

ledger::listener::listener(ledger& to, hearing hear, moment when) : to_{to}, hear_{std::move(hear)}, when_{when} {
  std::lock_guard const hold{to_.mutex_};
  to_.listeners_.push_back(this);
}

ledger::listener::~listener() {
  std::lock_guard const hold{to_.mutex_};
  to_.listeners_.erase(std::remove(to_.listeners_.begin(), to_.listeners_.end(), this), to_.listeners_.end());
}

}  // namespace sysb
