// SPDX-License-Identifier: Apache-2.0
// Choosing the backup on a tape in a drive.
#include <doctest/doctest.h>

#include "base/text.hpp"
#include "core/fatal_error.hpp"
#include "registry/tape_files.hpp"
#include "unit/io/fake_tape.hpp"
#include "unit/io/scratch.hpp"

namespace tape_files_test {

using namespace sysb;
using content = carrier_format::request::content;
using bytes = std::vector<std::byte>;

namespace {

bytes image_like(std::size_t size, unsigned seed) {
  auto out = scratch::pattern(size, seed);
  std::string_view const magic{"\x09\0\x6b\xea", 4};
  std::copy_n(as_bytes(magic).begin(), 4, out.begin());
  return out;
}

bytes toc() {
  std::string text = "DUMMY TAPE TOC";
  text.resize(512);
  auto const v = as_bytes(text);
  return {v.begin(), v.end()};
}

content judge(std::span<std::byte const> head) {
  return head.size() > 3 && head[0] == std::byte{9} && head[3] == std::byte{0xea} ? content::image : content::unknown;
}

io::tape_drive tape_of(std::vector<bytes> const& files) {
  std::vector<fake_tape::file> all;
  for (auto const& f : files) { all.push_back(fake_tape::blocks(f, 512)); }
  return {std::make_unique<fake_tape::drive>(std::move(all)), "tape", {}};
}

}  // namespace

TEST_CASE("on a tape in a drive the backup is the file after the dummy table of contents") {
  auto const boot = scratch::pattern(20'000, 1);
  auto const install = image_like(30'000, 2);
  auto const backup = image_like(40'000, 3);
  auto tape = tape_of({boot, install, toc(), backup, image_like(5'000, 4)});
  CHECK(judge(tape.file()->peek(4096)) == content::unknown);
  auto const found = registry::backup_further_on(tape, false, judge);
  CHECK(found->skip(100'000) == backup.size());  // and not the file after it

  auto at_toc = tape_of({toc(), backup});
  CHECK(registry::is_table_of_contents(at_toc.file()->peek(512)));
  CHECK(registry::backup_further_on(at_toc, true, judge)->skip(100'000) == backup.size());
}

TEST_CASE("a tape without a backup says which of its files begin like images") {
  auto tape = tape_of(
      {scratch::pattern(2'000, 1), image_like(3'000, 2), toc(), scratch::pattern(2'000, 1), image_like(3'000, 2)});
  try {
    (void)registry::backup_further_on(tape, false, judge);
    FAIL("found one");
  } catch (fatal_error const& e) {
    CHECK(e.what_kind() == fatal_error::kind::unsupported);
    CHECK(std::string_view{e.what()} ==
          "a tape of 5 files from where it stood, without a backup after a dummy table of contents; images "
          "begin in file 2, 5: rewind it and choose one with --member");
  }
}

TEST_CASE("--member counts the files of a tape from where it stands") {
  CHECK(registry::file_number("4") == 4);
  CHECK_FALSE(registry::file_number("0"));
  CHECK_FALSE(registry::file_number("4a"));
  CHECK_FALSE(registry::file_number("rootvg"));
  CHECK_FALSE(registry::file_number(""));
  auto const backup = image_like(40'000, 3);
  auto tape = tape_of({scratch::pattern(2'000, 1), toc(), backup});
  CHECK(registry::numbered_file_on(tape, 3)->skip(100'000) == backup.size());
  auto small = tape_of({backup});
  CHECK_THROWS_AS((void)registry::numbered_file_on(small, 9), fatal_error);
}

}  // namespace tape_files_test
