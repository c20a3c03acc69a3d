// SPDX-License-Identifier: Apache-2.0
// Findings for who looks: streamed as JSON objects or as lines of text. Nothing is kept but a count an id.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "cli/console.hpp"
#include "cli/json_lines.hpp"
#include "core/diagnostic.hpp"

namespace sysb::cli {

// "record at 0x1f3a40: ./etc/motd: text", without what is not known.
[[nodiscard]] std::string placed_text(diagnostic const& d, std::string_view text);

class findings_printer {
 public:
  findings_printer(console& err, json_lines& json) : err_{err}, json_{json} {}

  void print(diagnostic const& d);
  // Once, at the end: what the cap on lines of one id kept from the terminal.
  void summarise_hidden();

  // Stands before every line: the image, as the user named it.
  void set_subject(std::string subject) { subject_ = std::move(subject); }
  [[nodiscard]] std::string const& subject() const noexcept { return subject_; }

  // The first thing that was said with severity error; empty where there was none.
  [[nodiscard]] std::string const& first_error() const noexcept { return first_error_; }

  // No text for rules: the command shows them in its own way. JSON has everything.
  void set_rules_as_text(bool v) noexcept { rules_as_text_ = v; }
  // No text below this: a listing needs no remarks. JSON has everything.
  void set_least_text(severity s) noexcept { least_text_ = s; }

  static constexpr std::uint64_t lines_an_id = 1000;

 private:
  console& err_;
  json_lines& json_;
  std::string subject_, first_error_;
  bool rules_as_text_ = true;
  severity least_text_ = severity::note;
  std::unordered_map<diag_code const*, std::uint64_t> seen_;  // at most one entry a known id
};

}  // namespace sysb::cli
