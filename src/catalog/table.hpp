// SPDX-License-Identifier: Apache-2.0
// Sorted pairs of numbers in pages of 4 KiB, each with a checksum: written in order, searched by
// halves, a few pages in memory.
#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "catalog/side_file.hpp"
#include "core/byte_source.hpp"

namespace sysb::index {

// The index cannot be used; never leaves this folder.
class unusable : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// It is sound, but says what this program does not know.
class unknown_code : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

using byte_output = std::function<void(std::span<std::byte const>)>;

enum class table_id : std::uint8_t { blocks = 1, names = 2, runs = 3, links = 4, again = 5, orphans = 6 };

struct pair {
  std::uint64_t key = 0;
  std::uint64_t value = 0;
  bool operator<(pair const& o) const noexcept { return key != o.key ? key < o.key : value < o.value; }
};

// Bytes that `pairs` of them take.
[[nodiscard]] constexpr std::uint64_t table_bytes(std::uint64_t pairs) noexcept {
  return (pairs / pairs_a_page + (pairs % pairs_a_page != 0 ? 1 : 0)) * sizeof(page_record);
}

void write_table(table_id id, std::span<pair const> sorted, byte_output const& out);

class table {
 public:
  table(table_id id, byte_source& file, std::uint64_t at, std::uint64_t count) noexcept
      : id_{id}, file_{&file}, at_{at}, count_{count} {}

  [[nodiscard]] std::uint64_t size() const noexcept { return count_; }
  [[nodiscard]] pair at(std::uint64_t i);  // throws unusable
  // Number of pairs whose key is below, or not above, `key`; or that are below `p`.
  [[nodiscard]] std::uint64_t below(std::uint64_t key) { return below(pair{key, 0}); }
  [[nodiscard]] std::uint64_t not_above(std::uint64_t key);
  [[nodiscard]] std::uint64_t below(pair const& p);

 private:
  template <typename Before>
  [[nodiscard]] std::uint64_t partition(std::uint64_t key, Before const& before);

  table_id id_;
  byte_source* file_;
  std::uint64_t at_, count_;
  // Pages that were read, by the low bits of their number: a search meets the same ones again.
  struct page {
    std::uint64_t number = ~std::uint64_t{0};
    page_record record{};
  };
  static constexpr std::size_t kept_pages = 8;
  [[nodiscard]] page_record const& load(std::uint64_t number);
  std::vector<page> pages_;
};

}  // namespace sysb::index
