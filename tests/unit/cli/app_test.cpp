// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <set>

#include "base/text.hpp"
#include "capture.hpp"
#include "cli/app.hpp"
#include "cli/command.hpp"
#include "cli/explain_text.hpp"
#include "cli/words.hpp"
#include "wpar/rules.hpp"

namespace app_test {

using namespace sysb::cli;
using sysb::concat;
using sysb::cli::test::captured;

namespace {

struct outcome {
  int code;
  std::string out, err;
};

outcome run_words(std::vector<std::string> const& args) {
  captured io;
  run_control control;
  auto const code = run(args, io.descriptors(), control);
  return {code, io.out(), io.err()};
}

}  // namespace

TEST_CASE("a wrong command line is exit 2, says why on stderr, and prints nothing else") {
  for (auto const& args :
       std::vector<std::vector<std::string>>{{"nonsense"},
                                             {"help", "nonsense"},
                                             {"help", "check", "more"},
                                             {"--nonsense"},
                                             {"ls"},
                                             {"ls", "--nonsense", "x"},
                                             {"cat", "x"},
                                             {"cat", "x", "a", "b"},
                                             {"check", "x", "y", "--digests"},
                                             {"check", "x", "--for", "nonsense"},
                                             {"check", "x", "--shared"},
                                             {"extract", "x"},
                                             {"convert", "x"},
                                             {"convert", "x", "-o", "y.unknown"},
                                             {"convert", "x", "-o", "-", "--format", "tree"},
                                             {"convert", "x", "-o", "y.tar", "--compress", "rar"},
                                             {"convert", "x", "-o", "y.bff", "--compress", "gzip"},
                                             {"convert", "x", "-o", "y.tar", "--level", "3"},
                                             {"convert", "x", "-o", "y.tar.gz", "--level", "12"},
                                             {"convert", "x", "-o", "y.tar", "--sparse"},
                                             {"convert", "x", "-o", "dir/", "--format", "pax"},
                                             {"wpar", "x"},
                                             {"wpar", "x", "-o", "y.tar", "--shared", "--private"},
                                             {"wpar", "x", "-o", "y.tar", "--host-level", "7"},
                                             {"wpar", "x", "-o", "y.tar", "-T", "preserve_all=yes"},
                                             {"wpar", "x", "-o", "y.tar", "--quick"},
                                             {"wpar", "x", "-o", "y.tar", "--verify", "--dry-run"},
                                             {"wpar", "x", "-o", "y.json", "--format", "json", "--verify"},
                                             {"wpar", "x", "-o", "y.tar", "--private-flag", "3"},
                                             {"wpar", "x", "-o", "y.tar", "--keep", "../x"},
                                             {"wpar", "x", "-o", "y.tar", "--threads", "0"},
                                             {"cat", "x", "p", "--json"},
                                             {"ls", "x", "--json-fd", "999"},
                                             {"convert", "x", "-o", "-", "--format", "pax", "--json"},
                                             {"explain", "ZZZ-999"},
                                             {"wpar", "x", "-o", "y.tar", "-n", "a.b"},
                                             {"wpar", "x", "-o", "y.tar", "-n", ""},
                                             {"check", "x", "--for", "wpar", "-n", "0web"},
                                             {"wpar", "x", "-o", "y.tar", "--hostname", "a;b"},
                                             {"ls", "x", "--quiet", "--progress", "plain"},
                                             {"ls", "x", "--progress", "bar"},
                                             {"ls", "--volumes", "a", "-"},
                                             {"formats", "x"}}) {
    auto const r = run_words(args);
    CAPTURE(args);
    CHECK(r.code == 2);
    CHECK(r.out.empty());
    CHECK(r.err.compare(0, 6, "sysb: ") == 0);
  }
}

TEST_CASE("alone it prints the usage and is a wrong command line; asked for, it is none") {
  auto const alone = run_words({});
  auto const asked = run_words({"help"});
  CHECK(alone.code == 2);
  CHECK(alone.out.empty());
  CHECK(alone.err == asked.out);
  CHECK(asked.code == 0);
  CHECK(asked.out == run_words({"--help"}).out);
  CHECK(run_words({"help", "check"}).out == run_words({"check", "--help"}).out);
  CHECK(run_words({"help", "batch", "plan"}).out == run_words({"batch", "plan", "--help"}).out);
  CHECK(run_words({"help", "batch"}).out == run_words({"batch", "--help"}).out);
  CHECK(run_words({"-V"}).out == run_words({"--version"}).out);
}

TEST_CASE("a mistyped command or option names the nearest one") {
  auto const says = [](std::vector<std::string> const& args, std::string_view what) {
    auto const r = run_words(args);
    CAPTURE(r.err);
    CHECK(r.code == 2);
    CHECK(r.err.find(what) != std::string::npos);
  };
  says({"chek"}, "did you mean check?");
  says({"wapr"}, "did you mean wpar?");
  says({"help", "extarct"}, "did you mean extract?");
  says({"batch", "pln"}, "did you mean batch plan?");
  says({"--versoin"}, "did you mean --version?");
  says({"check", "--invetory", "x"}, "no such option: --invetory; did you mean --inventory?");
  says({"wpar", "x", "-o", "y.tar", "--host-lvel=7.2"}, "no such option: --host-lvel; did you mean --host-level?");
  says({"explain", "V3"}, "did you mean V0");
  CHECK(run_words({"xyzzy"}).err.find("did you mean") == std::string::npos);
}

TEST_CASE("every finding there is has an id, a severity, and an explanation with cause and remedy") {
  std::set<std::string_view> ids;
  for (auto const* c : known_codes()) {
    CAPTURE(c->id);
    CHECK(ids.insert(c->id).second);
    CHECK_FALSE(c->title.empty());
    CHECK(c->title.back() != '.');
    CHECK(c->explain.size() > 40);
    CHECK(c->explain.back() == '.');
    CHECK_FALSE(to_text(c->level).empty());
    CHECK_FALSE(consequence(*c).empty());
    CHECK(remedy_of(*c).size() > 5);
    auto const shown = run_words({"explain", std::string{c->id}});
    CHECK(shown.code == 0);
    CHECK(shown.out.find("what to do: ") != std::string::npos);
  }
  CHECK(ids.size() > 150);
  auto const all = run_words({"explain"});
  CHECK(all.code == 0);
  for (auto const id : ids) { CHECK(all.out.find(concat("\n  ", id, ' ')) != std::string::npos); }
  for (auto const& r : sysb::wpar::rules()) { CHECK_FALSE(protected_by(r.code).empty()); }
}

TEST_CASE("links are whole and stand alone") {
  CHECK(links_of("IBM (https://a.b/c?d=e); https://f.g/h, x") ==
        std::vector<std::string_view>{"https://a.b/c?d=e", "https://f.g/h"});
  for (auto const& r : sysb::wpar::rules()) {
    for (auto const link : links_of(r.page)) {
      CAPTURE(link);
      CHECK(link.find("https://") == 0);
      CHECK(link.find_first_of(" ;()") == std::string_view::npos);
      CHECK(run_words({"explain", std::string{r.id()}}).out.find(concat("\n  ", link, '\n')) != std::string::npos);
    }
  }
}

TEST_CASE("ages, times and numbers are said as people say them") {
  constexpr std::int64_t now = 1'800'000'000;
  constexpr std::int64_t day = 86'400;
  CHECK(age_text(now, now) == "made today");
  CHECK(age_text(now - day, now) == "1 day old");
  CHECK(age_text(now - 59 * day, now) == "59 days old");
  CHECK(age_text(now - 61 * day, now) == "2 months old");
  CHECK(age_text(now - 3653 * day, now) == "10 years old");
  CHECK(age_text(now + 3 * day, now) == "from the future");
  CHECK(duration_text(59) == "59 s");
  CHECK(duration_text(200) == "3 min 20 s");
  CHECK(duration_text(7500) == "2 h 5 min");
  CHECK(counted(1, "error", "errors") == "1 error");
  CHECK(counted(0, "error", "errors") == "0 errors");
}

TEST_CASE("every command has a help of its own that names it, on stdout") {
  auto const all = run_words({"--help"});
  auto const below = run_words({"batch", "--help"});
  CHECK(all.code == 0);
  CHECK(below.code == 0);
  for (auto const* c : commands()) {
    auto const space = c->name.find(' ');
    auto const two_words = space != std::string_view::npos;
    std::vector<std::string> words{std::string{c->name.substr(0, space)}};
    if (two_words) { words.emplace_back(c->name.substr(space + 1)); }
    words.emplace_back("--help");
    auto const r = run_words(words);
    CHECK(r.code == 0);
    CHECK(r.err.empty());
    CHECK(r.out.find(std::string{"usage: sysb "} + std::string{c->name}) == 0);
    CHECK(r.out.find("--json") != std::string::npos);
    CHECK((two_words ? below : all).out.find("\n  " + std::string{c->name} + " ") != std::string::npos);
  }
}

TEST_CASE("an image that is not there is exit 1 with the reason") {
  auto const r = run_words({"check", "/nonexistent/image"});
  CHECK(r.code == 1);
  CHECK(r.err.find("No such file") != std::string::npos);
}

TEST_CASE("every known finding and rule can be explained, in text and JSON, in either case") {
  for (auto const* c : known_codes()) {
    CAPTURE(c->id);
    CHECK_FALSE(c->explain.empty());
    CHECK(run_words({"explain", std::string{c->id}}).code == 0);
  }
  auto const text = run_words({"explain", "v12"});
  CHECK(text.out.find("V12") == 0);
  auto const json = run_words({"explain", "V12", "--json"});
  CHECK(json.out.find("\"type\":\"explanation\"") != std::string::npos);
  CHECK(json.out.find("\"type\":\"summary\"") != std::string::npos);
}

TEST_CASE("ids of findings are unique over all floors") {
  auto const all = known_codes();
  CHECK(all.size() > 40);
  for (std::size_t i = 1; i < all.size(); ++i) { CHECK(all[i - 1]->id != all[i]->id); }
}

TEST_CASE("formats lists images and outputs") {
  auto const r = run_words({"formats"});
  CHECK(r.code == 0);
  for (auto const* word : {"backup_by_name", "pax", "newc", "bff", "tree"}) {
    CHECK(r.out.find(word) != std::string::npos);
  }
}

}  // namespace app_test
