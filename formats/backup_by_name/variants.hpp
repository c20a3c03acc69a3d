// SPDX-License-Identifier: Apache-2.0
// Rule 2: a security record that does not check itself is damage, unless every member of its
// kind deviates in the same way. Which of the two is known at the end of the archive only.
#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/entry.hpp"
#include "formats/backup_by_name/reporter.hpp"

namespace sysb::backup_by_name {

class variant_log {
 public:
  void conforms(entry_kind k) noexcept { conforming_[index(k)] = true; }

  // `proven`: the packed content after it passed its end test.
  void deviates(entry_kind k, std::uint8_t failed, std::uint64_t at, std::string_view path,
                std::span<std::byte const> record, bool proven);
  // More of them are only counted, so their content need not be tested.
  [[nodiscard]] bool keeps_more(entry_kind k, std::uint8_t failed) const noexcept;

  void conclude(reporter& to);

  // After conclude(): members of this kind with this deviation are of an unknown variant, not damaged.
  [[nodiscard]] bool accepted(entry_kind k, std::uint8_t failed) const noexcept {
    return accepted_[index(k)][failed % masks];
  }

 private:
  struct member {
    std::uint64_t at;
    std::string path;
    bool proven;
  };
  struct group {
    std::uint64_t count = 0;
    std::vector<member> first;
    std::vector<std::byte> sample;
  };
  static constexpr std::size_t kinds = 7;
  static constexpr std::size_t masks = 8;
  static std::size_t index(entry_kind k) noexcept { return static_cast<std::size_t>(k); }

  std::array<bool, kinds> conforming_{};
  std::array<std::array<bool, masks>, kinds> accepted_{};
  std::array<std::array<group, masks>, kinds> groups_;
};

}  // namespace sysb::backup_by_name
