// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "capture.hpp"
#include "cli/app.hpp"

using namespace sysb::cli;
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
       std::vector<std::vector<std::string>>{{},
                                             {"nonsense"},
                                             {"--nonsense"},
                                             {"ls"},
                                             {"ls", "--nonsense", "x"},
                                             {"cat", "x"},
                                             {"cat", "x", "a", "b"},
                                             {"check", "x", "y"},
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
                                             {"explain"},
                                             {"explain", "XXX-999"},
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
