// SPDX-License-Identifier: Apache-2.0
// `sysb check IMAGE`: reads every byte, decodes every packed member; with --for wpar also holds
// the image against the rules of deployment.
#include <sys/stat.h>
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/grammar_json.hpp"
#include "cli/input.hpp"
#include "cli/inventory_text.hpp"
#include "cli/many_images.hpp"
#include "cli/rule_arguments.hpp"
#include "cli/rule_summary.hpp"
#include "cli/session.hpp"
#include "cli/verdict_text.hpp"
#include "cli/words.hpp"
#include "core/entry_json.hpp"
#include "core/fatal_error.hpp"
#include "jobs/jobs.hpp"
#include "output/output.hpp"
#include "wpar/profile.hpp"

namespace sysb::cli {

namespace {

class check_events final : public job_events {
 public:
  check_events(session& s, bool digests, std::vector<wpar::known_system>& systems)
      : job_events{s}, digests_{digests}, systems_{systems} {}
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
  void inventoried(inventory::report const& r) override {
    if (!session_.line() || session_.json().wanted()) { print_inventory(session_, r); }
    if (auto& line = session_.line()) { line->reason = inventory_reason(r); }
  }
  void assessed(wpar::facts const& f, wpar::assessment const& a) override {
    made_ = f.description.volume.date;
    if (auto& line = session_.line()) {
      introduce(*line, f, a);
      systems_.push_back(known_as(line->image, f));
    }
  }
  // The date of the volume, where the rules looked at it.
  [[nodiscard]] std::optional<std::int64_t> made() const noexcept { return made_; }

 private:
  std::optional<std::int64_t> made_;
  bool digests_;
  std::string line_;
  std::vector<wpar::known_system>& systems_;
};

class check_command final : public command {
 public:
  void define(option_table& options) override {
    image_.define(options);
    options.flag("--digests", digests_, "print the XXH3-128 digest of every file");
    options.flag("--inventory", inventory_, "hold contents against the software inventory that the image carries");
    options.text("--index", index_, "FILE", "compare the content of every member with this index of IMAGE");
    options.choice("--for", purpose_, "PURPOSE", {"wpar"}, "wpar: also the rules of a system copy WPAR");
    options.text("--write-profile", write_profile_, "FILE",
                 "with --for wpar: write a profile (see --profile) of what was found; FILE must not exist");
    options.flag("--all", all_, "with --for wpar: every rule, those that passed too");
    threads_.define(options);
    rules_.define(options);
  }
  void judge() override {
    image_.judge_several();
    rules_.judge();
    if (image_.several()) {
      if (digests_) { throw fatal_error{fatal_error::kind::usage, "--digests goes with one image"}; }
      if (!index_.empty()) { throw fatal_error{fatal_error::kind::usage, "--index goes with one image"}; }
      if (all_) { throw fatal_error{fatal_error::kind::usage, "--all goes with one image"}; }
    }
    if (purpose_.empty() && rules_.any_given()) {
      throw fatal_error{fatal_error::kind::usage, concat(rules_.first_given(), " needs --for wpar")};
    }
    if (purpose_.empty() && all_) { throw fatal_error{fatal_error::kind::usage, "--all needs --for wpar"}; }
    if (purpose_.empty() && !write_profile_.empty()) {
      throw fatal_error{fatal_error::kind::usage, "--write-profile needs --for wpar"};
    }
  }
  [[nodiscard]] std::string subject() const override { return image_.subject(); }
  [[nodiscard]] std::size_t images() const override { return image_.count(); }
  [[nodiscard]] std::string image_name(std::size_t i) const override { return image_.name(i); }
  void choose(std::size_t i) override { image_.choose(i); }
  [[nodiscard]] std::vector<wpar::known_system> const* systems() const override { return systems_.get(); }

