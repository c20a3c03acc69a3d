// SPDX-License-Identifier: Apache-2.0
// Where findings end: counted, turned into reasons for the exit code, and streamed as JSON
// objects or as lines of text. Nothing is kept but a count an id.
#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "cli/console.hpp"
#include "cli/exit_code.hpp"
#include "cli/json_lines.hpp"
#include "cli/two_starts.hpp"
#include "core/diagnostic.hpp"

namespace sysb::cli {

// "record at 0x1f3a40: ./etc/motd: text", without what is not known.
[[nodiscard]] std::string placed_text(diagnostic const& d, std::string_view text);

class findings_printer final : public diagnostic_sink {
 public:
  findings_printer(console& err, json_lines& json) : err_{err}, json_{json} {}

  void report(diagnostic const& d) override;
  void set_barrier(std::function<void()> before) override { before_ = std::move(before); }
  // Once, at the end: what the cap on lines of one id kept from the terminal.
  void summarise_hidden();

  // Stands before every line: the image, as the user named it.
  void set_subject(std::string subject) { subject_ = std::move(subject); }
  [[nodiscard]] std::string const& subject() const noexcept { return subject_; }

  // --on-loss stop: a loss of severity error is exit 4; without it a loss never is a reason.
  void set_loss_counts(bool v) noexcept { loss_counts_ = v; }
  // --force: errors of class unfit are no reason for the exit code.
  void set_forced(bool v) noexcept { forced_ = v; }

  // Is told of every finding that counts, too.
  void set_listener(std::function<void(diagnostic const&)> f) { listener_ = std::move(f); }

  // Of a pass that may begin again.
  [[nodiscard]] two_starts& starts() noexcept { return starts_; }

  // Count, but print no text: for findings that a command shows in its own way.
  void set_text(bool v) noexcept { text_ = v; }
  // Print no text below this: a listing needs no remarks. JSON and counts have everything.
  void set_least_text(severity s) noexcept { least_text_ = s; }
  // A rule's title says what is right, its detail what was found: the detail alone is the text.
  void set_detail_is_text(bool v) noexcept { detail_is_text_ = v; }

  [[nodiscard]] std::uint64_t count(severity s) const noexcept { return counts_[static_cast<std::size_t>(s)]; }
  [[nodiscard]] std::uint64_t errors_of(fault_class f) const noexcept { return faults_[static_cast<std::size_t>(f)]; }
  [[nodiscard]] exit_state const& exit() const noexcept { return exit_; }

  static constexpr std::uint64_t lines_an_id = 1000;

 private:
  console& err_;
  json_lines& json_;
  std::string subject_;
  bool loss_counts_ = false;
  bool forced_ = false;
  bool text_ = true;
  bool detail_is_text_ = false;
  severity least_text_ = severity::note;
  std::function<void()> before_;
  std::function<void(diagnostic const&)> listener_;
  bool in_barrier_ = false;
  std::array<std::uint64_t, 3> counts_{};
  std::array<std::uint64_t, 6> faults_{};  // by fault_class, of errors
  exit_state exit_;
  two_starts starts_;
  std::unordered_map<diag_code const*, std::uint64_t> seen_;  // at most one entry a known id
};

}  // namespace sysb::cli
