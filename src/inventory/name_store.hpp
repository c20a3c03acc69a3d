// SPDX-License-Identifier: Apache-2.0
// Paths of inventory rows, by number. A directory is kept once, however many files it has.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/paged_memory.hpp"
#include "inventory/room.hpp"

namespace sysb::inventory {

class name_store {
 public:
  // Nothing where `in` has no room for it.
  [[nodiscard]] std::optional<std::uint32_t> add(std::string_view normal_path, room& in);
  [[nodiscard]] std::string path(std::uint32_t number) const;

 private:
  struct place {
    std::uint32_t directory = 0;
    std::uint32_t base = 0;  // in bases_, up to its NUL
  };
  std::unordered_map<std::string, std::uint32_t> numbers_;
  std::vector<std::string const*> directories_;
  std::uint32_t last_directory_ = 0;  // rows of one directory stand together
  paged_list<place> places_;
  paged_list<char> bases_;
};

}  // namespace sysb::inventory
