// SPDX-License-Identifier: Apache-2.0
// `sysb diff A B`: what changed between two images, trees, indexes or archives. Exit codes as diff(1) has them.
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "catalog/diagnostics.hpp"
#include "cli/command.hpp"
#include "cli/diff_text.hpp"
#include "cli/input.hpp"
#include "cli/session.hpp"
#include "core/fatal_error.hpp"
#include "diff/compare.hpp"
#include "diff/content.hpp"
#include "diff/diagnostics.hpp"
#include "diff/expected_plan.hpp"
#include "diff/side.hpp"
#include "diff/system_changes.hpp"
#include "jobs/diagnostics.hpp"
#include "jobs/image.hpp"

namespace sysb::cli {

namespace {

constexpr std::uint64_t most_content_bytes = 64u << 20;

std::string name_for_people(std::string const& name) { return name == "-" ? "standard input" : name; }

class diff_command final : public command {
 public:
  void define(option_table& options) override {
    sides_.define(options);
    select_.define(options);
    options.flag("--filesets", filesets_, "only what changed among the installed filesets");
    options.flag("--config", config_, "only configuration files");
    options.text("--content", content_, "PATH", "what changed inside this member, line by line, row by row");
    options.text("--ignore", ignore_, "WORDS", "times, inode, devices, logs: what is no difference; with commas");
    options.flag("--exact", exact_, "inode numbers, access times and times of directories count, too");
    options.choice("--sort", sort_, "ORDER", {"size", "path"}, "size: the largest change first; default path");
    options.flag("--stat", stat_, "counts instead of paths");
    options.text("--expect-plan", plan_, "REPORT",
                 "B was made of A by `sysb wpar`: what its report.json tells is expected, and no difference");
    options.flag("--no-exit-code", no_exit_code_, "exit code 0 where something differs, too");
    threads_.define(options);
  }

  void judge() override {
    sides_.judge();
    read_ignored();
    auto const narrow = int{filesets_} + int{config_} + int{!content_.empty()} + int{stat_};
    if (narrow > 1 && !(narrow == 2 && config_ && stat_)) {
      usage("--filesets, --content, --config and --stat exclude each other, but for --config --stat");
    }
    if ((filesets_ || !content_.empty()) && !sides_.patterns().empty()) {
      usage("a PATTERN goes with neither --filesets nor --content");
    }
    if (!plan_.empty() && (narrow != 0 || !sides_.patterns().empty() || select_.excludes())) {
      usage("--expect-plan compares everything: no option or PATTERN that narrows it");
    }
  }
  [[nodiscard]] std::string subject() const override { return {}; }

  void run(session& s) override {
    s.summary().is_diff = true;
    s.printer().set_least_text(severity::warning);
    s.progress_display().start();
    std::optional<diff::expected_plan> plan;
    if (!plan_.empty()) { plan.emplace(plan_, sides_.tmpdir()); }
    auto const context = sides_.context(s, threads_.value());
    auto const with_system = content_.empty() && !config_ && sides_.patterns().empty() && !select_.excludes();
    auto const a_side = open(s, 0, context);
    auto const a = load(s, *a_side, context, with_system);
    auto const b_side = open(s, 1, context);
    auto const b = load(s, *b_side, context, with_system);
    s.printer().set_subject({});
    s.summary().entries = a->walked() + b->walked();
    s.summary().bytes = a->content_bytes() + b->content_bytes();
    print_sides(s, *a, *b);
    if (!content_.empty()) {
      show_content(s, *a, *b);
    } else if (filesets_) {
      show_filesets(s, *a, *b);
    } else {
      show_changes(s, *a, *b, context, with_system, plan ? &*plan : nullptr);
    }
    a_side->check_unchanged();
    b_side->check_unchanged();
  }

