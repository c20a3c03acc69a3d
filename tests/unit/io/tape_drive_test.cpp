// SPDX-License-Identifier: Apache-2.0
// Tape drives: blocks of any length, fixed or not, and files that end at marks.
#include <doctest/doctest.h>

#include "core/fatal_error.hpp"
#include "unit/io/fake_tape.hpp"
#include "unit/io/scratch.hpp"

namespace tape_drive_test {

using namespace sysb;
using scratch::pattern;

namespace {

std::vector<std::byte> drain(byte_source& s) {
  std::vector<std::byte> out;
  for (auto p = s.peek(1000); !p.empty(); p = s.peek(1000)) {
    out.insert(out.end(), p.begin(), p.end());
    s.consume(p.size());
  }
  return out;
}

io::tape_drive tape_of(std::vector<fake_tape::file> files, std::size_t fixed = 0, fake_tape::counts* c = nullptr) {
  return {std::make_unique<fake_tape::drive>(std::move(files), fixed, c), "tape", {}};
}

}  // namespace

TEST_CASE("a file of a tape is read whatever its block size, and ends at its mark") {
  auto const one = pattern(3'000'000 / 512 * 512, 1);
  auto const two = pattern(10'000, 2);
  for (std::size_t const block : {512u, 1024u, 10'240u, 51'200u, 262'144u, 1'048'576u, 3'000'000u}) {
    CAPTURE(block);
    fake_tape::counts c;
    auto tape = tape_of({fake_tape::blocks(one, block), fake_tape::blocks(two, 700)}, 0, &c);
    auto const first = tape.file();
    CHECK_FALSE(first->seekable());
    CHECK(drain(*first) == one);
    CHECK(first->peek(1).empty());
    CHECK((c.steps_back != 0) == (block > 1u << 20));
    REQUIRE(tape.next_file());
    CHECK(drain(*tape.file()) == two);
  }
  for (std::size_t const block : {512u, 1024u, 4096u, 10'240u}) {
    CAPTURE(block);
    auto const whole = pattern(300 * block, 3);
    auto tape = tape_of({fake_tape::blocks(whole, block), fake_tape::blocks(whole, block)}, block);
    CHECK(drain(*tape.file()) == whole);
    REQUIRE(tape.next_file());
    CHECK(drain(*tape.file()) == whole);
  }
}

TEST_CASE("the next file begins after the mark, from wherever in a file") {
  auto const one = pattern(100'000, 1);
  auto const two = pattern(512, 2);
  auto const three = pattern(100'000, 3);
  auto const make = [&] {
    return tape_of({fake_tape::blocks(one, 512), fake_tape::blocks(two, 512), fake_tape::blocks(three, 512)});
  };
  auto untouched = make();
  REQUIRE(untouched.next_file());
  REQUIRE(untouched.next_file());
  CHECK(drain(*untouched.file()) == three);
  CHECK(untouched.next_file());  // the mark was read, and nothing is known of what follows
  CHECK(untouched.file()->peek(1).empty());

  auto looked = make();
  CHECK(looked.file()->peek(4096).size() >= 4096);
  REQUIRE(looked.next_file());
  CHECK(looked.file()->peek(4096).size() == 512);  // this went beyond the mark
  REQUIRE(looked.next_file());
  CHECK(drain(*looked.file()) == three);
}

TEST_CASE("a block larger than any buffer is an error, not an end") {
  auto tape = tape_of({fake_tape::blocks(pattern(20u << 20, 1), 20u << 20)});
  CHECK_THROWS_WITH_AS((void)tape.file()->peek(1), doctest::Contains("read failed"), fatal_error);
}

TEST_CASE("what is no tape drive opens as none") {
  CHECK(io::open_tape_drive("/dev/null", {}) == nullptr);
  CHECK(io::open_tape_drive("/none", {}) == nullptr);
  CHECK(io::open_tape_drive("-", {}) == nullptr);
}

}  // namespace tape_drive_test
