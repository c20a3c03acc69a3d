// SPDX-License-Identifier: Apache-2.0
// Opening: what is found, what it came in, and how everything else is refused.
#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "base/endian.hpp"
#include "base/text.hpp"
#include "core/fatal_error.hpp"
#include "registry/registry.hpp"
#include "support/image_builder.hpp"
#include "unit/carriers/carrier_test.hpp"

namespace registry_test {

using namespace sysb;
using carrier_test::finding_list;
using carrier_test::read_file;
using carrier_test::run;
using bytes = std::vector<std::byte>;

namespace {

bytes small_image() {
  return test::image_builder{}
      .volume()
      .directory("./")
      .file("./etc/motd", "hello")
      .packed_file("./etc/words", test::prose(20'000))
      .file("./usr/noise", test::noise(200'000))
      .end()
      .bytes();
}

struct seen {
  std::vector<std::string> names;
  std::vector<std::string> container;
  bool complete = false;
};

seen walk(image_reader& r) {
  seen out;
  out.container = r.description().container;
  entry e;
  while (r.next(e)) { out.names.push_back(concat(e.path, " ", e.size)); }
  out.complete = r.complete();
  return out;
}

seen open_and_walk(registry::image_spec const& spec, limits const& l = {}) {
  finding_list findings;
  auto const image = registry::open_image(spec, l, findings);
  CHECK(image.container == image.reader->description().container);
  return walk(*image.reader);
}

struct refusal {
  fatal_error::kind kind = fatal_error::kind::internal;
  std::string text;
};

refusal refused(registry::image_spec const& spec, limits const& l = {}) {
  finding_list findings;
  try {
    (void)registry::open_image(spec, l, findings);
  } catch (fatal_error const& e) { return {e.what_kind(), e.what()}; }
  return {fatal_error::kind::internal, "was opened"};
}

std::vector<std::string> const all_names{"./ 0", "./etc/motd 5", "./etc/words 20000", "./usr/noise 200000"};

}  // namespace

TEST_CASE("a plain image is opened from a file and has no container") {
  scratch::folder f;
  auto const found = open_and_walk({.volumes = {f.file("image", small_image())}});
  CHECK(found.names == all_names);
  CHECK(found.complete);
  CHECK(found.container.empty());
}

TEST_CASE("carriers are unwrapped and told, outermost first") {
  scratch::folder f;
  f.file("image", small_image());
  if (!run(f, "gzip -c image > a && xz -c a > b && zstd -c b > c && bzip2 -c c > d")) { return; }
  auto const found = open_and_walk({.volumes = {f.path() + "/d"}});
  CHECK(found.names == all_names);
  CHECK(found.complete);
  CHECK(found.container == std::vector<std::string>{"bzip2", "zstd", "xz", "gzip"});
}

static void read_twice(registry::opened_image& opened) {
  REQUIRE(opened.source->seekable());
  CHECK(walk(*opened.reader).names == all_names);
  finding_list findings;
  auto const again = registry::reopen(opened, {}, findings);
  auto const second = walk(*again);
  CHECK(second.names == all_names);
  CHECK(second.container == opened.container);
}

TEST_CASE("a pipe and a compressed file can be read twice when that was asked for") {
  scratch::folder f;
  auto const image = small_image();
  f.file("image", image);
  REQUIRE(run(f, "gzip -c image > a"));
  auto const packed = read_file(f.path() + "/a");
  for (auto const& content : {image, packed}) {
    int const fd = f.feed(content, scratch::channel::pipe);
    finding_list findings;
    auto opened = registry::open_image({.volumes = {concat("/dev/fd/", fd)}, .tmpdir = f.path(), .need_seekable = true},
                                       {}, findings);
    ::close(fd);
    read_twice(opened);
    CHECK(opened.source->cheap_seek());
  }
  finding_list findings;
  auto opened = registry::open_image({.volumes = {f.path() + "/a"}, .need_seekable = true}, {}, findings);
  read_twice(opened);  // no folder for a spool: it is unpacked again
  CHECK_FALSE(opened.source->cheap_seek());
}

TEST_CASE("an image in an archive is found in any layer, packed or not, and chosen where there are several") {
  scratch::folder f;
  f.file("rootvg", small_image());
  f.file("boot", test::noise(30'000));
  REQUIRE(run(f, "tar -cf a.tar boot rootvg && gzip -c a.tar > a.tar.gz && gzip -c rootvg > r.gz"));
  REQUIRE(run(f, "tar -cf b.tar boot r.gz && tar -cf c.tar boot rootvg r.gz"));
  auto const outside = open_and_walk({.volumes = {f.path() + "/a.tar.gz"}});
  CHECK(outside.names == all_names);
  CHECK(outside.container == std::vector<std::string>{"gzip", "tar"});
  auto const inside = open_and_walk({.volumes = {f.path() + "/b.tar"}});
  CHECK(inside.names == all_names);
  CHECK(inside.container == std::vector<std::string>{"tar", "gzip"});
  CHECK(open_and_walk({.volumes = {f.path() + "/c.tar"}}).container == std::vector<std::string>{"tar"});
  auto const chosen = open_and_walk({.volumes = {f.path() + "/c.tar"}, .member = "r.gz"});
  CHECK(chosen.container == std::vector<std::string>{"tar", "gzip"});
}

TEST_CASE("an image on a disc is found, packed or not, from a file and from a pipe") {
  scratch::folder f;
  f.file("rootvg", small_image());
  if (!run(f,
           "mkdir top && gzip -c rootvg > top/image.gz && echo x > top/readme &&"
           " genisoimage -quiet -R -o a.iso top && genisoimage -quiet -udf -R -o b.iso top")) {
    MESSAGE("skipped: no genisoimage");
    return;
  }
  CHECK(open_and_walk({.volumes = {f.path() + "/a.iso"}}).names == all_names);
  auto const udf = open_and_walk({.volumes = {f.path() + "/b.iso"}});
  CHECK(udf.names == all_names);
  CHECK(udf.container == std::vector<std::string>{"udf", "gzip"});
  int const fd = f.feed(read_file(f.path() + "/a.iso"), scratch::channel::pipe);
  auto const piped = open_and_walk({.volumes = {concat("/dev/fd/", fd)}, .tmpdir = f.path()});
  ::close(fd);
  CHECK(piped.names == all_names);
  CHECK(piped.container == std::vector<std::string>{"iso9660", "gzip"});
}

TEST_CASE("layers are counted, and too many are refused") {
  scratch::folder f;
  f.file("image", small_image());
  REQUIRE(run(f, "gzip -c image > a0; for i in 1 2 3 4 5 6 7 8; do gzip -c a$((i-1)) > a$i; done"));
  CHECK(open_and_walk({.volumes = {f.path() + "/a7"}}).container.size() == 8);
  auto const deep = refused({.volumes = {f.path() + "/a8"}});
  CHECK(deep.kind == fatal_error::kind::unsupported);
  CHECK(deep.text.find("more than 8 carriers") == 0);
}

TEST_CASE("what is no image is refused by name") {
  scratch::folder f;
  auto const looks = [&](std::span<std::byte const> content) {
    auto const r = refused({.volumes = {f.file("x", content)}});
    CHECK(r.kind == fatal_error::kind::unsupported);
    std::string const start = "not an image of a known format: ";
    CHECK(r.text.find(start) == 0);
    return r.text.size() > start.size() ? r.text.substr(start.size()) : r.text;
  };
  CHECK(looks({}) == "looks like an empty file");
  CHECK(looks(as_bytes("hello, world\n")) == "looks like a text file");
  CHECK(looks(as_bytes("<html><body>404</body>")) == "looks like a web page (a download that failed?)");
  CHECK(looks(as_bytes("PK\3\4xxxx")) == "looks like a zip archive");
  CHECK(looks(as_bytes("\xed\xab\xee\xdb")) == "looks like an RPM package");
  CHECK(looks(read_file("/proc/self/exe")) == "looks like an ELF program or library");
  CHECK(looks(bytes(4096)) == "looks like a run of zero bytes");
  CHECK(looks(as_bytes("\1\2\3\4\5\6\7\x8\x9")) == "starts with 0102030405060708");
  for (std::uint32_t const magic : {60011u, 60012u}) {
    bytes dump(1024);
    be32 const m{magic};
    std::copy_n(std::as_bytes(std::span{&m, 1}).begin(), 4, dump.begin() + 24);
    CHECK(looks(dump).find("looks like an AIX backup by i-node") == 0);
  }
  f.file("text", as_bytes("some words\n"));
  REQUIRE(run(f, "gzip -c text > text.gz"));
  CHECK(refused({.volumes = {f.path() + "/text.gz"}}).text ==
        "not an image of a known format: looks like a text file (inside gzip)");
}

TEST_CASE("a file that cannot be opened is an I/O error") {
  CHECK(refused({.volumes = {"/nonexistent/image"}}).kind == fatal_error::kind::io);
  CHECK(refused({.volumes = {"/"}}).kind == fatal_error::kind::io);
  CHECK(refused({}).kind == fatal_error::kind::usage);
}

TEST_CASE("volumes of a set are joined, with headers of their own or cut without, packed or not") {
  scratch::folder f;
  auto const image = small_image();
  auto const set = test::cut_volumes(image, {}, 102'400, 512);
  REQUIRE(set.size() == 3);
  std::vector<std::string> names;
  for (std::size_t i = 0; i < set.size(); ++i) { names.push_back(f.file(concat("v", i), set[i])); }
  auto const headed = open_and_walk({.volumes = names});
  CHECK(headed.names == all_names);
  CHECK(headed.complete);

  f.file("image", image);
  REQUIRE(run(f, "split -b 70000 -d image cut. && gzip v0 v1 v2"));
  REQUIRE(run(f, "gzip -c image | split -b 70000 -d - zcut."));
  auto const base = f.path() + "/cut.0";
  auto const cut = open_and_walk({.volumes = {base + "0", base + "1", base + "2", base + "3"}});
  CHECK(cut.names == all_names);
  CHECK(cut.complete);
  auto const each = open_and_walk({.volumes = {names[0] + ".gz", names[1] + ".gz", names[2] + ".gz"}});
  CHECK(each.names == all_names);
  CHECK(each.complete);
  CHECK(each.container == std::vector<std::string>{"gzip"});
  auto const whole = open_and_walk({.volumes = {f.path() + "/zcut.00", f.path() + "/zcut.01", f.path() + "/zcut.02"}});
  CHECK(whole.names == all_names);
  CHECK(whole.complete);
}

TEST_CASE("a missing, repeated or foreign volume is told with its name") {
  scratch::folder f;
  auto const set = test::cut_volumes(small_image(), {}, 102'400, 512);
  REQUIRE(set.size() == 3);
  std::vector<std::string> v;
  for (std::size_t i = 0; i < set.size(); ++i) { v.push_back(f.file(concat("v", i), set[i])); }
  test::volume_fields other;
  other.date += 60;
  auto const foreign = f.file("foreign", test::cut_volumes(small_image(), other, 102'400, 512)[1]);
  auto const text = [&](std::vector<std::string> const& names) {
    auto const r = refused({.volumes = names});
    CHECK(r.kind == fatal_error::kind::damaged);
    return r.text;
  };
  CHECK(text({v[0], v[2]}) == "a volume is missing or out of order (expected volume 2, found volume 3)");
  CHECK(text({v[0], v[1], v[1]}) == "a volume is repeated or out of order (expected volume 3, found volume 2)");
  CHECK(text({v[1], v[2]}).find("volume 1 is missing") != std::string::npos);
  CHECK(text({v[0], foreign}).find("of another backup") != std::string::npos);
}

TEST_CASE("every finding has an id of its own and a text, sorted") {
  auto const all = registry::all_codes();
  CHECK(all.size() > 50);
  std::set<std::string_view> ids;
  for (auto const* c : all) {
    CAPTURE(c->id);
    CHECK(ids.insert(c->id).second);
    CHECK_FALSE(c->title.empty());
    CHECK(c->explain.size() > 40);
  }
  CHECK(std::is_sorted(all.begin(), all.end(), [](auto const* a, auto const* b) { return a->id < b->id; }));
}

TEST_CASE("formats, carriers and outputs have unique ids") {
  std::set<std::string_view> ids;
  for (auto const* f : registry::image_formats()) { CHECK(ids.insert(f->id()).second); }
  for (auto const* c : registry::carriers()) { CHECK(ids.insert(c->id()).second); }
  for (auto const& o : registry::outputs()) { CHECK(ids.insert(o.id).second); }
  for (std::string_view const id : {"backup_by_name", "gzip", "pack", "pax", "tree", "bff"}) {
    CHECK(ids.count(id) == 1);
  }
}

}  // namespace registry_test
