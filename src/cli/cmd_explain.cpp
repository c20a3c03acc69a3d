// SPDX-License-Identifier: Apache-2.0
// `sysb explain ID`: what a finding or a rule means and what to do about it.
#include <algorithm>
#include <functional>
#include <string>

#include "base/text.hpp"
#include "batch/diagnostics.hpp"
#include "cli/command.hpp"
#include "cli/session.hpp"
#include "core/fatal_error.hpp"
#include "jobs/diagnostics.hpp"
#include "pipeline/diagnostics.hpp"
#include "registry/registry.hpp"
#include "wpar/rules.hpp"

namespace sysb::cli {

std::vector<diag_code const*> known_codes() {
  std::vector<diag_code const*> all;
  auto const take = [&](std::span<diag_code const* const> some) { all.insert(all.end(), some.begin(), some.end()); };
  take(registry::all_codes());
  take(pipeline::codes());
  take(wpar::codes());
  take(batch::codes());
  take(jobs::codes());
  std::sort(all.begin(), all.end(),
            [](auto const* a, auto const* b) { return a->id != b->id ? a->id < b->id : std::less<>{}(a, b); });
  // A floor may list what one below it lists too.
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

namespace {

std::string_view consequence(diag_code const& c) noexcept {
  if (c.level != severity::error) { return "the exit code does not change"; }
  switch (c.fault) {
    case fault_class::damage: return "exit code 3: the image is damaged or incomplete";
    case fault_class::refused: return "exit code 3: the member is left out for safety";
    case fault_class::unsupported: return "exit code 5: not an image of a known format or variant";
    case fault_class::unfit: return "exit code 6: the image is not fit for the purpose";
    case fault_class::loss: return "exit code 4 with --on-loss stop";
    case fault_class::io: return "exit code 1: the command could not finish";
  }
  return "";
}

class explain_command final : public command {
 public:
  void define(option_table& options) override { options.positionals(words_); }
  void judge() override {
    if (words_.empty()) { throw fatal_error{fatal_error::kind::usage, "no ID given"}; }
    if (words_.size() > 1) {
      throw fatal_error{fatal_error::kind::usage, concat("unexpected argument ", quoted(words_[1]))};
    }
    for (auto& c : words_[0]) {
      if (c >= 'a' && c <= 'z') { c = static_cast<char>(c - 'a' + 'A'); }
    }
    for (auto const* c : known_codes()) {
      if (c->id == words_[0]) { found_ = c; }
    }
    if (found_ == nullptr) {
      throw fatal_error{fatal_error::kind::usage, concat("no such finding or rule: ", quoted(words_[0]))};
    }
  }
  void run(session& s) override {
    auto const* const rule = wpar::find_rule(found_->id);
    s.json().object("explanation", [&](json_writer& w) {
      w.field("id", found_->id).field("severity", to_text(found_->level)).field("title", found_->title);
      w.field("text", found_->explain).field("consequence", consequence(*found_));
      if (rule != nullptr) { w.field("page", rule->page).field("basis", rule->basis); }
    });
    if (s.json().wanted()) { return; }
    auto out = concat(found_->id, " (", to_text(found_->level), "): ", found_->title, "\n\n",
                      wrapped(found_->explain, 0), "\n\n", consequence(*found_), '\n');
    if (rule != nullptr) { out += concat("stands on: ", rule->page, "\nbasis: ", rule->basis, '\n'); }
    s.out().write(out);
  }

 private:
  std::vector<std::string> words_;
  diag_code const* found_ = nullptr;
};

}  // namespace

command_entry const explain_entry{
    "explain", "ID", "what a finding or a rule means",
    "ID is what stands in brackets behind a finding (BBN-003), or a rule of deployment (V12).",
    [] { return std::unique_ptr<command>{new explain_command}; }};

}  // namespace sysb::cli
