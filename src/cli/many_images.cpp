// SPDX-License-Identifier: Apache-2.0
#include "cli/many_images.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "base/text.hpp"
#include "cli/option_table.hpp"
#include "cli/verdict_text.hpp"
#include "cli/words.hpp"
#include "core/fatal_error.hpp"

namespace sysb::cli {

namespace {

constexpr std::size_t least_name = 12;
constexpr std::size_t least_reason = 16;  // columns of a terminal that are left for it

// The end of a name tells more of it than its beginning.
std::string shortened(std::string text, std::size_t columns, bool keep_end) {
  if (text.size() <= columns) { return text; }
  auto const kept = columns > 3 ? columns - 3 : 0;
  auto const inside = [&](std::size_t at) { return (static_cast<unsigned char>(text[at]) & 0xc0u) == 0x80; };
  if (keep_end) {
    auto from = text.size() - kept;
    while (from < text.size() && inside(from)) { ++from; }
    return concat("...", std::string_view{text}.substr(from));
  }
  auto end = kept;
  while (end > 0 && inside(end)) { --end; }
  return concat(std::string_view{text}.substr(0, end), "...");
}

std::string told(std::string_view text) { return text.empty() ? std::string{"-"} : printable(text); }

// Printed line by line, while the images are read: widths are settled before. A value that is wider pushes its line; on
// a terminal it is cut, and a narrow one does without some columns, the verdict never among them.
class image_table {
 public:
  image_table(std::vector<std::string> const& names, bool filesets, text_style const& style) : columns_{style.columns} {
    for (auto const& n : names) { width(image) = std::max(width(image), printable(n).size()); }
    width(files) = filesets ? 8 : 0;
    if (columns_ == 0) { return; }
    width(image) = std::min(width(image), std::max(least_name, columns_ / 4));
    for (auto const optional : {size, kind, host, level, files}) {
      if (sum() + least_reason <= columns_) { break; }
      width(optional) = 0;
    }
  }

  [[nodiscard]] std::string head() const {
    return finished({"IMAGE", "HOST", "LEVEL", "KIND", "SIZE", "FILESETS", "VERDICT"}, "FIRST REASON");
  }
  [[nodiscard]] std::string line(image_line const& l) const {
    return finished({printable(l.image), told(l.host), told(l.level), told(l.kind),
                     l.bytes == 0 ? std::string{"-"} : human_size(l.bytes),
                     l.filesets ? concat(*l.filesets) : std::string{"-"}, std::string{l.verdict}},
                    l.reason.empty() ? std::string{"-"} : printable_text(l.reason));
  }

 private:
  enum column : std::size_t { image, host, level, kind, size, files, verdict, all };
  using cells = std::array<std::string, all>;

  [[nodiscard]] std::size_t& width(column c) noexcept { return widths_[c]; }
  [[nodiscard]] std::size_t sum() const noexcept {
    std::size_t out = 0;
    for (auto const w : widths_) { out += w == 0 ? 0 : w + 2; }
    return out;
  }
  [[nodiscard]] std::string finished(cells const& values, std::string const& reason) const {
    std::string out;
    for (std::size_t i = 0; i < all; ++i) {
      if (widths_[i] == 0) { continue; }
      auto text = columns_ == 0 ? values[i] : shortened(values[i], widths_[i], i == image);
      text.resize(std::max(text.size(), widths_[i]), ' ');
      out += text + "  ";
    }
    out += reason;
    return (columns_ == 0 ? out : shortened(std::move(out), columns_, false)) + '\n';
  }

