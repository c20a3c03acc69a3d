// SPDX-License-Identifier: Apache-2.0
// What the software inventory of one image may take of memory, all of its parts together.
#pragma once
#include <cstddef>

namespace sysb::inventory {

// 500,000 rows with names of 30 bytes: more than any system has.
inline constexpr std::size_t most_held_bytes = 56u << 20;
// Of classes of the software database, as long as they are read; and of one liblpp.a.
inline constexpr std::size_t most_class_bytes = 48u << 20;
inline constexpr std::size_t largest_archive = 16u << 20;
// PATH_MAX of AIX is 1023.
inline constexpr std::size_t longest_path = 4096;

class room {
 public:
  // False: too much. Then it is refused for good, and that is told.
  [[nodiscard]] bool take(std::size_t bytes) noexcept {
    if (bytes > left_) {
      refused_ = true;
      return false;
    }
    left_ -= bytes;
    return true;
  }
  void give_back(std::size_t bytes) noexcept { left_ += bytes; }
  // Something else was left out.
  void refuse() noexcept { refused_ = true; }
  [[nodiscard]] bool refused() const noexcept { return refused_; }

 private:
  std::size_t left_ = most_held_bytes;
  bool refused_ = false;
};

}  // namespace sysb::inventory
