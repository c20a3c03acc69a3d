// SPDX-License-Identifier: Apache-2.0
// Sets and tape files that are found by name, tapes in one stream, and the choice of a member.
#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>

#include "base/text.hpp"
#include "core/fatal_error.hpp"
#include "registry/registry.hpp"
#include "support/image_builder.hpp"
#include "unit/carriers/carrier_test.hpp"

namespace carried_test {

using namespace sysb;
using carrier_test::finding_list;
using carrier_test::read_file;
using carrier_test::run;
using bytes = std::vector<std::byte>;

namespace {

bytes backup_image() {
  return test::image_builder{}
      .volume()
      .directory("./")
      .file("./etc/motd", "hello")
      .file("./usr/noise", test::noise(200'000))
      .end()
      .bytes();
}
std::vector<std::string> const backup_names{"./", "./etc/motd", "./usr/noise"};

bytes mkinsttape_image() {
  return test::image_builder{}
      .volume()
      .file("./image.data", "image_data:\n")
      .file("./tapeblksz", "1024\n")
      .file("./bosinst.data", "control_flow:\n")
      .end()
      .bytes();
}
std::vector<std::string> const mkinsttape_names{"./image.data", "./tapeblksz", "./bosinst.data"};

bytes toc() {
  auto out = test::to_bytes("DUMMY TAPE TOC");
  out.resize(512);
  return out;
}

bytes boot() { return test::noise(40'960, 9); }

struct opened {
  std::vector<std::string> names;
  std::vector<std::string> container;
  bool complete = false;
  finding_list findings;
};

opened open_and_walk(registry::image_spec const& spec, limits const& l = {}) {
  opened out;
  auto const image = registry::open_image(spec, l, out.findings);
  out.container = image.reader->description().container;
  entry e;
  while (image.reader->next(e)) { out.names.push_back(e.path); }
  out.complete = image.reader->complete();
  return out;
}

struct refusal {
  fatal_error::kind kind = fatal_error::kind::internal;
  std::string text;
};

refusal refused(registry::image_spec const& spec) {
  finding_list findings;
  try {
    (void)registry::open_image(spec, {}, findings);
  } catch (fatal_error const& e) { return {e.what_kind(), e.what()}; }
  return {fatal_error::kind::internal, "was opened"};
}

bool has(finding_list const& f, std::string_view id) {
  return std::find(f.ids.begin(), f.ids.end(), id) != f.ids.end();
}

std::string make_folder(scratch::folder& f, std::string const& name) {
  REQUIRE(run(f, "mkdir -p '" + name + "'"));
  return f.path() + "/" + name;
}

}  // namespace

TEST_CASE("volumes with headers are found by their names, packed or not") {
  scratch::folder f;
  auto const set = test::cut_volumes(backup_image(), {}, 102'400, 512);
  REQUIRE(set.size() == 3);
  for (char const* const digits : {"", "0", "00"}) {
    CAPTURE(digits);
    for (std::size_t i = 0; i < set.size(); ++i) { f.file(concat("set.", digits, i + 1), set[i]); }
    auto const found = open_and_walk({.volumes = {concat(f.path(), "/set.", digits, "1")}});
    CHECK(found.names == backup_names);
    CHECK(found.complete);
    REQUIRE(found.findings.ids == std::vector<std::string>{"SET-001"});
    CHECK(found.findings.texts[0].find(concat("set.", digits, "3")) != std::string::npos);
  }
  for (std::size_t i = 0; i < set.size(); ++i) { f.file(concat("packed.", i + 1), set[i]); }
  REQUIRE(run(f, "for i in 1 2 3; do gzip -c packed.$i > p && mv p packed.$i; done"));
  auto const packed = open_and_walk({.volumes = {f.path() + "/packed.1"}});
  CHECK(packed.names == backup_names);
  CHECK(packed.container == std::vector<std::string>{"gzip"});
  CHECK(has(packed.findings, "SET-001"));
}

TEST_CASE("a missing or foreign volume of a set that was found by name is an error, not a quiet end") {
  scratch::folder f;
  auto const set = test::cut_volumes(backup_image(), {}, 51'200, 512);
  REQUIRE(set.size() == 5);
  for (std::size_t i = 0; i < set.size(); ++i) {
    if (i != 3) { f.file(concat("gap.", i + 1), set[i]); }
    f.file(concat("mix.", i + 1), i == 2 ? set[3] : set[i]);
  }
  CHECK_FALSE(open_and_walk({.volumes = {f.path() + "/gap.1"}}).complete);
  auto const mixed = refused({.volumes = {f.path() + "/mix.1"}});
  CHECK(mixed.kind == fatal_error::kind::damaged);
  CHECK(mixed.text.find("expected volume 3, found volume 4") != std::string::npos);
}

TEST_CASE("a plain cut is found by its names where the first piece has no end record") {
  scratch::folder f;
  auto const image = backup_image();
  f.file("image", image);
  REQUIRE(run(f, "split -b 70000 -a 3 --numeric-suffixes=1 image cut."));
  auto const found = open_and_walk({.volumes = {f.path() + "/cut.001"}});
  CHECK(found.names == backup_names);
  CHECK(found.complete);
  CHECK(found.findings.ids == std::vector<std::string>{"SET-001"});
}

TEST_CASE("files that only have such names are no set") {
  scratch::folder f;
  auto const image = backup_image();
  // Generations of one backup, each whole; a page of a manual; pieces of other sizes.
  f.file("daily.1", image);
  f.file("daily.2", image);
  auto const daily = open_and_walk({.volumes = {f.path() + "/daily.1"}});
  CHECK(daily.complete);
  CHECK(daily.findings.ids.empty());
  f.file("whole.1", image);
  f.file("whole.2", test::noise(5'000));
  CHECK(open_and_walk({.volumes = {f.path() + "/whole.1"}}).findings.ids.empty());
  auto cut = image;
  cut.resize(70'000);
  f.file("odd.1", cut);
  f.file("odd.2", test::noise(80'000));
  auto const odd = open_and_walk({.volumes = {f.path() + "/odd.1"}});
  CHECK_FALSE(odd.complete);
  CHECK_FALSE(has(odd.findings, "SET-001"));
  auto const other_day = test::cut_volumes(image, {.date = test::volume_fields{}.date + 60}, 102'400, 512);
  f.file("days.1", test::cut_volumes(image, {}, 102'400, 512)[0]);
  f.file("days.2", other_day[1]);
  CHECK_FALSE(has(open_and_walk({.volumes = {f.path() + "/days.1"}}).findings, "SET-001"));
}

TEST_CASE("pieces of a compressed image are named, not guessed") {
  scratch::folder f;
  f.file("image", backup_image());
  REQUIRE(run(f, "gzip -c image | split -b 70000 -a 1 --numeric-suffixes=1 - z."));
  finding_list findings;
  try {
    auto const image = registry::open_image({.volumes = {f.path() + "/z.1"}}, {}, findings);
    entry e;
    while (image.reader->next(e)) {}
    CHECK_FALSE(image.reader->complete());
  } catch (fatal_error const& e) { CHECK(e.what_kind() == fatal_error::kind::damaged); }
  CHECK(has(findings, "SET-002"));
  auto const z = f.path() + "/z.";
  CHECK(open_and_walk({.volumes = {z + "1", z + "2", z + "3"}}).complete);
}

TEST_CASE("of the files of a tape in a directory the backup is taken, whatever they are called") {
  scratch::folder f;
  for (std::string const prefix : {"file", "", "rmt0.", "tape_0"}) {
    CAPTURE(prefix);
    auto const folder = make_folder(f, concat("d", prefix));
    auto const base = concat("d", prefix, '/', prefix);
    f.file(base + "1", boot());
    f.file(base + "2", mkinsttape_image());
    f.file(base + "3", toc());
    f.file(base + "4", backup_image());
    f.file(concat("d", prefix, "/notes"), test::to_bytes("made on Monday\n"));
    auto const found = open_and_walk({.volumes = {folder}});
    CHECK(found.names == backup_names);
    CHECK(found.complete);
    CHECK(found.container == std::vector<std::string>{"tape_files"});
    CHECK(open_and_walk({.volumes = {folder}, .member = "2"}).names == mkinsttape_names);
    CHECK(open_and_walk({.volumes = {folder}, .member = prefix + "4"}).names == backup_names);
    CHECK(refused({.volumes = {folder}, .member = "7"}).kind == fatal_error::kind::usage);
  }
}

TEST_CASE("without the table of contents the image of mkinsttape is still told from the backup") {
  scratch::folder f;
  auto const folder = make_folder(f, "d");
  f.file("d/file2", mkinsttape_image());
  f.file("d/file4", backup_image());
  CHECK(open_and_walk({.volumes = {folder}}).names == backup_names);
  REQUIRE(run(f, "gzip -c d/file4 > d/x && mv d/x d/file4"));
  auto const packed = open_and_walk({.volumes = {folder}});
  CHECK(packed.names == backup_names);
  CHECK(packed.container == std::vector<std::string>{"tape_files", "gzip"});
}

TEST_CASE("a directory without tape files, or with two backups, is refused in a sentence") {
  scratch::folder f;
  auto const empty = make_folder(f, "empty");
  auto const plain = refused({.volumes = {empty}});
  CHECK(plain.kind == fatal_error::kind::io);
  CHECK(plain.text == "is a directory, not an image file");
  f.file("empty/log.1", test::to_bytes("text\n"));
  CHECK(refused({.volumes = {empty}}).text == plain.text);
  auto const image = f.file("empty/image", backup_image());
  auto const listed = refused({.volumes = {empty}});
  CHECK(listed.kind == fatal_error::kind::usage);
  CHECK(listed.text == concat("is a directory with 1 image in it; give the file: ", sysb::quoted(image)));
  auto const two = make_folder(f, "two");
  f.file("two/file1", backup_image());
  f.file("two/file2", backup_image());
  auto const choice = refused({.volumes = {two}});
  CHECK(choice.kind == fatal_error::kind::usage);
  CHECK(choice.text == "the directory holds 2 images; choose one with --member: \"file1\", \"file2\"");
}

TEST_CASE("a whole tape in one stream is read from a file, a pipe, packed, and in pieces") {
  scratch::folder f;
  bytes whole;
  for (auto const& part : {boot(), mkinsttape_image(), toc(), backup_image()}) {
    whole.insert(whole.end(), part.begin(), part.end());
  }
  auto const path = f.file("tape", whole);
  auto const found = open_and_walk({.volumes = {path}});
  CHECK(found.names == backup_names);
  CHECK(found.complete);
  CHECK(found.container == std::vector<std::string>{"tape_stream"});
  CHECK(found.findings.ids.empty());
  int const fd = f.feed(whole, scratch::channel::pipe);
  auto const piped = open_and_walk({.volumes = {concat("/dev/fd/", fd)}, .tmpdir = f.path()});
  ::close(fd);
  CHECK(piped.names == backup_names);
  CHECK(piped.complete);
  REQUIRE(run(f, "gzip -c tape > tape.gz"));
  auto const packed = open_and_walk({.volumes = {f.path() + "/tape.gz"}});
  CHECK(packed.names == backup_names);
  CHECK(packed.container == std::vector<std::string>{"gzip", "tape_stream"});
  std::vector<std::string> const files{f.file("f1", boot()), f.file("f2", mkinsttape_image()), f.file("f3", toc()),
                                       f.file("f4", backup_image())};
  CHECK(open_and_walk({.volumes = files}).names == backup_names);
  // Two passes over it.
  finding_list findings;
  auto image = registry::open_image({.volumes = {path}, .need_seekable = true}, {}, findings);
  entry e;
  while (image.reader->next(e)) {}
  auto const again = registry::reopen(image, {}, findings);
  REQUIRE(again->next(e));
  CHECK(e.path == "./");
}

TEST_CASE("a large boot image is searched, and what is known to be something else is not") {
  scratch::folder f;
  auto whole = test::noise(3'000'320, 9);
  for (auto const& part : {mkinsttape_image(), toc(), backup_image()}) {
    whole.insert(whole.end(), part.begin(), part.end());
  }
  CHECK(open_and_walk({.volumes = {f.file("tape", whole)}}).names == backup_names);
  limits few;
  few.tape_search_bytes = 1u << 20;
  finding_list findings;
  CHECK_THROWS_AS((void)registry::open_image({.volumes = {f.path() + "/tape"}}, few, findings), fatal_error);
  auto zip = test::noise(3'000'320, 9);
  std::copy_n(as_bytes("PK\3\4").begin(), 4, zip.begin());
  zip.insert(zip.end(), whole.end() - 300'000, whole.end());
  CHECK(refused({.volumes = {f.file("zip", zip)}}).text == "not an image of a known format: looks like a zip archive");
}

TEST_CASE("a set on discs is joined: headed volumes by themselves, a plain cut by the name of its pieces") {
  scratch::folder f;
  auto const image = backup_image();
  auto const set = test::cut_volumes(image, {}, 102'400, 512);
  REQUIRE(set.size() == 3);
  REQUIRE(run(f, "mkdir d1 d2 d3 c1 c2"));
  for (std::size_t i = 0; i < set.size(); ++i) { f.file(concat("d", i + 1, "/mksysb_image"), set[i]); }
  f.file("c1/mksysb_image", std::span{image}.first(100'000));
  f.file("c2/mksysb_image", std::span{image}.subspan(100'000));
  if (!run(f, "for d in d1 d2 d3 c1 c2; do genisoimage -quiet -R -o $d.iso $d; done")) {
    MESSAGE("skipped: no genisoimage");
    return;
  }
  auto const disc = [&](std::string const& name) { return concat(f.path(), '/', name, ".iso"); };
  auto const headed = open_and_walk({.volumes = {disc("d1"), disc("d2"), disc("d3")}});
  CHECK(headed.names == backup_names);
  CHECK(headed.complete);
  CHECK(headed.container == std::vector<std::string>{"iso9660"});
  auto const cut = open_and_walk({.volumes = {disc("c1"), disc("c2")}, .member = "mksysb_image"});
  CHECK(cut.names == backup_names);
  CHECK(cut.complete);
  CHECK(refused({.volumes = {disc("d1"), disc("d3")}}).text.find("a volume is missing") == 0);
}

TEST_CASE("a member is chosen once, in the outermost carrier that has several") {
  scratch::folder f;
  f.file("first", backup_image());
  f.file("second", mkinsttape_image());
  REQUIRE(run(f,
              "tar -cf two.tar first second && tar -cf one.tar second &&"
              " tar -cf outer.tar one.tar two.tar"));
  CHECK(refused({.volumes = {f.path() + "/two.tar"}}).kind == fatal_error::kind::usage);
  auto const chosen = open_and_walk({.volumes = {f.path() + "/two.tar"}, .member = "./second"});
  CHECK(chosen.names == mkinsttape_names);
  auto const inner = open_and_walk({.volumes = {f.path() + "/outer.tar"}, .member = "one.tar"});
  CHECK(inner.names == mkinsttape_names);
  CHECK(inner.container == std::vector<std::string>{"tar", "tar"});
  auto const plain = refused({.volumes = {f.path() + "/first"}, .member = "x"});
  CHECK(plain.kind == fatal_error::kind::usage);
  CHECK(plain.text == "--member \"x\": the image is in no archive, disc or tape");
}

TEST_CASE("an image carried in one piece of a file is read from that file by workers, a packed one is not") {
  auto const image = backup_image();
  scratch::folder f;
  f.file("backup.mksysb", image);
  REQUIRE(run(f, "tar cf carried.tar backup.mksysb && gzip -k backup.mksysb"));
  finding_list findings;
  auto const carried = registry::open_image({.volumes = {f.path() + "/carried.tar"}}, {}, findings);
  auto const run_of = carried.reader->file();
  REQUIRE(run_of);
  entry e;
  while (carried.reader->next(e) && e.path != "./etc/motd") {}
  REQUIRE(e.path == "./etc/motd");
  CHECK(carried.reader->may_read_apart());
  std::string seen(5, ' ');
  CHECK(::pread(run_of->fd, seen.data(), 5, static_cast<off_t>(run_of->base + e.content_offset)) == 5);
  CHECK(seen == "hello");
  auto const unpacked = registry::open_image({.volumes = {f.path() + "/backup.mksysb.gz"}}, {}, findings);
  CHECK_FALSE(unpacked.reader->file());
}

}  // namespace carried_test
