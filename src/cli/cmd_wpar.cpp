// SPDX-License-Identifier: Apache-2.0
// `sysb wpar IMAGE -o OUT`: survey, rules, plan, output, side files.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/input.hpp"
#include "cli/output_arguments.hpp"
#include "cli/rule_arguments.hpp"
#include "cli/rule_summary.hpp"
#include "cli/session.hpp"
#include "cli/words.hpp"
#include "core/fatal_error.hpp"
#include "jobs/jobs.hpp"

namespace sysb::cli {

namespace {

// How actions are shown.
struct action_lines {
  bool kept = false;     // those that keep a member, too
  bool to_text = false;  // on standard output, where no JSON is asked for
};

class wpar_events final : public job_events {
 public:
  wpar_events(session& s, jobs::wpar_request const& r, action_lines how) : job_events{s}, request_{r}, how_{how} {}

  void assessed(wpar::facts const&, wpar::assessment const& a) override {
    session_.say(concat("level ", printable(a.source.text()), " (from ", to_text(a.source.source), ")"));
    session_.say(concat(to_text(a.kind.kind), " WPAR, because ", printable_text(a.kind.reason)));
    if (a.host) { session_.say(printable_text(a.host->text)); }
  }

  void writing() override {
    if (request_.quick) { session_.say("--quick: contents are not read, so damage in them is not found"); }
    if (request_.dry_run && request_.to.tree()) {
      session_.say(
          "--dry-run: what the file system refuses beyond owners, device nodes and long names shows only "
          "when the tree is written");
    }
  }

  void member(pipeline::member_event const& m) override {
    auto const& what = m.what;
    if (what.action == plan_action::keep && !how_.kept) { return; }
    session_.json().object("action", [&](json_writer& w) {
      w.name_field("path", m.member.path).field("action", to_text(what.action));
      w.field("rule", what.rule).field("reason", what.reason);
    });
    if (session_.json().wanted() || !how_.to_text) { return; }
    line_ = concat(to_text(what.action), std::string(8 - to_text(what.action).size(), ' '), printable(m.member.path));
    if (!what.rule.empty() || !what.reason.empty()) {
      line_ += concat("  [", what.rule, what.reason.empty() ? "" : ": ", printable(what.reason), ']');
    }
    line_.push_back('\n');
    session_.out().write(line_);
  }

 private:
  jobs::wpar_request const& request_;
  action_lines how_;
  std::string line_;
};

class wpar_command final : public command {
 public:
  void define(option_table& options) override {
    image_.define(options);
    image_.define_index(options);
    image_.define_salvage(options, true);
    select_.define(options);
    output_.define(options);
    rules_.define(options);
    options.flag("--dry-run", dry_run_,
                 "everything but the writing; the plan goes to standard output, by what stands together");
    options.flag("--quick", quick_, "with --dry-run: read headers only");
    options.flag("--all", all_, "name every member of the plan, kept ones too");
    options.flag("--empty-devices", empty_devices_, "empty the customized device classes in a .bff too");
    options.text("--report", report_, "DIR", "where the side files go; default OUT.d/");
    options.flag("--verify", verify_, "read the result back and compare it with the plan");
    threads_.define(options);
  }

  void judge() override {
    image_.judge(0, 0, "");
    output_.judge();
    rules_.judge();
    if (quick_ && !dry_run_) { usage("--quick needs --dry-run"); }
    if (verify_ && dry_run_) { usage("--verify and --dry-run exclude each other"); }
    if (verify_ && (output_.given() == "-" || !output_.kind().holds.content)) {
      usage("--verify: this output cannot be read back and compared");
    }
  }

  [[nodiscard]] bool content_to_stdout() const override { return output_.given() == "-" && !dry_run_; }
  [[nodiscard]] std::string subject() const override { return image_.subject(); }

