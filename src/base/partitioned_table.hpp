// SPDX-License-Identifier: Apache-2.0
// A hash table for millions of small slots. Open addressing, split into partitions that grow each on their
// own: the table is never copied as a whole. Small ones grow by half, which is quick, large ones by an eighth:
// their load stays between 0.8 and 0.9.
#pragma once
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/paged_memory.hpp"

namespace sysb {

// Slot: default-constructed it is free; `std::uint64_t hash() const` is a seeded hash of its key, so
// that an image cannot be made whose keys all meet in one place; `bool occupied() const`.
template <typename Slot>
class partitioned_table {
 public:
  partitioned_table() : partitions_(partition_count) {}

  // The slot with this hash for which `same` is true, or null.
  template <typename Same>
  [[nodiscard]] Slot const* find(std::uint64_t hash, Same const& same) const {
    auto const& slots = partitions_[hash % partition_count].slots;
    if (slots.empty()) { return nullptr; }
    for (auto i = bucket(hash, slots.size()); slots[i].occupied(); i = next(i, slots.size())) {
      if (slots[i].hash() == hash && same(slots[i])) { return &slots[i]; }
    }
    return nullptr;
  }
  template <typename Same>
  [[nodiscard]] Slot* find(std::uint64_t hash, Same const& same) {
    return const_cast<Slot*>(std::as_const(*this).find(hash, same));
  }

  // As find(), or `fresh`, which must be occupied and have this hash. True: it was added. A slot
  // stays where it is until the next call.
  template <typename Same>
  std::pair<Slot*, bool> find_or_add(std::uint64_t hash, Same const& same, Slot const& fresh) {
    auto& p = partitions_[hash % partition_count];
    if (p.used * 10 >= p.slots.size() * 9) { grow(p); }
    auto i = bucket(hash, p.slots.size());
    for (; p.slots[i].occupied(); i = next(i, p.slots.size())) {
      if (p.slots[i].hash() == hash && same(p.slots[i])) { return {&p.slots[i], false}; }
    }
    p.slots[i] = fresh;
    ++p.used;
    ++count_;
    return {&p.slots[i], true};
  }

  [[nodiscard]] std::uint64_t size() const noexcept { return count_; }
  // Every slot that is occupied, in no order.
  template <typename Visit>
  void for_each(Visit const& visit) const {
    for (auto const& p : partitions_) {
      for (auto const& s : p.slots) {
        if (s.occupied()) { visit(s); }
      }
    }
  }

 private:
  using slot_vector = std::vector<Slot, paged_memory<Slot>>;
  struct partition {
    slot_vector slots;
    std::size_t used = 0;
  };
  static constexpr std::size_t partition_count = 64;

  static std::size_t bucket(std::uint64_t hash, std::size_t size) noexcept {
    // The low bits chose the partition; the high ones choose the place in it.
    __extension__ using wide = unsigned __int128;
    return static_cast<std::size_t>((wide{hash} * size) >> 64);
  }
  static std::size_t next(std::size_t i, std::size_t size) noexcept { return i + 1 == size ? 0 : i + 1; }

  static void grow(partition& p) {
    constexpr std::size_t large = 4096;  // slots
    auto const now = p.slots.size();
    slot_vector larger(now + now / (now < large ? 2 : 8) + 16);
    for (auto const& s : p.slots) {
      if (!s.occupied()) { continue; }
      auto i = bucket(s.hash(), larger.size());
      while (larger[i].occupied()) { i = next(i, larger.size()); }
      larger[i] = s;
    }
    p.slots = std::move(larger);
  }

  std::vector<partition> partitions_;
  std::uint64_t count_ = 0;
};

}  // namespace sysb
