// SPDX-License-Identifier: Apache-2.0
// A set of millions of hashes that stand for what they are of.
#pragma once
#include <cstdint>

#include "base/partitioned_table.hpp"

namespace sysb {

// Of seeded hashes, as partitioned_table has it. 0 and 1 are one.
class hash_set {
 public:
  // False: it was there.
  bool add(std::uint64_t hash) { return table_.find_or_add({of(hash)}).second; }
  [[nodiscard]] bool contains(std::uint64_t hash) const { return table_.find(of(hash)) != nullptr; }
  [[nodiscard]] std::uint64_t size() const noexcept { return table_.size(); }

 private:
  struct slot {
    std::uint64_t value = 0;
    [[nodiscard]] std::uint64_t hash() const noexcept { return value; }
    [[nodiscard]] bool occupied() const noexcept { return value != 0; }
  };
  static constexpr std::uint64_t of(std::uint64_t hash) noexcept { return hash != 0 ? hash : 1; }
  partitioned_table<slot> table_;
};

}  // namespace sysb
