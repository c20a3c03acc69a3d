// SPDX-License-Identifier: Apache-2.0
// Compressed carriers, fed by the real tools.
#include <map>
#include <stdexcept>

#include "base/endian.hpp"
#include "base/text.hpp"
#include "formats/compression/compression.hpp"
#include "formats/compression/layout.hpp"
#include "formats/packed/packed.hpp"
#include "support/thinned.hpp"
#include "unit/carriers/carrier_test.hpp"

namespace compression_test {

using namespace sysb;
using namespace carrier_test;

namespace {

carrier_format const& carrier(std::string_view id) {
  for (auto const* c : compression::carriers()) {
    if (c->id() == id) { return *c; }
  }
  throw std::runtime_error{"no such carrier"};
}

bytes packed_file(bytes const& plain) {
  compression::pack_prefix const prefix{{0x1f, 0x1e}, be32{static_cast<std::uint32_t>(plain.size())}};
  auto const head = std::as_bytes(std::span{&prefix, 1});
  auto const stream = packed::pack(plain);
  bytes out{head.begin(), head.end()};
  if (stream) { out.insert(out.end(), stream->begin(), stream->end()); }
  return out;
}

// `plain` as the tool of that name writes it; empty when the tool is missing.
bytes squeezed(std::string const& id, bytes const& plain, std::string const& options = {}) {
  if (id == "pack") { return packed_file(plain); }
  if (!has_tool(id)) { return {}; }
  scratch::folder f;
  f.file("plain", plain);
  auto const flags = (id == "compress" ? "-f " : "") + options;
  if (!run(f, id + " " + flags + " < plain > packed")) { throw std::runtime_error{id + " failed"}; }
  return read_file(f.path() + "/packed");
}

std::vector<std::string> const all_ids{"gzip", "xz", "zstd", "bzip2", "lz4", "lzma", "compress", "pack"};

outcome unwrap_bytes(std::string const& id, bytes const& b, limits const& l = {}) {
  return unwrap(carrier(id), io::from_memory(b), l);
}

bytes operator+(bytes a, bytes const& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

}  // namespace

TEST_CASE("what each tool writes comes back, from memory, from a file and from a pipe") {
  for (auto const& id : all_ids) {
    CAPTURE(id);
    for (std::size_t const size : {1u, 100u, 65536u, 3'000'000u}) {
      CAPTURE(size);
      auto const plain = mixed(size, 1);
      auto const packed = squeezed(id, plain);
      if (packed.empty()) { continue; }
      scratch::folder f;
      auto const from_memory = unwrap_bytes(id, packed);
      CHECK(from_memory.error == "");
      CHECK(from_memory.content == plain);
      CHECK(from_memory.findings.ids.empty());
      CHECK(unwrap(carrier(id), io::open_file(f.file("p", packed), {})).content == plain);
      auto pipe = io::open_descriptor(f.feed(packed, scratch::channel::pipe), {});
      CHECK(unwrap(carrier(id), std::move(pipe)).content == plain);
    }
  }
}

TEST_CASE("each kind is told from its first bytes by itself alone") {
  for (auto const& id : all_ids) {
    CAPTURE(id);
    for (std::size_t const size : {1u, 5000u}) {
      auto const packed = squeezed(id, mixed(size, 1));
      if (packed.empty()) { continue; }
      for (auto const* c : compression::carriers()) {
        CAPTURE(c->id());
        CHECK((c->bid(packed) != 0) == (c->id() == id));
        for (std::size_t n = 0; n < std::min<std::size_t>(packed.size(), 20); ++n) {
          if (c->id() != id) { CHECK(c->bid(std::span{packed}.first(n)) == 0); }
        }
      }
    }
  }
  std::vector<std::byte> const volume{std::byte{9}, std::byte{0}, std::byte{0x6b}, std::byte{0xea}};
  for (auto const* c : compression::carriers()) {
    CHECK(c->bid(volume) == 0);
    CHECK(c->bid({}) == 0);
  }
}

TEST_CASE("streams in a row, with padding between, are read as one") {
  auto const one = mixed(100'000, 1);
  auto const two = mixed(70'000, 2);
  for (std::string const id : {"gzip", "xz", "zstd", "bzip2", "lz4"}) {
    CAPTURE(id);
    auto const a = squeezed(id, one);
    auto const b = squeezed(id, two);
    if (a.empty()) { continue; }
    CHECK(unwrap_bytes(id, a + b + a).content == one + two + one);
    auto const padded = unwrap_bytes(id, a + bytes(512) + b + bytes(10240));
    CHECK(padded.content == one + two);
    CHECK(padded.error == "");
    CHECK(padded.findings.ids.empty());
    auto const garbage = unwrap_bytes(id, a + mixed(100, 7));
    CHECK(garbage.content == one);
    CHECK(garbage.error == "");
    CHECK(garbage.findings.ids == std::vector<std::string>{"CMP-003"});
  }
}

TEST_CASE("compress codes of every width are read, with cleared tables and without") {
  // Content that changes its nature makes compress(1) clear its table.
  auto const plain =
      mixed(400'000, 1) + bytes(300'000, std::byte{'x'}) + scratch::pattern(300'000, 2) + mixed(500'000, 3);
  for (int width = 10; width <= 16; ++width) {
    CAPTURE(width);
    auto const packed = squeezed("compress", plain, concat("-b ", width));
    if (packed.empty()) { return; }
    CHECK(unwrap_bytes("compress", packed).content == plain);
  }
}

TEST_CASE("a zstd stream may begin with a skippable frame") {
  auto const plain = mixed(10'000, 1);
  auto const frame = squeezed("zstd", plain);
  if (frame.empty()) { return; }
  bytes skippable(8 + 12);
  std::string_view const head{"\x5a\x2a\x4d\x18\x0c\0\0\0", 8};
  std::copy_n(as_bytes(head).begin(), 8, skippable.begin());
  CHECK(carrier("zstd").bid(skippable + frame) == 60);
  CHECK(unwrap_bytes("zstd", skippable + frame + skippable + frame).content == plain + plain);
}

TEST_CASE("a stream cut anywhere gives the bytes before the cut, then the cut with its place") {
  auto const plain = mixed(3000, 1);
  for (auto const& id : all_ids) {
    CAPTURE(id);
    auto const packed = squeezed(id, plain);
    for (std::size_t n = 20; n < packed.size(); n += test::stride(29)) {
      CAPTURE(n);
      auto cut = packed;
      cut.resize(n);
      auto const seen = unwrap_bytes(id, cut);
      CHECK(is_prefix(seen.content, plain));
      if (id == "compress") { continue; }  // has no end mark
      CHECK(seen.kind == fatal_error::kind::damaged);
      CHECK(seen.findings.ids == std::vector<std::string>{"CMP-002"});
    }
  }
}

TEST_CASE("all that was unpacked before a cut is delivered, not only whole blocks") {
  auto const plain = mixed(50'000, 1);
  for (std::string const id : {"gzip", "xz", "lzma", "pack"}) {
    CAPTURE(id);
    auto packed = squeezed(id, plain);
    if (packed.empty()) { continue; }
    packed.resize(packed.size() - 40);
    CHECK(unwrap_bytes(id, packed).content.size() > plain.size() - 2000);
  }
  auto const noise = scratch::pattern(3'000'000, 1);
  auto const blocks = squeezed("bzip2", noise);
  if (blocks.empty()) { return; }
  auto const cut = bytes(blocks.begin(), blocks.end() - 1000);
  CHECK(unwrap_bytes("bzip2", cut).content.size() >= 2'690'000);
}

TEST_CASE("a carrier in a carrier that is cut gives everything before the cut") {
  auto const plain = scratch::pattern(2'000'000, 1);
  auto const inner = squeezed("bzip2", plain);
  auto const outer = squeezed("gzip", inner);
  if (outer.empty() || inner.empty()) { return; }
  finding_list findings;
  auto const cut = bytes(outer.begin(), outer.end() - 100'000);
  auto gz = carrier("gzip").open(io::from_memory(cut), {}, {}, findings);
  auto const seen = unwrap(carrier("bzip2"), std::move(gz));
  CHECK(seen.kind == fatal_error::kind::damaged);
  CHECK(seen.content.size() >= 1'790'000);
  CHECK(is_prefix(seen.content, plain));
  CHECK(findings.ids == std::vector<std::string>{"CMP-002"});
}

TEST_CASE("a flipped bit never passes for the content where the format has check values") {
  auto const plain = mixed(2000, 1);
  for (std::string const id : {"gzip", "xz", "zstd", "bzip2"}) {
    CAPTURE(id);
    auto const packed = squeezed(id, plain);
    for (std::size_t bit = 0; bit < packed.size() * 8; ++bit) {
      auto broken = packed;
      broken[bit / 8] ^= static_cast<std::byte>(1u << bit % 8);
      auto const seen = unwrap_bytes(id, broken);
      bool const told = !seen.error.empty() || !seen.findings.ids.empty();
      if (seen.content != plain && !told) {
        CAPTURE(bit);
        FAIL_CHECK("damage was not told");
      }
    }
  }
}

TEST_CASE("damage is told with kind and place") {
  auto packed = squeezed("gzip", mixed(2000, 1));
  if (packed.empty()) { return; }
  packed[packed.size() - 6] ^= std::byte{1};  // the check value
  auto const seen = unwrap_bytes("gzip", packed);
  CHECK(seen.kind == fatal_error::kind::damaged);
  CHECK(seen.content == mixed(2000, 1));
  REQUIRE(seen.findings.texts.size() == 1);
  CHECK(seen.findings.texts[0] == seen.error);
  CHECK(seen.error == concat("compressed data is damaged (gzip stream, incorrect data check, at byte 0x",
                             hex(packed.size() - 4), " of the compressed data)"));
}

TEST_CASE("a bomb is stopped by ratio and by size") {
  bytes const zeros(8u << 20);
  for (std::string const id : {"gzip", "xz", "zstd", "bzip2", "lz4", "compress"}) {
    CAPTURE(id);
    auto const packed = squeezed(id, zeros);
    if (packed.empty()) { continue; }
    limits tight;
    tight.expansion_ratio = 20;
    auto const by_ratio = unwrap_bytes(id, packed, tight);
    CHECK(by_ratio.kind == fatal_error::kind::damaged);
    CHECK(by_ratio.findings.ids == std::vector<std::string>{"CMP-004"});
    CHECK(by_ratio.content.size() <= 2u << 20);
    limits small;
    small.expansion_ratio = 0;
    small.expansion_bytes = 100'000;
    auto const by_size = unwrap_bytes(id, packed, small);
    CHECK(by_size.findings.ids == std::vector<std::string>{"CMP-004"});
    CHECK(by_size.content.size() <= 1u << 20);
  }
}

TEST_CASE("a window larger than the memory allowed is refused by name") {
  limits small;
  small.decoder_bytes = 1u << 20;
  auto const plain = mixed(3'000'000, 1);
  for (std::string const id : {"xz", "lzma", "zstd"}) {
    CAPTURE(id);
    auto const packed = squeezed(id, plain, id == "zstd" ? "--long=24" : "-6");
    if (packed.empty()) { continue; }
    auto const seen = unwrap_bytes(id, packed, small);
    CHECK(seen.kind == fatal_error::kind::unsupported);
    CHECK(seen.findings.ids == std::vector<std::string>{"CMP-005"});
    CHECK(unwrap_bytes(id, packed).content == plain);
  }
}

TEST_CASE("noise after each magic ends in an error or an end, never in a hang") {
  for (auto const& id : all_ids) {
    CAPTURE(id);
    auto const packed = squeezed(id, mixed(2000, 1));
    for (unsigned seed = 0; seed < 50 && !packed.empty(); ++seed) {
      auto const keep = std::min<std::size_t>(packed.size(), 4 + seed);
      auto const noise =
          bytes(packed.begin(), packed.begin() + static_cast<std::ptrdiff_t>(keep)) + scratch::pattern(5000, seed);
      auto const seen = unwrap_bytes(id, noise);
      CHECK(seen.kind != fatal_error::kind::io);
    }
  }
}

}  // namespace compression_test
