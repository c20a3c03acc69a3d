// SPDX-License-Identifier: Apache-2.0
#include "base/bsd_sum.hpp"

#include <doctest/doctest.h>

#include <cstddef>
#include <random>
#include <string_view>
#include <vector>

#include "base/text.hpp"

namespace {

std::uint16_t sum_of(std::string_view text) {
  sysb::bsd_sum s;
  s.update(sysb::as_bytes(text));
  return s.value();
}

}  // namespace

TEST_CASE("the sum is that of sum -r") {
  // printf '' | sum -r, printf abc | sum -r, printf 'hello\n' | sum -r
  CHECK(sum_of("") == 0);
  CHECK(sum_of("abc") == 16556);
  CHECK(sum_of("hello\n") == 36979);
}

TEST_CASE("the fast form gives what the definition gives, whatever the bytes and the pieces") {
  std::mt19937 random{7};
  for (int round = 0; round < 4000; ++round) {
    std::vector<std::byte> bytes(random() % 1500);
    auto const kind = random() % 6;
    for (auto& b : bytes) {
      // Many ones make the carry leave often, which is what the fast form has to notice.
      auto const any = random();
      b = static_cast<std::byte>(kind == 0   ? any
                                 : kind == 1 ? 0xffu
                                 : kind == 2 ? 0u
                                 : kind == 3 ? 32 + any % 90
                                 : kind == 4 ? (any % 4 == 0 ? any >> 8 : 0xffu)
                                             : (any % 16 == 0 ? 0xffu : 0u));
    }
    auto const start = static_cast<std::uint16_t>(random());
    auto const cut = bytes.empty() ? 0 : random() % bytes.size();
    std::vector<std::byte> const lead{static_cast<std::byte>(start), static_cast<std::byte>(start >> 8)};
    sysb::bsd_sum fast;
    fast.update(lead);
    fast.update(std::span{bytes}.first(cut));
    fast.update(std::span{bytes}.subspan(cut));
    auto const want = sysb::bsd_sum_by_bytes(sysb::bsd_sum_by_bytes(0, lead), bytes);
    REQUIRE(fast.value() == want);
  }
}

TEST_CASE("blocks are of 1024 bytes, rounded up") {
  CHECK(sysb::sum_blocks(0) == 0);
  CHECK(sysb::sum_blocks(1) == 1);
  CHECK(sysb::sum_blocks(1024) == 1);
  CHECK(sysb::sum_blocks(1025) == 2);
}
