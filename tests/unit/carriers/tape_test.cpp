// SPDX-License-Identifier: Apache-2.0
// Tape files, built here from their published layouts: no tool of the system makes them.
#include <bzlib.h>
#include <zlib.h>

#include "base/endian.hpp"
#include "base/text.hpp"
#include "formats/tape/layout.hpp"
#include "formats/tape/tape.hpp"
#include "support/thinned.hpp"
#include "unit/carriers/carrier_test.hpp"

namespace tape_test {

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

template <typename T>
void put(bytes& out, T const& v) {
  auto const raw = std::as_bytes(std::span{&v, 1});
  out.insert(out.end(), raw.begin(), raw.end());
}

bytes simh(std::vector<bytes> const& files, std::size_t block, bool with_end = true) {
  bytes out;
  for (auto const& f : files) {
    for (std::size_t at = 0; at < f.size(); at += block) {
      auto const n = std::min(block, f.size() - at);
      put(out, tape::simh_word{le32{static_cast<std::uint32_t>(n)}});
      out.insert(out.end(), f.begin() + static_cast<std::ptrdiff_t>(at),
                 f.begin() + static_cast<std::ptrdiff_t>(at + n));
      if (n % 2 != 0) { out.push_back(std::byte{0}); }
      put(out, tape::simh_word{le32{static_cast<std::uint32_t>(n)}});
      if (at == 0) { put(out, tape::simh_word{le32{tape::simh_gap}}); }
    }
    put(out, tape::simh_word{le32{tape::simh_mark}});
  }
  if (with_end) { put(out, tape::simh_word{le32{tape::simh_end}}); }
  return out;
}

bytes aws(std::vector<bytes> const& files, std::size_t block) {
  constexpr std::size_t part = 20'000;  // a block longer than this stands in several parts
  bytes out;
  std::size_t previous = 0;
  auto const header = [&](std::size_t n, unsigned flags) {
    put(out, tape::aws_header{le16{static_cast<std::uint16_t>(n)}, le16{static_cast<std::uint16_t>(previous)},
                              static_cast<std::uint8_t>(flags), 0});
    previous = n;
  };
  for (auto const& f : files) {
    for (std::size_t at = 0; at < f.size(); at += block) {
      auto const n = std::min(block, f.size() - at);
      for (std::size_t p = 0; p < n; p += part) {
        auto const m = std::min(part, n - p);
        header(m, (p == 0 ? tape::aws_flag::begins : 0) | (p + m == n ? tape::aws_flag::ends : 0));
        out.insert(out.end(), f.begin() + static_cast<std::ptrdiff_t>(at + p),
                   f.begin() + static_cast<std::ptrdiff_t>(at + p + m));
      }
    }
    header(0, tape::aws_flag::mark);
  }
  header(0, tape::aws_flag::mark);
  return out;
}

// How a HET file packs a block: as a whole, and only where it becomes shorter.
bytes packed_block(std::span<std::byte const> plain, unsigned method) {
  bytes out(plain.size() + plain.size() / 100 + 1000);
  auto const* const from = reinterpret_cast<char const*>(plain.data());
  if (method == tape::aws_flag::zlib) {
    auto n = static_cast<uLongf>(out.size());
    REQUIRE(::compress2(reinterpret_cast<Bytef*>(out.data()), &n, reinterpret_cast<Bytef const*>(from),
                        static_cast<uLong>(plain.size()), 4) == Z_OK);
    out.resize(n);
  } else {
    auto n = static_cast<unsigned>(out.size());
    REQUIRE(::BZ2_bzBuffToBuffCompress(reinterpret_cast<char*>(out.data()), &n, const_cast<char*>(from),
                                       static_cast<unsigned>(plain.size()), 4, 0, 0) == BZ_OK);
    out.resize(n);
  }
  return out;
}

class het_writer {
 public:
  explicit het_writer(std::size_t part) : part_{part} {}
  void block(std::span<std::byte const> data, unsigned method) {
    for (std::size_t at = 0; at < data.size(); at += part_) {
      auto const n = std::min(part_, data.size() - at);
      header(n, method | (at == 0 ? tape::aws_flag::begins : 0) | (at + n == data.size() ? tape::aws_flag::ends : 0));
      auto const piece = data.subspan(at, n);
      out_.insert(out_.end(), piece.begin(), piece.end());
    }
  }
  void mark() { header(0, tape::aws_flag::mark); }
  void header(std::size_t n, unsigned flags, unsigned flags_2 = 0) {
    put(out_, tape::aws_header{le16{static_cast<std::uint16_t>(n)}, le16{static_cast<std::uint16_t>(previous_)},
                               static_cast<std::uint8_t>(flags), static_cast<std::uint8_t>(flags_2)});
    previous_ = n;
  }
  [[nodiscard]] bytes& out() { return out_; }

