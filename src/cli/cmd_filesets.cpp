// SPDX-License-Identifier: Apache-2.0
// `sysb filesets IMAGE`: what the software vital product data of the image says is installed.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/input.hpp"
#include "cli/many_images.hpp"
#include "cli/session.hpp"
#include "core/fatal_error.hpp"
#include "core/member_plan.hpp"
#include "formats/swvpd/installp.hpp"
#include "formats/swvpd/swvpd.hpp"
#include "inventory/diagnostics.hpp"
#include "jobs/inventory_run.hpp"
#include "jobs/jobs.hpp"
#include "output/output.hpp"
#include "pipeline/pipeline.hpp"

namespace sysb::cli {

namespace {

constexpr std::array parts{swvpd::part::usr, swvpd::part::root, swvpd::part::share};

struct class_bytes {
  std::string path;  // as in the image
  std::vector<std::byte> bytes;
};
using class_table = std::map<std::string, class_bytes, std::less<>>;  // by normal path

// Colons separate the fields.
std::string field(std::string_view text) {
  auto out = printable(text);
  std::replace(out.begin(), out.end(), ':', ';');
  return out.empty() ? std::string{" "} : out;
}

std::string_view state_letter(std::string_view state) noexcept {
  if (state == "committed") { return "C"; }
  if (state == "applied") { return "A"; }
  if (state == "broken") { return "B"; }
  return "?";
}

constexpr std::string_view package_member = "lpp_name";
constexpr std::string_view header_line =
    "#Package Name:Fileset:Level:State:PTF Id:Fix State:Type:Description:Destination Dir.:Uninstaller:"
    "Message Catalog:Message Set:Message Number:Parent:Automatic:EFIX Locked:Install Path:Build Date\n";

class filesets_command final : public command {
 public:
  void define(option_table& options) override {
    image_.define(options);
    image_.define_index(options);
    options.flag("-l,--long", long_, "also requisites, sizes, parts and states");
    options.text("--files", files_, "FILESET", "the files of one fileset, each with its state; reads all contents");
    options.text("--owner", owner_, "PATH", "the filesets that a path belongs to");
  }
  void judge() override {
    image_.judge_several();
    if (image_.several() && (long_ || !files_.empty() || !owner_.empty())) {
      throw fatal_error{fatal_error::kind::usage, "-l, --files and --owner go with one image"};
    }
    if (!files_.empty() && !owner_.empty()) {
      throw fatal_error{fatal_error::kind::usage, "--files and --owner exclude each other"};
    }
  }
  [[nodiscard]] std::string subject() const override { return image_.subject(); }
  [[nodiscard]] std::size_t images() const override { return image_.count(); }
  [[nodiscard]] std::string image_name(std::size_t i) const override { return image_.name(i); }
  void choose(std::size_t i) override { image_.choose(i); }
  [[nodiscard]] bool counts_filesets() const override { return true; }
  [[nodiscard]] std::vector<wpar::known_system> const* systems() const override { return &systems_; }

  void run(session& s) override {
    s.printer().set_least_text(severity::warning);
    if (s.line()) { look_at_system(s); }
    auto image = image_.open_by_index(s, false);
    if (!files_.empty()) { return list_files(s, image); }
    if (!owner_.empty()) { return name_owners(s, image); }
    auto const classes = read_classes(s, image);
    image.source->check_unchanged();
    std::vector<swvpd::fileset> found;
    for (auto const where : parts) { read_part(s, classes, where, found); }
    std::stable_sort(found.begin(), found.end(), [](auto const& a, auto const& b) {
      return a.name != b.name ? a.name < b.name : b.level < a.level;
    });
    auto const& package = classes.at(std::string{package_member});
    if (found.empty() && !package.bytes.empty()) { return print_package(s, package); }
    bool const any = std::any_of(classes.begin(), classes.end(),
                                 [](auto const& c) { return c.first.ends_with("/lpp") && !c.second.path.empty(); });
    if (!any) {
      if (!s.line()) { s.printer().set_least_text(severity::note); }
      if (auto& line = s.line()) { line->reason = inventory::no_inventory.title; }
      s.findings().report({.code = &inventory::no_inventory, .offset = {}, .path = {}, .detail = {}, .level = {}});
      return;
    }
    print(s, found);
  }

