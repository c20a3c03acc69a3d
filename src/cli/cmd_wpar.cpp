// SPDX-License-Identifier: Apache-2.0
// `sysb wpar IMAGE -o OUT`: survey, rules, plan, output, side files.
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <functional>
#include <optional>

#include "base/cksum.hpp"
#include "base/text.hpp"
#include "catalog/recorder.hpp"
#include "cli/command.hpp"
#include "cli/copy_run.hpp"
#include "cli/input.hpp"
#include "cli/open_output.hpp"
#include "cli/rule_arguments.hpp"
#include "cli/rule_table.hpp"
#include "cli/session.hpp"
#include "cli/verify.hpp"
#include "core/fatal_error.hpp"
#include "wpar/deploy/deploy.hpp"
#include "wpar/plan.hpp"
#include "wpar/rules.hpp"
#include "wpar/survey.hpp"

namespace sysb::cli {

namespace {

[[noreturn]] void usage(std::string text) { throw fatal_error{fatal_error::kind::usage, std::move(text)}; }

std::string_view word_of(output::compression c) noexcept {
  switch (c) {
    case output::compression::none: return "none";
    case output::compression::gzip: return "gzip";
    case output::compression::xz: return "xz";
    case output::compression::zstd: return "zstd";
  }
  return "none";
}

// The lists of side files that are written member by member.
class side_lists {
 public:
  side_lists(side_directory& into, bool metadata) : into_{into}, dropped_{into.begin("dropped.txt", 0644)} {
    into_.append(dropped_, "# rule, name (\\0ooo: a byte in octal), reason\n");
    if (metadata) {
      metadata_ = into.begin("metadata.list", 0644);
      into_.append(*metadata_, wpar::deploy::metadata_head);
    }
  }
  void add(entry const& e, decision const& what) {
    line_.clear();
    wpar::deploy::append_dropped_line(line_, e, what);
    if (!line_.empty()) { into_.append(dropped_, line_); }
    if (!metadata_) { return; }
    line_.clear();
    wpar::deploy::append_metadata_line(line_, e, what);
    into_.append(*metadata_, line_);
  }

 private:
  side_directory& into_;
  std::size_t dropped_;
  std::optional<std::size_t> metadata_;
  std::string line_;
};

class wpar_command final : public command {
 public:
  void define(option_table& options) override {
    image_.define(options);
    image_.define_index(options);
    output_.define(options);
    rules_.define(options);
    options.flag("--dry-run", dry_run_, "everything but the writing; the plan goes to standard output");
    options.flag("--quick", quick_, "with --dry-run: read headers only");
    options.flag("--all", all_, "show in the plan what is kept, too");
    options.flag("--empty-devices", empty_devices_, "empty the customized device classes in a .bff too");
    options.text("--report", report_, "DIR", "where the side files go; default OUT.d/");
    options.flag("--verify", verify_, "read the result back and compare it with the plan");
    threads_.define(options);
  }

  void judge() override {
    image_.judge(0, 0, "");
    output_.judge();
    rules_.judge();
    auto const& c = output_.choice();
    if (quick_ && !dry_run_) { usage("--quick needs --dry-run"); }
    if (verify_ && dry_run_) { usage("--verify and --dry-run exclude each other"); }
    if (verify_ && (c.to_stdout || !c.kind->holds.content)) {
      usage("--verify: this output cannot be read back and compared");
    }
    if (all_ && !dry_run_) { wants_actions_ = true; }
  }

  [[nodiscard]] bool content_to_stdout() const override { return output_.given() == "-" && !dry_run_; }
  [[nodiscard]] std::string subject() const override { return image_.subject(); }