 private:
  std::size_t part_;
  std::size_t previous_ = 0;
  bytes out_;
};

bytes het(std::vector<bytes> const& files, std::size_t block, unsigned method) {
  het_writer w{700};
  for (auto const& f : files) {
    for (std::size_t at = 0; at < f.size(); at += block) {
      auto const plain = std::span{f}.subspan(at, std::min(block, f.size() - at));
      auto const packed = packed_block(plain, method);
      if (packed.size() < plain.size()) {
        w.block(packed, method);
      } else {
        w.block(plain, 0);
      }
    }
    w.mark();
  }
  w.mark();
  return w.out();
}

struct tape_kind {
  carrier_format const& carrier;
  bytes (*make)(std::vector<bytes> const& files, std::size_t block);
};

std::vector<tape_kind> kinds() {
  auto const all = tape::carriers();
  return {{*all[0], [](auto const& f, std::size_t b) { return simh(f, b); }},
          {*all[1], aws},
          {*all[1], [](auto const& f, std::size_t b) { return het(f, b, tape::aws_flag::zlib); }},
          {*all[1], [](auto const& f, std::size_t b) { return het(f, b, tape::aws_flag::bzip2); }}};
}

outcome read_tape(tape_kind const& k, bytes const& b, std::string member = {}) {
  return unwrap(k.carrier, io::from_memory(b), {},
                {.member = std::move(member), .judge = [](std::span<std::byte const> head) {
                   auto const nine = head.size() > 3 && head[0] == std::byte{9};
                   return nine && head[3] == std::byte{0xea} ? content::image : content::unknown;
                 }});
}

bytes text(std::string_view s) {
  auto const v = as_bytes(s);
  return {v.begin(), v.end()};
}

}  // namespace

