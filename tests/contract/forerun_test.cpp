// SPDX-License-Identifier: Apache-2.0
// A walk with a second thread ahead of it gives what a walk alone gives: on sound images, on those
// that hold places where a header stands and no record begins, and on damaged ones.
#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "contract/walk.hpp"
#include "formats/backup_by_name/backup_by_name.hpp"
#include "io/io.hpp"
#include "support/image_builder.hpp"

namespace forerun_test {

using namespace sysb;
using namespace sysb::contract;

namespace {

class all_findings final : public diagnostic_sink {
 public:
  void report(diagnostic const& d) override { text += d.text() + "\n"; }
  std::string text;
};

struct seen {
  std::vector<seen_entry> entries;
  std::string findings;
  bool complete = false;
  std::uint64_t end = 0;
  bool operator==(seen const&) const = default;
};

seen walk_with(std::FILE* image, unsigned threads) {
  seen out;
  all_findings findings;
  auto const source = io::open_descriptor(dup(fileno(image)), {});
  auto const reader = backup_by_name::format().open(*source, limits{}, findings);
  reader->expect_skips(true, threads);
  entry e;
  while (reader->next(e)) {
    out.entries.push_back({e, {}});
    reader->skip();
  }
  reader->expect_skips(false, 1);
  out.findings = findings.text;
  out.complete = reader->complete();
  out.end = reader->end_offset();
  return out;
}

// An archive of its own, as content of a member.
bytes inner_archive() {
  test::image_builder b;
  b.volume();
  for (int i = 0; i < 40; ++i) { b.file(concat("./inner/", i), std::string(static_cast<std::size_t>(i) * 50, 'i')); }
  return b.end().bytes();
}

using file = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

file make_image(unsigned seed) {
  file out{std::tmpfile(), &std::fclose};
  REQUIRE(out != nullptr);
  std::mt19937 random{seed};
  auto const inner = inner_archive();
  test::image_builder b{fileno(out.get())};
  b.volume().directory("./d");
  for (unsigned i = 0; i < 4000; ++i) {
    auto const name = concat("./d/", i);
    switch (random() % 16) {
      case 0: b.symlink(name, concat("target", i)); break;
      case 1: b.file(name, inner); break;
      case 2: b.packed_file(name, std::string(random() % 30'000, 'p')); break;
      case 3: b.directory(name); break;
      default: b.file(name, std::string(random() % 28'000, static_cast<char>('a' + random() % 26)));
    }
  }
  b.end();
  return out;
}

}  // namespace

TEST_CASE("a walk with a forerunner gives the entries and findings of a walk alone") {
  for (unsigned seed = 1; seed <= 3; ++seed) {
    auto const image = make_image(seed);
    auto const alone = walk_with(image.get(), 1);
    REQUIRE(alone.complete);
    REQUIRE(alone.end > (32u << 20));  // smaller images have no forerunner
    REQUIRE(alone.entries.size() == 4001);
    for (int again = 0; again < 3; ++again) { CHECK(walk_with(image.get(), 2) == alone); }
  }
}

TEST_CASE("damage is found at the same place with a forerunner and without") {
  auto const image = make_image(7);
  auto const sound = walk_with(image.get(), 1);
  auto const fd = fileno(image.get());
  for (auto const member : {50u, 700u, 2500u, 3999u}) {
    CAPTURE(member);
    for (auto const byte : {1, 3, 5, 24, 70}) {  // type, magic, checksum, size, name
      auto const at = static_cast<off_t>(sound.entries[member].about.offset) + byte;
      unsigned char before = 0;
      REQUIRE(pread(fd, &before, 1, at) == 1);
      unsigned char const other = before ^ 0x10;
      REQUIRE(pwrite(fd, &other, 1, at) == 1);
      auto const alone = walk_with(image.get(), 1);
      CHECK(alone.findings != sound.findings);
      CHECK(walk_with(image.get(), 2) == alone);
      REQUIRE(pwrite(fd, &before, 1, at) == 1);
    }
  }
  auto const cut = sound.entries[3500].about.offset + 100;
  REQUIRE(ftruncate(fd, static_cast<off_t>(cut)) == 0);
  auto const alone = walk_with(image.get(), 1);
  CHECK_FALSE(alone.complete);
  CHECK(walk_with(image.get(), 2) == alone);
}

}  // namespace forerun_test
