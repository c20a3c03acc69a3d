// SPDX-License-Identifier: Apache-2.0
// Sound content, whole and cut into pieces; the fast decoder beside the one that goes bit by bit.
#include <doctest/doctest.h>

#include <set>

#include "formats/packed/packed.hpp"
#include "packed_support.hpp"

namespace decode_test {

using namespace packed_test;
using sysb::packed::make_decoder;
using sysb::packed::make_reference_decoder;
using sysb::packed::pack;

namespace {

std::vector<bytes> contents() {
  std::vector<bytes> all{
      of_text("a"), of_text("ab"), of_text("hello, world\n"), bytes(5000, std::byte{0}), english(213), english(2900),
      skewed(5000), fibonacci(18)};
  bytes every_byte;
  for (unsigned i = 0; i < 256; ++i) { every_byte.push_back(static_cast<std::byte>(i)); }
  all.push_back(every_byte);
  return all;
}

void check_whole(bytes const& plain) {
  auto const packed = pack(plain).value();
  outcome const want{"done", {}, plain};
  CHECK(run_whole(*make_reference_decoder(), packed, plain.size()) == want);
  CHECK(run_whole(*make_decoder(), packed, plain.size()) == want);
}

}  // namespace

TEST_CASE("a stream written by hand gives the bytes its codes stand for") {
  // Level 1: 'a' (code 1). Level 2: 'b' (00), end mark (01). "aab" = 1 1 00 01, then two zero bits.
  auto const stored = of({2, 1, 0, 'a', 'b', 0b11000100});
  outcome const want{"done", {}, of_text("aab")};
  CHECK(run_whole(*make_reference_decoder(), stored, 3) == want);
  CHECK(run_whole(*make_decoder(), stored, 3) == want);
}

TEST_CASE("symbols of a level may stand in any order") {
  auto const stored = of({2, 0, 2, 'z', 'a', 'm', 0b00011011});  // 00 z, 01 a, 10 m, 11 end mark
  outcome const want{"done", {}, of_text("zam")};
  CHECK(run_whole(*make_reference_decoder(), stored, 3) == want);
  CHECK(run_whole(*make_decoder(), stored, 3) == want);
}

TEST_CASE("content of no bytes is an end mark alone") {
  auto const stored = of({1, 0, 'x', 0x80});
  outcome const want{"done", {}, {}};
  CHECK(run_whole(*make_reference_decoder(), stored, 0) == want);
  CHECK(run_whole(*make_decoder(), stored, 0) == want);
}

TEST_CASE("small contents of every shape come back") {
  for (auto const& plain : contents()) { check_whole(plain); }
}

TEST_CASE("contents long enough for several cursors come back") {
  check_whole(english(700'000));
  check_whole(skewed(700'000));
  check_whole(bytes(900'000, std::byte{7}));
}

TEST_CASE("a stream that never falls into step comes back all the same") {
  // Sixteen bytes of equal frequency: nearly all codes have four bits, so a wrong start stays wrong.
  check_whole(random_from("0123456789abcdef", 400'000, 3));
  // 256 bytes of equal frequency: codes of eight and nine bits.
  std::string all;
  for (unsigned i = 0; i < 256; ++i) { all.push_back(static_cast<char>(i)); }
  check_whole(random_from(all, 400'000, 4));
}

TEST_CASE("content whose ratio changes on the way comes back") {
  auto plain = bytes(300'000, std::byte{0});
  auto const text = english(300'000);
  plain.insert(plain.end(), text.begin(), text.end());
  plain.insert(plain.end(), 300'000, std::byte{0});
  check_whole(plain);
  // With little room, a segment may unpack to more than is left of it.
  auto const packed = pack(plain).value();
  auto const fast = make_decoder();
  for (unsigned seed = 0; seed < 24; ++seed) {
    auto const out = std::size_t{20'000} + seed * 4000;
    CHECK(run_cut(*fast, packed, plain.size(), seed, 200'000, out) == outcome{"done", {}, plain});
  }
}

TEST_CASE("codes of 24 bits come back") {
  auto const plain = fibonacci(24);
  auto const packed = pack(plain).value();
  REQUIRE(packed[0] == std::byte{24});
  CHECK(run_whole(*make_decoder(), packed, plain.size()) == outcome{"done", {}, plain});
}

TEST_CASE("input and output cut anywhere change nothing") {
  auto const fast = make_decoder();
  auto const slow = make_reference_decoder();
  for (auto const& plain : contents()) {
    auto const packed = pack(plain).value();
    outcome const want{"done", {}, plain};
    for (unsigned seed = 0; seed < 24; ++seed) {
      auto const in = std::size_t{1} << seed % 8;
      auto const out = std::size_t{1} << seed / 3;
      CHECK(run_cut(*fast, packed, plain.size(), seed, in, out) == want);
      if (seed % 8 == 0) { CHECK(run_cut(*slow, packed, plain.size(), seed, in, out) == want); }
    }
  }
}

TEST_CASE("long content cut into large pieces comes back") {
  auto const fast = make_decoder();
  for (auto const& plain : {english(400'000), skewed(400'000), bytes(800'000, std::byte{1})}) {
    auto const packed = pack(plain).value();
    outcome const want{"done", {}, plain};
    for (unsigned seed = 0; seed < 12; ++seed) {
      auto const in = std::size_t{1000} << seed % 8;
      auto const out = std::size_t{70'000} >> seed % 5;
      CHECK(run_cut(*fast, packed, plain.size(), seed, in, out) == want);
    }
  }
}

TEST_CASE("one decoder serves many members, also after one that failed or was left in the middle") {
  auto const fast = make_decoder();
  auto const text = english(50'000);
  auto const packed = pack(text).value();
  CHECK(run_whole(*fast, of({0, 0, 0}), 1).id == "PCK-006");
  CHECK(run_whole(*fast, packed, text.size()).id == "done");
  CHECK(run_whole(*fast, std::span{packed}.first(900), 1000).id != "done");
  fast->reset(packed.size(), text.size());
  bytes some(100);
  std::span<std::byte const> in{packed};
  std::span<std::byte> out{some};
  CHECK(fast->decode(in, out) == content_decoder::status::need_output);
  for (auto const& plain : contents()) {
    CHECK(run_whole(*fast, pack(plain).value(), plain.size()) == outcome{"done", {}, plain});
  }
}

TEST_CASE("whole spans need one call, and only the member's bytes are taken from the input") {
  auto const plain = english(5000);
  auto stored = pack(plain).value();
  auto const size = stored.size();
  stored.insert(stored.end(), 40, std::byte{0xff});
  for (auto const& decoder : {make_decoder(), make_reference_decoder()}) {
    decoder->reset(size, plain.size());
    bytes made(plain.size());
    std::span<std::byte const> in{stored};
    std::span<std::byte> out{made};
    CHECK(decoder->decode(in, out) == content_decoder::status::done);
    CHECK(in.size() == 40);
    CHECK(out.empty());
    CHECK(made == plain);
    CHECK(decoder->error() == nullptr);
    CHECK(decoder->decode(in, out) == content_decoder::status::done);
  }
}

TEST_CASE("findings have ids of their own and a text to explain them") {
  std::set<std::string_view> ids;
  for (auto const* code : sysb::packed::codes()) {
    CHECK(code->id.substr(0, 4) == "PCK-");
    CHECK(code->explain.size() > 40);
    CHECK(ids.insert(code->id).second);
  }
  CHECK(ids.size() == 11);
}

}  // namespace decode_test
