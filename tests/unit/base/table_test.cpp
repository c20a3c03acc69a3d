// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <map>
#include <random>
#include <utility>

#include <doctest/doctest.h>

#include "base/partitioned_table.hpp"
#include "base/text.hpp"

namespace table_test {

using namespace sysb;

namespace {

struct slot {
  std::uint64_t key = 0;
  std::uint64_t name = 0;
  std::uint64_t value = ~std::uint64_t{0};  // a free one is not all zeros
  [[nodiscard]] std::uint64_t hash() const noexcept { return key; }
  [[nodiscard]] bool occupied() const noexcept { return key != 0; }
};

// Adds `count` hashes from `next`, each under three names, finds all of them and nothing else.
template <typename Next>
void fill_and_find(std::size_t count, Next const& next) {
  partitioned_table<slot> table;
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::uint64_t> model;
  auto const named = [](std::uint64_t name) { return [name](slot const& s) { return s.name == name; }; };
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < count; ++i) {
    auto const hash = next(i);
    auto const name = std::uint64_t{i % 3};
    auto const known = model.count({hash, name}) != 0;
    auto const [at, added] = table.find_or_add(hash, named(name), {.key = hash, .name = name, .value = i});
    wrong += added == known ? 1u : 0u;
    model.emplace(std::pair{hash, name}, i);
    wrong += at->value == model.at({hash, name}) ? 0u : 1u;
  }
  for (auto const& [key, value] : model) {
    auto const* const s = table.find(key.first, named(key.second));
    wrong += s != nullptr && s->value == value ? 0u : 1u;
    wrong += table.find(key.first, named(3)) == nullptr ? 0u : 1u;
    wrong += model.count({key.first + 1, key.second}) != 0 || table.find(key.first + 1, named(key.second)) == nullptr
                 ? 0u
                 : 1u;
  }
  std::size_t visited = 0;
  table.for_each([&](slot const& s) { visited += model.count({s.key, s.name}); });
  CHECK(wrong == 0);
  CHECK(table.size() == model.size());
  CHECK(visited == model.size());
}

}  // namespace

TEST_CASE("a partitioned table agrees with a map: hashes at random, and as badly chosen as can be") {
  std::mt19937_64 random{1};
  fill_and_find(0, [](std::size_t) { return 1u; });
  fill_and_find(300'000, [&](std::size_t) { return random() | 1; });
  fill_and_find(20'000, [&](std::size_t) { return (random() % 5'000) + 1; });  // the first home of each partition
  fill_and_find(5'000, [](std::size_t i) { return ~std::uint64_t{0} - i % 1'700; });   // the last one
  fill_and_find(3'000, [](std::size_t i) { return ~std::uint64_t{0} << 6 | i % 2; });  // two partitions, the last home
  fill_and_find(3'000, [](std::size_t i) { return (std::uint64_t{1} << 63) + (i / 3) * 64; });  // one partition
}

TEST_CASE("a path that is normal but for its beginning is not copied") {
  std::string room;
  for (std::string_view const path :
       {"etc/motd", "./etc/motd", "/etc/motd", "././/etc/motd", "./..", "../x", "./.x/y."}) {
    CHECK(normal_path_view(path, room) == normal_path(path));
    CHECK(room.empty());
  }
  for (std::string_view const path : {"", ".", "/", "./", "etc//motd", "./etc/./motd", "etc/motd/", "a/.", "./a//"}) {
    CHECK(normal_path_view(path, room) == normal_path(path));
  }
}

}  // namespace table_test