  void run(session& s) override {
    refuse_existing(output_);
    auto request = make_request(s);
    auto image = image_.open_by_index(s, true);
    s.counters().phase = "survey";
    s.counters().total = image.source->size().value_or(0);
    auto* const indexed = by_index(image);
    index::recorder members{image_.tmpdir()};
    std::function<void(entry const&)> const record = [&](entry const& e) { members.add(e); };
    auto facts = wpar::survey(*image.reader,
                              {.bounds = s.bounds(),
                               .counters = &s.counters(),
                               .wanted = &request,
                               .on_member = indexed == nullptr ? record : nullptr,
                               .threads = threads_.value()},
                              s.findings());
    // Only the survey goes by the index: what is written comes from a walk, which finds damage.
    // Without one the survey was that walk.
    if (indexed != nullptr) {
      indexed->use_walk();
    } else {
      registry::go_by_catalog(image, members);
    }
    facts.structure_errors = std::max(facts.structure_errors, s.findings().counts().errors_of(fault_class::damage));
    auto const result = wpar::assess(facts, request);
    apply_assessment(s, result, request);
    s.say(concat("level ", printable(result.source.text()), " (from ", to_text(result.source.source), ")"));
    s.say(concat(to_text(result.kind.kind), " WPAR, because ", printable(result.kind.reason)));
    if (result.host) { s.say(printable(result.host->text)); }
    if (!result.may_write(request) || s.findings().counts().errors_of(fault_class::damage) != 0) {
      // Damage is a stronger reason than a rule: the contents are looked at before that is said.
      if (s.findings().counts().errors_of(fault_class::damage) == 0 && !quick_) { look_for_damage(s, image); }
      auto const damaged = s.current() == exit_code::damaged;
      s.say(concat("nothing is written: the image is ", damaged ? "damaged" : to_text(result.outcome)));
      return;
    }
    auto const plan = wpar::make_plan(facts, request, result, s.findings());
    image.reader->rewind();
    if (dry_run_) {
      try_out(s, image, *plan, facts, request, result);
    } else {
      write(s, image, *plan, facts, request, result);
    }
  }

 private:
  wpar::request make_request(session& s) const {
    auto r = rules_.make(s.findings());
    auto const& c = output_.choice();
    s.rules_for_exit().forced = r.force;
    s.rules_for_exit().loss_counts = output_.stop_on_loss();
    r.empty_devices = empty_devices_;
    r.target = c.tree()              ? wpar::target_kind::tree
               : c.kind->id == "bff" ? wpar::target_kind::bff
                                     : wpar::target_kind::archive;
    r.format = std::string{c.kind->id};
    r.compression = std::string{word_of(c.compress)};
    r.output_name = c.to_stdout ? std::string{"-"} : c.base_name();
    r.image_name = image_.base_name();
    return r;
  }

  void look_for_damage(session& s, registry::opened_image& image) {
    auto const sink = output::make_null_sink();
    keep_all everything;
    copy_run work{s, image, everything, *sink};
    work.options.keep_going = true;
    work.options.last_name_wins = true;
    work.options.threads = threads_.value();
    work.options.tmpdir = image_.tmpdir();
    image.reader->rewind();
    work.run("check");
  }

  void set_options(copy_run& work) const {
    work.options.target = output_.choice().kind;
    work.options.stop_on_loss = output_.stop_on_loss();
    work.options.last_name_wins = true;
    work.options.threads = threads_.value();
    work.options.tmpdir = image_.tmpdir();
  }

  // Streams the actions, and counts them for the report.
  std::function<void(pipeline::member_event const&)> observer(session& s, wpar::deploy::result& done,
                                                              side_lists* lists = nullptr) {
    auto const to_out = dry_run_ || (wants_actions_ && !content_to_stdout());
    return [this, &s, &done, lists, to_out, line = std::string{}](pipeline::member_event const& m) mutable {
      auto const& what = m.what;
      done.totals.add(m.member, what);
      done.members.add(m.member, what);
      if (lists != nullptr) { lists->add(m.member, what); }
      if (what.action == plan_action::keep && !all_) { return; }
      s.json().object("action", [&](json_writer& w) {
        w.name_field("path", m.member.path).field("action", to_text(what.action));
        w.field("rule", what.rule).field("reason", what.reason);
      });
      if (s.json().wanted() || !to_out) { return; }
      line = concat(to_text(what.action), std::string(8 - to_text(what.action).size(), ' '), printable(m.member.path));
      if (!what.rule.empty() || !what.reason.empty()) {
        line += concat("  [", what.rule, what.reason.empty() ? "" : ": ", printable(what.reason), ']');
      }
      line.push_back('\n');
      s.out().write(line);
    };
  }

