// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "wpar/level.hpp"

namespace level_test {

using namespace sysb::wpar;

TEST_CASE("levels are read in both notations and in no other") {
  struct row {
    char const* text;
    char const* vrmf;
    char const* tl;
  };
  for (auto const& r : {row{"7.2.5.0", "7.2.5.0", "7200-05"}, row{"7200-05", "7.2.5.0", "7200-05"},
                        row{"7200-05-03", "7.2.5.0", "7200-05"}, row{"7200-05-03-2148", "7.2.5.0", "7200-05"},
                        row{"5.3.0.30", "5.3.0.30", "5300-03"}, row{"5300-12", "5.3.0.120", "5300-12"},
                        row{" 6.1.8.0\r", "6.1.8.0", "6100-08"}, row{"4.3.3.0", "4.3.3.0", "4.3.3.0"},
                        row{"4330-11", "4.3.3.0", "4.3.3.0"}, row{"7.2", "7.2", "7.2"}, row{"4.3.3", "4.3.3", "4.3.3"},
                        row{"7.2.5", "7.2.5", "7200-05"}, row{"5.3", "5.3", "5.3"}, row{"5.3.0", "5.3.0", "5.3.0"},
                        row{"5.3.12", "5.3.12", "5300-12"}, row{"5.3.12.1", "5.3.12.1", "5300-12"},
                        row{"07.01.0003.0015", "7.1.3.15", "7100-03"}}) {
    CAPTURE(r.text);
    auto const l = parse_level(r.text);
    REQUIRE(l.has_value());
    CHECK(l->vrmf_text() == r.vrmf);
    CHECK(l->technology_text() == r.tl);
  }
  for (auto const* bad : {"",       "7",        "7.",           "7..5",        "7.2.5.0.1",     "7.2.5.x",
                          "7.2.5.", "-7.2.5.0", "+7.2.5.0",     "7.2. 5.0",    "7200",          "7200-",
                          "7200-5", "7200-05-", "7200-05-3",    "7200-05-03-", "7200-05-03-21", "7200-05-03-2148-1",
                          "720-05", "72000-05", "7.2.5.999999", "AIX 7.2"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_level(bad).has_value());
  }
}

TEST_CASE("levels compare by number, field by field") {
  auto const cmp = [](char const* a, char const* b) { return compare_fields(*parse_level(a), *parse_level(b)); };
  CHECK(cmp("4.3.10.0", "4.3.9.0") == 1);
  CHECK(cmp("4.3.3.0", "4.3.3.0") == 0);
  CHECK(cmp("4.2.9.9", "4.3.3.0") == -1);
  CHECK(cmp("10.1.0.0", "7.3.0.0") == 1);
}

TEST_CASE("4.3.3.0 is the oldest level that fits") {
  struct row {
    char const* text;
    bool fits;
  };
  for (auto const& r :
       {row{"4.3.2.99", false}, row{"4.3.3.0", true}, row{"4.3.3.75", true}, row{"4.2.1.0", false},
        row{"5.1.0.0", true}, row{"4.10.0.0", true}, row{"3.2.5.0", false}, row{"4320-02", false}, row{"4330-11", true},
        row{"7300-01", true}, row{"4.3.3", true}, row{"4.3.2", false}, row{"7.2", true}, row{"4.2", false}}) {
    CAPTURE(r.text);
    CHECK(at_least_minimum(*parse_level(r.text)) == r.fits);
  }
  CHECK_FALSE(at_least_minimum(*parse_level("4.3")).has_value());
}

TEST_CASE("UNAME_INFO gives release before version, and decides all but 4.3") {
  auto const of = [](char const* text) { return parse_uname_info(text); };
  REQUIRE(of("AIX m85 3 5 000000004C00"));
  CHECK(of("AIX m85 3 5 000000004C00")->version == 5);
  CHECK(of("AIX m85 3 5 000000004C00")->release == 3);
  CHECK_FALSE(of("Linux x 1 7 0"));
  CHECK_FALSE(of("AIX x"));
  CHECK_FALSE(of("AIX x a b c"));
  CHECK(at_least_minimum(version_release{5, 1}) == true);
  CHECK(at_least_minimum(version_release{7, 3}) == true);
  CHECK(at_least_minimum(version_release{4, 4}) == true);
  CHECK(at_least_minimum(version_release{4, 2}) == false);
  CHECK(at_least_minimum(version_release{3, 2}) == false);
  CHECK_FALSE(at_least_minimum(version_release{4, 3}).has_value());
}

TEST_CASE("the verdict against a host follows release, technology level and service pack") {
  struct row {
    char const* image;
    char const* host;
    host_action action;
  };
  using enum host_action;
  for (auto const& r : {
           row{"7.2.5.0", "7.2.5.0", none},
           row{"7.2.4.0", "7.2.5.0", syncwpar},
           row{"7.2.5.0", "7.2.4.0", too_new},
           row{"7.1.5.0", "7.2.0.0", migwpar},
           row{"6.1.8.0", "7100-03", migwpar},
           row{"7.3.0.0", "7.2.5.0", too_new},
           row{"5.3.0.30", "7.2.5.0", migwpar},
           row{"4.3.3.0", "7200-05", migwpar},
           row{"5.3.0.30", "5300-03", unknown},
           row{"5.3.0.30", "5300-04", syncwpar},
           row{"5.3.0.30", "5.3.0.31", syncwpar},
           row{"7.2.5.0", "7200-05", unknown},
           row{"7.2.5.0", "7200-05-03-2148", unknown},
           row{"7.2.4.0", "7200-05-03-2148", syncwpar},
           row{"7200-05-03", "7200-05-03-2148", none},
           row{"7200-05-02", "7200-05-03", syncwpar},
           row{"7200-05-04", "7200-05-03", too_new},
           row{"7200-05", "7200-05-03", unknown},
           row{"7.2.5.1", "7.2.5.100", syncwpar},
           row{"7.2.10.0", "7.2.9.0", too_new},
           row{"7.2.5.0", "7.2", unknown},
           row{"7.2", "7200-05", unknown},
           row{"7.1.5.0", "7.2", migwpar},
           row{"7.3.1.0", "7.2", too_new},
           row{"7.2.4", "7200-05", syncwpar},
           row{"7.2.5", "7.2.5.0", unknown},
           row{"4.3.3", "4.3.3.0", unknown},
           row{"4.3.3", "4.3.2.0", too_new},
           row{"5.3.12.1", "5300-12", unknown},
           row{"5.3.12.1", "5300-11", too_new},
           // The third field counts the technology level or the fourth one does, tens of it; the fix is what is left.
           row{"5.3.0.121", "5.3.12.1", none},
           row{"5.3.0.120", "5.3.12.1", syncwpar},
           row{"5.1.0.35", "5100-03", unknown},
           row{"5.1.0.35", "5100-04", syncwpar},
           row{"5.0.0.0", "5.0.0.1", syncwpar},
       }) {
    CAPTURE(r.image);
    CAPTURE(r.host);
    auto const v = judge_host(*parse_level(r.image), *parse_level(r.host));
    CHECK(to_text(v.action) == to_text(r.action));
    CHECK_FALSE(v.text.empty());
  }
  auto const same = judge_host(*parse_level("7.2.5.0"), *parse_level("7200-05-03"));
  CHECK(same.text.find("7200-05") != std::string::npos);
  CHECK(same.text.find("service pack is unknown") != std::string::npos);
  CHECK(judge_host(version_release{6, 1}, *parse_level("7.2.5.0")).action == migwpar);
  CHECK(judge_host(version_release{7, 2}, *parse_level("7.2.5.0")).action == unknown);
  CHECK(judge_host(version_release{7, 3}, *parse_level("7.2.5.0")).action == too_new);
}

TEST_CASE("fix levels of bos.rte and OSLEVEL may differ, technology levels may not") {
  auto const c = [](char const* a, char const* b) { return contradict(*parse_level(a), *parse_level(b)); };
  CHECK_FALSE(c("7.1.3.0", "7.1.3.45"));
  CHECK(c("7.1.3.0", "7.1.4.0"));
  CHECK(c("7.1.3.0", "6.1.3.0"));
  CHECK(c("6.1.8.0", "6100-03"));
  CHECK_FALSE(c("5.3.0.30", "5300-03"));
  CHECK(c("5.3.0.30", "5.3.0.40"));
  CHECK_FALSE(c("5.3.0.120", "5.3.12.0"));
  CHECK_FALSE(c("4.3.3.0", "4.3.3.10"));
  CHECK_FALSE(c("7.2", "7.2.5.0"));
  CHECK(c("7.2", "7.1.5.0"));
}

}  // namespace level_test