 private:
  // --- A and B ---
  class two_sides {
   public:
    void define(option_table& options) {
      options.positionals(words_);
      options.list("--index", indexes_, "FILE", "the index of A, given again that of B; default beside them, if any");
      options.flag("--no-index", no_index_, "use no index");
      options.text("--member", member_, "NAME", "which file inside A and B is the system image, as in `sysb info`");
      options.text("--tmpdir", tmpdir_, "DIR", "where lists too long for memory stand; default $TMPDIR, else /var/tmp");
      limits_.define(options);
    }
    void judge() {
      limits_.judge();
      if (words_.size() < 2) { usage(words_.empty() ? "no A and no B given" : "no B given"); }
      for (std::size_t i = 0; i < 2; ++i) {
        if (words_[i].empty()) { usage("the name of an image is empty"); }
      }
      if (words_[0] == "-" && words_[1] == "-") { usage("standard input cannot be both"); }
      if (no_index_ && !indexes_.empty()) { usage("--index and --no-index exclude each other"); }
      if (indexes_.size() > 2) { usage("--index is given once for A and once for B"); }
      patterns_.assign(words_.begin() + 2, words_.end());
    }
    [[nodiscard]] std::string const& name(std::size_t i) const { return words_[i]; }
    [[nodiscard]] std::vector<std::string> const& patterns() const noexcept { return patterns_; }
    [[nodiscard]] std::string tmpdir() const { return usual_tmpdir(tmpdir_); }
    [[nodiscard]] diff::side_context context(session& s, unsigned threads) const {
      return {.bounds = limits_.apply(s.bounds()),
              .tmpdir = tmpdir(),
              .findings = &s.findings(),
              .counters = &s.counters(),
              .threads = threads};
    }
    [[nodiscard]] diff::side_request request(session& s, std::size_t i, bool read_twice) const {
      diff::side_request out;
      out.volumes = {words_[i]};
      out.member = member_;
      out.read_twice = read_twice;
      out.open_index = [&s](std::string const& name) { return jobs::open_index_file(name, s.findings()); };
      if (no_index_) { return out; }
      auto const given = i < indexes_.size() ? indexes_[i] : std::string{};
      out.use_index = [&s, given](registry::opened_image& image, std::string const& name) {
        struct stat st {};
        auto const file = given.empty() ? jobs::index_name(name) : given;
        if (given.empty() && (file.empty() || ::stat(file.c_str(), &st) != 0)) { return; }
        try {
          if (auto opened = jobs::open_index_file(file, s.findings())) {
            jobs::use_index(image, std::move(opened), name, s.findings());
          }
        } catch (fatal_error const& e) {
          // Of one that nobody asked for it is only remarked that it cannot be read.
          if (!given.empty() || e.what_kind() != fatal_error::kind::io) { throw; }
          s.findings().report(
              {.code = &index::damaged_index, .offset = {}, .path = {}, .detail = e.what(), .level = {}});
        }
      };
      return out;
    }

   private:
    std::vector<std::string> words_, patterns_, indexes_;
    std::string member_, tmpdir_;
    limit_arguments limits_;
    bool no_index_ = false;
  };

  std::unique_ptr<diff::side> open(session& s, std::size_t i, diff::side_context const& c) const {
    s.printer().set_subject(printable(name_for_people(sides_.name(i))));
    return diff::open_side(sides_.request(s, i, !content_.empty()), c);
  }

  static std::unique_ptr<diff::loaded_side> load(session& s, diff::side& side, diff::side_context const& c,
                                                 bool with_system) {
    s.counters().phase = "list";
    s.counters().entries = 0;
    return std::make_unique<diff::loaded_side>(side, c, with_system);
  }

  void print_sides(session& s, diff::loaded_side const& a, diff::loaded_side const& b) const {
    print_side_object(s.json(), "a", a);
    print_side_object(s.json(), "b", b);
    if (!s.json().wanted() && content_.empty()) { s.out().write(side_line('A', a) + side_line('B', b)); }
  }

