// SPDX-License-Identifier: Apache-2.0
// The text of check: the verdict first with its reason, groups, what passed; in any width.
#include <doctest/doctest.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <utility>

#include "base/text.hpp"
#include "cli/verdict_text.hpp"

namespace verdict_text_test {

using namespace sysb;
using namespace sysb::cli;

namespace {

wpar::rule_result result(char const* id, severity level, wpar::group asks, std::string text, std::string advice = {}) {
  wpar::rule_result out;
  out.rule = wpar::find_rule(id);
  out.level = level;
  out.asks = asks;
  out.text = std::move(text);
  out.advice = std::move(advice);
  return out;
}

wpar::assessment healthy() {
  wpar::assessment a;
  a.kind.reason = "the image has members below /usr";
  a.results = {result("V11", severity::note, wpar::group::passed, "the source had no WPARs"),
               result("V14", severity::warning, wpar::group::watch, "file systems are not in the image: /data",
                      "bring this data to the WPAR by another way"),
               result("V26", severity::note, wpar::group::passed, "the trusted computing base is enabled")};
  a.results.back().known_for = "tested";
  return a;
}

verdict_facts facts_of(wpar::verdict v) {
  verdict_facts f;
  f.image = "image.bff";
  f.result = v;
  f.members = 1;
  f.bytes = 2048;
  f.made = 0;
  f.now = 86'400 * 3653;
  return f;
}

}  // namespace

TEST_CASE("a fit image says so first, and what there is to look at") {
  auto const a = healthy();
  auto const text = verdict_text(facts_of(wpar::verdict::fit), &a, {});
  CHECK(
      text.find("image.bff: fit: for a private system copy WPAR at level unknown, because the image has members below "
                "/usr; 1 to watch\n") == 0);
  CHECK(text.find("  1 member, 2.0 KiB of content, 10 years old; 0 errors, 0 warnings, 0 notes\n") !=
        std::string::npos);
  auto const rules = rules_text(a, false, {});
  CHECK(rules.find("\nwatch\n  V14 data outside rootvg: file systems are not in the image: /data\n\n") == 0);
  CHECK(rules.find("known by the profile: 1 finding, V26") != std::string::npos);
  CHECK(rules.find("passed: V01-V13 V15-V35 (--all tells of each)\n") != std::string::npos);
  CHECK(rules.find("the source had no WPARs") == std::string::npos);
  auto const all = rules_text(a, true, {});
  CHECK(all.find("  V11 file systems of other WPARs: the source had no WPARs\n") != std::string::npos);
  CHECK(all.find("  V13 file systems and their members\n") != std::string::npos);
  CHECK(all.find("[tested]") != std::string::npos);
}

TEST_CASE("what is not fit says why") {
  auto a = healthy();
  a.results.push_back(result("V31", severity::error, wpar::group::decide, "a Virtual I/O Server"));
  CHECK(verdict_text(facts_of(wpar::verdict::unfit), &a, {}).find("image.bff: unfit: V31: a Virtual I/O Server\n") ==
        0);
  auto damaged = facts_of(wpar::verdict::damaged);
  damaged.first_error = "./etc/motd: bad checksum [BBN-003]";
  damaged.faults.by_severity[static_cast<std::size_t>(severity::error)] = 3;
  CHECK(verdict_text(damaged, nullptr, {})
            .find("image.bff: damaged: ./etc/motd: bad checksum [BBN-003] (and 2 more errors)\n") == 0);
}

TEST_CASE("lines fit every width, and colour is only where it is wanted") {
  auto a = healthy();
  a.results[1].text = "words and more words of a finding that takes some room on any terminal, /data and /more/data";
  for (std::size_t const columns : {40u, 80u, 132u}) {
    auto const text = concat(verdict_text(facts_of(wpar::verdict::fit), &a, {.columns = columns}),
                             rules_text(a, true, {.columns = columns}));
    std::istringstream in{text};
    for (std::string line; std::getline(in, line);) {
      CAPTURE(line);
      CHECK(line.size() <= columns);
    }
    CHECK(text.find('\x1b') == std::string::npos);
  }
  auto const coloured = verdict_text(facts_of(wpar::verdict::fit), &a, {.columns = 80, .colour = true});
  CHECK(coloured.find("image.bff: \x1b[1;32mfit\x1b[0m: ") == 0);
}

TEST_CASE("what is only to be watched fits a screen, whatever an image says; what is to be decided is never cut") {
  wpar::assessment a;
  a.kind.reason = "the image has members below /usr";
  for (auto const* id : {"V11", "V13", "V14", "V20", "V21", "V22", "V24", "V25", "V26", "V32"}) {
    a.results.push_back(result(id, severity::warning, wpar::group::watch, std::string(3'000, 'x') + " y"));
    a.results.push_back(result(id, severity::warning, wpar::group::watch, "words of it, and some more of them"));
  }
  auto const screen = [&](text_style const& style) {
    auto const text = concat(verdict_text(facts_of(wpar::verdict::fit), &a, style), rules_text(a, false, style));
    return std::pair{text, std::count(text.begin(), text.end(), '\n')};
  };
  for (std::size_t const rows : {24u, 40u}) {
    auto const [text, n] = screen({.columns = 80, .rows = rows});
    CHECK(static_cast<std::size_t>(n) < rows);
    CHECK(text.find(" more: V") != std::string::npos);
    CHECK(text.find("(--all tells of each)") != std::string::npos);
  }
  CHECK(screen({}).first.find(" more: V") == std::string::npos);  // a file has all of it
  CHECK(rules_text(a, true, {.columns = 80, .rows = 24}).find(" more: V") == std::string::npos);
  // What is to be decided takes its lines from the rest.
  std::string long_text;
  for (int i = 0; i < 70; ++i) { long_text += "ten bytes "; }
  a.results.push_back(result("V07", severity::warning, wpar::group::decide, long_text, "z z"));
  CHECK(screen({.columns = 80, .rows = 24}).second < 24);
  for (auto& r : a.results) { r.asks = wpar::group::decide; }
  CHECK(screen({.columns = 80, .rows = 24}).first.find(std::string(3'000, 'x')) != std::string::npos);
}

}  // namespace verdict_text_test
