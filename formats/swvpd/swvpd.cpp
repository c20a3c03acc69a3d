// SPDX-License-Identifier: Apache-2.0
// Filesets from the lpp class, flags from product, owned files from inventory. Field places
// come from each class's own descriptor table.
#include "formats/swvpd/swvpd.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <unordered_map>
#include <unordered_set>

#include "base/number.hpp"
#include "base/text.hpp"
#include "formats/odm/odm.hpp"
#include "formats/swvpd/states.hpp"

namespace sysb::swvpd {
namespace {

// Far above any system: a class of more rows is not what it says it is.
constexpr std::uint32_t max_filesets = 30'000;
constexpr std::uint32_t max_files = 2'000'000;
constexpr std::string_view not_recorded =
    "the database has no mark that is publicly known for filesets that are private";

void note(std::vector<fault>& faults, diag_code const& code, std::string detail) {
  faults.push_back({&code, 0, std::move(detail)});
}

// A class that may be absent; a broken one is a finding.
std::optional<odm::class_view> open_class(std::span<std::byte const> bytes, std::string_view name, part where,
                                          std::vector<fault>& faults) {
  if (bytes.empty()) { return std::nullopt; }
  std::vector<odm::fault> found;
  auto c = odm::class_view::parse(bytes, name, found);
  if (!c) {
    std::string why;
    if (!found.empty()) { why = concat(": ", found.back().code->id, ' ', found.back().detail); }
    note(faults, class_unusable, concat(repository_of(where), '/', name, why));
    return std::nullopt;
  }
  if (c->suspects() != 0) {
    note(faults, suspect_rows,
         concat(repository_of(where), '/', name, ": ", c->suspects(), " of ", c->count(), " records"));
  } else if (!c->sound()) {
    auto const why =
        std::find_if(found.begin(), found.end(), [](auto const& f) { return f.code->level != severity::note; });
    note(faults, suspect_rows, concat(repository_of(where), '/', name, ": ", why->code->title));
  }
  return c;
}

struct row_reader {
  odm::class_view const& c;
  [[nodiscard]] std::optional<std::string> text(odm::record const& r, std::string_view field) const {
    auto const* d = c.find(field);
    if (d == nullptr) { return std::nullopt; }
    auto const t = r.text(*d);
    return t ? std::optional{std::string{*t}} : std::nullopt;
  }
  // Numbers may be stored as numbers or as text; the descriptor decides.
  [[nodiscard]] std::optional<std::int64_t> number(odm::record const& r, std::string_view field) const {
    auto const* d = c.find(field);
    if (d == nullptr || d->kind == odm::slot_kind::vchar) { return std::nullopt; }
    if (auto const v = r.integer(*d)) { return v; }
    auto const t = r.text(*d);
    return t ? whole_number<std::int64_t>(*t) : std::nullopt;
  }
};

std::string state_word(std::int64_t state) {
  return state == state_committed ? std::string{"committed"} : concat(state);
}

bool has_fields(odm::class_view const& c, std::initializer_list<char const*> names, std::uint32_t max_rows, part where,
                std::vector<fault>& faults) {
  if (c.count() > max_rows) {
    note(faults, class_unusable, concat(repository_of(where), '/', c.name(), ": ", c.count(), " records"));
    return false;
  }
  for (std::string_view const name : names) {
    if (c.find(name) == nullptr) {
      note(faults, class_unusable, concat(repository_of(where), '/', c.name(), ": no field ", quoted(name)));
      return false;
    }
  }
  return true;
}

std::optional<fileset> read_fileset(row_reader const& rows, odm::record const& r, part where) {
  auto const name = rows.text(r, "name");
  auto const ver = rows.number(r, "ver");
  auto const rel = rows.number(r, "rel");
  auto const mod = rows.number(r, "mod");
  auto const fix = rows.number(r, "fix");
  if (!name || name->empty() || !ver || !rel || !mod || !fix) { return std::nullopt; }
  fileset out;
  out.name = *name;
  out.level = {*ver, *rel, *mod, *fix};
  out.state = rows.number(r, "state");
  if (out.state) { out.state_text = state_word(*out.state); }
  out.where = where;
  out.description = rows.text(r, "description").value_or("");
  auto const flags = rows.number(r, "cp_flag");
  if (flags) { out.cp_flag = static_cast<std::uint32_t>(*flags); }
  out.lpp_id = rows.number(r, "lpp_id");
  out.evidence = not_recorded;
  out.suspect = r.suspect();
  return out;
}

bool read_lpp(repository const& r, database& out, std::vector<fault>& faults) {
  auto const c = open_class(r.lpp, "lpp", r.where, faults);
  auto const fields = {"name", "ver", "rel", "mod", "fix"};
  if (!c || !has_fields(*c, fields, max_filesets, r.where, faults)) { return false; }
  out.suspect = !c->sound();
  std::uint64_t unreadable = 0;
  for (std::uint32_t i = 0; i < c->count(); ++i) {
    if (auto f = read_fileset({*c}, c->at(i), r.where)) {
      out.filesets.push_back(std::move(*f));
    } else {
      ++unreadable;
    }
  }
  if (unreadable != 0) {
    note(faults, class_unusable,
         concat(repository_of(r.where), "/lpp: ", unreadable, " records without name or level"));
  }
  return true;
}

void read_product(repository const& r, database& out, std::vector<fault>& faults) {
  auto const c = open_class(r.product, "product", r.where, faults);
  if (!c || !has_fields(*c, {"lpp_name"}, max_filesets, r.where, faults)) { return; }
  out.suspect = out.suspect || !c->sound();
  row_reader const rows{*c};
  std::unordered_set<std::string> seen;
  for (std::uint32_t i = 0; i < c->count(); ++i) {
    auto const row = c->at(i);
    auto const name = rows.text(row, "lpp_name");
    if (row.suspect() || !name || name->empty()) { continue; }
    seen.insert(*name);
    if (rows.number(row, "update").value_or(0) != 0) { out.updated.push_back(*name); }
    auto const flags = rows.number(row, "cp_flag");
    if (flags) { out.product_flags.push_back({*name, static_cast<std::uint32_t>(*flags)}); }
  }
  auto const missing = std::count_if(out.filesets.begin(), out.filesets.end(),
                                     [&](auto const& f) { return !f.suspect && seen.count(f.name) == 0; });
  if (missing != 0) {
    note(faults, join_fails,
         concat(repository_of(r.where), ": ", std::int64_t{missing}, " filesets of lpp are not in product"));
  }
}

using record_target = std::function<void(database const&, inventory_record const&)>;

void read_inventory(repository const& r, database& out, std::vector<fault>& faults, record_target const& each) {
  auto const c = open_class(r.inventory, "inventory", r.where, faults);
  if (!c || !has_fields(*c, {"lpp_id", "loc0"}, max_files, r.where, faults)) { return; }
  out.suspect = out.suspect || !c->sound();
  auto const& path_field = *c->find("loc0");
  bool const in_side_file = path_field.kind == odm::slot_kind::vchar;
  std::optional<odm::calibration> calibrated;
  if (in_side_file) {
    std::vector<odm::fault> why;
    auto const is_path = [](std::string_view s) { return s.starts_with('/'); };
    calibrated = odm::calibrate(*c, path_field, r.inventory_vc, is_path, why);
    if (!calibrated) {
      note(faults, no_ownership, concat(repository_of(r.where), ": ", why.empty() ? "" : why.back().detail));
      return;
    }
  }
  std::unordered_map<std::int64_t, std::size_t> by_id;
  for (std::size_t i = 0; i < out.filesets.size(); ++i) {
    auto const& f = out.filesets[i];
    if (f.lpp_id && !f.suspect) { by_id.emplace(*f.lpp_id, i); }
  }
  row_reader const rows{*c};
  std::uint64_t alien = 0;
  for (std::uint32_t i = 0; i < c->count(); ++i) {
    auto const row = c->at(i);
    if (row.suspect()) { continue; }
    auto const path =
        in_side_file ? odm::vchar_text(row, path_field, r.inventory_vc, *calibrated) : row.text(path_field);
    auto const id = rows.number(row, "lpp_id");
    auto const owner = id ? by_id.find(*id) : by_id.end();
    if (owner == by_id.end()) {
      ++alien;
    } else if (path && path->starts_with('/')) {
      each(out, {*path, owner->second, rows.number(row, "size"), rows.number(row, "checksum")});
    }
  }
  if (alien != 0) {
    note(faults, join_fails,
         concat(repository_of(r.where), ": ", alien, " records of inventory belong to no fileset of lpp"));
  }
  out.ownership_known = true;
}

}  // namespace

std::span<diag_code const* const> codes() noexcept {
  static constexpr std::array<diag_code const*, 6> all{&class_unusable, &suspect_rows, &join_fails,
                                                       &no_ownership,   &bad_lpp_name, &bad_inventory};
  return all;
}

diagnostic to_diagnostic(fault const& f, std::string_view path) {
  diagnostic d;
  d.code = f.code;
  d.path = std::string{path};
  d.detail = f.line == 0 ? f.detail : concat("line ", std::uint64_t{f.line});
  if (f.line != 0 && !f.detail.empty()) { d.detail += concat(": ", f.detail); }
  return d;
}

std::string_view to_text(part p) noexcept {
  switch (p) {
    case part::usr: return "usr";
    case part::root: return "root";
    case part::share: return "share";
  }
  return "";
}

std::string_view repository_of(part p) noexcept {
  switch (p) {
    case part::usr: return "usr/lib/objrepos";
    case part::root: return "etc/objrepos";
    case part::share: return "usr/share/lib/objrepos";
  }
  return "";
}

bool is_liblpp(std::string_view normal_path) noexcept {
  return normal_path.ends_with("/liblpp.a") &&
         (is_below(normal_path, "usr/lpp") || is_below(normal_path, "usr/share/lpp"));
}

std::string to_text(vrmf const& v) { return concat(v.version, '.', v.release, '.', v.modification, '.', v.fix); }

std::optional<vrmf> parse_vrmf(std::string_view text) noexcept {
  std::array<std::int64_t, 4> n{};
  for (std::size_t i = 0; i < 4; ++i) {
    if (i != 0) {
      if (text.empty() || text.front() != '.') { return std::nullopt; }
      text.remove_prefix(1);
    }
    if (text.empty() || text.front() < '0' || text.front() > '9') { return std::nullopt; }
    auto const done = std::from_chars(text.data(), text.data() + text.size(), n[i]);
    if (done.ec != std::errc{}) { return std::nullopt; }
    text.remove_prefix(static_cast<std::size_t>(done.ptr - text.data()));
  }
  if (!text.empty()) { return std::nullopt; }
  return vrmf{n[0], n[1], n[2], n[3]};
}

std::string_view to_text(visibility v) noexcept {
  switch (v) {
    case visibility::unknown: return "unknown";
    case visibility::visible: return "visible";
    case visibility::hidden: return "private";
  }
  return "";
}

std::optional<database> read(repository const& r, std::vector<fault>& faults) {
  std::vector<owned_file> files;
  auto out = read(r, faults, [&](database const&, inventory_record const& row) {
    files.push_back({std::string{row.path}, row.fileset});
  });
  if (out) { out->files = std::move(files); }
  return out;
}

std::optional<database> read(repository const& r, std::vector<fault>& faults, record_target const& each) {
  database out;
  out.where = r.where;
  if (!read_lpp(r, out, faults)) { return std::nullopt; }
  read_product(r, out, faults);
  read_inventory(r, out, faults, each);
  // Nothing is taken from history; a broken one is worth a word all the same.
  (void)open_class(r.history, "history", r.where, faults);
  auto const level = bos_rte_level(out);
  if (level && *level < first_with_wpars) { mark_before_wpars(out); }
  return out;
}

std::optional<vrmf> bos_rte_level(database const& d) noexcept {
  std::optional<vrmf> best;
  for (auto const& f : d.filesets) {
    if (f.suspect || f.name != "bos.rte") { continue; }
    if (!best || *best < f.level) { best = f.level; }
  }
  return best;
}

void mark_before_wpars(database& d) {
  for (auto& f : d.filesets) {
    f.seen = visibility::unknown;
    f.evidence = "private filesets are not recorded before AIX 6.1";
  }
}

std::vector<std::string> parse_fileset_list(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    auto const end = text.find('\n');
    auto line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    constexpr std::string_view blanks{" \t\r\0", 4};
    auto const from = line.find_first_not_of(blanks);
    if (from == std::string_view::npos || line[from] == '#' || line[from] == '*') { continue; }
    line.remove_prefix(from);
    out.emplace_back(line.substr(0, line.find_first_of(blanks)));
  }
  return out;
}

}  // namespace sysb::swvpd