  // --- options ---
  void read_ignored() {
    for (auto const word : split(ignore_, ',')) {
      if (word == "times") {
        how_.ignore_times = true;
      } else if (word == "inode") {
        how_.ignore_inode = true;
      } else if (word == "devices") {
        how_.ignore_devices = true;
      } else if (word == "logs") {
        how_.ignore_logs = true;
      } else {
        usage(concat("--ignore ", quoted(word), ": times, inode, devices or logs"));
      }
    }
    how_.exact = exact_;
    how_.config_only = config_;
  }

  [[nodiscard]] std::vector<std::string_view> ignored_words() const {
    std::vector<std::string_view> out;
    if (!exact_ || how_.ignore_inode) { out.emplace_back("inode numbers and link counts"); }
    if (!exact_ && !how_.ignore_times) { out.emplace_back("access times"); }
    if (how_.ignore_times) {
      out.emplace_back("times");
    } else if (!exact_) {
      out.emplace_back("times of directories");
    }
    out.emplace_back("sizes of directories");
    if (!exact_) { out.emplace_back("directories that one side has only as part of other names"); }
    if (how_.ignore_devices) { out.emplace_back("devices"); }
    if (how_.ignore_logs) { out.emplace_back("logs and temporary files"); }
    return out;
  }

  static std::vector<std::string_view> lost_words(std::uint32_t lost) {
    constexpr std::array<std::pair<std::uint32_t, std::string_view>, 7> words{
        {{diff::property::owner, "owners"},
         {diff::property::mtime, "times of modification"},
         {diff::property::atime, "access times"},
         {diff::property::ctime, "times of change"},
         {diff::property::high_mode, "upper bits of the mode"},
         {diff::property::acl, "access control lists"},
         {diff::property::inode, "inode numbers"}}};
    std::vector<std::string_view> out;
    for (auto const& [bit, word] : words) {
      if ((lost & bit) != 0) { out.push_back(word); }
    }
    return out;
  }

  // --- what is shown ---
  void differ(session& s, bool different) const {
    s.summary().compared = different ? "different" : "same";
    if (different && !no_exit_code_) { s.add_exit(exit_code::differs); }
  }

  void show_filesets(session& s, diff::loaded_side const& a, diff::loaded_side const& b) const {
    for (auto const* const side : {&a, &b}) {
      if (!side->system().filesets.empty()) { continue; }
      auto const alone =
          side->about().kind == diff::side_kind::index || side->about().kind == diff::side_kind::manifest;
      throw fatal_error{fatal_error::kind::io,
                        concat(quoted(side->about().name), " does not tell its filesets: ",
                               alone ? "it has no contents" : "no software database in it can be read")};
    }
    auto const changes = diff::compare_filesets(a.system(), b.system());
    print_fileset_objects(s.json(), changes);
    if (!s.json().wanted()) { s.out().write(changes.empty() ? "filesets: the same\n" : filesets_text(changes)); }
    s.summary().more = [n = std::uint64_t{changes.size()}](json_writer& w) { w.field("filesets_changed", n); };
    differ(s, !changes.empty());
  }

  void show_system(session& s, diff::loaded_side const& a, diff::loaded_side const& b) const {
    auto const changes = diff::compare_systems(a.system(), b.system());
    auto const filesets = diff::compare_filesets(a.system(), b.system());
    print_system_objects(s.json(), changes);
    print_fileset_objects(s.json(), filesets);
    if (!a.system().any || !b.system().any) {
      s.findings().report({.code = &diff::no_system_files, .offset = {}, .path = {}, .detail = {}, .level = {}});
    }
    if (s.json().wanted()) { return; }
    if (!a.system().any || !b.system().any) {
      s.out().write("system: not compared, contents that tell it are not at hand\n");
    } else if (changes.empty() && filesets.empty()) {
      s.out().write("system: the same level, filesets, file systems, accounts and host\n");
    } else {
      s.out().write(system_text(changes) + filesets_text(filesets));
    }
  }

