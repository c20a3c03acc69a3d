// SPDX-License-Identifier: Apache-2.0
// A tape in one stream: boot image, image of mkinsttape, dummy table of contents, backup. Built here;
// no real tape was at hand.
#include <algorithm>

#include "base/text.hpp"
#include "formats/tape/stream.hpp"
#include "unit/carriers/carrier_test.hpp"

namespace tape_stream_test {

using namespace sysb;
using namespace carrier_test;
using content = carrier_format::request::content;

namespace {

bytes image_like(std::size_t size, unsigned seed) {
  auto out = mixed(size, seed);
  std::string_view const magic{"\x09\0\x6b\xea", 4};
  std::copy_n(as_bytes(magic).begin(), 4, out.begin());
  return out;
}

content judge(std::span<std::byte const> head) {
  auto const nine = head.size() > 3 && head[0] == std::byte{9} && head[1] == std::byte{0};
  return nine && head[3] == std::byte{0xea} ? content::image : content::unknown;
}

void put_blocks(bytes& out, std::span<std::byte const> some) {
  out.insert(out.end(), some.begin(), some.end());
  out.resize((out.size() + 511) / 512 * 512);
}

bytes whole_tape(std::size_t boot, bytes const& backup, std::size_t toc_bytes = 512) {
  bytes out;
  put_blocks(out, mixed(boot, 7));
  put_blocks(out, image_like(20'000, 3));
  auto const end = out.size() + toc_bytes;
  put_blocks(out, as_bytes("DUMMY TAPE TOC"));
  out.resize(std::max(end, out.size()));
  out.insert(out.end(), backup.begin(), backup.end());
  return out;
}

outcome read_stream(std::unique_ptr<byte_source> source, limits const& l = {}) {
  return unwrap(tape::stream_carrier(), std::move(source), l, {.judge = judge});
}

}  // namespace

TEST_CASE("the backup after the dummy table of contents is found in one stream, wherever it stands") {
  auto const backup = image_like(300'001, 1);
  scratch::folder f;
  // Near, and around the seams of the windows that are searched.
  for (std::size_t const boot : {0u, 5'000u, 1'552'000u, 1'572'352u, 1'572'864u, 2'097'152u, 5'000'000u}) {
    CAPTURE(boot);
    auto const whole = whole_tape(boot, backup);
    CHECK(read_stream(io::from_memory(whole)).content == backup);
    int const fd = f.feed(whole, scratch::channel::pipe);
    CHECK(read_stream(io::open_descriptor(fd, {})).content == backup);
  }
}

TEST_CASE("a table of contents that a copy padded to its block size still leads to the backup") {
  auto const backup = image_like(30'000, 1);
  for (std::size_t const padded : {1'024u, 51'200u, 262'144u}) {
    CHECK(read_stream(io::from_memory(whole_tape(100'000, backup, padded))).content == backup);
  }
}

TEST_CASE("the text in a program, or across two blocks, is no table of contents") {
  auto const backup = image_like(30'000, 1);
  std::string_view const text = "DUMMY TAPE TOC";
  auto programs = whole_tape(60'000, backup);
  for (std::ptrdiff_t const at : {5'000, 512 * 20 - 5, 512 * 116 + 40}) {
    std::copy_n(as_bytes(text).begin(), text.size(), programs.begin() + at);
  }
  CHECK(read_stream(io::from_memory(programs)).content == backup);
  auto crossed = whole_tape(60'000, backup);
  auto const at = static_cast<std::ptrdiff_t>(crossed.size() - backup.size() - 512);
  std::fill_n(crossed.begin() + at, 512, std::byte{0});
  std::copy_n(as_bytes(text).begin(), text.size(), crossed.begin() + at - 5);
  CHECK(read_stream(io::from_memory(crossed)).kind == fatal_error::kind::unsupported);
}

TEST_CASE("a stream without a backup is refused, and the search ends at its limit") {
  CHECK(read_stream(io::from_memory(mixed(3'000'000, 1))).kind == fatal_error::kind::unsupported);
  CHECK(read_stream(io::from_memory({})).kind == fatal_error::kind::unsupported);
  auto const toc_last = whole_tape(100'000, {});
  CHECK(read_stream(io::from_memory(toc_last)).kind == fatal_error::kind::unsupported);
  limits few;
  few.tape_search_bytes = 1u << 20;
  auto source = io::from_memory(whole_tape(12'000'000, image_like(30'000, 1)));
  CHECK_FALSE(tape::find_backup(*source, few.tape_search_bytes, judge).has_value());
  CHECK(source->position() <= (4u << 20));
}

TEST_CASE("the stream tells itself only where the table of contents and an image show") {
  auto const& c = tape::stream_carrier();
  auto const whole = whole_tape(20'000, image_like(30'000, 1));
  CHECK(c.bid(std::span{whole}.first(68u << 10)) != 0);
  CHECK(c.bid(std::span{whole}.first(30'000)) == 0);
  CHECK(c.bid(as_bytes("DUMMY TAPE TOC")) == 0);
  CHECK(c.bid({}) == 0);
}

}  // namespace tape_stream_test
