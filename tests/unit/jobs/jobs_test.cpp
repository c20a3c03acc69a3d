// SPDX-License-Identifier: Apache-2.0
// Jobs without the command: what they write, what they tell in which order, and how they end.
#include "jobs/jobs.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "core/fatal_error.hpp"
#include "jobs/image.hpp"
#include "support.hpp"

namespace sysb::jobs {

namespace {

wpar_request shared_copy(std::string image, std::string out, std::string_view format, folder const& tmp) {
  wpar_request r;
  r.image = image_of(std::move(image), tmp);
  r.to.kind = find_output(format);
  r.to.path = std::move(out);
  return r;
}

}  // namespace

TEST_CASE("a WPAR is written whole, with its side files, and told in order") {
  folder f;
  recorder told;
  auto const done = wpar(shared_copy(sample("good/rootvg-7.1"), f.at("out.tar"), "pax", f), told);
  CHECK(done.committed);
  CHECK(done.finished);
  CHECK(!done.ended);
  CHECK(done.exit == exit_code::done);
  CHECK(done.result == wpar::verdict::fit);
  CHECK(done.members.kept > 0);
  CHECK(done.side_files == f.at("out.tar.d"));
  CHECK(f.names() == names{"out.tar", "out.tar.d"});
  CHECK(told.place("opening") == 0);
  CHECK(told.place("assessed") < told.place("writing"));
  CHECK(told.place("writing") < told.place("keep ./etc/motd"));
  CHECK(done.faults.of(severity::error) == 0);
}

TEST_CASE("a job that is asked to stop leaves nothing behind, whatever it writes") {
  for (auto const* format : {"pax", "tree", "bff"}) {
    CAPTURE(format);
    folder f;
    recorder told;
    told.stop_at = 3;
    auto const done = wpar(shared_copy(sample("good/rootvg-7.1"), f.at("out"), format, f), told);
    REQUIRE(done.ended);
    CHECK(done.ended->what_kind() == fatal_error::kind::interrupted);
    CHECK(done.exit == exit_code::terminated);
    CHECK(!done.committed);
    CHECK(f.names().empty());
  }
}

TEST_CASE("what cannot be written is part of the outcome, and nothing is read for it") {
  folder f;
  std::ofstream{f.at("out.tar")} << "mine";
  recorder told;
  auto const done = wpar(shared_copy(sample("good/rootvg-7.1"), f.at("out.tar"), "pax", f), told);
  REQUIRE(done.ended);
  CHECK(done.ended->what_kind() == fatal_error::kind::io);
  CHECK(done.exit == exit_code::failed);
  CHECK(told.lines.empty());
  CHECK(f.names() == names{"out.tar"});
}

TEST_CASE("check tells a sound image from damaged ones by the findings alone") {
  folder f;
  struct {
    char const* name;
    wpar::verdict result;
    exit_code exit;
  } const cases[]{{"good/rootvg-7.1", wpar::verdict::ok, exit_code::done},
                  {"bad/checksum", wpar::verdict::damaged, exit_code::damaged},
                  {"bad/packed-cut", wpar::verdict::damaged, exit_code::damaged},
                  {"bad/truncated-data", wpar::verdict::damaged, exit_code::damaged}};
  for (auto const& c : cases) {
    CAPTURE(c.name);
    recorder told;
    auto const done = check({.image = image_of(sample(c.name), f), .threads = 2}, told);
    CHECK(!done.ended);
    CHECK(done.result == c.result);
    CHECK(done.exit == c.exit);
    CHECK((done.faults.errors_of(fault_class::damage) != 0) == (c.result == wpar::verdict::damaged));
    CHECK(std::any_of(told.lines.begin(), told.lines.end(), [](auto const& l) { return l.rfind("keep ", 0) == 0; }));
  }
}

TEST_CASE("contents are held against the inventory where that is asked, and shown") {
  folder f;
  recorder asked;
  auto const done = check({.image = image_of(sample("good/installp"), f), .inventory = true}, asked);
  CHECK(done.exit == exit_code::done);
  CHECK(asked.place("inventory of 1 fileset") < std::ssize(asked.lines));

  recorder none;
  CHECK(check({.image = image_of(sample("good/savevg"), f), .inventory = true}, none).exit == exit_code::done);
  CHECK(none.place("inventory of 0 filesets") < std::ssize(none.lines));  // said, since it was asked
  CHECK(none.place("INV-010 ") < std::ssize(none.lines));
}

TEST_CASE("an image that is damaged is so for whoever asks") {
  folder f;
  // A bit of the checksum in the volume header.
  auto const image = changed("good/rootvg-7.1", 4, f.at("image"));
  recorder surveyed;
  survey_request how{.image = image_of(image, f)};
  auto const info = survey(how, surveyed);
  CHECK(info.result == wpar::verdict::damaged);
  CHECK(surveyed.readiness == wpar::verdict::damaged);

  recorder checked;
  auto const whole = check({.image = image_of(image, f), .rules = wpar::request{}}, checked);
  CHECK(whole.result == wpar::verdict::damaged);
  CHECK(checked.readiness == wpar::verdict::damaged);

  recorder tried;
  auto const made = wpar(shared_copy(image, f.at("out.tar"), "pax", f), tried);
  CHECK(made.result == wpar::verdict::damaged);
  CHECK(made.held_back);
  CHECK(f.names() == names{"image"});
}

TEST_CASE("findings and members come in one order for any number of threads") {
  folder f;
  for (auto const* name : {"bad/checksum", "bad/link-mismatch", "bad/packed-bits-left", "bad/truncated-packed",
                           "good/hardlinks-data-last", "good/rootvg-7.1"}) {
    CAPTURE(name);
    std::vector<std::vector<std::string>> all;
    for (unsigned const threads : {1u, 2u, 5u}) {
      recorder told;
      convert_request r{.image = image_of(sample(name), f), .threads = threads};
      r.to.kind = find_output("pax");
      r.to.path = f.at("out.tar");
      r.to.overwrite = true;
      (void)convert(r, told);
      all.push_back(std::move(told.lines));
    }
    CHECK(all[0].size() > 1);
    CHECK(all[1] == all[0]);
    CHECK(all[2] == all[0]);
  }
}

TEST_CASE("an index is found beside its image, and used") {
  folder f;
  fs::copy_file(sample("good/rootvg-7.1"), f.at("image"));
  recorder told;
  auto const made = index({.image = image_of(f.at("image"), f), .path = index_name(f.at("image"))}, told);
  CHECK(made.committed);
  CHECK(made.index_members == made.members.entries);
  CHECK(made.index_bytes == fs::file_size(f.at("image.sysbidx")));

  recorder read;
  auto r = image_of(f.at("image"), f);
  r.by = index_use::beside;
  CHECK(by_index(open_by_index(r, false, read)) != nullptr);
  r.by = index_use::none;
  CHECK(by_index(open_by_index(r, false, read)) == nullptr);
}

TEST_CASE("an image that cannot be looked at is not taken for one without size, bytes and time") {
  folder const f;
  auto const loop = f.at("loop");
  fs::create_symlink("loop", loop);
  image_request r;
  for (auto const& none : {std::string{"-"}, f.at("none"), std::string{"/dev/null"}}) {
    r.volumes = {none};
    CHECK(r.file_bytes() == 0);
    CHECK(r.file_samples().empty());
    CHECK(changed_time(none) == 0);
  }
  r.volumes = {loop};
  CHECK_THROWS_AS(static_cast<void>(r.file_bytes()), fatal_error);
  CHECK_THROWS_AS(static_cast<void>(r.file_samples()), fatal_error);
  CHECK_THROWS_AS(static_cast<void>(changed_time(loop)), fatal_error);
}

TEST_CASE("an index of another image is told, and not used") {
  folder f;
  fs::copy_file(sample("good/rootvg-7.1"), f.at("image"));
  recorder told;
  REQUIRE(index({.image = image_of(f.at("image"), f), .path = f.at("index")}, told).committed);
  // A byte of the header of the volume: the same length, another image.
  auto r = image_of(changed("good/rootvg-7.1", 20, f.at("other")), f);
  r.by = index_use::named;
  r.index = f.at("index");
  recorder read;
  CHECK(by_index(open_by_index(r, false, read)) == nullptr);
  CHECK(read.place("IDX-001 ") < std::ssize(read.lines));
  // The same bytes at another time are the same image; that is remarked.
  fs::copy_file(f.at("image"), f.at("copy"));
  fs::last_write_time(f.at("copy"), fs::last_write_time(f.at("image")) - std::chrono::hours{5});
  r.volumes = {f.at("copy")};
  recorder again;
  CHECK(by_index(open_by_index(r, false, again)) != nullptr);
  CHECK(again.lines.size() > 1);
  r.volumes = {f.at("image")};
  recorder same;
  CHECK(by_index(open_by_index(r, false, same)) != nullptr);
  CHECK(same.lines == names{"opening"});
}

TEST_CASE("of a damaged image no index is made") {
  for (auto const* const name : {"bad/checksum", "bad/truncated-data", "bad/no-end"}) {
    CAPTURE(name);
    folder f;
    recorder told;
    auto const done = index({.image = image_of(sample(name), f), .path = f.at("index")}, told);
    CHECK(done.held_back);
    CHECK(!done.committed);
    CHECK(done.exit == exit_code::damaged);
    CHECK(f.names().empty());
  }
}

TEST_CASE("what nobody needs of a WPAR is left out, and is no reason to hold the rest back") {
  folder f;
  recorder told;
  auto r = shared_copy(sample("good/rootvg-7.1"), f.at("out.tar"), "pax", f);
  r.select = {{}, {"./etc/motd"}};
  auto const done = wpar(r, told);
  CHECK(done.committed);
  CHECK(told.place("keep ./etc/motd") == std::ssize(told.lines));
  CHECK(told.place("keep ./etc/inittab") < std::ssize(told.lines));
}

TEST_CASE("a pattern that selects nothing is an error, and no folder is made") {
  folder f;
  recorder told;
  convert_request r{.image = image_of(sample("good/rootvg-7.1"), f), .select = {{"etc/motd", "no/such"}, {}}};
  r.to.kind = find_output("tree");
  r.to.path = f.at("out");
  auto const done = extract(r, told);
  CHECK(!done.ended);
  CHECK(done.exit == exit_code::failed);
  CHECK(!done.committed);
  CHECK(f.names().empty());
}

}  // namespace sysb::jobs
