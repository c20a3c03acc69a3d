// SPDX-License-Identifier: Apache-2.0
#include "diff/sorted_spool.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/text.hpp"

namespace spool_test {

using namespace sysb;
using namespace sysb::diff;

namespace {

using item = std::pair<std::string, std::string>;

std::vector<item> read(sorted_spool const& s) {
  std::vector<item> out;
  sorted_spool::cursor c{s};
  while (c.next()) { out.emplace_back(c.key(), c.value()); }
  return out;
}

// Few keys, so that many are equal; the value tells the order of adding.
std::vector<item> some(std::size_t count, std::uint32_t seed) {
  std::vector<item> out;
  for (std::size_t i = 0; i < count; ++i) {
    seed = seed * 1664525u + 1013904223u;
    out.emplace_back(concat("usr/lib/", seed >> 20, std::string(seed % 50, 'x')), concat(std::uint64_t{i}));
  }
  return out;
}

}  // namespace

TEST_CASE("items come in the order of their keys, equal ones in the order of adding, whatever fits into memory") {
  for (auto const memory : {std::size_t{1}, std::size_t{200}, std::size_t{4096}, std::size_t{1} << 20}) {
    for (auto const count : {std::size_t{0}, std::size_t{1}, std::size_t{2}, std::size_t{3000}}) {
      auto items = some(count, 7);
      sorted_spool s{"/tmp", memory};
      for (auto const& [key, value] : items) { s.add(key, value); }
      s.finish();
      std::stable_sort(items.begin(), items.end(), [](auto const& a, auto const& b) { return a.first < b.first; });
      CHECK(s.size() == count);
      CHECK(read(s) == items);
      CHECK(read(s) == items);  // a second pass
    }
  }
}

TEST_CASE("several passes at once do not disturb each other") {
  auto const items = some(500, 3);
  sorted_spool s{"/tmp", 300};
  for (auto const& [key, value] : items) { s.add(key, value); }
  s.finish();
  sorted_spool::cursor a{s};
  REQUIRE(a.next());
  auto const first = std::string{a.key()};
  auto const all = read(s);
  CHECK(a.key() == first);
  std::size_t left = 1;
  while (a.next()) { ++left; }
  CHECK(left == all.size());
}

TEST_CASE("numbers sort as keys, any byte is one, and an item may be larger than the memory") {
  sorted_spool s{"/tmp", 64};
  for (auto const n : {std::uint64_t{256}, std::uint64_t{1}, ~std::uint64_t{0}, std::uint64_t{255}}) {
    std::string key;
    append_number_key(key, n);
    s.add(key, concat(n));
  }
  s.add(std::string(9, '\xff'), std::string(100'000, 'v'));
  s.add(std::string("\0", 1), "nul");
  s.finish();
  auto const all = read(s);
  REQUIRE(all.size() == 6);
  CHECK(all[0].second == "nul");
  CHECK(all[1].second == "1");
  CHECK(all[2].second == "255");
  CHECK(all[3].second == "256");
  CHECK(all[5].second.size() == 100'000);
}

}  // namespace spool_test