  void run(session& s) override {
    // On a screen the notes on how the image was read would hide what matters; they are counted.
    if (image_.several() || (!all_ && text_columns(s.descriptors().err) != 0)) {
      s.printer().set_least_text(severity::warning);
    }
    // Before hours of reading: a name that is taken is no place for a profile.
    if (!write_profile_.empty() && !profile_) { open_profile(); }
    jobs::check_request r;
    r.image = image_.request(s);
    r.digests = digests_;
    r.inventory = inventory_;
    r.index = index_;
    r.threads = threads_.value();
    if (!purpose_.empty()) {
      r.rules = rules_.make(s.findings());
      r.rules->image_name = r.image.base_name();
      if (image_.several()) { r.rules->others = systems_; }
      s.printer().set_rules_as_text(false);
    }
    r.look = image_.several() && r.image.volumes.front() != "-";
    check_events told{s, digests_, *systems_};
    auto const done = jobs::check(r, told);
    s.finish(done);
    if (r.rules) { summarise_rules(s, done, *r.rules); }
    if (done.rules) { remember(*done.rules); }
    if (auto& line = s.line()) {
      if (done.rules) {
        if (auto why = first_reason(&*done.rules, {}); line->reason.empty() || !why.empty()) {
          line->reason = std::move(why);
        }
      }
      return;
    }
    if (!done.ended) {
      image_.say_damage(s, done, false);
      print_verdict(s, done, told.made());
      finish_profile(s);
    }
  }

  void finish_all(session& s) override {
    if (known_) { wpar::report_profile(*known_, known_used_, s.findings()); }
    finish_profile(s);
  }

 private:
  // For the profile that is made, and for the lines of the given one that are of no use to any image.
  void remember(wpar::assessment const& a) {
    if (profile_) {
      std::copy_if(a.results.begin(), a.results.end(), std::back_inserter(found_), wpar::is_for_profile);
    }
    if (!a.known) { return; }
    known_ = a.known;
    known_used_.resize(a.profile_used.size());
    for (std::size_t i = 0; i < a.profile_used.size(); ++i) { known_used_[i] = known_used_[i] || a.profile_used[i]; }
  }

  void open_profile() {
    struct stat st {};
    if (::lstat(write_profile_.c_str(), &st) == 0) {
      throw fatal_error{fatal_error::kind::io,
                        concat("--write-profile ", quoted(write_profile_),
                               ": exists already, and reasons may stand in it; choose another name")};
    }
    profile_.emplace(write_profile_, false);
  }

  void finish_profile(session& s) {
    if (!profile_) { return; }
    std::vector<wpar::rule_result const*> all;
    for (auto const& r : found_) { all.push_back(&r); }
    auto const made = wpar::make_profile(all);
    text_writer out{profile_->fd()};
    out.write(made.text);
    out.flush();
    profile_->commit();
    s.summary().output_written = true;
    s.say(concat(quoted(write_profile_), ": ", counted(made.findings, "finding", "findings"),
                 made.findings == 0 ? "" : "; keep those that somebody has judged, and write why"));
  }

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
  std::string purpose_, index_, write_profile_;
  std::shared_ptr<std::vector<wpar::known_system>> systems_ = std::make_shared<std::vector<wpar::known_system>>();
  std::optional<output::staged_file> profile_;
  std::vector<wpar::rule_result> found_;
  std::shared_ptr<wpar::profile const> known_;
  std::vector<bool> known_used_;
  bool digests_ = false, inventory_ = false, all_ = false;
};

}  // namespace

command_entry const check_entry{
    "check", "IMAGE...", "validate structure, checksums and every packed member",
    "Every byte of the image is read and every packed member decoded; nothing is written. Exit code 0: "
    "sound, 3: damaged or incomplete. Several images give a table, a line an image, and name those of one system; the "
    "exit code is the worst of theirs.\n"
    "With --inventory the content of every file is held against the sums that AIX keeps of it: in liblpp.a "
    "of every package, and in the software database. A sum of 16 bits finds 99.998 percent of all damage; the "
    "length is compared too. Every fileset is sound, changed, incomplete or damaged; a file is damaged only "
    "where neither an update nor an edit explains it.\n"
    "With --for wpar, which looks at the inventory too, the rules V01 to V35 are held against it; exit code 6: not "
    "fit. The options of "
    "the rules are those of `sysb wpar`.",
    [] { return std::unique_ptr<command>{new check_command}; }};

}  // namespace sysb::cli
