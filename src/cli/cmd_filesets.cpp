// SPDX-License-Identifier: Apache-2.0
// `sysb filesets IMAGE`: what the software vital product data of the image says is installed.
#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/input.hpp"
#include "cli/session.hpp"
#include "formats/swvpd/swvpd.hpp"
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

class filesets_command final : public command {
 public:
  void define(option_table& options) override {
    image_.define(options);
    image_.define_index(options);
  }
  void judge() override { image_.judge(0, 0, ""); }
  [[nodiscard]] std::string subject() const override { return image_.subject(); }

  void run(session& s) override {
    s.printer().set_least_text(severity::warning);
    auto image = image_.open_by_index(s, false);
    auto const classes = read_classes(s, image);
    image.source->check_unchanged();
    std::vector<swvpd::fileset> found;
    for (auto const where : parts) { read_part(s, classes, where, found); }
    std::stable_sort(found.begin(), found.end(), [](auto const& a, auto const& b) { return a.name < b.name; });
    print(s, found);
  }

 private:
  class_table read_classes(session& s, registry::opened_image& image) const {
    class_table out;
    for (auto const where : parts) {
      for (auto const* name : {"lpp", "product"}) {
        out[concat(swvpd::repository_of(where), '/', std::string_view{name})];
      }
    }
    auto& counters = s.counters();
    counters.phase = "list";
    counters.total = image.source->size().value_or(0);
    image.reader->expect_skips(true, usual_threads());
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

  static void print(session& s, std::vector<swvpd::fileset> const& found) {
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
    s.out().write(
        "#Package Name:Fileset:Level:State:PTF Id:Fix State:Type:Description:Destination Dir.:Uninstaller:"
        "Message Catalog:Message Set:Message Number:Parent:Automatic:EFIX Locked:Install Path:Build Date\n");
    std::string_view last;
    for (auto const& f : found) {
      // lslpp lists a fileset once, whatever parts it has.
      if (f.name == last) { continue; }
      last = f.name;
      s.out().write(concat(" :", field(f.name), ':', swvpd::to_text(f.level), ": : :", state_letter(f.state_text),
                           ": :", field(f.description), ": : : : : : : : : : \n"));
    }
  }

  image_arguments image_;
};

}  // namespace

command_entry const filesets_entry{
    "filesets", "IMAGE", "installed filesets",
    "One line a fileset in the manner of `lslpp -Lc`, sorted by name; fields that the software database "
    "of the image does not tell are blank. --json gives every part (usr, root, share) with its "
    "visibility in a WPAR.",
    [] { return std::unique_ptr<command>{new filesets_command}; }};

}  // namespace sysb::cli