TEST_CASE("the backup on a mksysb tape is the file after the dummy table of contents") {
  auto const backup = image_like(300'001, 1);
  auto toc = text("DUMMY TAPE TOC");
  toc.resize(512);
  for (auto const& k : kinds()) {
    CAPTURE(k.carrier.id());
    for (std::size_t const block : {512u, 51'200u, 65'000u}) {
      CAPTURE(block);
      auto const tape = k.make({mixed(70'000, 2), image_like(20'000, 3), toc, backup}, block);
      CHECK(k.carrier.bid(std::span{tape}.first(std::min<std::size_t>(tape.size(), 68u << 10))) != 0);
      auto const seen = read_tape(k, tape);
      CHECK(seen.error == "");
      CHECK(seen.content == backup);
      CHECK(seen.findings.ids.empty());
      CHECK(read_tape(k, tape, "2").content == image_like(20'000, 3));
      CHECK(read_tape(k, tape, "file4").content == backup);
      CHECK(read_tape(k, tape, "5").kind == fatal_error::kind::usage);
    }
  }
}

TEST_CASE("a tape with one image needs no choice, and one with two does") {
  for (auto const& k : kinds()) {
    CAPTURE(k.carrier.id());
    auto const image = image_like(30'000, 1);
    CHECK(read_tape(k, k.make({image}, 512)).content == image);
    CHECK(read_tape(k, k.make({mixed(5'000, 2), {}, image}, 1000)).content == image);
    auto const two = read_tape(k, k.make({image, mixed(100, 2), image}, 512));
    CHECK(two.kind == fatal_error::kind::usage);
    CHECK(two.error == "the tape holds 2 images; choose one with --member: files 1, 3");
    auto const none = read_tape(k, k.make({mixed(5'000, 2)}, 512));
    CHECK(none.kind == fatal_error::kind::unsupported);
  }
}

TEST_CASE("a tape file cut anywhere gives the bytes before the cut") {
  auto const image = image_like(5'000, 1);
  for (auto const& k : kinds()) {
    CAPTURE(k.carrier.id());
    auto const tape = k.make({image}, 700);
    for (std::size_t n = 10; n < tape.size(); n += 13 * test::stride(5)) {
      CAPTURE(n);
      auto cut = tape;
      cut.resize(n);
      auto const seen = read_tape(k, cut);
      CHECK(is_prefix(seen.content, image));
      CHECK(seen.content.size() + 700 > n * 9 / 10);
    }
  }
}

TEST_CASE("lengths that contradict each other are damage, told with their place") {
  auto const image = image_like(5'000, 1);
  for (auto const& k : kinds()) {
    CAPTURE(k.carrier.id());
    auto tape = k.make({image}, 1000);
    if (tape.size() < image.size()) { continue; }  // compressed: below
    tape[k.carrier.id() == "simh" ? 4 + 1000 + 4 + 4 : 2 * 1006] ^= std::byte{0x10};
    auto const seen = read_tape(k, tape);
    CHECK(seen.kind == fatal_error::kind::damaged);
    CHECK(is_prefix(seen.content, image));
    CHECK(seen.content.size() >= 1000);
    CHECK(seen.findings.ids == std::vector<std::string>{"TAP-001"});
  }
}

TEST_CASE("a compressed block that is damaged, too long, or in an unknown way is told") {
  auto const image = image_like(60'000, 1);
  auto const k = kinds()[2];
  for (unsigned const method : {tape::aws_flag::zlib, tape::aws_flag::bzip2}) {
    CAPTURE(method);
    auto const good = packed_block(std::span{image}.first(30'000), method);
    auto const ends_with = [&](auto const& add) {
      het_writer w{20'000};
      w.block(good, method);
      add(w);
      w.mark();
      auto const seen = read_tape(k, w.out());
      CHECK(seen.kind == fatal_error::kind::damaged);
      CHECK(is_prefix(seen.content, image));
      CHECK(seen.content.size() >= 30'000);
      CHECK(seen.content.size() <= 60'000);
      CHECK(seen.findings.ids == std::vector<std::string>{"TAP-001"});
      return seen.error;
    };
    auto const has = [](std::string const& text, std::string_view part) {
      return text.find(part) != std::string::npos;
    };
    auto const next = packed_block(std::span{image}.subspan(30'000), method);
    auto broken = next;
    broken[broken.size() / 2] ^= std::byte{0x55};
    CHECK(has(ends_with([&](auto& w) { w.block(broken, method); }), "does not unpack"));
    auto const bomb = packed_block(bytes(1u << 20), method);
    CHECK(has(ends_with([&](auto& w) { w.block(bomb, method); }), "becomes more than 65535 bytes"));
    CHECK(has(ends_with([&](auto& w) { w.block(next, 3); }), "in a way that cannot be read"));
    CHECK(has(ends_with([&](auto& w) {
                w.header(10, tape::aws_flag::begins | tape::aws_flag::ends, tape::aws_flag_2::bus_tech);
              }),
              "in a way that cannot be read"));
    CHECK(has(ends_with([&](auto& w) {
                w.header(4, method | tape::aws_flag::begins);
                w.out().resize(w.out().size() + 4);
              }),
              "without its end"));
    CHECK(has(ends_with([&](auto& w) {
                w.header(4, method | tape::aws_flag::ends);
                w.out().resize(w.out().size() + 4);
              }),
              "without its beginning"));
    auto const endless = scratch::pattern(100'000, 3);
    CHECK(has(ends_with([&](auto& w) { w.block(endless, method); }), "of more than 65535"));
  }
}

TEST_CASE("noise in a tape file never hangs or grows") {
  auto const image = image_like(5'000, 1);
  for (auto const& k : kinds()) {
    auto const tape = k.make({image, image}, 100);
    for (unsigned seed = 0; seed < 300; seed += static_cast<unsigned>(test::stride(5))) {
      auto broken = tape;
      auto const noise = scratch::pattern(8, seed);
      for (std::size_t i = 0; i < 4; ++i) { broken[(seed * 1009 + i * 313) % broken.size()] = noise[i]; }
      CHECK(read_tape(k, broken, "1").content.size() <= 2 * image.size() + tape.size());
    }
  }
}

TEST_CASE("image heads and other carriers are no tape") {
  for (auto const& k : kinds()) {
    CHECK(k.carrier.bid(image_like(5'000, 1)) == 0);
    CHECK(k.carrier.bid(bytes(5'000)) == 0);
    CHECK(k.carrier.bid(text("some words of text, longer than a header")) == 0);
    CHECK(k.carrier.bid({}) == 0);
  }
}

}  // namespace tape_test