  void print_totals(session& s, wpar::plan_totals const& totals) const {
    if (s.json().wanted() || !dry_run_) { return; }
    s.out().write("\ntotals:\n");
    for (auto const& l : totals.lines()) {
      s.out().write(concat("  ", to_text(l.action), ": ", l.members, " members, ", l.bytes, " bytes",
                           l.rule.empty() ? "" : "  [", l.rule, l.reason.empty() || l.rule.empty() ? "" : ": ",
                           printable(l.reason), l.rule.empty() ? "" : "]", '\n'));
    }
  }

  void try_out(session& s, registry::opened_image& image, member_plan& plan, wpar::facts const& facts,
               wpar::request const& request, wpar::assessment const& result) {
    if (quick_) { s.say("--quick: contents are not read, so damage in them is not found"); }
    auto const tree = output_.choice().tree();
    if (tree) {
      s.say(
          "--dry-run: what the file system refuses beyond owners, device nodes and long names shows only "
          "when the tree is written");
    }
    try_target(output_);
    wpar::deploy::result done;
    auto const sink = tree ? open_forecast(output_, s.findings()) : output::make_null_sink();
    copy_run work{s, image, plan, *sink};
    set_options(work);
    work.options.read_content = !quick_;
    work.options.on_member = observer(s, done);
    work.options.before_writing = [&](std::uint64_t bytes, std::uint64_t n) {
      require_output_space(output_.choice(), bytes, n);
    };
    work.run("write");
    print_totals(s, done.totals);
    auto const folder = side_folder();
    if (!folder || !work.may_commit()) { return; }
    auto const try_name = [&](std::string_view name) { try_file(concat(*folder, '/', name), output_.overwrite()); };
    for (auto const& f : wpar::deploy::make_side_files(facts, request, result, done)) { try_name(f.name); }
    try_name("dropped.txt");
    if (wpar::deploy::wants_metadata(request)) { try_name("metadata.list"); }
  }

  void write(session& s, registry::opened_image& image, member_plan& plan, wpar::facts const& facts,
             wpar::request const& request, wpar::assessment const& result) {
    auto const& choice = output_.choice();
    auto const folder = side_folder();
    if (folder) {
      for (auto const& f : wpar::deploy::make_side_files(facts, request, result, {})) {
        try_file(concat(*folder, '/', f.name), output_.overwrite());
      }
    }
    opened_output out{output_, *image.reader, threads_.value(), s.descriptors().out, s.findings()};
    std::optional<written_record> record;
    if (verify_) {
      record.emplace(image_.tmpdir());
      out.wrap([&](auto inner) { return make_recording_sink(std::move(inner), *record); });
    }
    std::optional<side_directory> side;
    std::optional<side_lists> lists;
    if (folder) {
      side.emplace(*folder, output_.overwrite());
      lists.emplace(*side, wpar::deploy::wants_metadata(request));
    }
    wpar::deploy::result done;
    done.command_line = s.command_line();
    done.image_size = image.source->size().value_or(0);
    done.privileged = ::geteuid() == 0;
    listen_for_losses(s, done);
    copy_run work{s, image, plan, out.sink()};
    set_options(work);
    work.options.threads = out.copy_threads(threads_.value());
    work.options.on_member = observer(s, done, lists ? &*lists : nullptr);
    work.options.before_writing = [&](std::uint64_t bytes, std::uint64_t n) { require_output_space(choice, bytes, n); };
    work.run("write");
    if (!work.may_commit()) { return; }
    if (verify_) {
      auto const seen = verify_output(s, out, choice, *record, image_.tmpdir());
      if (seen.differences != 0 || !work.may_commit()) { return; }
    }
    s.printer().set_listener({});
    if (side) {
      measure(out, done);
      done.content_verified = verify_ || s.summary().content_verified.value_or(true);
      for (auto const& f : wpar::deploy::make_side_files(facts, request, result, done)) {
        side->add(f.name, f.content, f.mode);
      }
      side->commit();
    }
    out.commit();
    if (side) { side->keep(); }
    s.summary().output_written = !choice.nothing();
    s.say(concat(choice.to_stdout ? std::string{"standard output"} : quoted(choice.path), ": ", s.summary().kept,
                 " kept, ", s.summary().dropped, " dropped, ", s.summary().replaced, " replaced, ", s.summary().added,
                 " added", s.summary().refused != 0 ? ", " : "",
                 s.summary().refused != 0 ? concat(s.summary().refused, " refused") : std::string{}));
    if (folder) { s.say(concat("report and commands for AIX: ", quoted(*folder))); }
  }

