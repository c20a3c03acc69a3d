// SPDX-License-Identifier: Apache-2.0
// What a run has found to be damaged or not proven, for the sentence that ends it: how many members, which ones,
// what else is whole, and which option writes the rest.
#pragma once
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "core/diagnostic.hpp"

namespace sysb::pipeline {

class damage_account {
 public:
  // Every finding of the run, as it is said. Not for several threads.
  void hear(diagnostic const& d);

  [[nodiscard]] bool any() const noexcept { return members_ != 0 || places_ != 0; }
  [[nodiscard]] std::uint64_t members() const noexcept { return members_; }
  [[nodiscard]] std::uint64_t places() const noexcept { return places_; }

  struct circumstances {
    std::uint64_t whole = 0;  // members that the run has seen to be so; 0: not known
    bool to_the_end = false;  // it has seen all of them
    bool written = false;     // what is whole was written (--salvage)
    // The options that the command has, and that were not given.
    bool salvage = false, accept_changed = false, exclude = false;
  };
  // Empty where nothing is damaged.
  [[nodiscard]] std::string sentence(circumstances const& c) const;

 private:
  static constexpr std::size_t most_named = 5;
  static constexpr std::size_t most_known = 1u << 20;
  std::uint64_t seed_ = std::random_device{}();
  std::unordered_set<std::uint64_t> known_;  // names, hashed
  std::vector<std::string> first_;
  std::uint64_t members_ = 0;
  std::uint64_t changed_ = 0;  // of them, those that --accept-changed would take
  std::uint64_t places_ = 0;   // damage that names no member
};

}  // namespace sysb::pipeline
