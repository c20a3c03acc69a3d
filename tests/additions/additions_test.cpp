// SPDX-License-Identifier: Apache-2.0
// One each of what CONTRIBUTING says how to add: a carrier, an output, a rule, a command. Each is what one
// writes, no more, in a table of its own; everything else is as it was. The format is example_format.hpp, read
// by tests/unit/registry/second_format_test.cpp.
#include <doctest/doctest.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "cli/app.hpp"
#include "cli/session.hpp"
#include "core/ledger.hpp"
#include "io/io.hpp"
#include "pipeline/pipeline.hpp"
#include "registry/registry.hpp"
#include "unit/carriers/carrier_test.hpp"
#include "unit/cli/capture.hpp"
#include "wpar/rules/context.hpp"

using namespace sysb;

namespace {

std::string const image = concat(std::getenv("SYSB_TESTDATA_DIR"), "/backup_by_name/good/rootvg-7.1/image.bff");

// --- a carrier: eight bytes, and the image after them

class wrapping final : public carrier_format {
 public:
  static constexpr std::string_view start = "WRAPPED\n";
  std::string_view id() const noexcept override { return "wrapping"; }
  std::string_view title() const noexcept override { return "eight bytes before an image"; }
  unsigned bid(std::span<std::byte const> head) const noexcept override {
    return as_text(head).substr(0, start.size()) == start ? 64 : 0;
  }
  std::unique_ptr<byte_source> open(std::unique_ptr<byte_source> source, limits const&, request const&,
                                    diagnostic_sink&) const override {
    return io::slice(std::move(source), start.size(), ~std::uint64_t{0});
  }
};

std::vector<carrier_format const*> with_wrapping() {
  static wrapping const one;
  std::vector<carrier_format const*> out{registry::carriers().begin(), registry::carriers().end()};
  out.push_back(&one);
  return out;
}

// --- an output: the names of the members, a line each, and no sockets

output_kind names_kind() {
  output_kind out{"names", "names of the members", {}};
  out.holds.max_path = 20;
  out.holds.content = false;
  return out;
}

class names_sink final : public entry_sink {
 public:
  explicit names_sink(std::string& out) : out_{out} {}
  wants needs() const noexcept override { return {.content = false}; }
  std::unique_ptr<slot> place(entry const& e) override {
    out_ += concat(e.path, '\n');
    return nullptr;
  }
  void finish() override { out_ += ".\n"; }

 private:
  std::string& out_;
};

// --- a rule: hosts have short names

constexpr wpar::rule_info example_rule{
    {"V99", severity::warning, "short names", "A host name has 4 bytes at most here.", fault_class::unfit},
    "the tests",
    "inferred"};

void check_example(wpar::rule_context& c) {
  if (c.asked.hostname.size() > 4) { c.warning(concat(quoted(c.asked.hostname), " is long"), {"./etc/hosts", 72}); }
}

// --- a command: says what it was told

class say_command final : public cli::command {
 public:
  void define(cli::option_table& options) override { options.text("--word", word_, "WORD", "what is said"); }
  void judge() override {
    if (word_.empty()) { throw fatal_error{fatal_error::kind::usage, "nothing to say: --word"}; }
  }
  void run(cli::session& s) override { s.out().write(concat(word_, '\n')); }

 private:
  std::string word_;
};
constexpr cli::command_entry say_entry{"say", "", "says a word", "",
                                       [] { return std::unique_ptr<cli::command>{new say_command}; }};

struct answer {
  int code;
  std::string out, err;
};
answer run_words(std::vector<std::string> const& words) {
  std::vector<cli::command_entry const*> all{cli::commands().begin(), cli::commands().end()};
  all.push_back(&say_entry);
  cli::test::captured io;
  cli::run_control control;
  auto const code = cli::run(words, io.descriptors(), control, all);
  return {code, io.out(), io.err()};
}

}  // namespace

TEST_CASE("a carrier is an implementation and a row: it is told by its bytes, and wraps what any other does") {
  scratch::folder f;
  auto wrapped = carrier_test::read_file(image);
  auto const start = as_bytes(wrapping::start);
  wrapped.insert(wrapped.begin(), start.begin(), start.end());
  auto const name = f.file("wrapped", wrapped);
  auto const all = with_wrapping();
  carrier_test::finding_list findings;
  CHECK_THROWS_AS((void)registry::open_image({.volumes = {name}}, {}, findings), fatal_error);
  findings = {};
  carrier_test::finding_list of_the_bare_one;
  auto const bare = registry::open_image({.volumes = {image}}, {}, of_the_bare_one);
  auto const opened = registry::open_image({.volumes = {name}, .carried_by = all}, {}, findings);
  CHECK(opened.container == std::vector<std::string>{"wrapping"});
  entry e;
  std::size_t members = 0;
  while (opened.reader->next(e)) { ++members; }
  while (bare.reader->next(e)) {}
  CHECK(opened.reader->complete());
  CHECK(members > 50);
  CHECK(findings.ids == of_the_bare_one.ids);
}

TEST_CASE("an output is a sink and a row of what it can hold: the loss check follows the row") {
  std::vector<std::string> ids;
  ledger findings{[&](diagnostic const& d) {
    if (d.code->id.substr(0, 3) == "LOS") { ids.emplace_back(d.code->id); }
  }};
  auto const opened = registry::open_image({.volumes = {image}, .need_seekable = true}, {}, findings);
  std::string text;
  names_sink sink{text};
  auto const kind = names_kind();
  keep_all plan;
  auto const done = pipeline::copy_members(*opened.reader, plan, sink, {.target = &kind}, findings);
  CHECK(done.complete);
  sink.finish();
  CHECK(text.find("etc/passwd\n") != std::string::npos);
  CHECK(text.size() >= 2);
  CHECK(text.substr(text.size() - 2) == ".\n");
  for (std::string_view rest = text; !rest.empty(); rest = rest.substr(rest.find('\n') + 1)) {
    CHECK(rest.find('\n') <= 20);
  }
  CHECK(ids == std::vector<std::string>{"LOS-001"});  // names of more than 20 bytes, told once
}

TEST_CASE("a rule is a function and a row: it says, counts and is reported as every other") {
  wpar::facts const facts;
  wpar::request request;
  request.hostname = "long-name";
  wpar::assessment all;
  wpar::rule_context c{facts, request, all, example_rule};
  check_example(c);
  all.count();
  CHECK(all.warnings == 1);
  CHECK(all.worst("V99") == severity::warning);
  REQUIRE(all.results.size() == 1);
  CHECK(all.results[0].path == "./etc/hosts");
  carrier_test::finding_list told;
  wpar::report(all, told);
  CHECK(told.ids == std::vector<std::string>{"V99"});
}

TEST_CASE("a command is a class and a row: dispatch, help, common options and wrong words are there") {
  auto const said = run_words({"say", "--word", "hello"});
  CHECK(said.code == 0);
  CHECK(said.out == "hello\n");
  CHECK(said.err.empty());
  CHECK(run_words({"--help"}).out.find("  say ") != std::string::npos);
  auto const help = run_words({"help", "say"}).out;
  CHECK(help.find("usage: sysb say") == 0);
  CHECK(help.find("--word WORD") != std::string::npos);
  CHECK(help.find("--json-fd") != std::string::npos);
  CHECK(run_words({"say"}).code == 2);
  CHECK(run_words({"say", "--wrod", "x"}).err.find("--word") != std::string::npos);
  CHECK(run_words({"sya"}).err.find("did you mean say") != std::string::npos);
}
