// SPDX-License-Identifier: Apache-2.0
#include "base/bsd_sum.hpp"

#include <doctest/doctest.h>

#include <cstddef>
#include <random>
#include <string_view>
#include <vector>

#include "base/bsd_sum_avx2.hpp"
#include "base/bsd_sum_avx512.hpp"
#include "base/text.hpp"

namespace bsd_sum_test {

namespace {

// Many ones make the carry leave often, which is what the fast forms have to notice.
std::vector<std::byte> some_bytes(std::mt19937& random, std::size_t most) {
  std::vector<std::byte> bytes(random() % most);
  auto const kind = random() % 6;
  for (auto& b : bytes) {
    auto const any = random();
    b = static_cast<std::byte>(kind == 0   ? any
                               : kind == 1 ? 0xffu
                               : kind == 2 ? 0u
                               : kind == 3 ? 32 + any % 90
                               : kind == 4 ? (any % 4 == 0 ? any >> 8 : 0xffu)
                                           : (any % 16 == 0 ? 0xffu : 0u));
  }
  return bytes;
}

// One form by itself, which update() does not reach where the processor has a better one.
template <class Form>
void check_form(Form const& form) {
  std::mt19937 random{11};
  for (int round = 0; round < 2000; ++round) {
    auto const bytes = some_bytes(random, 4000);
    auto const start = static_cast<std::uint16_t>(round % 9 == 0 ? 0xffff : random());
    auto value = start;
    auto const done = form(value, bytes.data(), bytes.size());
    REQUIRE(done <= bytes.size());
    REQUIRE(value == sysb::bsd_sum_by_bytes(start, std::span{bytes}.first(done)));
  }
}

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
    auto const bytes = some_bytes(random, 4000);
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

#if SYSB_BSD_SUM_AVX2
TEST_CASE("the form for AVX2 gives what the definition gives, as far as it goes") {
  if (__builtin_cpu_supports("avx2") == 0) { return; }
  check_form([](std::uint16_t& value, std::byte const* from, std::size_t size) {
    return sysb::detail::bsd_sum_avx2(value, from, size);
  });
}
#endif

#if SYSB_BSD_SUM_AVX512
TEST_CASE("the form for AVX-512 gives what the definition gives, to the last whole stride") {
  if (!sysb::detail::has_bsd_sum_avx512()) { return; }
  check_form([](std::uint16_t& value, std::byte const* from, std::size_t size) {
    auto const done = sysb::detail::bsd_sum_avx512(value, from, size);
    REQUIRE(size - done < sysb::detail::bsd_sum_avx512_stride);
    return done;
  });
}
#endif

TEST_CASE("blocks are of 1024 bytes, rounded up") {
  CHECK(sysb::sum_blocks(0) == 0);
  CHECK(sysb::sum_blocks(1) == 1);
  CHECK(sysb::sum_blocks(1024) == 1);
  CHECK(sysb::sum_blocks(1025) == 2);
}

}  // namespace bsd_sum_test