 private:
  // What stands beside the number of filesets in the table of several images. Its findings are those of the walk that
  // follows, which tells them.
  void look_at_system(session& s) {
    auto const request = image_.request(s);
    if (request.volumes.front() == "-") { return; }
    class looker final : public jobs::events {
     public:
      looker(ledger& unheard, session& s, std::vector<wpar::known_system>& systems)
          : events{unheard, s.counters()}, session_{s}, systems_{systems} {}
      void opening() override { session_.progress_display().start(); }
      void assessed(wpar::facts const& f, wpar::assessment const& a) override {
        introduce(*session_.line(), f, a);
        systems_.push_back(known_as(session_.line()->image, f));
      }

     private:
      session& session_;
      std::vector<wpar::known_system>& systems_;
    };
    ledger unheard;
    looker told{unheard, s, systems_};
    static_cast<void>(jobs::survey({.image = request, .rules = {}, .threads = jobs::usual_threads()}, told));
    s.counters().entries = 0;
  }

  class_table read_classes(session& s, registry::opened_image& image) const {
    class_table out;
    for (auto const where : parts) {
      for (auto const* name : {"lpp", "product"}) {
        out[concat(swvpd::repository_of(where), '/', std::string_view{name})];
      }
    }
    out[std::string{package_member}];
    auto& counters = s.counters();
    counters.phase = "list";
    counters.total = image.source->size().value_or(0);
    image.reader->expect_skips(true, jobs::usual_threads());
    entry e;
    while (image.reader->next(e)) {
      if (++s.summary().entries % 256 == 0) {
        counters.stop_if_asked();
        counters.bytes = e.offset;
        counters.entries = s.summary().entries;
      }
      if (e.kind != entry_kind::file) { continue; }
      auto const at = out.find(normal_path(e.path));
      if (at == out.end()) { continue; }
      at->second.path = e.path;
      if (e.size > s.bounds().survey_member_bytes) {
        s.findings().report({.code = &swvpd::class_unusable,
                             .offset = e.offset,
                             .path = e.path,
                             .detail = concat(e.size, " bytes are more than any class has"),
                             .level = {}});
        continue;
      }
      at->second.bytes = pipeline::read_content(*image.reader, e, s.bounds().survey_member_bytes, s.findings());
    }
    return out;
  }

  static void read_part(session& s, class_table const& classes, swvpd::part where, std::vector<swvpd::fileset>& found) {
    auto const folder = swvpd::repository_of(where);
    auto const& lpp = classes.at(concat(folder, "/lpp"));
    auto const& product = classes.at(concat(folder, "/product"));
    if (lpp.bytes.empty()) { return; }
    std::vector<swvpd::fault> faults;
    auto database = swvpd::read({.where = where,
                                 .lpp = lpp.bytes,
                                 .product = product.bytes,
                                 .inventory = {},
                                 .inventory_vc = {},
                                 .history = {}},
                                faults);
    for (auto const& f : faults) { s.findings().report(swvpd::to_diagnostic(f, lpp.path)); }
    if (!database) { return; }
    auto const level = swvpd::bos_rte_level(*database);
    if (level && *level < swvpd::vrmf{6, 1, 0, 0}) { swvpd::mark_before_wpars(*database); }
    for (auto& f : database->filesets) {
      if (!f.suspect) { found.push_back(std::move(f)); }
    }
  }

