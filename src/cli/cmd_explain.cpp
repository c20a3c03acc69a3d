// SPDX-License-Identifier: Apache-2.0
// `sysb explain ID`: what a finding or a rule means and what to do about it.
#include <algorithm>
#include <functional>
#include <string>

#include "base/text.hpp"
#include "batch/diagnostics.hpp"
#include "cli/command.hpp"
#include "cli/explain_text.hpp"
#include "cli/session.hpp"
#include "cli/words.hpp"
#include "core/fatal_error.hpp"
#include "diff/diagnostics.hpp"
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
  take(diff::codes());
  std::sort(all.begin(), all.end(),
            [](auto const* a, auto const* b) { return a->id != b->id ? a->id < b->id : std::less<>{}(a, b); });
  // A floor may list what one below it lists too.
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

namespace {

class explain_command final : public command {
 public:
  void define(option_table& options) override { options.positionals(words_); }
  void judge() override {
    if (words_.empty()) { return; }
    if (words_.size() > 1) {
      throw fatal_error{fatal_error::kind::usage, concat("unexpected argument ", quoted(words_[1]))};
    }
    for (auto& c : words_[0]) {
      if (c >= 'a' && c <= 'z') { c = static_cast<char>(c - 'a' + 'A'); }
    }
    std::vector<std::string_view> ids;
    for (auto const* c : known_codes()) {
      ids.push_back(c->id);
      if (c->id == words_[0]) { found_ = c; }
    }
    if (found_ == nullptr) {
      auto const near = nearest(words_[0], ids);
      throw fatal_error{fatal_error::kind::usage,
                        concat("no such finding or rule: ", quoted(words_[0]),
                               near.empty() ? std::string{} : concat("; did you mean ", near, '?'))};
    }
  }
  void run(session& s) override {
    auto const all = known_codes();
    for (auto const* c : all) {
      if (found_ == nullptr || found_ == c) { print_object(s, *c); }
    }
    if (s.json().wanted()) { return; }
    s.out().write(found_ == nullptr ? explain_all(all) : explain_one(*found_));
  }

 private:
  static void print_object(session& s, diag_code const& c) {
    s.json().object("explanation", [&](json_writer& w) {
      w.field("id", c.id).field("severity", to_text(c.level)).field("title", c.title);
      w.field("text", c.explain).field("consequence", consequence(c)).field("remedy", remedy_of(c));
      auto const* const rule = wpar::find_rule(c.id);
      if (rule == nullptr) { return; }
      w.field("page", rule->page).field("basis", rule->basis).field("protects", protected_by(c));
      w.key("links").begin_array();
      for (auto const link : links_of(rule->page)) { w.value(link); }
      w.end_array();
    });
  }

  std::vector<std::string> words_;
  diag_code const* found_ = nullptr;
};

}  // namespace

command_entry const explain_entry{
    "explain", "[ID]", "what a finding or a rule means",
    "ID is what stands in brackets after a finding (BBN-003), or a rule of deployment (V12). Without it, all of them "
    "are listed: the rules by what they protect.",
    [] { return std::unique_ptr<command>{new explain_command}; }};

}  // namespace sysb::cli
