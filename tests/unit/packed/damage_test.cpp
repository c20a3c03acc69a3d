// SPDX-License-Identifier: Apache-2.0
// Damaged content: which finding, and that both decoders agree on every one of many inputs.
#include <doctest/doctest.h>

#include "formats/packed/packed.hpp"
#include "packed_support.hpp"

namespace damage_test {

using namespace packed_test;
using sysb::packed::make_decoder;
using sysb::packed::make_reference_decoder;
using sysb::packed::pack;

namespace {

// The finding of both decoders; "differ" where they do not agree.
struct both {
  std::unique_ptr<content_decoder> fast = make_decoder();
  std::unique_ptr<content_decoder> slow = make_reference_decoder();

  outcome operator()(std::span<std::byte const> stored, std::uint64_t plain) const {
    auto const a = run_whole(*fast, stored, plain);
    auto const b = run_whole(*slow, stored, plain);
    if (a == b) { return a; }
    return {"differ: " + a.id + " " + a.text + " / " + b.id + " " + b.text, {}, {}};
  }
};

bool agree(outcome const& o) { return o.id == "done" || o.id.rfind("PCK-", 0) == 0; }

}  // namespace

TEST_CASE("each broken end condition has its own finding") {
  both const decode;
  // 'a' is 1, 'b' 00, the end mark 01.
  auto const tree = of({2, 1, 0, 'a', 'b'});
  auto const with = [&](std::initializer_list<unsigned> bits) {
    auto all = tree;
    for (auto const b : bits) { all.push_back(static_cast<std::byte>(b)); }
    return all;
  };
  CHECK(decode(with({0b11000100}), 3).id == "done");
  SUBCASE("an end mark before the recorded size") {
    auto const o = decode(with({0b11000100, 0}), 4);
    CHECK(o.id == "PCK-001");
    CHECK(o.made == of_text("aab"));
    CHECK(o.text == "expected 4 bytes from 7 stored ones, found 3");
  }
  SUBCASE("a byte where the end mark should be") {
    auto const o = decode(with({0b11000100, 0}), 2);
    CHECK(o.id == "PCK-002");
    CHECK(o.made == of_text("aa"));
    CHECK(o.text == "expected 2 bytes from 7 stored ones, found more than 2");
    // No end mark at all: the stored bytes are used up.
    CHECK(decode(with({0b11111111}), 7).id == "PCK-002");
    // One bit is set after it.
    CHECK(decode(with({0b11000110}), 2).id == "PCK-002");
  }
  SUBCASE("an end mark exactly at the end, and another number of bytes") {
    auto const fewer = decode(with({0b11000100}), 4);
    CHECK(fewer.id == "PCK-011");
    CHECK(fewer.made == of_text("aab"));
    CHECK(fewer.text ==
          "recorded 4 bytes, unpacked 3, 1 fewer: the file changed while it was saved, or the packed data is damaged");
    auto const more = decode(with({0b11000100}), 1);
    CHECK(more.id == "PCK-011");
    CHECK(more.made == of_text("a"));
    CHECK(more.text ==
          "recorded 1 bytes, unpacked 3, 2 more: the file changed while it was saved, or the packed data is damaged");
    auto const d = make_decoder();
    auto const stored = with({0b11000100});
    d->reset(stored.size(), 1);
    std::span<std::byte const> in{stored};
    std::vector<std::byte> room(8);
    std::span<std::byte> out{room};
    CHECK(d->decode(in, out) == content_decoder::status::failed);
    CHECK(d->true_size() == 3);
  }
  SUBCASE("an end mark before the last stored byte") {
    auto const o = decode(with({0b11000100, 0}), 3);
    CHECK(o.id == "PCK-003");
    CHECK(o.text == "end mark in byte 6 of 7");
  }
  SUBCASE("a bit set after the end mark") {
    CHECK(decode(with({0b11000101}), 3).id == "PCK-004");
    CHECK(decode(with({0b11000110}), 3).id == "PCK-004");
  }
  SUBCASE("the end mark fills the last byte") { CHECK(decode(with({0b11110001}), 5).id == "done"); }
  SUBCASE("no end mark before the stored bytes end") {
    CHECK(decode(with({0b11111111}), 8).id == "PCK-005");
    CHECK(decode(with({0b11111110}), 20).id == "PCK-005");
  }
}

TEST_CASE("a tree that cannot be is refused before anything is written") {
  both const decode;
  CHECK(decode(of({0, 1, 2, 3}), 2).id == "PCK-006");
  CHECK(decode(of({25, 1, 2, 3}), 2).id == "PCK-006");
  CHECK(decode(of({255, 1, 2, 3}), 2).id == "PCK-006");
  CHECK(decode(of({3, 0, 255, 255, 3}), 2).id == "PCK-007");
  CHECK(decode(of({1, 1, 'a', 'b', 0}), 2).id == "PCK-008");          // three leaves on level 1
  CHECK(decode(of({2, 2, 0, 'a', 'b', 'c', 0}), 2).id == "PCK-008");  // no node left for level 2
  CHECK(decode(of({2, 0, 0, 'a', 0, 0}), 2).id == "PCK-008");         // two of four nodes used
  // Halving by shift would let this one pass: three leaves under one node.
  CHECK(decode(of({2, 1, 1, 'a', 'b', 'c', 0}), 2).id == "PCK-008");
  auto empty_levels = bytes(26, std::byte{0});
  empty_levels[0] = std::byte{24};
  CHECK(decode(empty_levels, 2).id == "PCK-008");
  CHECK(decode(of({5, 1, 0}), 2).id == "PCK-005");
  CHECK(decode(of({2, 1, 0, 'a'}), 2).id == "PCK-005");
}

TEST_CASE("sizes that cannot be true are refused before anything is written") {
  both const decode;
  auto const sound = pack(bytes(20, std::byte{1})).value();
  auto const limit = sound.size() * 8;
  CHECK(decode(sound, limit).id == "PCK-011");
  CHECK(decode(sound, limit + 1).id == "PCK-009");
  CHECK(decode(sound, ~std::uint64_t{0}).id == "PCK-009");
  CHECK(decode(std::span{sound}.first(1), 1).id == "PCK-009");
  CHECK(decode({}, 0).id == "PCK-009");
  CHECK(decode(sound, limit + 1).made.empty());
}

TEST_CASE("stored content cut at every length is never taken for whole") {
  both const decode;
  for (auto const& plain : {of_text("hello, hello"), english(300), skewed(2000)}) {
    auto const packed = pack(plain).value();
    for (std::size_t n = 0; n < packed.size(); ++n) {
      auto const o = decode(std::span{packed}.first(n), plain.size());
      CHECK_MESSAGE((o.id == "PCK-005" || o.id == "PCK-009"), n << ": " << o.id);
    }
  }
}

TEST_CASE("input that stops is waited for, and what came before it is there") {
  auto const plain = english(3000);
  auto const packed = pack(plain).value();
  auto const all = [] { return ~std::size_t{0}; };
  for (auto const& decoder : {make_decoder(), make_reference_decoder()}) {
    for (std::size_t n = 0; n < packed.size(); n += 7) {
      auto const o = run(*decoder, std::span{packed}.first(n), packed.size(), plain.size(), all, all);
      CHECK(o.id == "need input");
      CHECK(o.made.size() <= plain.size());
      CHECK(std::equal(o.made.begin(), o.made.end(), plain.begin()));
    }
  }
}

TEST_CASE("every flipped bit of small content gives the same result in both decoders") {
  both const decode;
  for (auto const& plain : {of_text("hello, hello"), english(300), fibonacci(9)}) {
    auto packed = pack(plain).value();
    for (std::size_t bit = 0; bit < packed.size() * 8; ++bit) {
      auto const mask = static_cast<std::byte>(1u << bit % 8);
      packed[bit / 8] ^= mask;
      auto const o = decode(packed, plain.size());
      CHECK_MESSAGE(agree(o), "bit " << bit << ": " << o.id);
      packed[bit / 8] ^= mask;
    }
  }
}

TEST_CASE("every wrong size of small content gives a finding, the same in both decoders") {
  both const decode;
  auto const plain = english(300);
  auto const packed = pack(plain).value();
  for (std::uint64_t size = 0; size < 2000; ++size) {
    auto const o = decode(packed, size);
    CHECK_MESSAGE(agree(o), size << ": " << o.id);
    CHECK((o.id == "done") == (size == plain.size()));
  }
}

TEST_CASE("damage in the middle of long content gives the same result in both decoders") {
  both const decode;
  std::mt19937 random{11};
  for (auto const& plain : {english(150'000), skewed(150'000), bytes(400'000, std::byte{0})}) {
    auto const sound = pack(plain).value();
    for (int i = 0; i < 25; ++i) {
      auto packed = sound;
      packed[random() % packed.size()] ^= static_cast<std::byte>(1u << random() % 8);
      auto const size = i % 3 == 0 ? plain.size() : plain.size() - random() % 40'000;
      auto const o = decode(packed, size);
      CHECK_MESSAGE(agree(o), i << ": " << o.id);
    }
  }
}

TEST_CASE("bytes of no origin give the same result in both decoders") {
  both const decode;
  std::mt19937 random{12};
  for (int i = 0; i < 4000; ++i) {
    // A sound tree in front, so that most get past it.
    auto const seed = static_cast<unsigned>(i);
    auto stored = i % 4 == 0 ? bytes{} : pack(skewed(1 + random() % 300, seed)).value();
    stored.resize(stored.size() / 2 + 1);
    for (auto n = random() % 400; n > 0; --n) { stored.push_back(static_cast<std::byte>(random())); }
    auto const o = decode(stored, random() % (stored.size() * 8));
    CHECK_MESSAGE(agree(o), i << ": " << o.id);
  }
}

TEST_CASE("damaged content cut into pieces gives what it gives whole") {
  both const decode;
  std::mt19937 random{13};
  for (int i = 0; i < 300; ++i) {
    auto const plain = i % 2 == 0 ? english(1 + random() % 20'000, static_cast<unsigned>(i))
                                  : skewed(1 + random() % 20'000, static_cast<unsigned>(i));
    auto packed = pack(plain).value();
    packed[random() % packed.size()] ^= static_cast<std::byte>(1u << random() % 8);
    auto const whole = decode(packed, plain.size());
    auto const cut =
        run_cut(*decode.fast, packed, plain.size(), static_cast<unsigned>(i), 1 + random() % 5000, 1 + random() % 5000);
    CHECK_MESSAGE(whole == cut, i << ": " << whole << " / " << cut);
  }
}

}  // namespace damage_test