  // Every content is read once: a state is what the content shows.
  void list_files(session& s, registry::opened_image& image) const {
    jobs::inventory_run check{s.bounds(), image_.tmpdir()};
    auto const sink = output::make_null_sink();
    keep_all plan;
    pipeline::copy_options how;
    how.keep_going = true;
    how.tmpdir = image_.tmpdir();
    how.threads = jobs::usual_threads();
    how.counters = &s.counters();
    s.counters().phase = "check";
    s.counters().total = image.source->size().value_or(0);
    check.attach(how);
    how.on_member = [&](pipeline::member_event const& m) { check.member(m); };
    s.summary().entries = pipeline::copy_members(*image.reader, plan, *sink, how, s.findings()).entries;
    image.source->check_unchanged();
    static_cast<void>(check.finish(false, s.findings()));
    auto const rows = check.verified().files_of(files_, [&](auto const& r) { print_row(s, r, true); });
    if (rows == 0) { not_found(s, concat("no inventory of fileset ", quoted(files_))); }
  }

  // Owners need the inventories only.
  void name_owners(session& s, registry::opened_image& image) const {
    inventory::verifier v{s.bounds(), image_.tmpdir()};
    image.reader->expect_skips(true, jobs::usual_threads());
    entry e;
    while (image.reader->next(e)) {
      if (++s.summary().entries % 256 == 0) { s.counters().stop_if_asked(); }
      if (v.wants(e)) {
        v.take(e, pipeline::read_content(*image.reader, e, s.bounds().survey_member_bytes, s.findings()));
      }
      v.member(e, std::nullopt);
    }
    image.source->check_unchanged();
    struct nowhere final : diagnostic_sink {
      void report(diagnostic const& d) override { static_cast<void>(d); }
    } unheard;  // contents were not read: nothing can be said of them
    static_cast<void>(v.finish(unheard));
    auto const rows = v.rows_of(owner_, [&](auto const& r) { print_row(s, r, false); });
    if (rows == 0) { not_found(s, concat("no fileset owns ", quoted(owner_))); }
  }

  [[noreturn]] static void not_found(session&, std::string text) {
    throw fatal_error{fatal_error::kind::io, std::move(text)};
  }

  static void print_row(session& s, inventory::verifier::file_line const& r, bool states) {
    if (s.json().wanted()) {
      s.json().object("inventory_file", [&](json_writer& w) {
        w.name_field("path", r.path).name_field("fileset", r.fileset);
        if (states) { w.field("state", to_text(r.what)); }
      });
    } else if (states) {
      s.out().write(concat(to_text(r.what), std::string(10 - to_text(r.what).size(), ' '), printable(r.path), '\n'));
    } else {
      s.out().write(concat(printable(r.fileset), '\n'));
    }
  }

  // What `installp -L -d` tells of a package.
  void print_package(session& s, class_bytes const& member) const {
    std::vector<swvpd::fault> faults;
    auto const package = swvpd::parse_lpp_name(as_text(member.bytes), faults);
    for (auto const& f : faults) { s.findings().report(swvpd::to_diagnostic(f, member.path)); }
    if (!package) { return; }
    if (auto& line = s.line()) {
      line->filesets = package->filesets.size();
      if (!s.json().wanted()) { return; }
    }
    if (!s.json().wanted()) { s.out().write(header_line); }
    for (auto const& f : package->filesets) {
      if (s.json().wanted()) {
        print_package_json(s, *package, f);
        continue;
      }
      s.out().write(concat(field(package->name), ':', field(f.name), ':', field(f.level_text),
                           ": : : :", field(package->type), ':', field(f.description), ": : : : : : : : : : \n"));
      if (long_) { s.out().write(package_details(f)); }
    }
  }

  static std::vector<std::string> parts_of(swvpd::package_fileset const& f) {
    if (f.content == "B") { return {"usr", "root"}; }
    if (f.content == "H") { return {"share"}; }
    return {"usr"};
  }

  static std::string package_details(swvpd::package_fileset const& f) {
    std::string out = "  parts:";
    for (auto const& p : parts_of(f)) { out += concat(' ', p); }
    out += concat("\n  bosboot: ", printable(f.bosboot), "\n  language: ", printable(f.language), '\n');
    auto const section = [&](std::size_t number, std::string_view title) {
      if (number >= f.sections.size()) { return; }
      for (auto const& line : f.sections[number]) { out += concat("  ", title, ": ", printable(line), '\n'); }
    };
    section(0, "requisite");
    section(1, "size");
    section(2, "supersedes");
    section(3, "fix");
    if (f.is_private) { out += "  visibility: private (PRIVATE in lpp_name)\n"; }
    return out;
  }

