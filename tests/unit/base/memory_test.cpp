// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cstdint>
#include <cstring>
#include <utility>

#include "base/byte_block.hpp"
#include "base/paged_memory.hpp"

namespace memory_test {

using namespace sysb;

TEST_CASE("a block of bytes, small or on large pages, is all there, and goes with who takes it") {
  for (std::size_t const n : {std::size_t{0}, std::size_t{1}, (std::size_t{512} << 10) - 1, std::size_t{512} << 10,
                              (std::size_t{2} << 20) + 1, std::size_t{9} << 20}) {
    CAPTURE(n);
    byte_block a{n};
    REQUIRE(a.size() >= n);
    CHECK((n < (512u << 10) || reinterpret_cast<std::uintptr_t>(a.data()) % large_page == 0));
    std::memset(a.data(), 7, a.size());
    auto* const where = a.data();
    byte_block b{std::move(a)};
    CHECK(b.data() == where);
    CHECK(a.size() == 0);
    byte_block c{1};
    c = std::move(b);
    CHECK(c.data() == where);
    CHECK((n == 0 || c.data()[n - 1] == std::byte{7}));
  }
  CHECK_THROWS_AS(byte_block{SIZE_MAX - 1}, std::bad_alloc);
}

TEST_CASE("a list that grows over the sizes of pages keeps what it has") {
  paged_list<std::uint64_t> list;
  constexpr std::uint64_t count = 3'000'000;  // 24 MB
  for (std::uint64_t i = 0; i < count; ++i) { list.push_back(i * i); }
  REQUIRE(list.size() == count);
  std::uint64_t wrong = 0;
  for (std::uint64_t i = 0; i < count; ++i) { wrong += list[i] == i * i ? 0u : 1u; }
  CHECK(wrong == 0);
  CHECK(list.back() == (count - 1) * (count - 1));
}

}  // namespace memory_test
