// SPDX-License-Identifier: Apache-2.0
// The options that rules and plan depend on: the same for `sysb wpar` and `sysb check --for wpar`.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/option_table.hpp"
#include "core/diagnostic.hpp"
#include "wpar/request.hpp"

namespace sysb::cli {

class rule_arguments {
 public:
  void define(option_table& options);
  void judge();  // throws fatal_error{usage}
  [[nodiscard]] bool any_given() const { return !first_given().empty(); }
  [[nodiscard]] std::string_view first_given() const;
  // Reads the files that options name (-f, --private-filesets, --media, --profile). Throws fatal_error{io}.
  [[nodiscard]] wpar::request make(diagnostic_sink& findings) const;

 private:
  void read_media(wpar::request& r) const;
  void judge_network() const;
  void apply_host(wpar::request& r) const;
  bool shared_ = false, private_ = false, force_ = false, quiesce_ = false;
  std::optional<std::string> name_, hostname_, host_level_, assume_level_, spec_, list_, flag_bit_, media_;
  std::optional<std::string> host_, vg_, address_, netmask_, prefixlen_, interface_, profile_;
  std::optional<std::uint64_t> margin_;
  std::vector<std::string> controls_, keep_;
};

}  // namespace sysb::cli
