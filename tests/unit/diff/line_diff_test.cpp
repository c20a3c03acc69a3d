// SPDX-License-Identifier: Apache-2.0
#include "diff/line_diff.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace line_diff_test {

using namespace sysb::diff;

namespace {

using lines = std::vector<std::string_view>;

lines of(std::string const& letters) {
  static std::string const all = "abcdefghijklmnopqrstuvwxyz";
  lines out;
  for (auto const c : letters) { out.push_back(std::string_view{all}.substr(static_cast<std::size_t>(c - 'a'), 1)); }
  return out;
}

// What the hunks make of the first list; and that they are in order and apart.
std::string applied(lines const& a, lines const& b, std::vector<hunk> const& hunks) {
  std::string out;
  std::size_t at = 0;
  std::size_t at_b = 0;
  for (auto const& h : hunks) {
    REQUIRE(h.a >= at);
    REQUIRE(h.b >= at_b);
    REQUIRE(h.a - at == h.b - at_b);
    for (; at < h.a; ++at) { out += a[at]; }
    for (auto i = h.b; i < h.b_end; ++i) { out += b[i]; }
    at = h.a_end;
    at_b = h.b_end;
  }
  for (; at < a.size(); ++at) { out += a[at]; }
  return out;
}

// The length of a shortest script, by the table that everybody knows.
std::size_t shortest(std::string const& a, std::string const& b) {
  std::vector<std::vector<std::size_t>> common(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      common[i][j] = a[i - 1] == b[j - 1] ? common[i - 1][j - 1] + 1 : std::max(common[i - 1][j], common[i][j - 1]);
    }
  }
  return a.size() + b.size() - 2 * common[a.size()][b.size()];
}

std::size_t cost(std::vector<hunk> const& hunks) {
  std::size_t out = 0;
  for (auto const& h : hunks) { out += (h.a_end - h.a) + (h.b_end - h.b); }
  return out;
}

std::string letters(std::uint32_t& seed, std::size_t most, unsigned kinds) {
  std::string out;
  seed = seed * 1664525u + 1013904223u;
  auto const count = (seed >> 16) % (most + 1);
  for (std::size_t i = 0; i < count; ++i) {
    seed = seed * 1664525u + 1013904223u;
    out.push_back(static_cast<char>('a' + (seed >> 16) % kinds));
  }
  return out;
}

}  // namespace

TEST_CASE("the script leads from one list to the other, and none is shorter") {
  std::uint32_t seed = 1;
  for (int i = 0; i < 20'000; ++i) {
    auto const a = letters(seed, 14, 2 + static_cast<unsigned>(i) % 5);
    auto const b = letters(seed, 14, 2 + static_cast<unsigned>(i) % 5);
    auto const hunks = compare_lines(of(a), of(b));
    CAPTURE(a);
    CAPTURE(b);
    REQUIRE(applied(of(a), of(b), hunks) == b);
    REQUIRE(cost(hunks) == shortest(a, b));
  }
}

TEST_CASE("where the work is limited the script is still right") {
  std::uint32_t seed = 5;
  for (int i = 0; i < 2'000; ++i) {
    auto const a = letters(seed, 60, 4);
    auto const b = letters(seed, 60, 4);
    auto const hunks = compare_lines(of(a), of(b), static_cast<std::uint64_t>(i % 50));
    REQUIRE(applied(of(a), of(b), hunks) == b);
  }
}

}  // namespace line_diff_test