  static void listen_for_losses(session& s, wpar::deploy::result& done) {
    s.printer().set_listener([&done](diagnostic const& d) {
      if (d.code->fault != fault_class::loss) { return; }
      auto const old =
          std::find_if(done.losses.begin(), done.losses.end(), [&](auto const& x) { return x.id == d.code->id; });
      if (old != done.losses.end()) {
        ++old->times;
      } else {
        done.losses.push_back({std::string{d.code->id}, printable(d.text()), 1});
      }
    });
  }

  // Size and checksum of a finished archive, for the script that looks at it on AIX.
  static void measure(opened_output const& out, wpar::deploy::result& done) {
    auto const fd = out.file();
    if (fd < 0) { return; }
    cksum sum;
    std::vector<std::byte> piece(256u << 10);
    for (;;) {
      auto const n = ::pread(fd, piece.data(), piece.size(), static_cast<::off_t>(sum.size()));
      if (n < 0 && errno == EINTR) { continue; }
      if (n < 0) { throw fatal_error{fatal_error::kind::io, concat("cannot read the output again: ", os_text(errno))}; }
      if (n == 0) { break; }
      sum.add(std::span{piece}.first(static_cast<std::size_t>(n)));
    }
    done.output_cksum = sum.value();
    done.output_size = sum.size();
  }

  // Standard output and null have no name that a folder could be called after.
  [[nodiscard]] std::optional<std::string> side_folder() const {
    if (!report_.empty()) { return report_; }
    auto const& c = output_.choice();
    if (c.to_stdout || c.nothing()) { return std::nullopt; }
    return concat(c.path, ".d");
  }

  image_arguments image_;
  output_arguments output_;
  rule_arguments rules_;
  thread_argument threads_;
  std::string report_;
  bool dry_run_ = false, quick_ = false, all_ = false, empty_devices_ = false, verify_ = false;
  bool wants_actions_ = false;
};

}  // namespace

command_entry const wpar_entry{
    "wpar", "IMAGE -o OUT", "a system copy WPAR from an image, as a root tree or an archive",
    "Surveys the image, holds the rules V01 to V35 against it (`sysb explain V12` tells what one "
    "means), plans an action for every member, and writes the result: whole or not at all. Side files "
    "(fs.plan, image.data, wpar.spec, scripts for AIX, reports, what was dropped) go to "
    "OUT.d/.\n"
    "Exit code 6: not fit for the purpose (--force goes on), 3: damaged.",
    [] { return std::unique_ptr<command>{new wpar_command}; }};

}  // namespace sysb::cli