  static void print_package_json(session& s, swvpd::package const& package, swvpd::package_fileset const& f) {
    for (auto const& part : parts_of(f)) {
      s.json().object("fileset", [&](json_writer& w) {
        w.name_field("name", f.name).field("level", printable(f.level_text)).field("state", "package");
        w.field("part", part).field("visibility", f.is_private ? "private" : "unknown");
        w.field("evidence", f.is_private ? "PRIVATE in lpp_name" : "lpp_name has no PRIVATE");
        w.name_field("description", f.description).name_field("package", package.name);
        w.field("package_type", printable(package.type)).field("bosboot", printable(f.bosboot));
        w.field("language", printable(f.language));
        auto const list = [&](std::string_view name, std::size_t number) {
          w.key(name).begin_array();
          if (number < f.sections.size()) {
            for (auto const& line : f.sections[number]) { w.value(printable(line)); }
          }
          w.end_array();
        };
        list("requisites", 0);
        list("sizes", 1);
        list("supersedes", 2);
        list("fixes", 3);
      });
    }
  }

  void print(session& s, std::vector<swvpd::fileset> const& found) const {
    if (auto& line = s.line()) {
      std::uint64_t names = 0;
      for (std::size_t i = 0; i < found.size(); ++i) {
        names += i == 0 || found[i].name != found[i - 1].name ? 1u : 0u;
      }
      line->filesets = names;
    }
    if (s.json().wanted()) {
      for (auto const& f : found) {
        s.json().object("fileset", [&](json_writer& w) {
          w.name_field("name", f.name).field("level", swvpd::to_text(f.level)).field("state", f.state_text);
          w.field("part", swvpd::to_text(f.where)).field("visibility", swvpd::to_text(f.seen));
          w.field("evidence", f.evidence).name_field("description", f.description);
        });
      }
      return;
    }
    if (s.line()) { return; }
    s.out().write(header_line);
    std::string_view last;
    for (auto const& f : found) {
      // lslpp lists a fileset once, whatever parts it has.
      if (f.name == last) { continue; }
      last = f.name;
      s.out().write(concat(" :", field(f.name), ':', swvpd::to_text(f.level), ": : :", state_letter(f.state_text),
                           ": :", field(f.description), ": : : : : : : : : : \n"));
      if (!long_) { continue; }
      for (auto at = static_cast<std::size_t>(&f - found.data()); at < found.size() && found[at].name == f.name; ++at) {
        auto const& p = found[at];
        s.out().write(concat("  ", swvpd::to_text(p.where), " part: ", swvpd::to_text(p.level), ", state ",
                             p.state_text.empty() ? std::string{"unknown"} : printable(p.state_text), ", ",
                             swvpd::to_text(p.seen), " in a WPAR\n"));
      }
    }
  }

  image_arguments image_;
  std::string files_, owner_;
  bool long_ = false;
  std::vector<wpar::known_system> systems_;
};

}  // namespace

command_entry const filesets_entry{
    "filesets", "IMAGE...", "installed filesets, or those of an installp package",
    "One line a fileset in the manner of `lslpp -Lc`, sorted by name; fields that the software database "
    "of the image does not tell are blank. --json gives every part (usr, root, share) with its "
    "visibility in a WPAR. An installp package lists what it holds; -l adds requisites, sizes and what it "
    "supersedes, or the parts of an installed fileset. An image that has neither says so in a note.\n"
    "Several images give a table, a line an image with the number of its filesets; --json lists those of each.\n"
    "--files FILESET lists the files of its inventory, each with its state: equal, differs, damaged, volatile, "
    "absent, updated or config (`sysb check --inventory` tells what they mean). --owner PATH names the filesets "
    "whose inventories have the path.",
    [] { return std::unique_ptr<command>{new filesets_command}; }};

}  // namespace sysb::cli
