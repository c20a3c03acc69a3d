// SPDX-License-Identifier: Apache-2.0
// Findings of one reader on their way to the sink: silent for records read again, warnings
// beyond a number only counted.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/diagnostic.hpp"

namespace sysb::backup_by_name {

class reporter {
 public:
  explicit reporter(diagnostic_sink& sink) noexcept : sink_{&sink} {}

  void mute(bool yes) noexcept { muted_ = yes; }
  [[nodiscard]] bool muted() const noexcept { return muted_; }
  [[nodiscard]] std::uint64_t reported() const noexcept { return reported_; }

  void report(diag_code const& code, std::uint64_t offset, std::string_view path, std::string detail = {});
  // For warnings and notes that a whole archive may be full of: the first sixteen of a code.
  void capped(diag_code const& code, std::uint64_t offset, std::string_view path, std::string detail = {});
  void capped(diagnostic d);
  // What was only counted, one finding a code.
  void conclude();

 private:
  std::uint64_t& count_of(diag_code const& code);
  diagnostic_sink* sink_;
  bool muted_ = false;
  std::uint64_t reported_ = 0;
  std::vector<std::pair<diag_code const*, std::uint64_t>> counts_;
};

}  // namespace sysb::backup_by_name
