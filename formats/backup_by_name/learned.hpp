// SPDX-License-Identifier: Apache-2.0
// What deviates from the documented grammar, and in which members: the table of one warning.
#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/entry.hpp"
#include "core/grammar_table.hpp"
#include "formats/backup_by_name/reporter.hpp"

namespace sysb::backup_by_name {

class learned_log {
 public:
  // A member in which the archive is as `what` says; `open`: its content is not given out.
  void count(std::string const& what, entry const& e, bool open);
  void proved(std::vector<std::string> const& proofs);
  [[nodiscard]] bool empty() const noexcept { return rows_.empty(); }

  [[nodiscard]] grammar_table table() const;
  void conclude(reporter& to) const;

 private:
  static constexpr std::size_t kinds = 8;  // of entry_kind, and packed files
  struct row {
    std::uint64_t members = 0, open = 0, first_at = 0;
    std::array<std::uint64_t, kinds> of_kind{};
    std::string first_path;
  };
  std::map<std::string, row> rows_;
  std::vector<std::string> proofs_;
};

}  // namespace sysb::backup_by_name
