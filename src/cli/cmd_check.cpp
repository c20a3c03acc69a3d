// SPDX-License-Identifier: Apache-2.0
// `sysb check IMAGE`: reads every byte, decodes every packed member; with --for wpar also holds
// the image against the rules of deployment.
#include <memory>
#include <string>

#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/grammar_json.hpp"
#include "cli/input.hpp"
#include "cli/inventory_text.hpp"
#include "cli/rule_arguments.hpp"
#include "cli/rule_table.hpp"
#include "cli/session.hpp"
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
  void learned(backup_by_name::grammar_table const& t) override { print_learned_grammar(session_.json(), t); }
  void inventoried(inventory::report const& r) override { print_inventory(session_, r); }
  void assessed(wpar::facts const&, wpar::assessment const& a) override { print_rule_table(session_, a); }

 private:
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
    threads_.define(options);
    rules_.define(options);
  }
  void judge() override {
    image_.judge(0, 0, "");
    rules_.judge();
    if (purpose_.empty() && rules_.any_given()) {
      throw fatal_error{fatal_error::kind::usage, concat(rules_.first_given(), " needs --for wpar")};
    }
  }
  [[nodiscard]] std::string subject() const override { return image_.subject(); }

  void run(session& s) override {
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
      print_verdict(s, done);
    }
  }

 private:
  static void print_verdict(session& s, jobs::outcome const& done) {
    if (s.json().wanted()) { return; }
    auto const& seen = done.faults;
    auto const damaged = done.exit == exit_code::damaged;
    auto const verdict = damaged ? wpar::verdict::damaged : done.rules ? done.rules->outcome : wpar::verdict::ok;
    s.out().write(concat(s.printer().subject(), ": ", to_text(verdict), ": ", done.members.entries, " members, ",
                         done.members.bytes, " bytes of content; ", seen.of(severity::error), " errors, ",
                         seen.of(severity::warning), " warnings, ", seen.of(severity::note), " notes\n"));
  }

  image_arguments image_;
  thread_argument threads_;
  rule_arguments rules_;
  std::string purpose_, index_;
  bool digests_ = false, inventory_ = false;
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
