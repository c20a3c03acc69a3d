// SPDX-License-Identifier: Apache-2.0
// `sysb check IMAGE`: reads every byte, decodes every packed member; with --for wpar also holds
// the image against the rules of deployment.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/grammar_json.hpp"
#include "cli/input.hpp"
#include "cli/inventory_text.hpp"
#include "cli/rule_arguments.hpp"
#include "cli/rule_summary.hpp"
#include "cli/session.hpp"
#include "cli/verdict_text.hpp"
#include "cli/words.hpp"
#include "core/entry_json.hpp"
#include "core/fatal_error.hpp"
#include "jobs/jobs.hpp"

namespace sysb::cli {

namespace {

class check_events final : public job_events {
 public:
  check_events(session& s, bool digests) : job_events{s}, digests_{digests} {}
  void member(pipeline::member_event const& m) override {
    if (!digests_) { return; }
    auto const* const digest = m.content != nullptr && m.content->digest ? &*m.content->digest : nullptr;
    if (session_.json().wanted()) {
      session_.json().object("entry", [&](json_writer& w) { write_entry_fields(w, m.member, digest); });
      return;
    }
    if (digest == nullptr) { return; }
    line_ = concat(to_text(*digest), "  ", printable(m.member.path), '\n');
    session_.out().write(line_);
  }
  void learned(grammar_table const& t) override { print_learned_grammar(session_.json(), t); }
  void inventoried(inventory::report const& r) override { print_inventory(session_, r); }
  void assessed(wpar::facts const& f, wpar::assessment const&) override { made_ = f.description.volume.date; }
  // The date of the volume, where the rules looked at it.
  [[nodiscard]] std::optional<std::int64_t> made() const noexcept { return made_; }

 private:
  std::optional<std::int64_t> made_;
  bool digests_;
  std::string line_;
};

class check_command final : public command {
 public:
  void define(option_table& options) override {
    image_.define(options);
    options.flag("--digests", digests_, "print the XXH3-128 digest of every file");
    options.flag("--inventory", inventory_, "hold contents against the software inventory that the image carries");
    options.text("--index", index_, "FILE", "compare the content of every member with this index of IMAGE");
    options.choice("--for", purpose_, "PURPOSE", {"wpar"}, "wpar: also the rules of a system copy WPAR");
    options.flag("--all", all_, "with --for wpar: every rule, those that passed too");
    threads_.define(options);
    rules_.define(options);
  }
  void judge() override {
    image_.judge(0, 0, "");
    rules_.judge();
    if (purpose_.empty() && rules_.any_given()) {
      throw fatal_error{fatal_error::kind::usage, concat(rules_.first_given(), " needs --for wpar")};
    }
    if (purpose_.empty() && all_) { throw fatal_error{fatal_error::kind::usage, "--all needs --for wpar"}; }
  }
  [[nodiscard]] std::string subject() const override { return image_.subject(); }

  void run(session& s) override {
    // On a screen the notes on how the image was read would hide what matters; they are counted.
    if (!all_ && text_columns(s.descriptors().err) != 0) { s.printer().set_least_text(severity::warning); }
    jobs::check_request r;
    r.image = image_.request(s);
    r.digests = digests_;
    r.inventory = inventory_;
    r.index = index_;
    r.threads = threads_.value();
    if (!purpose_.empty()) {
      r.rules = rules_.make(s.findings());
      r.rules->image_name = r.image.base_name();
      s.printer().set_rules_as_text(false);
    }
    check_events told{s, digests_};
    auto const done = jobs::check(r, told);
    s.finish(done);
    if (r.rules) { summarise_rules(s, done, *r.rules); }
    if (!done.ended) {
      image_.say_damage(s, done, false);
      print_verdict(s, done, told.made());
    }
  }

 private:
  void print_verdict(session& s, jobs::outcome const& done, std::optional<std::int64_t> made) const {
    if (s.json().wanted()) { return; }
    auto const* const a = done.rules ? &*done.rules : nullptr;
    auto const damaged = done.exit == exit_code::damaged;
    verdict_facts f;
    f.image = s.printer().subject();
    f.result = damaged ? wpar::verdict::damaged : a != nullptr ? a->outcome : wpar::verdict::ok;
    f.first_error = s.printer().first_error();
    f.members = done.members.entries;
    f.bytes = done.members.bytes;
    f.faults = done.faults;
    f.made = made;
    f.now = current_time();
    auto const style = style_of(s.descriptors().out);
    s.out().write(verdict_text(f, a, style));
    if (a != nullptr) { s.out().write(rules_text(*a, all_, style)); }
  }

  image_arguments image_;
  thread_argument threads_;
  rule_arguments rules_;
  std::string purpose_, index_;
  bool digests_ = false, inventory_ = false, all_ = false;
};

}  // namespace

command_entry const check_entry{
    "check", "IMAGE", "validate structure, checksums and every packed member",
    "Every byte of the image is read and every packed member decoded; nothing is written. Exit code 0: "
    "sound, 3: damaged or incomplete.\n"
    "With --inventory the content of every file is held against the sums that AIX keeps of it: in liblpp.a "
    "of every package, and in the software database. A sum of 16 bits finds 99.998 percent of all damage; the "
    "length is compared too. Every fileset is sound, changed, incomplete or damaged; a file is damaged only "
    "where neither an update nor an edit explains it.\n"
    "With --for wpar, which looks at the inventory too, the rules V01 to V35 are held against it; exit code 6: not "
    "fit. The options of "
    "the rules are those of `sysb wpar`.",
    [] { return std::unique_ptr<command>{new check_command}; }};

}  // namespace sysb::cli
