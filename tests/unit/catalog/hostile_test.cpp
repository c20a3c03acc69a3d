// SPDX-License-Identifier: Apache-2.0
// An index that is damaged, and one that is made to harm: the first changes nothing but for a
// remark, the second at most what it says.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>

#include "base/cursor.hpp"
#include "base/text.hpp"
#include "catalog/lookup.hpp"
#include "catalog/side_file.hpp"
#include "catalog/table.hpp"
#include "fixture.hpp"
#include "io/io.hpp"
#include "support/image_builder.hpp"
#include "support/thinned.hpp"

namespace hostile_test {

using namespace sysb;
using namespace sysb::index;
using namespace sysb::index::testing;
using test::image_builder;

namespace {

bytes small_image() {
  test::member_options o;
  o.ino = 9;
  o.nlink = 2;
  return image_builder{}
      .volume()
      .directory("./etc")
      .file("./etc/motd", "hello")
      .symlink("./etc/link", "motd")
      .file("./one", "linked", o)
      .hard_link("./two", "linked", test::link_layout::empty, o)
      .packed_file("./text", test::prose(3000))
      .end()
      .bytes();
}

// What a user of the index sees: all members, or the names one by one.
void use_all(bytes const& image, bytes const& index, seen const& want, bool exact) {
  by_index with{image, index};
  if (!with.reader) {
    CHECK(with.findings.all.size() == 1);
    return;
  }
  auto got = walk(*with.reader, with.findings);
  if (!exact) { return; }
  auto const remark = [](std::string const& f) { return f.rfind("IDX-002", 0) == 0; };
  got.findings.erase(std::remove_if(got.findings.begin(), got.findings.end(), remark), got.findings.end());
  CHECK(got == want);
}

void use_names(bytes const& image, bytes const& index, bool exact) {
  for (auto const* name : {"etc/motd", "two", "none"}) {
    by_index with{image, index};
    if (!with.reader) { return; }
    auto const direct = with.reader->only(name);
    entry e;
    std::uint64_t hits = 0;
    while (with.reader->next(e)) { hits += normal_path(e.path) == name ? 1u : 0u; }
    if (!exact) { continue; }
    CHECK(hits == (std::string_view{name} == "none" ? 0 : 1));
    CHECK(direct);
  }
}

template <typename T>
void store(bytes& b, std::size_t at, T const& v) {
  std::memcpy(b.data() + at, &v, sizeof(v));
}
template <typename T>
T load(bytes const& b, std::size_t at) {
  return byte_cursor{std::span{b}.subspan(at)}.take<T>();
}

// All checksums made right again.
void sign(bytes& b) {
  auto const footer_at = b.size() - sizeof(footer_record);
  auto f = load<footer_record>(b, footer_at);
  auto block = load<block_record>(b, sizeof(front_record));
  auto const room = footer_at - sizeof(front_record) - sizeof(block_record);
  block.checksum = block_checksum(block, std::span{b}.subspan(sizeof(front_record) + sizeof(block_record),
                                                              std::min<std::size_t>(block.bytes, room)));
  store(b, sizeof(front_record), block);
  auto at = footer_at - 2 * sizeof(page_record);
  for (auto id : {table_id::blocks, table_id::names}) {
    auto p = load<page_record>(b, at);
    p.checksum =
        table_hash(std::as_bytes(std::span{p.pairs}), (std::uint64_t{static_cast<std::uint8_t>(id)} << 56) ^ p.number);
    store(b, at, p);
    at += sizeof(page_record);
  }
  f.checksum = table_hash(std::as_bytes(std::span{&f, 1}).subspan(sizeof(le64)), 0);
  store(b, footer_at, f);
}

}  // namespace

TEST_CASE("every flipped byte of an index is noticed or without effect") {
  auto const image = small_image();
  auto const index = make_index(image);
  auto const want = plain_walk(image);
  use_names(image, index, true);
  for (std::size_t i = 0; i < index.size(); i += test::stride(7)) {
    auto bad = index;
    bad[i] ^= std::byte{static_cast<unsigned char>(1u << (i % 8))};
    INFO("byte ", i);
    use_all(image, bad, want, true);
    // Pages are mostly empty: a part of them is enough.
    if (i < 600 || i % 17 == 0) { use_names(image, bad, false); }
  }
}

TEST_CASE("every truncation of an index is noticed") {
  auto const image = small_image();
  auto const index = make_index(image);
  for (std::size_t n = 0; n < index.size(); n += test::stride(7)) {
    by_index with{image, {index.begin(), index.begin() + static_cast<std::ptrdiff_t>(n)}};
    CHECK_FALSE(with.reader);
    CHECK(with.findings.all.size() == 1);
  }
}

TEST_CASE("an index whose lies are well signed gives no crash and no wrong size") {
  auto const image = small_image();
  auto const index = make_index(image);
  auto const members_end = index.size() - sizeof(footer_record) - 2 * sizeof(page_record);
  for (std::size_t i = sizeof(front_record) + sizeof(le64); i < index.size() - sizeof(magic); i += test::stride(7)) {
    if (i >= members_end && i < index.size() - sizeof(footer_record) && i % 251 > 40) { continue; }
    for (unsigned const v : {0x00u, 0x01u, 0x7fu, 0x80u, 0xffu}) {
      auto bad = index;
      bad[i] = std::byte{static_cast<unsigned char>(v)};
      sign(bad);
      by_index with{image, bad.size() == index.size() ? bad : index};
      if (!with.reader) { continue; }
      entry e;
      std::uint64_t n = 0;
      while (n < 1000 && with.reader->next(e)) {
        ++n;
        CHECK(e.record_bytes <= image.size());
        CHECK((e.content != content_state::here || e.packed || e.size <= image.size()));
        while (!with.reader->read_stored().empty()) {}
      }
      CHECK(n < 1000);
      use_names(image, bad, false);
    }
  }
}

TEST_CASE("a member that an index puts after the end of the image is not believed") {
  auto const image = image_builder{}.volume().file("./a", "one").file("./b", "two").end().bytes();
  auto const index = make_index(image);
  std::uint64_t end = 0;  // of the last record
  {
    by_index with{image, index};
    entry e;
    while (with.reader->next(e)) { end = e.offset + e.record_bytes; }
  }
  for (auto const length : {end, end - 1}) {
    auto lies = index;
    auto f = load<footer_record>(lies, lies.size() - sizeof(footer_record));
    f.stream_bytes = length;
    store(lies, lies.size() - sizeof(footer_record), f);
    sign(lies);
    collector c;
    auto const file = open_index(io::from_memory(lies), "x", code_of, c);
    REQUIRE(file);
    entry e;
    index_file::member m;
    auto const walk = [&] {
      std::uint64_t n = 0;
      while (file->next(e, m)) { ++n; }
      return n;
    };
    if (length == end) {
      CHECK(walk() == 2);
    } else {
      CHECK_THROWS_AS(static_cast<void>(walk()), unusable);
    }
  }
}

TEST_CASE("an index whose table of blocks leads elsewhere than its blocks do is not believed") {
  image_builder b;
  b.volume();
  for (unsigned i = 0; i < 1000; ++i) { b.file(concat("./file", i), concat(i)); }
  auto const index = make_index(b.end().bytes());
  auto const table_at = load<footer_record>(index, index.size() - sizeof(footer_record)).blocks_end;
  auto const members_of = [&](auto const& change) {
    auto lies = index;
    auto page = load<page_record>(lies, table_at);
    change(page.pairs);
    page.checksum = table_hash(std::as_bytes(std::span{page.pairs}),
                               (std::uint64_t{static_cast<std::uint8_t>(table_id::blocks)} << 56) ^ page.number);
    store(lies, table_at, page);
    collector c;
    auto const file = open_index(io::from_memory(lies), "x", code_of, c);
    REQUIRE(file);
    entry e;
    index_file::member m;
    std::uint64_t n = 0;
    while (file->next(e, m)) { ++n; }
    return n;
  };
  CHECK(members_of([](auto&) {}) == 1000);
  CHECK_THROWS_AS(static_cast<void>(members_of([](auto& p) { p[1].key = p[1].key + 8; })), unusable);
  CHECK_THROWS_AS(static_cast<void>(members_of([](auto& p) { p[1].key = p[0].key; })), unusable);
  CHECK_THROWS_AS(static_cast<void>(members_of([](auto& p) { p[1].value = p[2].value; })), unusable);
  CHECK_THROWS_AS(static_cast<void>(members_of([](auto& p) { p[0].value = p[1].value; })), unusable);
}

TEST_CASE("where a block is damaged the walk goes on at the same member, once") {
  image_builder b;
  b.volume();
  for (unsigned i = 0; i < 1000; ++i) { b.file(concat("./file", i), concat(i)); }
  auto const image = b.symlink("./link", "x").end().bytes();
  auto const index = make_index(image);
  auto const want = plain_walk(image);
  auto bad = index;
  bad[bad.size() / 4] ^= std::byte{1};  // in a block after the first
  by_index with{image, bad};
  REQUIRE(with.reader);
  auto const got = walk(*with.reader, with.findings);
  CHECK_FALSE(with.reader->uses_index());
  CHECK(got.entries == want.entries);
  CHECK(got.stored == want.stored);
  CHECK(got.raw == want.raw);
  auto const ids = with.findings.ids();
  CHECK(std::count(ids.begin(), ids.end(), "IDX-002") == 1);
  CHECK(ids.size() == want.findings.size() + 1);
}

TEST_CASE("a seek that meets a damaged block leads to the same member by the walk") {
  image_builder b;
  b.volume();
  for (unsigned i = 0; i < 1000; ++i) { b.file(concat("./file", i), concat(i)); }
  auto const image = b.end().bytes();
  auto bad = make_index(image);
  std::vector<std::uint64_t> offsets;
  entry e;
  {
    by_index with{image, bad};
    while (with.reader->next(e)) { offsets.push_back(e.offset); }
  }
  bad[bad.size() / 4] ^= std::byte{1};
  for (std::size_t const i : {0u, 300u, 500u, 999u}) {
    by_index with{image, bad};
    REQUIRE(with.reader);
    with.reader->seek_record(offsets[i]);
    for (auto at = i; at < offsets.size(); ++at) {
      REQUIRE(with.reader->next(e));
      REQUIRE(e.offset == offsets[at]);
    }
    CHECK_FALSE(with.reader->next(e));
  }
}

}  // namespace hostile_test
