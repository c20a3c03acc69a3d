// SPDX-License-Identifier: Apache-2.0
// Known findings: what a profile takes, what it hides and what it never hides.
#include <doctest/doctest.h>

#include "fake_image.hpp"
#include "wpar/profile.hpp"
#include "wpar/survey.hpp"

namespace profile_test {

using namespace sysb;
using namespace sysb::wpar;

namespace {

constexpr std::int64_t mid_2026 = 1'782'000'000;

assessment assess_with(std::string_view text, std::function<void(facts&)> const& change = {}) {
  auto i = fake::rootvg();
  auto reader = i.open();
  fake::collector d;
  auto f = gather_facts(reader, {}, d);
  f.tcb_enabled = true;                            // V26, a warning
  f.ssh_host_keys = {"etc/ssh/ssh_host_rsa_key"};  // V25, to be watched
  if (change) { change(f); }
  request r;
  auto parsed = parse_profile("site", text, mid_2026);
  CAPTURE(parsed.error);
  REQUIRE(parsed.value);
  r.known = std::make_shared<profile const>(std::move(*parsed.value));
  return assess(f, r);
}

rule_result const& result_of(assessment const& a, std::string_view id) {
  auto const at = std::find_if(a.results.begin(), a.results.end(), [&](auto const& x) { return x.id() == id; });
  REQUIRE(at != a.results.end());
  return *at;
}

}  // namespace

TEST_CASE("a finding that a line knows is counted as a note and says why") {
  auto const open = assess_with("");
  auto const known =
      assess_with("V26:\n\tpattern = \"the trusted*\"\n\treason = \"tested\"\n\tuntil = \"2027-01-31\"\n");
  CHECK(open.warnings == known.warnings + 1);
  auto const& r = result_of(known, "V26");
  CHECK(r.level == severity::note);
  CHECK(r.asks == group::passed);
  CHECK(r.known_for == "tested (until 2027-01-31)");
  CHECK(known.profile_used == std::vector<bool>{true});
}

TEST_CASE("rule and pattern must both fit, and errors are never known") {
  auto const other = assess_with("V25:\n\tpattern = *trusted*\n\treason = x\n");
  CHECK(result_of(other, "V26").level == severity::warning);
  CHECK(other.profile_used == std::vector<bool>{false});
  auto const error = assess_with("V10:\n\tpattern = *\n\treason = x\n", [](facts& f) { f.found.erase("etc/passwd"); });
  CHECK(result_of(error, "V10").level == severity::error);
  CHECK(error.outcome == verdict::unfit);
}

TEST_CASE("a line is good to the end of its day, and lines without use are named") {
  auto const line = [](char const* until) {
    return concat("V26:\n\tpattern = *\n\treason = x\n\tuntil = ", until, "\n");
  };
  auto const day = [](char const* until, std::int64_t now) {
    return parse_profile("p", concat("V26:\n\tpattern = *\n\treason = x\n\tuntil = ", until, "\n"), now);
  };
  CHECK_FALSE(day("1970-01-01", 86'399).value->lines[0].expired);
  CHECK(day("1970-01-01", 86'400).value->lines[0].expired);
  CHECK_FALSE(day("2000-02-29", 951'868'799).value->lines[0].expired);  // 2000-02-29 23:59:59
  CHECK(day("2000-02-29", 951'868'800).value->lines[0].expired);
  auto const old = assess_with(line("2020-01-01"));
  CHECK(result_of(old, "V26").level == severity::warning);
  fake::collector d;
  report_profile(*parse_profile("p", line("2020-01-01"), mid_2026).value, old.profile_used, d);
  report_profile(*parse_profile("p", line("2030-01-01"), mid_2026).value, {false}, d);
  report_profile(*parse_profile("p", line("2030-01-01"), mid_2026).value, {true}, d);
  CHECK(d.ids == std::vector<std::string>{"WPR-014", "WPR-013"});
}

TEST_CASE("what is no profile is refused with the line") {
  for (auto const* bad : {"V99:\n\tpattern = x\n\treason = y\n", "V26:\n\treason = y\n", "V26:\n\tpattern = x\n",
                          "V26:\n\tpattern = x\n\treason = y\n\tuntil = 2027-02-29\n",
                          "V26:\n\tpattern = x\n\treason = y\n\tuntil = soon\n",
                          "V26:\n\tpattern = x\n\treason = y\n\tuntil = 2027/01-31\n",
                          "V26:\n\tpattern = x\n\treason = y\n\tuntil = 2027-01/31\n",
                          "V26:\n\tpattern = x\n\treason = y\n\tuntil = 2027-01-3\n",
                          "V26:\n\tpattern = x\n\treason = y\n\twho = me\n", "no stanza at all\n"}) {
    CAPTURE(bad);
    auto const p = parse_profile("p", bad, 0);
    CHECK_FALSE(p.value);
    CHECK(p.error.find("line ") == 0);
  }
}

TEST_CASE("a profile made of a run knows what the run found") {
  auto const first = assess_with("", [](facts& f) { f.image_data.bad_fields = {"FS_SIZE of [*?] \\ \"x\""}; });
  std::vector<rule_result const*> all;
  for (auto const& r : first.results) { all.push_back(&r); }
  auto const text = make_profile(all).text;
  CAPTURE(text);
  auto const again = assess_with(text, [](facts& f) { f.image_data.bad_fields = {"FS_SIZE of [*?] \\ \"x\""}; });
  CHECK(again.warnings == 0);
  for (auto const& r : again.results) { CHECK(r.asks == group::passed); }
  for (auto const used : again.profile_used) { CHECK(used); }
  CHECK_FALSE(again.profile_used.empty());
}

TEST_CASE("what an image says gets through a profile that is made and read again, whatever is in it") {
  for (auto const& hostile :
       {std::string{"a \"quoted\" name [with] *stars*? and \\ at the end\\"}, std::string(20'000, '*'),
        std::string{"two\nlines\ttab\x1b[0m \xff\xc3\xa4"}, concat(std::string(4'100, 'x'), "\xc3\xa4\xc3\xa4"),
        std::string{"# no comment"}, std::string{"trailing blank "}, std::string{"="}}) {
    CAPTURE(hostile.substr(0, 40));
    auto a = assess_with("");
    auto& r = const_cast<rule_result&>(result_of(a, "V26"));
    r.text = hostile;
    auto const made = make_profile({&r, &r});
    CHECK(made.findings == 1);
    auto parsed = parse_profile("made", made.text, mid_2026);
    CAPTURE(parsed.error);
    REQUIRE(parsed.value);
    REQUIRE(parsed.value->lines.size() == 1);
    apply_profile(a, *parsed.value);
    CHECK(result_of(a, "V26").known_for == "known at this site");
  }
}

TEST_CASE("a made profile leaves out errors and what asks nothing of anybody") {
  auto a = assess_with("");
  auto& r = const_cast<rule_result&>(result_of(a, "V26"));
  r.level = severity::error;
  CHECK_FALSE(is_for_profile(r));
  r.level = severity::note;
  r.asks = group::passed;
  CHECK_FALSE(is_for_profile(r));
  CHECK(make_profile({&r}).findings == 0);
  CHECK(parse_profile("made", make_profile({}).text, mid_2026).value);
}

}  // namespace profile_test
