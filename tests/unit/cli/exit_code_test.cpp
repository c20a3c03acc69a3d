// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <algorithm>
#include <array>
#include <csignal>
#include <nlohmann/json.hpp>
#include <sstream>

#include "capture.hpp"
#include "cli/findings.hpp"
#include "cli/progress_printer.hpp"
#include "cli/session.hpp"

namespace exit_code_test {

using namespace sysb;
using namespace sysb::cli;
using sysb::cli::test::captured;

namespace {

constexpr diag_code damage{"TST-001", severity::error, "something is broken", "why", fault_class::damage};
constexpr diag_code unfit{"TST-002", severity::error, "not fit", "why", fault_class::unfit};
constexpr diag_code odd{"TST-003", severity::warning, "odd", "why", fault_class::damage};
constexpr diag_code lost{"TST-004", severity::error, "lost", "why", fault_class::loss};

diagnostic finding(diag_code const& c, std::string path = {}, std::string detail = {}) {
  return {.code = &c, .offset = {}, .path = std::move(path), .detail = std::move(detail), .level = {}};
}

std::vector<nlohmann::json> objects(std::string const& text) {
  std::vector<nlohmann::json> out;
  std::istringstream lines{text};
  for (std::string line; std::getline(lines, line);) { out.push_back(nlohmann::json::parse(line)); }
  return out;
}

std::size_t count_lines(std::string const& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

TEST_CASE("where several exit codes apply, the order is 1, 3, 5, 6, 4") {
  constexpr std::array order{exit_code::failed, exit_code::damaged, exit_code::unsupported, exit_code::unfit,
                             exit_code::loss};
  for (std::size_t i = 0; i < order.size(); ++i) {
    exit_state s;
    for (std::size_t j = order.size(); j-- > i;) { s.add(order[j]); }
    CHECK(s.value() == order[i]);
  }
  CHECK(exit_state{}.value() == exit_code::done);
}

TEST_CASE("an interruption and a closed stdout stand above what was found") {
  exit_state s;
  s.add(exit_code::failed);
  s.add(exit_code::closed_pipe);
  CHECK(s.value() == exit_code::closed_pipe);
  s.add(exit_code::interrupted);
  CHECK(s.value() == exit_code::interrupted);
}

TEST_CASE("warnings do not change the exit code, errors do by their class") {
  captured io;
  run_control control;
  session s{io.descriptors(), control, {}, "x.img"};
  s.findings().report(finding(odd));
  CHECK(s.current() == exit_code::done);
  s.findings().report(finding(unfit));
  CHECK(s.current() == exit_code::unfit);
  s.findings().report(finding(damage));
  CHECK(s.close() == 3);
}

TEST_CASE("--force silences unfit, never damage") {
  ledger seen;
  seen.report(finding(unfit));
  auto const forced = [&] {
    exit_state s;
    s.add(seen.counts(), {.forced = true});
    return s.value();
  };
  CHECK(forced() == exit_code::done);
  seen.report(finding(damage));
  CHECK(forced() == exit_code::damaged);
}

TEST_CASE("a loss is a reason only with --on-loss stop") {
  ledger seen;
  seen.report(finding(lost));
  exit_state s;
  s.add(seen.counts(), {});
  CHECK(s.value() == exit_code::done);
  s.add(seen.counts(), {.loss_counts = true});
  CHECK(s.value() == exit_code::loss);
}

TEST_CASE("a finding is one line with image, place, text and id") {
  captured io;
  run_control control;
  session s{io.descriptors(), control, {}, "x.img"};
  auto d = finding(damage, "./etc/\x1b[31mmotd", "expected 1, found 2");
  d.offset = 0x1f3a40;
  s.findings().report(d);
  CHECK(io.err() ==
        "sysb: x.img: error: record at 0x1f3a40: ./etc/\\x1b[31mmotd: something is broken (expected 1, found 2) "
        "[TST-001]\n");
}

TEST_CASE("the lines of one id are capped, the count is told, the exit code stays") {
  captured io;
  run_control control;
  session s{io.descriptors(), control, {}, "x.img"};
  for (int i = 0; i < 1500; ++i) { s.findings().report(finding(damage)); }
  CHECK(s.close() == 3);
  CHECK(count_lines(io.err()) == 1001);
  CHECK(io.err().find("500 more of TST-001") != std::string::npos);
}

TEST_CASE("JSON is never capped, and the last object is the summary") {
  captured io;
  run_control control;
  common_options common;
  common.json = true;
  session s{io.descriptors(), control, common, "x.img"};
  for (int i = 0; i < 1500; ++i) { s.findings().report(finding(odd, "./\xff")); }
  CHECK(s.close() == 0);
  auto const seen = objects(io.out());
  REQUIRE(seen.size() == 1501);
  CHECK(seen[0]["type"] == "finding");
  CHECK(seen[0]["schema"] == 1);
  CHECK(seen[0]["path_hex"] == "2e2fff");
  CHECK(seen.back()["type"] == "summary");
  CHECK(seen.back()["verdict"] == "ok");
  CHECK(seen.back()["warnings"] == 1500);
  CHECK(io.err().empty());
}

TEST_CASE("a fatal error prints its object before the summary, and its text on stderr") {
  captured io;
  run_control control;
  common_options common;
  common.json = true;
  session s{io.descriptors(), control, common, "x.img"};
  s.fatal({fatal_error::kind::unsupported, "this is a tar", 0});
  CHECK(s.close() == 5);
  auto const seen = objects(io.out());
  REQUIRE(seen.size() == 2);
  CHECK(seen[0]["type"] == "fatal");
  CHECK(seen[0]["kind"] == "unsupported");
  CHECK(seen[0]["text"] == "this is a tar");
  CHECK(seen[1]["exit"] == 5);
  CHECK(io.err() == "sysb: x.img: at 0x0: this is a tar\n");
}

TEST_CASE("each signal that stops a run has its exit code") {
  for (auto const number : {SIGINT, SIGTERM, SIGHUP}) {
    captured io;
    run_control control;
    session s{io.descriptors(), control, {}, "x.img"};
    control.counters.stop_signal = number;
    s.fatal({fatal_error::kind::interrupted, "interrupted"});
    CHECK(s.close() == 128 + number);
  }
}

TEST_CASE("the verdict of a job stands unless something fails after it") {
  for (auto const fails : {false, true}) {
    captured io;
    run_control control;
    common_options common;
    common.json = true;
    session s{io.descriptors(), control, common, "x.img"};
    jobs::outcome done;
    done.exit = exit_code::unfit;
    done.result = wpar::verdict::undecided;
    s.finish(done);
    if (fails) { s.fatal({fatal_error::kind::io, "no space"}); }
    CHECK(s.close() == (fails ? 1 : 6));
    CHECK(objects(io.out()).back()["verdict"] == "undecided");
    CHECK(objects(io.out()).back()["exit"] == (fails ? 1 : 6));
  }
}

TEST_CASE("a full disk below stdout is exit 1") {
  auto const full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  REQUIRE(full >= 0);
  captured io;
  run_control control;
  session s{{full, io.descriptors().err}, control, {}, "x.img"};
  s.out().write("hello\n");
  CHECK(s.close() == 1);
  CHECK(io.err().find("No space left") != std::string::npos);
  ::close(full);
}

TEST_CASE("a closed stdout is quiet and 141") {
  std::signal(SIGPIPE, SIG_IGN);
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  ::close(ends[0]);
  captured io;
  run_control control;
  session s{{ends[1], io.descriptors().err}, control, {}, "x.img"};
  s.out().write("hello\n");
  CHECK(s.close() == 141);
  CHECK(io.err().empty());
  ::close(ends[1]);
}

TEST_CASE("progress is a percentage only where the size is known") {
  progress p;
  p.phase = "write";
  p.bytes = 512;
  p.entries = 3;
  CHECK(progress_text(p) == "write: 512 B, 3 members");
  p.total = 1024;
  CHECK(progress_text(p) == "write: 512 B of 1.0 KiB (50%), 3 members");
  auto const pace = pace_of(p, 0, 1000);
  CHECK(progress_text(p, pace) == "write: 512 B of 1.0 KiB (50%), 3 members, 512 B/s, 2 s left");
  CHECK(pace_of(p, 0, 100).rate == 0);     // too early to tell
  CHECK(pace_of(p, 512, 1000).rate == 0);  // nothing yet in this phase
  CHECK(progress_bar(p, 80).size() < 80);
  CHECK(progress_bar(p, 80).front() == '[');
  CHECK(progress_bar(p, 20).size() < 20);
}

TEST_CASE("--progress json without --json goes to stderr as objects") {
  captured io;
  run_control control;
  common_options common;
  common.progress = "json";
  session s{io.descriptors(), control, common, "x.img"};
  s.progress_display().start();
  control.counters.phase = "check";
  control.counters.entries = 7;
  CHECK(s.close() == 0);
  auto const seen = objects(io.err());
  REQUIRE(seen.size() == 1);
  CHECK(seen[0]["type"] == "progress");
  CHECK(seen[0]["phase"] == "check");
  CHECK(seen[0]["entries"] == 7);
  CHECK(io.out().empty());
}

TEST_CASE("SIGUSR1 prints one line at once, even where progress is not shown") {
  captured io;
  run_control control;
  session s{io.descriptors(), control, {}, "x.img"};
  s.progress_display().start();
  control.line_wanted = true;
  for (int i = 0; i < 100 && control.line_wanted; ++i) { ::usleep(20'000); }
  CHECK(s.close() == 0);
  CHECK(io.err() == "sysb: start: 0 B, 0 members\n");
}

}  // namespace exit_code_test