  std::size_t columns_;
  std::array<std::size_t, all> widths_{5, 10, 8, 8, 9, 0, 9};
};

// A line that ends everything, not one image alone.
bool ends_all(exit_code c) noexcept {
  return c == exit_code::interrupted || c == exit_code::terminated || c == exit_code::hung_up ||
         c == exit_code::closed_pipe || c == exit_code::usage;
}

wpar::verdict worse(wpar::verdict a, wpar::verdict b) noexcept {
  constexpr std::array order{wpar::verdict::damaged, wpar::verdict::unfit, wpar::verdict::undecided,
                             wpar::verdict::fit};
  for (auto const v : order) {
    if (a == v || b == v) { return v; }
  }
  return wpar::verdict::ok;
}

std::string names_of(wpar::system_group const& g, std::vector<wpar::known_system> const& all) {
  std::string out;
  for (auto const i : g.images) { out += concat(out.empty() ? "" : ", ", printable(all[i].image)); }
  return out;
}

void write_systems(json_writer& w, std::vector<wpar::system_group> const& groups,
                   std::vector<wpar::known_system> const& all) {
  w.key("same_system").begin_array();
  for (auto const& g : groups) {
    w.begin_object().key("images").begin_array();
    for (auto const i : g.images) { w.begin_object().name_field("image", all[i].image).end_object(); }
    w.end_array().field("reason", std::string_view{g.why}).end_object();
  }
  w.end_array();
}

}  // namespace

void introduce(image_line& line, wpar::facts const& f, wpar::assessment const& a) {
  line.host = wpar::identity_of(f).host;
  line.level = a.source.text();
  switch (a.what) {
    case wpar::copy_class::rootvg: line.kind = to_text(a.kind.kind); break;
    case wpar::copy_class::user_vg: line.kind = "user_vg"; break;
    case wpar::copy_class::package: line.kind = "package"; break;
    case wpar::copy_class::savewpar: line.kind = "savewpar"; break;
    case wpar::copy_class::unknown: line.kind = "unknown"; break;
  }
  line.bytes = f.content_bytes;
}

wpar::known_system known_as(std::string image, wpar::facts const& f) {
  return {std::move(image), wpar::identity_of(f)};
}

int run_many(command& c, streams const& s, run_control& control, common_options const& common) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < c.images(); ++i) { names.push_back(c.image_name(i)); }
  session all{s, control, common, {}};
  image_table const table{names, c.counts_filesets(), style_of(s.out)};
  auto const show = [&](std::string const& text) {
    if (all.json().wanted()) { return; }
    all.out().write(text);
    all.out().flush();  // a long run is followed line by line
  };
  std::map<std::string_view, std::uint64_t> verdicts;  // as the table says them
  auto worst = wpar::verdict::ok;
  std::uint64_t done = 0;
  std::vector<wpar::known_system> const no_systems;
  try {
    show(table.head());
    for (std::size_t i = 0; i < names.size(); ++i) {
      c.choose(i);
      auto& counters = control.counters;
      counters.bytes = 0;
      counters.total = 0;
      counters.entries = 0;
      counters.phase = "";
      session one{s, control, common, printable(c.subject())};
      auto& line = one.line().emplace();
      line.image = names[i];
      run_guarded(c, one);
      one.settle_line();
      auto const code = static_cast<exit_code>(one.close());
      all.add_exit(code);
      all.count(one.findings().counts());
      all.summary().entries += one.summary().entries;
      all.summary().bytes += one.summary().bytes;
      ++verdicts[line.verdict];
      worst = worse(worst, line.result);
      ++done;
      show(table.line(line));
      if (ends_all(code)) { break; }
    }
    c.finish_all(all);
  } catch (fatal_error const& e) { all.fatal(e); }
  auto const* const systems = c.systems();
  auto const& known = systems == nullptr ? no_systems : *systems;
  std::vector<wpar::system_identity> identities;
  for (auto const& k : known) { identities.push_back(k.identity); }
  auto const groups = wpar::images_of_one_system(identities);
  all.set_verdict(worst);
  all.summary().more = [&](json_writer& w) {
    w.field("images", done);
    w.key("verdicts").begin_object();
    for (auto const& [v, n] : verdicts) { w.field(v, n); }
    w.end_object();
    write_systems(w, groups, known);
  };
  std::string text;
  for (auto const& g : groups) {
    text += wrapped_line(concat("one system [V34]: ", names_of(g, known), " (", g.why, ')'), 2, style_of(s.out));
  }
  std::string counts;
  for (auto const& [v, n] : verdicts) { counts += concat(counts.empty() ? "" : ", ", n, ' ', v); }
  try {
    show(concat('\n', text, counted(done, "image", "images"),
                done == names.size() ? "" : concat(" of ", std::uint64_t{names.size()}), ": ", counts, '\n'));
  } catch (fatal_error const& e) {
    if (!all.ended()) { all.fatal(e); }
  }
  return all.close();
}

}  // namespace sysb::cli