  void show_changes(session& s, diff::loaded_side& a, diff::loaded_side& b, diff::side_context const& context,
                    bool with_system, diff::expected_plan* plan) {
    if (with_system) { show_system(s, a, b); }
    auto const chosen = select_.make(sides_.patterns());
    auto how = how_;
    if (!chosen.everything()) { how.select = &chosen; }
    s.counters().phase = "compare";
    diff::comparison both{a, b, how, context};
    both.run();
    grouped_changes groups{context.tmpdir, sort_ == "size", stat_};
    std::uint64_t expected = 0;
    both.each([&](diff::change const& c) {
      auto const is_expected = plan != nullptr && plan->expects(c);
      expected += is_expected ? 1 : 0;
      auto const gone = c.what == diff::change_kind::removed;
      auto fileset = (gone ? a : b).owners().fileset_of(c.path);
      if (fileset.empty()) { fileset = (gone ? b : a).owners().fileset_of(c.path); }
      if (s.json().wanted()) {
        print_change_object(s.json(), c, fileset, plan != nullptr, is_expected);
      } else if (!is_expected) {
        groups.add(c, file_system_of((gone ? a : b).system(), c.path), fileset, {});
      }
    });
    jobs::report_unmatched(chosen, s.findings());
    if (!s.json().wanted()) { groups.print(s.out()); }
    auto const undone = plan != nullptr ? plan->finish() : diff::expected_plan::undone{};
    if (undone.members != 0) {
      s.findings().report({.code = &diff::plan_not_done,
                           .offset = {},
                           .path = {},
                           .detail = concat(undone.members, undone.members == 1 ? " member" : " members",
                                            " of those left out by the plan, the first ", quoted(undone.first)),
                           .level = {}});
    }
    finish(s, both, plan != nullptr, expected, undone.members);
  }

  void finish(session& s, diff::comparison const& both, bool planned, std::uint64_t expected, std::uint64_t undone) {
    auto const& t = both.counted();
    auto const lost = lost_words(both.not_compared());
    auto const ignored = ignored_words();
    auto const different = t.differences() != expected || undone != 0;
    differ(s, different);
    s.summary().added = t.added;
    s.summary().more = [=](json_writer& w) {
      w.field("same", t.same).field("removed", t.removed).field("changed", t.changed);
      w.field("metadata_only", t.metadata_only).field("suspect", t.suspect).field("unknown", t.unknown);
      w.field("renamed", t.renamed).field("bytes_added", t.bytes_added).field("bytes_removed", t.bytes_removed);
      if (planned) { w.field("expected", expected).field("plan_undone", undone); }
      auto const list = [&](std::string_view name, std::vector<std::string_view> const& words) {
        w.key(name).begin_array();
        for (auto const word : words) { w.value(word); }
        w.end_array();
      };
      list("ignored", ignored);
      list("not_compared", lost);
    };
    if (s.json().wanted()) { return; }
    auto const joined = [](std::vector<std::string_view> const& words) {
      std::string out;
      for (auto const word : words) { out += concat(out.empty() ? "" : ", ", word); }
      return out;
    };
    auto const verdict =
        planned ? (different ? "not as planned: " : "as planned: ") : (different ? "different: " : "the same: ");
    s.out().write(concat(std::string_view{verdict}, totals_text(t), '\n'));
    if (planned) { s.out().write(concat("expected by the plan: ", expected, " of ", t.differences(), '\n')); }
    s.out().write(concat("ignored: ", joined(ignored), exact_ ? "" : " (--exact compares what it can of them)", '\n'));
    if (!lost.empty()) { s.out().write(concat("not compared, one side does not tell it: ", joined(lost), '\n')); }
  }

  // --- --content ---
  struct found_content {
    bool there = false;
    std::vector<std::byte> bytes;
  };

