// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>

#include "base/text.hpp"
#include "batch/files.hpp"
#include "batch/json.hpp"
#include "batch/manifest.hpp"
#include "batch/row.hpp"
#include "batch/scripts.hpp"
#include "batch/sources.hpp"
#include "batch/stage.hpp"
#include "batch/state.hpp"
#include "core/fatal_error.hpp"
#include "support/temp_dir.hpp"

using namespace sysb;
using namespace sysb::batch;

TEST_CASE("folders of different keys differ, and none is hidden or leaves its place") {
  CHECK(folder_name("web01.mksysb") == "web01.mksysb");
  CHECK(folder_name("a/b") == "a%2fb");
  CHECK(folder_name("a%2fb") == "a%252fb");
  CHECK(folder_name("..") == "%2e.");
  CHECK(folder_name(".x") == "%2ex");
  CHECK(folder_name("\xff\n") == "%ff%0a");
  auto const one = folder_name(std::string(300, 'a') + "1"), other = folder_name(std::string(300, 'a') + "2");
  CHECK(one.size() <= 180);
  CHECK(one != other);
}

TEST_CASE("a row survives being written and read") {
  plan_row row;
  row.key = "k\xff\"\n";
  row.volumes = {"/a/\xfe", "/b c"};
  row.out = "/out/\x80.tar";
  row.wave = "w";
  row.owner = "o";
  row.options = {{"keep", {"/opt/a", "/opt/\xc3"}}, {"shared", {}}};
  row.image = {5, -7, "0123"};
  row.seen.verdict = "unfit";
  row.seen.blocks = {{"V05", "text"}};
  row.seen.rules = {"V05", "V13"};
  row.seen.members = 9;
  auto line = to_line(row);
  REQUIRE(line.back() == '\n');
  line.pop_back();
  CHECK(line.find('\n') == std::string::npos);
  auto const back = parse_row(line, "test");
  CHECK(back.key == row.key);
  CHECK(back.volumes == row.volumes);
  CHECK(back.out == row.out);
  CHECK(back.options == row.options);
  CHECK(back.image == row.image);
  CHECK(back.seen.rules == row.seen.rules);
  CHECK(job_of(back).text() == job_of(row).text());
  CHECK_THROWS_AS(static_cast<void>(parse_row("{}", "test")), fatal_error);
}

TEST_CASE("a job is its image and its options, however they are split") {
  plan_row a, b;
  a.volumes = b.volumes = {"/i"};
  a.options = {{"keep", {"x", "y"}}};
  b.options = {{"keep", {"xy"}}};
  CHECK(job_of(a).options != job_of(b).options);
  CHECK(job_of(a).input == job_of(b).input);
  b.image.mtime = 1;
  CHECK(job_of(a).input != job_of(b).input);
}

TEST_CASE("a result survives being written and read") {
  plan_row row;
  row.key = "k";
  row.volumes = {"/i"};
  job_result r;
  r.key = "k";
  r.job = job_of(row);
  r.state = job_state::failed;
  r.exit = 137;
  r.attempts = {{1, 2, "h\xff", "slurm", 0, SIGKILL, "text"}};
  r.reasons = {{"", "killed"}};
  r.findings = {{"BBN-003", 2}};
  r.seconds = 1.5;
  r.output = {"/o", "pax", 7, "ab"};
  auto const back = parse_result(to_text(r, row));
  REQUIRE(back);
  CHECK(back->state == job_state::failed);
  CHECK(back->job.text() == r.job.text());
  CHECK(back->attempts.front().signal == SIGKILL);
  CHECK(back->attempts.front().host == "h\xff");
  CHECK(back->seconds == doctest::Approx(1.5));
  CHECK(back->output->size == 7);
  CHECK(!parse_result("{\"type\":\"job\"}"));
  CHECK(!parse_result("half of a li"));
}

TEST_CASE("engines follow the table of exit codes") {
  CHECK(remedy_of(0, 0) == remedy::none);
  CHECK(remedy_of(2, 0) == remedy::stop);
  for (auto const code : {3, 4, 5, 6}) { CHECK(remedy_of(code, 0) == remedy::final); }
  for (auto const code : {1, 129, 130, 143}) { CHECK(remedy_of(code, 0) == remedy::try_again); }
  CHECK(remedy_of(0, SIGKILL) == remedy::try_again);
  CHECK(state_of(6, 0) == job_state::blocked);
  CHECK(state_of(3, 0) == job_state::failed);
  CHECK(state_of(143, 0) == job_state::canceled);
  CHECK(state_of(0, SIGKILL) == job_state::failed);
}

