// SPDX-License-Identifier: Apache-2.0
// The encoder: form, optimality, limits; and AIX's rule for what is worth packing.
#include <doctest/doctest.h>

#include <queue>

#include "formats/packed/packed.hpp"
#include "packed_support.hpp"

namespace encode_test {

using namespace packed_test;
using sysb::packed::pack;
using sysb::packed::worth_packing;

namespace {

// Bits of an optimal code without a limit of levels: the weights of all inner nodes.
std::uint64_t huffman_bits(bytes const& plain) {
  std::uint64_t frequency[257] = {};
  for (auto const b : plain) { ++frequency[std::to_integer<std::size_t>(b)]; }
  frequency[256] = 1;
  std::priority_queue<std::uint64_t, std::vector<std::uint64_t>, std::greater<>> nodes;
  for (auto const f : frequency) {
    if (f != 0) { nodes.push(f); }
  }
  std::uint64_t bits = 0;
  while (nodes.size() > 1) {
    auto const a = nodes.top();
    nodes.pop();
    auto const sum = a + nodes.top();
    nodes.pop();
    bits += sum;
    nodes.push(sum);
  }
  return bits;
}

std::size_t tree_bytes(bytes const& packed) {
  std::size_t const levels = std::to_integer<std::size_t>(packed[0]);
  std::size_t n = 1 + levels + 1;
  for (std::size_t l = 1; l <= levels; ++l) { n += std::to_integer<std::size_t>(packed[l]); }
  return n;
}

}  // namespace

TEST_CASE("empty content has no packed form") { CHECK(!pack({}).has_value()); }

TEST_CASE("one repeated byte takes one bit each") {
  CHECK(pack(of_text("aaa")).value() == of({1, 0, 'a', 0b00010000}));
}

TEST_CASE("symbols of a level ascend, and the end mark is the last leaf") {
  CHECK(pack(of_text("cba")).value() == of({2, 0, 2, 'a', 'b', 'c', 0b10010011}));
}

TEST_CASE("256 different bytes and the end mark make 257 leaves") {
  bytes plain;
  for (unsigned i = 0; i < 256; ++i) { plain.push_back(static_cast<std::byte>(i)); }
  auto const packed = pack(plain).value();
  CHECK(packed[0] == std::byte{9});
  CHECK(packed[8] == std::byte{255});  // on level 8
  CHECK(packed[9] == std::byte{0});    // two on level 9
}

TEST_CASE("the code is optimal") {
  for (auto const& plain : {of_text("abracadabra"), english(1000), english(60'000), skewed(20'000), fibonacci(20)}) {
    auto const packed = pack(plain).value();
    CHECK(packed.size() == tree_bytes(packed) + (huffman_bits(plain) + 7) / 8);
  }
}

TEST_CASE("a code that would need more than 24 levels is limited to them") {
  auto const plain = fibonacci(26);
  auto const packed = pack(plain).value();
  CHECK(packed[0] == std::byte{24});
  auto const without_limit = tree_bytes(packed) + (huffman_bits(plain) + 7) / 8;
  CHECK(packed.size() >= without_limit);
  CHECK(packed.size() <= without_limit + 4);
  auto const decoder = sysb::packed::make_reference_decoder();
  CHECK(run_whole(*decoder, packed, plain.size()) == outcome{"done", {}, plain});
}

TEST_CASE("packing pays when it saves two blocks of 4096 bytes") {
  // Sizes of members of a real package, packed and left plain.
  CHECK(worth_packing(13005, 7994));
  CHECK(!worth_packing(19592, 13295));
  CHECK(worth_packing(64090, 46360));
  CHECK(!worth_packing(0, 0));
  CHECK(!worth_packing(4096, 10));
  CHECK(!worth_packing(8192, 4096));
  CHECK(worth_packing(8193, 4096));
  CHECK(!worth_packing(100, 200));
}

TEST_CASE("nothing of 2 GiB or more is packed") {
  CHECK(worth_packing(sysb::packed::writer_limit - 1, 1000));
  CHECK(!worth_packing(sysb::packed::writer_limit, 1000));
  CHECK(!worth_packing(~std::uint64_t{0}, 1000));
}

}  // namespace encode_test
