// SPDX-License-Identifier: Apache-2.0
// A pass that begins again comes by the same members a second time: what its first start reported is
// not reported once more. A hash and a count a finding, and only where a second start can come.
#pragma once
#include <cstdint>

#include "base/partitioned_table.hpp"
#include "core/diagnostic.hpp"

namespace sysb::cli {

class two_starts {
 public:
  two_starts();
  void first() noexcept { now_ = start::first; }
  void second() noexcept { now_ = start::second; }
  // False: the first start said it.
  [[nodiscard]] bool is_new(diagnostic const& d);

 private:
  enum class start : std::uint8_t { only, first, second };
  struct slot {
    std::uint64_t key = 0;
    std::uint64_t count = 0;  // times that the second start may repeat it
    [[nodiscard]] std::uint64_t hash() const noexcept { return key; }
    [[nodiscard]] bool occupied() const noexcept { return key != 0; }
  };
  [[nodiscard]] std::uint64_t key_of(diagnostic const& d) const;

  std::uint64_t seed_;
  start now_ = start::only;
  partitioned_table<slot> told_;
};

}  // namespace sysb::cli