  void run(session& s) override {
    jobs::wpar_request r;
    r.rules = rules_.make(s.findings());
    r.image = image_.request(s);
    r.rules.image_name = r.image.base_name();
    r.rules.empty_devices = empty_devices_;
    r.to = output_.request(s.descriptors().out);
    r.select = select_.make({});
    r.threads = threads_.value();
    r.dry_run = dry_run_;
    r.quick = quick_;
    r.verify = verify_;
    r.side_files = report_;
    r.command_line = s.command_line();
    wpar_events told{s, r, {.kept = all_, .to_text = all_ && !content_to_stdout()}};
    auto const done = jobs::wpar(r, told);
    if (done.planned) { print_plan(s, done); }
    if (done.held_back && r.image.salvage) {
      s.say("nothing is written: what is left of the image is not fit; --force writes it all the same");
    } else if (done.held_back) {
      s.say(concat("nothing is written: the image is ",
                   to_text(done.exit == exit_code::damaged ? done.result : done.rules->outcome)));
    }
    image_.say_damage(s, done, select_.excludes());
    s.finish(done);
    summarise_rules(s, done, r.rules);
    if (done.finished) { tell_what_is_written(s, r, done); }
  }

 private:
  // A line a group; --all has named every member before.
  void print_plan(session& s, jobs::outcome const& done) const {
    if (s.json().wanted()) { return; }
    auto const column = [](plan_action action) {
      auto const word = to_text(action);
      return concat(word, std::string(8 - word.size(), ' '));
    };
    auto const amount = [](std::uint64_t members, std::uint64_t bytes) {
      return concat(counted(members, "member", "members"), bytes == 0 ? "" : concat(", ", human_size(bytes)));
    };
    std::string text;
    for (auto const& g : done.plan_groups) {
      if (all_) { break; }
      auto const where = concat('/', printable(g.below), g.members == 1 || g.below.empty() ? "" : "/");
      text += concat(column(g.action), where, g.members == 1 ? "" : concat("  ", amount(g.members, g.bytes)));
      text += concat("  [", g.rule, g.rule.empty() || g.reason.empty() ? "" : ": ", printable_text(g.reason), "]\n");
    }
    text += "\ntotals\n";
    for (auto const a : {plan_action::keep, plan_action::drop, plan_action::replace, plan_action::add}) {
      std::uint64_t bytes = 0;
      for (auto const& l : done.planned->lines()) { bytes += l.action == a ? l.bytes : 0; }
      auto const members = done.planned->members(a);
      if (members != 0) { text += concat("  ", column(a), amount(members, bytes), '\n'); }
    }
    if (!all_) { text += "--all names every member\n"; }
    s.out().write(text);
  }

  static void tell_what_is_written(session& s, jobs::wpar_request const& r, jobs::outcome const& done) {
    auto const& m = done.members;
    s.say(concat(written_text(s, r.to, done), "; ", m.kept, " kept, ", m.dropped, " dropped, ", m.replaced,
                 " replaced, ", m.added, " added",
                 m.refused != 0 ? concat(", ", m.refused, " refused") : std::string{}));
    if (done.side_files) { s.say(concat("report and commands for AIX: ", quoted(*done.side_files))); }
  }

  image_arguments image_;
  output_arguments output_;
  select_arguments select_;
  rule_arguments rules_;
  thread_argument threads_;
  std::string report_;
  bool dry_run_ = false, quick_ = false, all_ = false, empty_devices_ = false, verify_ = false;
};

}  // namespace

command_entry const wpar_entry{
    "wpar", "IMAGE -o OUT", "a system copy WPAR from an image, as a root tree or an archive",
    "Surveys the image, holds the rules V01 to V35 against it (`sysb explain V12` tells what one "
    "means), plans an action for every member, and writes the result: whole or not at all. Side files "
    "(fs.plan, image.data, wpar.spec, scripts for AIX, reports, what was dropped or is missing) go to "
    "OUT.d/.\n"
    "Exit code 6: not fit for the purpose (--force goes on), 3: damaged.",
    [] { return std::unique_ptr<command>{new wpar_command}; }};

}  // namespace sysb::cli