TEST_CASE("tables are read as RFC 4180 has them") {
  auto const rows = parse_manifest("image,key\r\n\"a \"\"b\"\", c\",\"two\nlines\"\r\n\r\nplain,\r\n", "m");
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].fields.at("image").front() == "a \"b\", c");
  CHECK(rows[0].fields.at("key").front() == "two\nlines");
  CHECK(rows[1].fields.count("key") == 0);
  CHECK(rows[1].line == 5);
  for (auto const* const bad :
       {"image\n\"x\n", "image\n\"x\"y\n", "image\na,b\n", "image,image\n", "image,\n", "{\n", "{\"image\":{}}\n"}) {
    CAPTURE(bad);
    CHECK_THROWS_AS(static_cast<void>(parse_manifest(bad, "m")), fatal_error);
  }
}

TEST_CASE("outputs that would meet are refused before any work") {
  auto const rows_with = [](std::vector<std::string> const& outs) {
    std::vector<plan_row> rows;
    for (auto const& out : outs) {
      plan_row row;
      row.key = std::to_string(rows.size());
      row.volumes = {"/images/" + row.key};
      row.out = out;
      rows.push_back(row);
    }
    return rows;
  };
  CHECK_NOTHROW(refuse_collisions(rows_with({"/o/a", "/o/ab", "/o/b"})));
  CHECK_THROWS_AS(refuse_collisions(rows_with({"/o/a", "/o/a"})), fatal_error);
  CHECK_THROWS_AS(refuse_collisions(rows_with({"/o/a", "/o/a.d"})), fatal_error);
  CHECK_THROWS_AS(refuse_collisions(rows_with({"/o/a", "/o/a/b/c"})), fatal_error);
  CHECK_THROWS_AS(refuse_collisions(rows_with({"/images/0"})), fatal_error);
  CHECK_THROWS_AS(refuse_collisions(rows_with({"/images"})), fatal_error);
}

TEST_CASE("a word for the shell stays one word") {
  CHECK(shell_word("a b") == "'a b'");
  CHECK(shell_word("it's $(x)") == "'it'\\''s $(x)'");
}

TEST_CASE("what cannot be looked at is not taken for missing") {
  test::temp_dir const dir;
  CHECK_FALSE(exists(dir / "none"));
  CHECK_FALSE(exists(dir / "none/deeper"));
  REQUIRE(::symlink("loop", (dir / "loop").c_str()) == 0);
  CHECK(exists(dir / "loop"));
  CHECK_THROWS_AS(static_cast<void>(exists(dir / "loop/deeper")), fatal_error);
}

TEST_CASE("an output gets to its place with all that belongs to it, or nothing does") {
  test::temp_dir const dir;
  auto const out = dir / "out";
  auto const text = [](std::string const& path) { return read_file(path).value_or("none"); };
  stage const one{out, "key", {}};
  auto const make = [&](std::string const& word, bool with_out) {
    REQUIRE(::mkdir((one.path() + "/out.d").c_str(), 0755) == 0);
    write_file(one.path() + "/out.d/report", word);
    write_file(one.path() + "/out.mtree", word);
    if (with_out) { write_file(one.path() + "/out", word); }
  };
  make("first", false);
  CHECK_THROWS_AS(one.place(), fatal_error);
  CHECK_FALSE(exists(out + ".d"));
  CHECK_FALSE(exists(out + ".mtree"));
  write_file(one.path() + "/out", "first");
  one.place();
  CHECK(text(out + ".d/report") + text(out + ".mtree") + text(out) == "firstfirstfirst");
  // Over what stands there.
  make("second", false);
  CHECK_THROWS_AS(one.place(), fatal_error);
  CHECK(text(out + ".d/report") + text(out + ".mtree") + text(out) == "firstfirstfirst");
  write_file(one.path() + "/out", "second");
  one.place();
  CHECK(text(out + ".d/report") + text(out + ".mtree") + text(out) == "secondsecondsecond");
}

TEST_CASE("the maker of a folder with our mark is told by its name") {
  auto const of_stage = maker_of(".sysb-batch.0123456789abcdef.host.example.42.777");
  CHECK(of_stage.host == "host.example");
  CHECK(of_stage.pid == 42);
  CHECK(of_stage.born == 777);
  CHECK(maker_of("plan.jsonl").pid == 0);
  CHECK(maker_of(".sysb-batch.short.42.777").pid == 0);
}
