// SPDX-License-Identifier: Apache-2.0
#include "catalog/table.hpp"

#include <algorithm>

#include "base/cursor.hpp"
#include "base/digest.hpp"

namespace sysb::index {

namespace {
// A page that stands in another's place fails too.
std::uint64_t checksum_of(page_record const& p, table_id id, std::uint64_t number) noexcept {
  auto const seed = (std::uint64_t{static_cast<std::uint8_t>(id)} << 56) ^ number;
  return table_hash(std::as_bytes(std::span{p.pairs}), seed);
}
}  // namespace

void write_table(table_id id, std::span<pair const> sorted, byte_output const& out) {
  for (std::uint64_t number = 0; !sorted.empty(); ++number) {
    page_record p{};
    auto const n = std::min(sorted.size(), pairs_a_page);
    for (std::size_t i = 0; i < n; ++i) {
      p.pairs[i].key = sorted[i].key;
      p.pairs[i].value = sorted[i].value;
    }
    p.number = number;
    p.checksum = checksum_of(p, id, number);
    out(std::as_bytes(std::span{&p, 1}));
    sorted = sorted.subspan(n);
  }
}

page_record const& table::load(std::uint64_t number) {
  if (pages_.empty()) { pages_.resize(kept_pages); }
  auto& p = pages_[static_cast<std::size_t>(number % kept_pages)];
  if (p.number == number) { return p.record; }
  p.number = ~std::uint64_t{0};
  file_->seek(at_ + number * sizeof(page_record));
  byte_cursor c{file_->peek(sizeof(page_record))};
  p.record = c.take<page_record>();
  if (!c.ok()) { throw unusable{"a table is cut"}; }
  if (p.record.number != number || p.record.checksum != checksum_of(p.record, id_, number)) {
    throw unusable{"the checksum of a table does not match"};
  }
  p.number = number;
  return p.record;
}

pair table::at(std::uint64_t i) {
  if (i >= count_) { throw unusable{"a place past the end of a table"}; }
  auto const& p = load(i / pairs_a_page).pairs[i % pairs_a_page];
  return {p.key, p.value};
}

// Where keys are hashes, their number says where one stands: that page is looked at first, then those beside it, and
// ever farther; once it is known to stand between two of them, by halves.
template <typename Before>
std::uint64_t table::partition(std::uint64_t key, Before const& before) {
  __extension__ using wide = unsigned __int128;
  auto number = static_cast<std::uint64_t>((wide{key} * count_) >> 64) / pairs_a_page;
  std::uint64_t low = 0;
  std::uint64_t high = count_;
  for (std::uint64_t step = 1; low < high; step *= 2) {
    auto const from = number * pairs_a_page;
    auto const last = std::min(from + pairs_a_page, count_) - 1;
    if (!before(at(from))) {
      high = from;
      if (low != 0) { break; }
      number -= std::min(number, step);
    } else if (before(at(last))) {
      low = last + 1;
      if (high != count_) { break; }
      number = std::min(number + step, (count_ - 1) / pairs_a_page);
    } else {
      low = from + 1;
      high = last;
      break;
    }
  }
  while (low < high) {
    auto const mid = low + (high - low) / 2;
    if (before(at(mid))) {
      low = mid + 1;
    } else {
      high = mid;
    }
  }
  return low;
}

std::uint64_t table::below(pair const& p) {
  return partition(p.key, [&](pair const& x) { return x < p; });
}
std::uint64_t table::not_above(std::uint64_t key) {
  return partition(key, [&](pair const& x) { return x.key <= key; });
}

}  // namespace sysb::index
