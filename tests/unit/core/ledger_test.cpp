// SPDX-License-Identifier: Apache-2.0
// The order of findings, what is a repeat, and what is counted.
#include "core/ledger.hpp"

#include <doctest/doctest.h>

#include <string>
#include <thread>
#include <vector>

namespace sysb {

namespace {

constexpr diag_code broken{"TST-001", severity::error, "broken", "", fault_class::damage};
constexpr diag_code lost{"TST-002", severity::error, "lost", "", fault_class::loss};
constexpr diag_code odd{"TST-003", severity::warning, "odd", ""};

diagnostic at(diag_code const& code, std::uint64_t offset, std::string path = {}) {
  return {.code = &code, .offset = offset, .path = std::move(path), .detail = {}, .level = {}};
}

struct heard {
  std::vector<std::uint64_t> offsets;
  ledger findings{[this](diagnostic const& d) { offsets.push_back(*d.offset); }};
};

using places = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE("what is found while members are under way is said after they are delivered, in their order") {
  heard h;
  auto& f = h.findings;
  f.report(at(odd, 0));
  CHECK(h.offsets == places{0});
  f.sent_ahead();
  f.report(at(odd, 3));  // the reader, behind the first member
  f.sent_ahead();
  f.report(at(odd, 5));
  CHECK(h.offsets == places{0});
  CHECK(f.counts().of(severity::warning) == 1);
  f.begin_delivery();
  f.report(at(broken, 1));
  f.report(at(broken, 2));
  f.end_delivery();
  CHECK(h.offsets == places{0, 1, 2, 3});
  f.begin_delivery();
  f.report(at(broken, 4));
  f.end_delivery();
  CHECK(h.offsets == places{0, 1, 2, 3, 4, 5});
  f.report(at(odd, 6));  // nothing is under way any more
  CHECK(h.offsets.back() == 6);
}

TEST_CASE("a run that ends with a delivery says nothing of what lies behind it, one that is broken off says all") {
  for (auto const fails : {true, false}) {
    heard h;
    h.findings.sent_ahead();
    h.findings.report(at(odd, 2));
    h.findings.begin_delivery();
    h.findings.report(at(broken, 1));
    if (fails) { h.findings.drop_waiting(); }
    h.findings.end_order();
    CHECK(h.offsets == (fails ? places{1} : places{1, 2}));
    h.findings.report(at(odd, 3));
    CHECK(h.offsets.back() == 3);
  }
}

TEST_CASE("counts go by severity and, for errors, by what they mean") {
  ledger f;
  f.report(at(broken, 1));
  f.report(at(lost, 2));
  f.report(at(lost, 2));
  auto noted = at(broken, 3);
  noted.level = severity::note;
  f.report(noted);
  auto const seen = f.counts();
  CHECK(seen.of(severity::error) == 3);
  CHECK(seen.of(severity::note) == 1);
  CHECK(seen.errors_of(fault_class::damage) == 1);
  CHECK(seen.errors_of(fault_class::loss) == 2);
  CHECK(seen.errors_of(fault_class::io) == 0);
}

TEST_CASE("work that begins again repeats nothing, and says what is new") {
  heard h;
  auto& f = h.findings;
  f.report(at(broken, 1));
  f.remember();
  f.report(at(broken, 2));
  f.report(at(broken, 3));
  f.report(at(broken, 3));  // twice in the first start: twice in the second
  f.repeat();
  f.report(at(broken, 2));
  f.report(at(broken, 3));
  f.report(at(broken, 3));
  CHECK(h.offsets == places{1, 2, 3, 3});
  f.report(at(broken, 3));         // a third time is new
  f.report(at(broken, 2, "./a"));  // and so is another path,
  f.report(at(odd, 2));            // another code,
  f.report(at(broken, 1));         // and what was said before the start
  CHECK(h.offsets == places{1, 2, 3, 3, 3, 2, 2, 1});
  CHECK(f.counts().of(severity::error) == 7);
}

TEST_CASE("what an index knew is not said again by the walk; a second one like it is") {
  heard h;
  auto& f = h.findings;
  f.report_ahead(at(odd, 8, "a"));
  f.report(at(odd, 8, "a"));
  CHECK(h.offsets.size() == 1);
  f.report(at(odd, 8, "a"));
  CHECK(h.offsets.size() == 2);
  f.report_ahead(at(odd, 8, "a"));
  f.report(at(odd, 8, "c"));
  CHECK(h.offsets.size() == 4);
}

TEST_CASE("a listener hears what is reported in its time, and keeps out what it does not want") {
  heard h;
  auto& f = h.findings;
  places seen;
  {
    ledger::listener const ear{f, [&](diagnostic const& d) {
                                 seen.push_back(*d.offset);
                                 return d.effective() == severity::error;
                               }};
    f.report(at(odd, 1));
    f.report(at(broken, 2));
  }
  f.report(at(odd, 3));
  CHECK(seen == places{1, 2});
  CHECK(h.offsets == places{2, 3});
  CHECK(f.counts().of(severity::warning) == 1);
}

TEST_CASE("a listener to what is said hears no repeat, and hears in order") {
  heard h;
  auto& f = h.findings;
  f.remember();
  f.report(at(odd, 1));
  f.repeat();
  places reported, said;
  ledger::listener const early{f, [&](diagnostic const& d) {
                                 reported.push_back(*d.offset);
                                 return true;
                               }};
  ledger::listener const late{f,
                              [&](diagnostic const& d) {
                                said.push_back(*d.offset);
                                return true;
                              },
                              ledger::listener::moment::said};
  f.report(at(odd, 1));
  f.sent_ahead();
  f.report(at(odd, 3));  // found while the member before it is under way
  f.begin_delivery();
  f.report(at(odd, 2));
  f.end_delivery();
  CHECK(reported == places{1, 3, 2});
  CHECK(said == places{2, 3});
}

TEST_CASE("threads may report at once") {
  ledger f;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (std::uint64_t n = 0; n < 1000; ++n) { f.report(at(broken, n)); }
    });
  }
  for (auto& t : threads) { t.join(); }
  CHECK(f.counts().errors_of(fault_class::damage) == 4000);
}

TEST_CASE("what the run has decided of a finding counts, and is what everybody hears") {
  std::vector<std::string> said;
  ledger f{[&](diagnostic const& d) { said.push_back(std::string{to_text(d.effective())} + ' ' + d.detail); }};
  f.set_judge([](diagnostic& d) {
    if (d.path != "./unwanted") { return; }
    d.level = severity::note;
    d.detail = "left out";
  });
  std::vector<std::string> heard_by_part;
  ledger::listener const part{f, [&](diagnostic const& d) {
                                heard_by_part.emplace_back(to_text(d.effective()));
                                return true;
                              }};
  f.report(at(broken, 1, "./unwanted"));
  f.report(at(broken, 2, "./wanted"));
  CHECK(said == std::vector<std::string>{"note left out", "error "});
  CHECK(heard_by_part == std::vector<std::string>{"note", "error"});
  CHECK(f.counts().errors_of(fault_class::damage) == 1);
}

}  // namespace sysb
