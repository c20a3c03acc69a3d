// SPDX-License-Identifier: Apache-2.0
// A hash table for millions of small slots. Open addressing, split into partitions that grow each on their
// own. Small ones grow by half, which is quick, large ones by an eighth: their load stays between 0.8 and 0.9.
//
// The slots of a partition stand in the order of their hashes, each at its home or as near after it as that order
// allows. So a search ends at the first larger hash, and a partition grows in place in two passes over it: to its
// end, and from there to the new homes.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <type_traits>
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
    auto const& p = partitions_[hash % partition_count];
    if (p.used == 0) { return nullptr; }
    for (auto const* s = first_of(p, hash); s->occupied() && s->hash() == hash; ++s) {
      if (same(*s)) { return s; }
    }
    return nullptr;
  }
  template <typename Same>
  [[nodiscard]] Slot* find(std::uint64_t hash, Same const& same) {
    return const_cast<Slot*>(std::as_const(*this).find(hash, same));
  }

  // Where the hash is all of the key.
  [[nodiscard]] Slot const* find(std::uint64_t hash) const { return find(hash, any); }
  [[nodiscard]] Slot* find(std::uint64_t hash) { return find(hash, any); }
  std::pair<Slot*, bool> find_or_add(Slot const& fresh) { return find_or_add(fresh.hash(), any, fresh); }

  // As find(), or `fresh`, which must be occupied and have this hash. True: it was added. A slot
  // stays where it is until the next call.
  template <typename Same>
  std::pair<Slot*, bool> find_or_add(std::uint64_t hash, Same const& same, Slot const& fresh) {
    auto& p = partitions_[hash % partition_count];
    if (p.used * 10 >= p.homes * 9) {
      constexpr std::size_t large = 4096;  // slots
      spread(p, p.homes + p.homes / (p.homes < large ? 2 : 8) + 16, std::max(p.spare(), least_spare));
    }
    for (;;) {
      auto* at = const_cast<Slot*>(first_of(p, hash));
      for (; at->occupied() && at->hash() == hash; ++at) {
        if (same(*at)) { return {at, false}; }
      }
      auto* room = at;
      while (room->occupied()) { ++room; }
      if (room != p.slots.data() + p.slots.size() - 1) {
        std::move_backward(at, room, room + 1);
        *at = fresh;
        ++p.used;
        ++count_;
        return {at, true};
      }
      spread(p, p.homes, 2 * p.spare());
    }
  }

  [[nodiscard]] std::uint64_t size() const noexcept { return count_; }
  // Every slot that is occupied, in no order.
  template <typename Visit>
  void for_each(Visit const& visit) const {
    for (auto const& p : partitions_) {
      std::for_each(p.slots.data(), p.slots.data() + p.slots.size(), [&](Slot const& s) {
        if (s.occupied()) { visit(s); }
      });
    }
  }

 private:
  static_assert(std::is_trivially_copyable_v<Slot>);
  struct partition {
    // First the homes, then room for what the last of them do not hold; the very last one stays free and ends
    // every search.
    paged_array<Slot> slots;
    std::size_t homes = 0;
    std::size_t used = 0;
    [[nodiscard]] std::size_t spare() const noexcept { return slots.size() - homes; }
  };
  static constexpr auto any = [](Slot const&) { return true; };
  static constexpr std::size_t partition_count = 64;
  static constexpr std::size_t least_spare = 16;

  static std::size_t home(std::uint64_t hash, std::size_t homes) noexcept {
    // The low bits chose the partition; the high ones choose the place in it.
    __extension__ using wide = unsigned __int128;
    return static_cast<std::size_t>((wide{hash} * homes) >> 64);
  }

  // The first slot that is free or has no smaller hash.
  static Slot const* first_of(partition const& p, std::uint64_t hash) noexcept {
    auto const* s = p.slots.data() + home(hash, p.homes);
    while (s->occupied() && s->hash() < hash) { ++s; }
    return s;
  }

  // Gives it so many homes, and as much room after them as it takes, at least `spare`.
  static void spread(partition& p, std::size_t homes, std::size_t spare) {
    for (auto done = false; !done; spare *= 2) {
      auto const old = p.slots.size();
      p.slots.grow(homes + spare);
      auto* const slots = p.slots.data();
      auto const last = p.slots.size() - 1;
      auto from = last;
      for (auto i = old; i-- > 0;) {
        if (slots[i].occupied()) { slots[--from] = slots[i]; }
      }
      // What is read stands never before what is written, as long as the rest fits.
      std::size_t free = 0;
      for (; from != last; ++from) {
        auto const to = std::max(home(slots[from].hash(), homes), free);
        if (to > from) { break; }
        auto const s = slots[from];
        std::fill(slots + free, slots + to, Slot{});
        slots[to] = s;
        free = to + 1;
      }
      done = from == last;
      std::fill(slots + free, slots + (done ? p.slots.size() : from), Slot{});
      slots[last] = Slot{};
    }
    p.homes = homes;
  }

  std::vector<partition> partitions_;
  std::uint64_t count_ = 0;
};

}  // namespace sysb
