// SPDX-License-Identifier: Apache-2.0
// Holds every member against what the output can store, before the sink sees it. What is lost
// is counted per cause and reported once, with the first member as the example.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "core/diagnostic.hpp"
#include "core/entry.hpp"
#include "core/fatal_error.hpp"
#include "core/output_kind.hpp"

namespace sysb::pipeline {

class loss_check {
 public:
  // `stop`: the first loss of severity warning is kept as stopped(). Notes never stop.
  loss_check(output_kind const& target, bool stop) noexcept : target_{target}, stop_{stop} {}

  // Brings `e` into the range of the output. False: it cannot be stored at all.
  [[nodiscard]] bool fit(entry& e);
  void report(diagnostic_sink& findings) const;
  [[nodiscard]] std::optional<fatal_error> const& stopped() const noexcept { return stopped_; }

 private:
  struct cause {
    std::uint64_t count = 0;
    std::string example;
    std::string detail;
  };
  void lost(diag_code const& code, entry const& e, std::string detail);
  output_kind const& target_;
  bool stop_;
  std::array<cause, 7> causes_{};
  std::optional<fatal_error> stopped_;
};

}  // namespace sysb::pipeline
