// SPDX-License-Identifier: Apache-2.0
// A look at all members before anything is written: what is left out, what is taken as it was stored, what a run
// says at its end.
#include <doctest/doctest.h>

#include "fakes.hpp"
#include "pipeline/damage_account.hpp"
#include "pipeline/diagnostics.hpp"
#include "pipeline/pipeline.hpp"

namespace review_test {

using namespace sysb;
using namespace sysb::pipeline;
using namespace sysb::test;

namespace {

constexpr diag_code loss_error{"TST-003", severity::error, "loss", "", fault_class::loss};
constexpr diag_code rule_error{"TST-004", severity::error, "rule", "", fault_class::damage, true};
constexpr diag_code content_fault{"TST-001",           severity::error, "content fault",     "",
                                  fault_class::damage, false,           fault_reach::content};
constexpr diag_code changed_fault{"TST-002",           severity::error, "changed",           "",
                                  fault_class::damage, false,           fault_reach::changed};

// What a person asks for on the command line.
void accept(ledger& d) {
  d.set_judge([](diagnostic& f) {
    if (f.code->reach == fault_reach::changed) { f.level = severity::warning; }
  });
}

fake_member& linked(fake_reader& r, std::string path, std::string content, std::uint32_t mtime,
                    std::uint32_t nlink = 2) {
  auto& m = r.add(entry_kind::file, std::move(path), std::move(content));
  m.about.nlink = nlink;
  m.about.ino = 7;
  m.about.mtime = mtime;
  return m;
}

struct run_result {
  collected findings;
  recording_sink out;
  copy_summary sum;
  std::map<std::string, std::string> dropped;
};

void run(fake_reader& r, run_result& to, bool salvage, bool accept_changed, bool two_pass, bool partial = false) {
  static constexpr output_kind pax{.id = "pax", .title = "", .holds = {.nlink_ino = true}};
  review seen;
  copy_options o;
  o.target = &pax;
  o.last_name_wins = two_pass;
  if (accept_changed) { accept(to.findings); }
  seen.look_through(r, o, accept_changed, to.findings);
  if (salvage) { o.salvage = &seen; }
  if (accept_changed) { o.corrections = &seen; }
  o.keep_partial = partial;
  o.on_member = [&](member_event const& m) {
    if (m.what.action == plan_action::drop) { to.dropped[m.member.path] = m.what.reason; }
  };
  keep_all plan;
  to.sum = copy_members(r, plan, to.out, o, to.findings);
}

}  // namespace

TEST_CASE("what is not whole is left out with its reason, and so are names that have no content of their own") {
  for (bool const two_pass : {false, true}) {
    fake_reader r;
    r.add(entry_kind::file, "./good", "good");
    auto& torn = r.add(entry_kind::file, "./torn", std::string(5000, 'x'), true);
    torn.stored[torn.stored.size() / 2] ^= std::byte{0x55};
    auto& first = linked(r, "./first", "content", 1);
    first.about.incomplete = true;
    auto& second = linked(r, "./second", "", 1);
    second.about.size = 7;
    second.about.content = content_state::elsewhere;
    run_result got;
    run(r, got, true, false, two_pass);
    CHECK(got.out.lines == std::vector<std::string>{"file good"});
    CHECK(got.sum.complete);
    CHECK(got.sum.refused == 0);
    CHECK(got.dropped["./torn"].find("[PCK-0") != std::string::npos);
    CHECK(got.dropped["./second"] == "another name of a file whose content is not whole");
    CHECK(got.dropped.count("./first") == 1);
  }
}

TEST_CASE("a name whose file has a whole copy elsewhere is not lost with a damaged one") {
  fake_reader r;
  auto& first = linked(r, "./first", "content", 1, 3);
  first.about.incomplete = true;
  linked(r, "./second", "content", 1, 3);
  auto& third = linked(r, "./third", "", 1, 3);
  third.about.size = 7;
  third.about.content = content_state::elsewhere;
  run_result got;
  run(r, got, true, false, true);
  CHECK(got.dropped.count("./first") == 1);
  CHECK(got.dropped.count("./third") == 0);
  CHECK(got.out.content["second"] == "content");
}

TEST_CASE("files that changed are refused unless they are asked for, and then have the length that is stored") {
  for (bool const asked : {false, true}) {
    fake_reader r;
    auto& grown = r.add(entry_kind::file, "./grown", std::string(3000, 'g'), true);
    grown.about.size = 2000;
    auto& shrunk = r.add(entry_kind::file, "./shrunk", std::string(3000, 's'), true);
    shrunk.about.size = 3010;
    auto& plain = r.add(entry_kind::file, "./plain", "four");
    plain.about.size = 900;
    plain.about.content = content_state::refused;
    plain.about.stored_size = 4;
    run_result got;
    run(r, got, !asked, asked, true);
    if (asked) {
      CHECK(got.out.content["grown"] == std::string(3000, 'g'));
      CHECK(got.out.content["shrunk"] == std::string(3000, 's'));
      CHECK(got.out.content["plain"] == "four");
      CHECK(got.findings.counts().of(severity::error) == 0);
      CHECK(got.findings.counts().of(severity::warning) == 2);  // the reader itself says the third
    } else {
      CHECK(got.out.lines.empty());
      CHECK(got.dropped.size() == 3);
      CHECK(got.findings.counts().of(severity::error) == 2);
    }
  }
}

TEST_CASE("of names of one file that differ the later one is taken for all of them") {
  for (bool const two_pass : {false, true}) {
    CAPTURE(two_pass);
    fake_reader r;
    linked(r, "./a", "before", 100);
    linked(r, "./b", "longer and later", 160).about.mode = 0100600;
    run_result got;
    run(r, got, false, true, two_pass);
    REQUIRE(got.out.lines.size() == 2);
    auto const& text = got.out.content;
    CHECK((text.at("a") == "longer and later" || text.at("b") == "longer and later"));
    CHECK(text.at("a").find("before") == std::string::npos);
    CHECK((got.out.lines[0].find(" -> ") != std::string::npos) != (got.out.lines[1].find(" -> ") != std::string::npos));
  }
}

TEST_CASE("more names than links are names of different files, and nothing of them is merged") {
  fake_reader r;
  linked(r, "./a", "before", 100);
  linked(r, "./b", "later", 160);
  linked(r, "./c", "still later", 170);
  run_result got;
  run(r, got, false, true, true);
  CHECK(got.out.content["a"] == "before");
  CHECK(got.out.content["b"] == "later");
  CHECK(got.out.content["c"] == "still later");
}

TEST_CASE("one that cannot be written stays an error where more names than links deny each other") {
  fake_reader r;
  linked(r, "./a", "before", 100);
  linked(r, "./b", "later", 160);
  auto& c = linked(r, "./c", "", 170);
  c.about.content = content_state::refused;
  run_result got;
  run(r, got, false, true, true);
  CHECK(std::find(got.findings.ids.begin(), got.findings.ids.end(), "LNK-007") != got.findings.ids.end());
  CHECK(got.findings.counts().errors_of(fault_class::damage) == 1);
}

TEST_CASE("after damage the output is given up and the image is read to its end") {
  fake_reader r;
  for (auto const* const name : {"./one", "./two", "./three"}) {
    auto& m = r.add(entry_kind::file, name, std::string(5000, 'x'), true);
    m.stored.resize(m.stored.size() - 2);
    m.about.stored = m.stored.size();
  }
  r.add(entry_kind::file, "./last", "last");
  collected findings;
  recording_sink out;
  keep_all plan;
  copy_options o;
  SUBCASE("read on") {
    o.read_on = true;
    auto const sum = copy_members(r, plan, out, o, findings);
    CHECK(!sum.complete);
    CHECK(findings.ids.size() == 3);
  }
  SUBCASE("stop") {
    auto const sum = copy_members(r, plan, out, o, findings);
    CHECK(!sum.complete);
    CHECK(findings.ids.size() == 1);
  }
}

TEST_CASE("the sentence that ends a run with damage") {
  damage_account a;
  damage_account::circumstances const open{
      .whole = 99, .to_the_end = true, .salvage = true, .accept_changed = true, .exclude = true};
  CHECK(a.sentence(open).empty());
  auto const say = [&](diag_code const& c, std::string path) {
    a.hear({.code = &c, .offset = {}, .path = std::move(path), .detail = {}, .level = {}});
  };
  say(content_fault, "./a");
  say(content_fault, "./a");
  CHECK(a.sentence(open) ==
        "1 member is damaged or not proven: ./a; the other 99 members are whole. --exclude leaves out what nobody "
        "needs (exit code 0); --salvage writes everything that is whole");
  for (auto const* const p : {"./b", "./c", "./d", "./e", "./f\n"}) { say(changed_fault, p); }
  a.hear({.code = &content_fault, .offset = {}, .path = "./noted", .detail = {}, .level = severity::note});
  say(loss_error, "./lost");
  say(rule_error, "./judged");
  say(content_fault, "");
  CHECK(a.sentence({.whole = 94}) ==
        "6 members are damaged or not proven: ./a, ./b, ./c, ./d, ./e and 1 more; the archive itself is damaged in one "
        "place, not inside a member; the image was not read to its end: more may be damaged");
  CHECK(a.sentence({.whole = 99, .to_the_end = true, .written = true, .accept_changed = true})
            .find("the other 99 members are whole and written. --accept-changed takes 5 of them as they were stored") !=
        std::string::npos);
}

TEST_CASE("what nobody needs") {
  selection const s{{}, {"./var/*", "etc"}};
  CHECK(s.excludes("./var/log"));
  CHECK(s.excludes("/etc/motd"));
  CHECK(!s.excludes("./home"));
  CHECK(!selection{{"home"}, {}}.excludes("./etc"));
}

}  // namespace review_test
