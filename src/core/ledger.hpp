// SPDX-License-Identifier: Apache-2.0
// Where the findings of a run meet: put in order, said once, counted. Whoever finds something reports it
// and goes on; the ledger calls nobody back but the one function that shows what is said.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

#include "base/partitioned_table.hpp"
#include "core/diagnostic.hpp"

namespace sysb {

// How often what was said. A verdict and an exit code follow from this, whoever shows the findings.
struct fault_counts {
  std::array<std::uint64_t, 3> by_severity{};
  std::array<std::uint64_t, 6> errors_by_fault{};

  [[nodiscard]] std::uint64_t of(severity s) const noexcept { return by_severity[static_cast<std::size_t>(s)]; }
  [[nodiscard]] std::uint64_t errors_of(fault_class f) const noexcept {
    return errors_by_fault[static_cast<std::size_t>(f)];
  }
};

class ledger : public diagnostic_sink {
 public:
  using teller = std::function<void(diagnostic const&)>;
  // `tell` is called for one finding at a time and must not report itself. Without it findings are only counted.
  explicit ledger(teller tell = {});
  ledger(ledger const&) = delete;
  ledger& operator=(ledger const&) = delete;

  void report(diagnostic const& d) override;  // from any thread
  [[nodiscard]] fault_counts counts() const;  // of what was said so far

  // --- order: a pass reads ahead of the members that it delivers. What is found while some are under way
  // waits until those have been delivered; what is found in a delivery is said there. The memory that this
  // takes is bounded by the members that may be under way.
  void sent_ahead();      // one member more is under way
  void begin_delivery();  // of the first that is under way
  void end_delivery();
  void drop_waiting();  // the run ends with this delivery: nothing that lies further on is said
  void end_order();     // nothing is under way any more: says what waits

  // --- once: a finding and all that it says. Remembered are a hash and a count, not the finding.
  // As report(), from who knows what others will find: one finding like it that comes later is a repeat.
  void report_ahead(diagnostic const& d);
  void remember();  // what is said from now on ...
  void repeat();    // ... comes a second time, since the work began again: it is not said twice

  // --- what the run has decided: `judge` may change severity and detail of a finding before anybody is told of
  // it, and must not report. Set before the work begins.
  using judging = std::function<void(diagnostic&)>;
  void set_judge(judging judge) { judge_ = std::move(judge); }

  // --- for a part of the run: `hear` gets each finding when it is reported, or when it is said; false keeps it out.
  class listener {
   public:
    enum class moment : std::uint8_t { reported, said };
    using hearing = std::function<bool(diagnostic const&)>;
    listener(ledger& to, hearing hear, moment when = moment::reported);
    ~listener();
    listener(listener const&) = delete;
    listener& operator=(listener const&) = delete;

   private:
    friend class ledger;
    ledger& to_;
    hearing hear_;
    moment when_;
  };

 private:
  struct remembered {
    std::uint64_t key = 0;
    std::uint64_t count = 0;  // repeats that are still to come
    [[nodiscard]] std::uint64_t hash() const noexcept { return key; }
    [[nodiscard]] bool occupied() const noexcept { return key != 0; }
  };
  struct held {
    std::uint64_t after = 0;  // members that are delivered before it
    diagnostic what;
    bool ahead = false;
  };
  [[nodiscard]] bool heard(diagnostic const& d, listener::moment when) const;
  void take(diagnostic const& d, bool ahead);
  void take_judged(diagnostic const& d, bool ahead);
  void say(diagnostic const& d, bool ahead);
  void release();
  void add_to_memory(diagnostic const& d);
  [[nodiscard]] bool is_repeat(diagnostic const& d);
  [[nodiscard]] std::uint64_t key_of(diagnostic const& d) const;

  mutable std::mutex mutex_;
  teller tell_;
  judging judge_;
  fault_counts counts_;

  std::uint64_t sent_ = 0, delivered_ = 0;
  bool delivering_ = false;
  std::deque<held> waiting_;

  enum class memory : std::uint8_t { none, filling, used };
  memory memory_ = memory::none;
  std::uint64_t seed_;
  partitioned_table<remembered> said_;

  std::vector<listener const*> listeners_;
};

}  // namespace sysb