  [[nodiscard]] found_content fetch(session& s, diff::loaded_side& side) const {
    auto const wanted = normal_path(content_);
    diff::loaded_side::cursor items{side};
    while (items.next()) {
      auto const& m = items.at();
      if (m.path != wanted) { continue; }
      if (m.kind != entry_kind::file) {
        throw fatal_error{fatal_error::kind::io,
                          concat(quoted(side.about().name), ": ", quoted(m.path), " is a ", to_text(m.kind))};
      }
      found_content out{.there = true, .bytes = {}};
      if (m.size == 0) { return out; }
      if (m.size > most_content_bytes) {
        throw fatal_error{fatal_error::kind::io,
                          concat(quoted(m.path), " has ", human_size(m.size), ", too much to be shown line by line")};
      }
      auto const source = m.content == diff::proof::unproven ? nullptr : side.origin().contents();
      if (!source) {
        throw fatal_error{fatal_error::kind::io,
                          concat(quoted(side.about().name), ": the content of ", quoted(m.path), " is not at hand")};
      }
      auto const fault = source->read(diff::place_of(m), [&](std::span<std::byte const> piece) {
        out.bytes.insert(out.bytes.end(), piece.begin(), piece.end());
      });
      if (fault && fault->code != nullptr) { s.findings().report(*fault); }
      return out;
    }
    return {};
  }

  void show_content(session& s, diff::loaded_side& a, diff::loaded_side& b) const {
    auto const before = fetch(s, a);
    auto const after = fetch(s, b);
    if (!before.there && !after.there) {
      throw fatal_error{fatal_error::kind::io, concat("neither side has ", quoted(content_))};
    }
    auto const path = normal_path(content_);
    auto const change = diff::compare_contents(path, before.bytes, after.bytes);
    auto const same = change.same && before.there == after.there;
    s.summary().more = [form = diff::to_text(change.form)](json_writer& w) { w.field("form", form); };
    differ(s, !same);
    if (s.json().wanted()) {
      for (auto const& line : change.lines) {
        s.json().object("content_line", [&](json_writer& w) {
          w.field("mark", std::string(1, line.mark)).name_field("text", line.text);
        });
      }
      return;
    }
    if (same) { return; }
    auto const head = [&](std::string_view mark, diff::loaded_side const& side, bool there) {
      s.out().write(concat(
          mark, ' ', there ? concat(printable(side.about().name), ": ./", printable(path)) : std::string{"/dev/null"},
          '\n'));
    };
    head("---", a, before.there);
    head("+++", b, after.there);
    for (auto const& line : change.lines) {
      s.out().write(line.mark == '@' ? printable(line.text) : concat(line.mark, tabs_kept(line.text)));
      s.out().write("\n");
    }
  }

  // Printable, but for tabs, which are no harm and are what files are indented with.
  static std::string tabs_kept(std::string_view text) {
    std::string out;
    for (;;) {
      auto const tab = text.find('\t');
      append_printable(out, text.substr(0, tab));
      if (tab == std::string_view::npos) { return out; }
      out.push_back('\t');
      text.remove_prefix(tab + 1);
    }
  }

  two_sides sides_;
  select_arguments select_;
  thread_argument threads_;
  std::string content_, ignore_, sort_, plan_;
  bool filesets_ = false, config_ = false, exact_ = false, stat_ = false, no_exit_code_ = false;
  diff::compare_options how_;
};

}  // namespace

command_entry const diff_entry{
    "diff", "A B [PATTERN...]", "what changed between two images, trees or indexes",
    "A and B are images, also compressed or carried ones, trees (with OUT.mtree beside them, where there is one), "
    "indexes, and archives and manifests that sysb made, in any pairing. First what changed as a system: level, host, "
    "file systems, accounts, filesets; then members, by file system and fileset: + added, - removed, T another "
    "type, M content, U metadata only, ? content though all else is the same, ! not proven on one side.\n"
    "Contents are compared by digest; what an index knows, or what a size already tells, is not read. Names are those "
    "of the members; a file that moved is shown with both. Not compared unless --exact: inode numbers, access times, "
    "times of directories.\n"
    "Exit code 0: the same, 1: different, 2: wrong command line, 3: A or B is damaged, 5: of no known format, 8: "
    "input or output failed.",
    [] { return std::unique_ptr<command>{new diff_command}; }};

}  // namespace sysb::cli
