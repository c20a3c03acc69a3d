// SPDX-License-Identifier: Apache-2.0
// What the rules say of an image as a whole, and every rule by its cases (rule_cases.cpp).
#include <doctest/doctest.h>

#include <set>

#include "fake_image.hpp"
#include "rule_cases.hpp"
#include "wpar/rules.hpp"
#include "wpar/survey.hpp"
#include "wpar/survey_parts.hpp"

namespace rules_test {

using namespace sysb;
using namespace sysb::wpar;
using namespace sysb::wpar::testing;

namespace {

std::string worst(facts const& f, request const& r, std::string_view id) {
  auto const w = assess(f, r).worst(id);
  return w ? std::string{to_text(*w)} : "ok";
}

}  // namespace

TEST_CASE("every rule finds what it is for and nothing else") {
  std::set<std::string> triggered;
  std::set<std::string> quiet;
  for (auto const& c : cases()) {
    CAPTURE(c.id);
    CAPTURE(c.what);
    auto f = sound_facts();
    auto r = no_private();
    c.change(f, r);
    CHECK(worst(f, r, c.id) == c.result);
    // Rules that always say something are quiet when they only note.
    (std::string_view{c.result} == "ok" || std::string_view{c.result} == "note" ? quiet : triggered).insert(c.id);
    if (std::string_view{c.result} == "note") { triggered.insert(c.id); }
  }
  for (auto const& info : rules()) {
    CAPTURE(info.id());
    CHECK(triggered.count(std::string{info.id()}) == 1);
    CHECK(quiet.count(std::string{info.id()}) == 1);
  }
}

TEST_CASE("a sound image is fit, without an error") {
  auto const f = sound_facts();
  auto const a = assess(f, no_private());
  CHECK(a.outcome == verdict::fit);
  CHECK(a.errors == 0);
  CHECK(a.kind.kind == wpar_kind::private_usr);
  CHECK(rules_exit_code(a, {}) == 0);
}

TEST_CASE("verdict and exit code follow the contract") {
  auto const judge = [](std::function<void(facts&, request&)> const& change) {
    auto f = sound_facts();
    auto r = no_private();
    change(f, r);
    auto const a = assess(f, r);
    return std::tuple{to_text(a.outcome), rules_exit_code(a, r), a.may_write(r)};
  };
  auto const level = [](facts& f, char const* l) {
    f.image_data.oslevel = l;
    f.image_data.uname_info = "";
    f.swvpd.filesets.clear();
  };
  using T = std::tuple<std::string_view, int, bool>;
  CHECK(judge([&](facts& f, request&) { level(f, "4.3.2.0"); }) == T{"unfit", 6, false});
  CHECK(judge([&](facts& f, request& r) {
          level(f, "4.3.2.0");
          r.force = true;
        }) == T{"unfit", 0, true});
  CHECK(judge([&](facts& f, request&) { level(f, ""); }) == T{"undecided", 6, false});
  CHECK(judge([&](facts& f, request& r) {
          level(f, "");
          r.assume_level = parse_level("7.1.0.0");
        }) == T{"fit", 0, true});
  CHECK(judge([&](facts& f, request& r) {
          level(f, "");
          r.assume_level = parse_level("4.1.0.0");
        }) == T{"unfit", 6, false});
  CHECK(judge([&](facts& f, request& r) {
          f.complete = false;
          r.force = true;
        }) == T{"damaged", 3, false});
  CHECK(judge([&](facts& f, request& r) {
          level(f, "4.2.0.0");
          f.content_errors = 1;
          r.force = true;
        }) == T{"damaged", 3, false});
  CHECK(judge([&](facts& f, request& r) {
          f.description.format = "other";
          r.force = true;
        }) == T{"unfit", 5, false});
}

TEST_CASE("the level comes from OSLEVEL, then bos.rte, then UNAME_INFO, then the assumption") {
  auto f = sound_facts();
  request r;
  r.assume_level = parse_level("5.1.0.0");
  CHECK(decide_level(f, r).source == level_source::oslevel);
  CHECK(decide_level(f, r).assumption_ignored);
  f.image_data.oslevel = "garbage";
  auto const by_fileset = decide_level(f, r);
  CHECK(by_fileset.source == level_source::bos_rte);
  CHECK(by_fileset.text() == "7.1.3.45");
  f.swvpd.filesets.erase(f.swvpd.filesets.begin());  // the root part alone does not count
  auto const by_uname = decide_level(f, r);
  CHECK(by_uname.source == level_source::uname_info);
  CHECK(by_uname.text() == "7.1");
  CHECK(by_uname.minimum_ok == true);
  f.image_data.uname_info = "AIX old 3 4 000000004C00";
  auto const assumed = decide_level(f, r);
  CHECK(assumed.source == level_source::assumed);
  CHECK_FALSE(assumed.assumption_ignored);
  CHECK_FALSE(decide_level(f, {}).minimum_ok.has_value());
  f.image_data.uname_info = "AIX old 2 4 000000004C00";
  CHECK(decide_level(f, r).minimum_ok == false);
}

TEST_CASE("a 4.3.3 image without OSLEVEL passes by its software database") {
  auto f = sound_facts();
  f.image_data.oslevel = "";
  f.image_data.oslevel_r = "";
  f.image_data.uname_info = "AIX old 3 4 000000004C00";
  f.swvpd.filesets[0].level = f.swvpd.filesets[1].level = "4.3.3.75";
  auto const a = assess(f, no_private());
  CHECK(a.outcome == verdict::fit);
  CHECK(a.source.disagreements.empty());
}

TEST_CASE("the kind follows the command line, then the content of /usr") {
  auto f = sound_facts();
  CHECK(decide_kind(f, {}).kind == wpar_kind::private_usr);
  f.below.erase("usr");
  auto const by_content = decide_kind(f, {});
  CHECK(by_content.kind == wpar_kind::shared);
  CHECK(by_content.reason == "the image has no member below /usr");
  request r;
  r.kind = wpar_kind::private_usr;
  CHECK(decide_kind(f, r).kind == wpar_kind::private_usr);
  CHECK(decide_kind(f, r).reason == "--private was given");
}

TEST_CASE("rules are complete, in order, and stand on something") {
  CHECK(rules().size() == 35);
  int n = 0;
  for (auto const& r : rules()) {
    CAPTURE(r.id());
    auto const number = concat(++n);
    CHECK(r.id() == concat('V', number.size() < 2 ? "0" : "", number));
    CHECK_FALSE(r.code.explain.empty());
    CHECK_FALSE(r.page.empty());
    CHECK_FALSE(r.basis.empty());
    CHECK(find_rule(r.id()) == &r);
  }
  CHECK(find_rule("V36") == nullptr);
  std::set<std::string_view> ids;
  for (auto const* c : codes()) { CHECK(ids.insert(c->id).second); }
  CHECK(ids.count("V12") == 1);
  CHECK(ids.count("WPR-001") == 1);
}

TEST_CASE("results become findings with the severity they have, not the rule's usual one") {
  auto f = sound_facts();
  auto r = no_private();
  r.kind = wpar_kind::shared;
  fake::collector d;
  report(assess(f, r), d);
  auto const at = std::find(d.ids.begin(), d.ids.end(), "V12");
  REQUIRE(at != d.ids.end());
  auto const& finding = d.all[static_cast<std::size_t>(at - d.ids.begin())];
  CHECK(finding.effective() == severity::note);
  CHECK(finding.code == &find_rule("V12")->code);
}

TEST_CASE("what every image has is no warning; what surprises is to be watched, with what answers it") {
  auto f = sound_facts();
  f.image_data.uservg_list = "datavg";
  f.ssh_host_keys = {"etc/ssh/ssh_host_rsa_key"};
  f.found["etc/niminfo"] = {.at = {"./etc/niminfo", 512}, .size = 1};
  f.found["etc/exports"] = f.found["etc/swapspaces"] = {.at = {"./etc/exports", 512}, .size = 20};
  f.mounts.push_back({.mount = "n", .vfs = "nfs", .nodename = "srv", .mount_at_boot = "true"});
  f.swvpd.filesets.push_back({.name = "rsct.core.rmc", .level = "1.0.0.0", .state = "committed"});
  auto const a = assess(f, {});
  CHECK(a.warnings == 0);
  std::set<std::string> watched;
  for (auto const& x : a.results) {
    if (x.asks != group::watch) { continue; }
    CAPTURE(x.text);
    CHECK_FALSE(x.advice.empty());
    watched.insert(std::string{x.id()});
  }
  CHECK(watched == std::set<std::string>{"V14", "V23", "V24", "V25"});
}

TEST_CASE("whatever is to be decided or watched has an answer") {
  for (auto const& c : cases()) {
    auto f = sound_facts();
    auto r = no_private();
    c.change(f, r);
    for (auto const& x : assess(f, r).results) {
      CAPTURE(x.id());
      CAPTURE(x.text);
      CHECK((x.asks == group::passed) == (x.advice.empty() && x.asks == group::passed));
      if (x.asks != group::passed) { CHECK_FALSE(x.advice.empty()); }
      CHECK_FALSE((x.level == severity::error && x.asks != group::decide));
    }
  }
}

TEST_CASE("names that are found are counted, five of them said, and all of them kept for JSON") {
  auto f = sound_facts();
  for (int i = 0; i < 7; ++i) { f.non_ascii_names.names.push_back(concat("home/\xc3\xa4", i)); }
  f.non_ascii_names.count = 7;
  fake::collector d;
  report(assess(f, no_private()), d);
  auto const at = std::find(d.ids.begin(), d.ids.end(), "V21");
  REQUIRE(at != d.ids.end());
  auto const& finding = d.all[static_cast<std::size_t>(at - d.ids.begin())];
  CHECK(finding.detail.find("7 names outside ASCII") == 0);
  CHECK(finding.detail.find("/home/\xc3\xa4"
                            "4 and 2 more") != std::string::npos);
  REQUIRE(finding.remarks);
  CHECK(finding.remarks->names.size() == 7);
}

TEST_CASE("of a very long path people see the two ends and the length, JSON all of it") {
  auto f = sound_facts();
  auto const path = "start/" + std::string(1000, 'm') + "/end";
  f.long_names = {1, {path}};
  fake::collector d;
  report(assess(f, no_private()), d);
  auto const at = std::find(d.ids.begin(), d.ids.end(), "V21");
  REQUIRE(at != d.ids.end());
  auto const& finding = d.all[static_cast<std::size_t>(at - d.ids.begin())];
  CHECK(finding.detail.find("/start/mmm") != std::string::npos);
  CHECK(finding.detail.find("mmm/end (1010 bytes)") != std::string::npos);
  CHECK(finding.detail.find(std::string(100, 'm')) == std::string::npos);
  REQUIRE(finding.remarks);
  CHECK(finding.remarks->names == std::vector<std::string>{path});
}

TEST_CASE("4.3 does not decide, and another source may") {
  auto f = sound_facts();
  f.image_data.uname_info = "";
  f.image_data.oslevel = "4.3";
  f.swvpd.filesets[0].level = "4.3.3.75";
  CHECK(decide_level(f, {}).source == level_source::bos_rte);
  f.swvpd.filesets.clear();
  request r;
  CHECK(assess(f, r).outcome == verdict::undecided);
  r.assume_level = parse_level("4.3.3");
  CHECK(assess(f, r).outcome == verdict::fit);
  r.assume_level = parse_level("4.3");
  CHECK(assess(f, r).outcome == verdict::undecided);
}

TEST_CASE("--keep of /usr itself keeps nothing and silences nothing") {
  auto i = fake::rootvg();
  i.file("./image.data", fake::image_data_text() + "fs_data:\n\tFS_NAME= /usr/local\n\tFS_SIZE= 8\n\n");
  i.file("./usr/local/x");
  auto reader = i.open();
  fake::collector d;
  auto const f = gather_facts(reader, {}, d);
  auto r = no_private();
  r.kind = wpar_kind::shared;
  auto const about = [&](std::string_view id) {
    std::string all;
    for (auto const& x : assess(f, r).results) { all += x.id() == id ? x.text + "\n" : ""; }
    return all;
  };
  CHECK(about("V12").find("--keep /usr/local keeps it") != std::string::npos);
  auto const space = about("V29");
  r.keep = {"/usr"};
  CHECK(about("V12").find("--keep /usr/local keeps it") != std::string::npos);
  CHECK(about("V29") == space);
  r.keep = {"/usr/local"};
  CHECK(about("V12").find("--keep /usr/local keeps it") == std::string::npos);
  CHECK(about("V29") != space);  // one file system more
}

TEST_CASE("a broken software database is a finding, whatever is broken about it") {
  for (auto const* part : {"./usr/lib/objrepos/lpp", "./etc/objrepos/lpp"}) {
    auto i = fake::rootvg();
    i.file(part, std::string(400, '\xff'));
    auto reader = i.open();
    fake::collector d;
    auto const f = gather_facts(reader, {}, d);
    CHECK_FALSE(f.swvpd.complaints.empty());
    CHECK(worst(f, no_private(), "V09") == "warning");
  }
}

TEST_CASE("salvage: damage is no reason to write nothing, what is missing is") {
  auto f = sound_facts();
  auto r = no_private();
  r.kind = wpar_kind::private_usr;
  f.structure_errors = 2;
  f.complete = false;
  auto const damaged = assess(f, r);
  CHECK(damaged.outcome == verdict::damaged);
  CHECK(!damaged.may_write(r));
  r.force = true;
  CHECK(!damaged.may_write(r));
  r.force = false;
  r.salvage = true;
  CHECK(damaged.may_write(r));
  CHECK(rules_exit_code(damaged, r) == 3);
  f.found.erase("usr/lib/libc.a");
  auto const without = assess(f, r);
  CHECK(!without.may_write(r));
  r.force = true;
  CHECK(without.may_write(r));
  CHECK(rules_exit_code(without, r) == 3);
}

}  // namespace rules_test
