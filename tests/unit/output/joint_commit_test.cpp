// SPDX-License-Identifier: Apache-2.0
// What several files that belong together look like after a kill, and while another run is at work.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/wait.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <thread>

#include "killed_run.hpp"
#include "output/joint_commit.hpp"
#include "output/leftovers.hpp"
#include "output/output.hpp"
#include "support.hpp"

namespace joint_commit_test {

using namespace sysb;
using namespace sysb::test;

namespace {

void put(std::string const& path, std::string_view text) {
  output::staged_file f{path, true};
  REQUIRE(::write(f.fd(), text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  f.commit();
}

std::string journal_in(temp_dir const& dir) {
  for (auto const& left : output::find_leftovers(dir.path())) {
    if (left.path.find(".lock") != std::string::npos) { return left.path; }
  }
  return {};
}

void make_side_folder(temp_dir const& dir) {
  REQUIRE(::mkdir((dir / "out.d").c_str(), 0755) == 0);
  put(dir / "out.d/mine", "mine");
}

}  // namespace

TEST_CASE("side files that a killed run put in place without OUT are taken back, and nothing else") {
  for (int const steps : {0, 1, 2}) {
    temp_dir const dir;
    make_side_folder(dir);
    killed_run(dir, steps, false);
    CHECK(exists(dir / "out.d/report.txt") == (steps == 2));
    CHECK_FALSE(journal_in(dir).empty());
    auto const done = output::settle_killed_run(dir / "out", dir / "out.d");
    CHECK((done == output::left_behind::taken_back) == (steps == 2));
    CHECK_FALSE(exists(dir / "out.d/report.txt"));
    CHECK(slurp(dir / "out.d/mine") == "mine");
    CHECK(journal_in(dir).empty());
  }
}

TEST_CASE("what a killed run had replaced comes back") {
  temp_dir const dir;
  make_side_folder(dir);
  put(dir / "out", "old");
  put(dir / "out.d/report.txt", "old");
  killed_run(dir, 2, true);
  CHECK(slurp(dir / "out.d/report.txt") == "new");
  CHECK(output::settle_killed_run(dir / "out", dir / "out.d") == output::left_behind::taken_back);
  CHECK(slurp(dir / "out.d/report.txt") == "old");
  CHECK(slurp(dir / "out") == "old");
}

TEST_CASE("a run that was killed when everything stood in its place is finished") {
  for (bool const overwrite : {false, true}) {
    temp_dir const dir;
    make_side_folder(dir);
    if (overwrite) {
      put(dir / "out", "old");
      put(dir / "out.d/report.txt", "old");
    }
    killed_run(dir, 3, overwrite);
    CHECK(output::settle_killed_run(dir / "out", dir / "out.d") == output::left_behind::finished);
    CHECK(slurp(dir / "out.d/report.txt") == "new");
    CHECK(slurp(dir / "out") == "new");
    CHECK(journal_in(dir).empty());
  }
}

TEST_CASE("a file that somebody changed since is not taken back") {
  temp_dir const dir;
  make_side_folder(dir);
  killed_run(dir, 2, false);
  put(dir / "out.d/report.txt", "by hand");
  CHECK(output::settle_killed_run(dir / "out", dir / "out.d") == output::left_behind::nothing);
  CHECK(slurp(dir / "out.d/report.txt") == "by hand");
}

TEST_CASE("a journal that others may write is not believed") {
  temp_dir const dir;
  make_side_folder(dir);
  killed_run(dir, 2, false);
  REQUIRE(::chmod(journal_in(dir).c_str(), 0666) == 0);
  CHECK(output::settle_killed_run(dir / "out", dir / "out.d") == output::left_behind::nothing);
  CHECK(exists(dir / "out.d/report.txt"));
}

TEST_CASE("cleaning a folder takes back what its journals tell of") {
  temp_dir const dir;
  make_side_folder(dir);
  killed_run(dir, 2, false);
  for (auto const& left : output::find_leftovers(dir.path())) { CHECK(output::remove_leftover(left)); }
  CHECK(output::find_leftovers(dir.path()).empty());
  CHECK_FALSE(exists(dir / "out.d/report.txt"));
  CHECK(exists(dir / "out.d/mine"));
}

TEST_CASE("a second run waits until the first has put its files in place") {
  temp_dir const dir;
  std::atomic<bool> entered = false;
  std::thread other;
  {
    output::joint_commit const first{dir / "out", {}};
    other = std::thread{[&] {
      output::joint_commit const second{dir / "out", {}};
      entered = true;
    }};
    std::this_thread::sleep_for(std::chrono::milliseconds{100});
    CHECK_FALSE(entered);
    output::joint_commit const unlike{dir / "out2", {}};  // of another OUT nobody waits
  }
  other.join();
  CHECK(entered);
  CHECK(journal_in(dir).empty());
}

}  // namespace joint_commit_test
