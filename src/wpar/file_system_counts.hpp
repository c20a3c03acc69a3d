// SPDX-License-Identifier: Apache-2.0
// What lies in each file system of image.data, for all of them at once: an image may describe thousands.
#pragma once
#include <string_view>
#include <unordered_map>

#include "wpar/facts.hpp"

namespace sysb::wpar {

class file_system_counts {
 public:
  // `f` must outlive it.
  explicit file_system_counts(facts const& f);
  // What lies in the file system mounted there: below it but in no other one of image.data. Nothing of one that is unknown.
  [[nodiscard]] subtree_count of(std::string_view mount) const;

 private:
  std::unordered_map<std::string_view, subtree_count> by_mount_;
};

}  // namespace sysb::wpar
