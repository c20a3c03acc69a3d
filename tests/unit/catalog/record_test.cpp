// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <limits>

#include "base/text.hpp"
#include "catalog/record.hpp"
#include "catalog/table.hpp"
#include "fixture.hpp"
#include "io/io.hpp"

namespace record_test {

using namespace sysb;
using namespace sysb::index;
using namespace sysb::index::testing;

namespace {

entry some_file() {
  entry e;
  e.path = "./etc/motd";
  e.mode = 0100644;
  e.offset = 72;
  e.content_offset = 136;
  e.size = e.stored = 5;
  e.record_bytes = 72;
  e.content = content_state::here;
  return e;
}

std::vector<entry> strange_members() {
  auto const big = std::numeric_limits<std::uint32_t>::max();
  std::vector<entry> out{some_file()};
  auto e = some_file();
  e.path = "./etc/mot";  // a start of the one before
  e.mode = big;
  e.uid = e.gid = e.nlink = e.ino = big;
  e.mtime = std::numeric_limits<std::int64_t>::min();
  e.atime = std::numeric_limits<std::int64_t>::max();
  e.ctime = -1;
  e.dev = {big, 0};
  e.rdev = {0, big};
  e.offset = 144;
  e.content_offset = 1000;
  e.stored = 1ull << 40;
  e.size = 8ull << 40;
  e.packed = true;
  e.record_bytes = (1ull << 40) + 1000;
  out.push_back(e);
  e = {};
  e.path = std::string(1976, '\xff');
  e.kind = entry_kind::symlink;
  e.target = std::string("a\0b", 3);
  e.size = e.stored = 3;
  e.acl = {std::byte{1}, std::byte{2}};
  e.pcl = {std::byte{3}};
  e.acl_extended = true;
  e.acl_text = "permit rw- u:7\n";
  e.opaque = {{.offset = 8, .length = 16}, {.offset = 1ull << 33, .length = 8}};
  e.offset = e.content_offset = 1ull << 41;
  e.record_bytes = 2048;
  out.push_back(e);
  e.path = "x";
  e.offset = e.content_offset = (1ull << 41) + 2048;
  out.push_back(e);
  e = {};
  e.path = "./last";
  e.content = content_state::elsewhere;
  e.size = 77;
  e.offset = e.content_offset = (1ull << 41) + 4096;
  e.record_bytes = 80;
  out.push_back(e);
  return out;
}

}  // namespace

TEST_CASE("every field of a member comes back, whatever stood before it") {
  auto const all = strange_members();
  record_codec writer;
  std::vector<std::byte> coded;
  std::uint64_t n = 0;
  for (auto const& e : all) {
    member_facts f{.head_hash = ~n, .digest = {}};
    if (n % 2 == 0) { f.digest = digest_of(as_bytes(e.path)); }
    REQUIRE(writer.encode(e, f, coded));
    ++n;
  }
  record_codec reader;
  std::span<std::byte const> rest{coded};
  n = 0;
  for (auto const& e : all) {
    entry back;
    back.link_to = "stale";
    member_facts f;
    REQUIRE(reader.decode(rest, back, f));
    CHECK(to_text(back) == to_text(e));
    CHECK(back.link_to.empty());
    CHECK(f.head_hash == ~n);
    CHECK(f.digest.has_value() == (n % 2 == 0));
    ++n;
  }
  CHECK(rest.empty());
}

TEST_CASE("members that a reader could not trust are not written") {
  std::vector<std::byte> out;
  auto const refuses = [&](auto const& change) {
    auto e = some_file();
    change(e);
    return !record_codec{}.encode(e, {}, out);
  };
  CHECK(refuses([](entry& e) { e.path.clear(); }));
  CHECK(refuses([](entry& e) { e.content_offset = 10; }));
  CHECK(refuses([](entry& e) { e.stored = e.size = 100; }));
  CHECK(refuses([](entry& e) { e.size = 6; }));
  CHECK(refuses([](entry& e) { e.acl.resize(2u << 20); }));
  CHECK_FALSE(refuses([](entry&) {}));
}

TEST_CASE("of a member that is damaged only that comes back, and no place of its content") {
  auto const comes_back = [](auto const& change) {
    auto e = some_file();
    change(e);
    std::vector<std::byte> out;
    REQUIRE(record_codec{}.encode(e, {}, out));
    std::span<std::byte const> rest{out};
    entry back;
    member_facts f;
    REQUIRE(record_codec{}.decode(rest, back, f));
    CHECK(back.damaged);
    CHECK(back.content == content_state::refused);
    CHECK(back.content_offset == back.offset);
    CHECK(back.path == e.path);
  };
  comes_back([](entry& e) { e.damaged = true; });
  comes_back([](entry& e) { e.incomplete = true; });
  comes_back([](entry& e) { e.content = content_state::refused; });
  comes_back([](entry& e) {
    e.damaged = true;
    e.stored = e.size = ~std::uint64_t{0};
  });
}

TEST_CASE("a coded member cut anywhere is refused") {
  std::vector<std::byte> coded;
  REQUIRE(record_codec{}.encode(strange_members()[2], {.head_hash = 1, .digest = digest128{}}, coded));
  for (std::size_t n = 0; n < coded.size(); ++n) {
    std::span<std::byte const> in{coded.data(), n};
    entry e;
    member_facts f;
    CHECK_FALSE(record_codec{}.decode(in, e, f));
  }
}

TEST_CASE("a table finds every key, the first and the last of equal ones") {
  std::vector<pair> pairs;
  for (std::uint64_t i = 0; i < 1000; ++i) { pairs.push_back({i / 3 * 10, i}); }
  std::vector<std::byte> file(100);
  write_table(table_id::names, pairs, [&](auto b) { file.insert(file.end(), b.begin(), b.end()); });
  CHECK(file.size() == 100 + table_bytes(1000));
  auto const source = io::from_memory(file);
  table t{table_id::names, *source, 100, 1000};
  for (std::uint64_t i = 0; i < 1000; ++i) {
    CHECK(t.at(i).value == i);
    CHECK(t.below(i / 3 * 10) == i / 3 * 3);
    CHECK(t.not_above(i / 3 * 10 + 9) == std::min<std::uint64_t>(i / 3 * 3 + 3, 1000));
  }
  CHECK(t.below(~std::uint64_t{0}) == 1000);
  CHECK_THROWS_AS((void)t.at(1000), unusable);
  table other{table_id::blocks, *source, 100, 1000};
  CHECK_THROWS_AS((void)other.at(0), unusable);
}

}  // namespace record_test
