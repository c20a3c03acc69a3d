// SPDX-License-Identifier: Apache-2.0
// Members of a damaged image that are not whole: one pass reads everything and remembers them, so
// that what is written next is known to be sound, or is marked.
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "core/diagnostic.hpp"
#include "core/image_reader.hpp"
#include "core/ledger.hpp"

namespace sysb::pipeline {

struct copy_options;

class salvage_list {
 public:
  // Reads every member of `reader`, opened with on_damage::salvage, and reports what is wrong with it;
  // the reader stands before the first one afterwards. `how`: threads, tmpdir and counters count.
  void look_through(image_reader& reader, copy_options const& how, ledger& d);

  // Plain bytes that are left of a member that is not whole; nothing for a whole one.
  [[nodiscard]] std::optional<std::uint64_t> left_of(entry const& e) const;
  // Plain bytes that the member in this record should have; only where left_of() knows it.
  [[nodiscard]] std::uint64_t size_of(entry const& e) const;

 private:
  struct broken {
    std::uint64_t offset;  // of the record
    std::uint64_t bytes;
    std::uint64_t size;
  };
  [[nodiscard]] broken const* find(entry const& e) const;
  std::vector<broken> broken_;  // in image order
};

}  // namespace sysb::pipeline
