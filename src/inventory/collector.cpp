// SPDX-License-Identifier: Apache-2.0
#include "inventory/collector.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "base/digest.hpp"
#include "base/text.hpp"
#include "formats/aix_archive/aix_archive.hpp"
#include "formats/swvpd/inventory_row.hpp"
#include "inventory/diagnostics.hpp"

namespace sysb::inventory {

namespace {

constexpr std::size_t max_faults = 200;
constexpr std::size_t most_compared = 1000;  // rows that an apply list does not have
constexpr std::size_t named_bytes = 200;     // of a fileset, in a finding
constexpr std::uint64_t largest_accounts = 16u << 20;
constexpr std::uint64_t largest_lpp_name = 2u << 20;
constexpr std::size_t per_config_file = 48;
constexpr std::size_t per_origin = 128;
constexpr std::size_t per_installed = 512;

std::string_view last_part(std::string_view path) noexcept {
  auto const slash = path.rfind('/');
  return slash == path.npos ? path : path.substr(slash + 1);
}

std::uint32_t text_key(std::string_view s) noexcept { return static_cast<std::uint32_t>(path_key(s)); }

std::optional<std::size_t> part_of(std::string_view path) noexcept {
  for (std::size_t i = 0; i < 3; ++i) {
    if (parent_path(path) == swvpd::repository_of(static_cast<swvpd::part>(i))) { return i; }
  }
  return std::nullopt;
}

}  // namespace

// usr/lpp/PACKAGE/liblpp.a, usr/lpp/PACKAGE/inst_root/liblpp.a, usr/share/lpp/PACKAGE/liblpp.a. An update's
// stand deeper, below a directory named by its level.
struct collector::archive_place {
  std::string member;
  std::string root;  // what the names of a root part stand below in the image; empty for other parts
  bool update = false;
  std::optional<swvpd::vrmf> level;
  std::uint32_t origin = 0;
};

// What a fileset installs, sorted.
struct collector::apply_list {
  std::string_view text;
  std::vector<std::uint64_t, paged_memory<std::uint64_t>> paths;
  std::vector<bool> in_inventory;       // by path
  std::vector<std::uint64_t> unlisted;  // the first rows of the inventory that it should have and has not
  bool whole = true;

  [[nodiscard]] std::optional<std::size_t> find(std::uint64_t path) const noexcept {
    auto const at = std::lower_bound(paths.begin(), paths.end(), path);
    if (at == paths.end() || *at != path) { return std::nullopt; }
    return static_cast<std::size_t>(at - paths.begin());
  }
  // True: it has the file of this row.
  bool note_row(std::uint64_t path, bool expected) {
    if (auto const at = find(path)) {
      in_inventory[*at] = true;
      return true;
    }
    if (expected && unlisted.size() < most_compared) { unlisted.push_back(path); }
    return false;
  }
};

bool collector::fits(entry const& e, std::uint64_t bound) {
  bound = std::min(bound, largest_);
  if (e.size <= bound) { return true; }
  table.held.refuse();
  complain(too_many_rows, e.path, concat(e.size, " bytes, at most ", bound, " are read"));
  return false;
}

bool collector::wants(entry const& e) {
  if (e.kind != entry_kind::file || e.content != content_state::here) { return false; }
  auto const path = normal_path_view(e.path, room_);
  auto const name = last_part(path);
  if (swvpd::is_liblpp(path)) { return fits(e, largest_archive); }
  if (path == "lpp_name") { return fits(e, largest_lpp_name); }
  if (path == "etc/passwd" || path == "etc/group") { return fits(e, largest_accounts); }
  if (name == "lpp" || name == "product" || name == "inventory" || name == "inventory.vc") {
    return part_of(path).has_value() &&
           fits(e, most_class_bytes - std::min<std::uint64_t>(kept_bytes_, most_class_bytes));
  }
  return false;
}

void collector::take(entry const& e, std::span<std::byte const> content) {
  auto const path = normal_path(e.path);
  auto const name = last_part(path);
  if (swvpd::is_liblpp(path)) { return take_archive(e, path, content); }
  if (path == "lpp_name") {
    std::vector<swvpd::fault> faults;
    package = swvpd::parse_lpp_name(as_text(content), faults);
    for (auto const& f : faults) { faults_.push_back(swvpd::to_diagnostic(f, e.path)); }
    return;
  }
  if (path == "etc/passwd") { return table.owners.learn(as_text(content), table.held); }
  if (path == "etc/group") { return table.groups.learn(as_text(content), table.held); }
  auto const part = part_of(path);
  if (!part) { return; }
  auto& p = parts_[*part];
  auto& into = name == "lpp"         ? p.lpp
               : name == "product"   ? p.product
               : name == "inventory" ? p.inventory
                                     : p.inventory_vc;
  if (name == "lpp") { p.path = e.path; }
  kept_bytes_ -= into.size();
  into.assign(content.begin(), content.end());
  kept_bytes_ += into.size();
}

void collector::complain(diag_code const& code, std::string path, std::string detail) {
  if (faults_.size() >= max_faults) { return; }
  faults_.push_back({.code = &code, .offset = {}, .path = std::move(path), .detail = std::move(detail), .level = {}});
}

void collector::complain_of_list(archive_place const& where, std::string_view fileset, std::string_view list,
                                 swvpd::fault const& f) {
  complain(inventory_unreadable, where.member,
           concat(printable(fileset.substr(0, named_bytes)), list, ", line ", std::uint64_t{f.line}, ": ", f.detail));
}

void collector::take_archive(entry const& e, std::string const& path, std::span<std::byte const> content) {
  std::vector<aix_archive::fault> faults;
  auto const parsed = aix_archive::parse(content, faults);
  for (auto const& f : faults) {
    auto const d = aix_archive::to_diagnostic(f, e.path);
    complain(inventory_unreadable, e.path, concat(f.code->title, ' ', d.detail));
    archive_cut_ = true;
  }
  if (!parsed) { return; }
  ++archives;
  if (!table.held.take(per_origin + e.path.size())) { return; }
  archive_place where;
  where.member = e.path;
  auto directory = std::string{parent_path(path)};
  if (last_part(directory) == "inst_root") {
    where.root = directory;
    directory = std::string{parent_path(directory)};
  }
  where.level = swvpd::parse_vrmf(last_part(directory));
  where.update = where.level.has_value();
  std::vector<aix_archive::member const*> lists;
  std::unordered_map<std::string_view, apply_list> applied;
  for (auto const& m : parsed->members) {
    std::string_view const name = m.name;
    auto const text = as_text(aix_archive::data_of(content, m));
    if (name == "productid") {
      auto line = text.substr(0, text.find('\n'));
      auto const comma = line.rfind(',');
      auto const level = comma == line.npos ? line : line.substr(comma + 1);
      if (!where.level) { where.level = swvpd::parse_vrmf(level.substr(0, level.find_first_of(" \t\r"))); }
    } else if (name.ends_with(".inventory")) {
      lists.push_back(&m);
    } else if (name.ends_with(".al")) {
      auto const fileset = name.substr(0, name.rfind('.'));
      if (applied.count(fileset) == 0) { applied.emplace(fileset, take_apply_list(where, fileset, text)); }
    } else if (name.ends_with(".cfgfiles")) {
      take_config(text);
    }
  }
  where.origin = static_cast<std::uint32_t>(table.origins.size());
  table.origins.push_back({e.path, where.level});
  for (auto const* const m : lists) {
    auto const fileset = std::string_view{m->name}.substr(0, m->name.size() - std::string_view{".inventory"}.size());
    auto const at = applied.find(fileset);
    take_inventory(where, fileset, as_text(aix_archive::data_of(content, *m)),
                   at == applied.end() ? nullptr : &at->second);
  }
  for (auto const& [fileset, list] : applied) {
    compare_lists(where, fileset, list);
    table.held.give_back(list.paths.size() * sizeof(list.paths[0]));
  }
}

void collector::take_config(std::string_view text) {
  while (!text.empty()) {
    auto const end = std::min(text.find('\n'), text.size());
    auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    line = line.substr(0, line.find_first_of(" \t\r"));
    if (line.empty() || line.front() == '#') { continue; }
    auto const key = path_key(normal_path_view(line, room_));
    if (config_.count(key) != 0) { continue; }
    if (!table.held.take(per_config_file)) { return; }
    config_.insert(key);
  }
}

collector::apply_list collector::take_apply_list(archive_place const& where, std::string_view fileset,
                                                 std::string_view text) {
  apply_list out;
  out.text = text;
  std::vector<swvpd::fault> faults;
  out.whole = swvpd::parse_apply_list(text, faults, [&](std::string_view path) {
    if (!table.held.take(sizeof(std::uint64_t))) { return; }
    out.paths.push_back(path_key(normal_path_view(path, room_)));
  });
  if (!out.whole) { table.held.refuse(); }
  out.whole = out.whole && !table.held.refused();
  std::sort(out.paths.begin(), out.paths.end());
  out.in_inventory.resize(out.paths.size());
  for (auto const& f : faults) { complain_of_list(where, fileset, ".al", f); }
  return out;
}

// A path of the one list that the other has but for one bit, or an end of line: then one of the lists
// is damaged. That one has a name that the other has not is normal: links, for one, are made when the package is installed.
void collector::compare_lists(archive_place const& where, std::string_view fileset, apply_list const& applied) {
  if (applied.unlisted.empty()) { return; }
  std::unordered_set<std::uint64_t> const rows{applied.unlisted.begin(), applied.unlisted.end()};
  auto const has_row = [&](std::string_view path) { return rows.count(path_key(normal_path(path))) != 0; };
  std::vector<swvpd::fault> ignored;
  (void)swvpd::parse_apply_list(applied.text, ignored, [&](std::string_view path) {
    auto name = normal_path(path);
    auto const at = applied.find(path_key(name));
    if (name.size() > compare_left_ / 8 || !at || applied.in_inventory[*at]) { return; }
    compare_left_ -= 8 * name.size();
    bool found = has_row(path.substr(0, path.size() - 1));
    for (std::size_t bit = 0; bit < 8 * name.size() && !found; ++bit) {
      auto& c = name[bit / 8];
      auto const was = std::exchange(c, static_cast<char>(c ^ (1 << bit % 8)));
      found = has_row(name);
      c = was;
    }
    for (auto joint = path.find("./", 2); joint != path.npos && !found; joint = path.find("./", joint + 1)) {
      found = has_row(path.substr(0, joint - 1)) && has_row(path.substr(joint));
    }
    if (!found) { return; }
    complain(inventory_unreadable, where.member,
             concat(printable(fileset.substr(0, named_bytes)), ".al has ", printable(path.substr(0, named_bytes)),
                    ", which the inventory has but for one bit"));
    if (auto const number = table.fileset(fileset)) { table.filesets[*number].cut = true; }
  });
}

void collector::take_inventory(archive_place const& where, std::string_view fileset, std::string_view text,
                               apply_list* applied) {
  auto const number = table.fileset(fileset);
  if (!number) { return; }
  std::vector<swvpd::fault> faults;
  swvpd::parse_inventory(text, faults, [&](swvpd::inventory_file const& f) { add_row(where, *number, f, applied); });
  for (auto const& f : faults) { complain_of_list(where, fileset, ".inventory", f); }
  auto& known = table.filesets[*number];
  known.cut = known.cut || !faults.empty() || (applied != nullptr && !applied->whole);
}

void collector::add_row(archive_place const& where, std::uint32_t fileset, swvpd::inventory_file const& f,
                        apply_list* applied) {
  auto const row = swvpd::to_row(f);
  claim c;
  c.fileset = fileset;
  c.origin = where.origin;
  c.source = where.update ? claim_source::update_archive : claim_source::archive;
  c.type = row.type;
  c.has_size = row.size.has_value();
  c.has_sum = row.sum.has_value();
  c.has_mode = row.mode.has_value();
  c.size = row.size.value_or(0);
  c.sum = row.sum.value_or(0);
  c.mode = static_cast<std::uint16_t>(row.mode.value_or(0));
  c.broken = row.broken;
  c.owner = table.owners.number(f.owner, table.held);
  c.group = table.groups.number(f.group, table.held);
  c.target = f.target.empty() ? 0 : text_key(f.target);
  add_name(where, c, f.path, applied);
  c.link = true;
  for (auto const& link : f.links) { add_name(where, c, link, applied); }
}

void collector::add_name(archive_place const& where, claim c, std::string_view name, apply_list* applied) {
  auto const path = normal_path_view(name, room_);
  if (path.empty() || has_dotdot(path)) { return; }
  if (path.size() > longest_path) {
    complain(inventory_unreadable, where.member, concat("a path of ", std::uint64_t{path.size()}, " bytes"));
    table.filesets[c.fileset].cut = true;
    return;
  }
  auto const key = path_key(path);
  bool const made_by_restore =
      !c.link && (c.type == swvpd::inventory_type::file || c.type == swvpd::inventory_type::directory);
  c.listed = applied == nullptr || applied->note_row(key, made_by_restore);
  // A package has the files of its root part below inst_root only; an installed system has both.
  if (!where.root.empty()) {
    auto copy = c;
    copy.shipped = true;
    auto const shipped = concat(where.root, '/', path);
    table.add(copy, shipped, path_key(shipped));
    if (package) { return; }
  }
  table.add(c, path, key);
}

void collector::read_part(swvpd::part where, class_files& files) {
  if (files.lpp.empty()) { return; }
  std::vector<swvpd::fault> faults;
  auto const origin_number = static_cast<std::uint32_t>(table.origins.size());
  std::vector<std::optional<std::uint32_t>> numbers;
  auto const each = [&](swvpd::database const& db, swvpd::inventory_record const& r) {
    if (numbers.empty()) {
      for (auto const& f : db.filesets) { numbers.push_back(table.fileset(f.name)); }
    }
    auto const path = normal_path_view(r.path, room_);
    auto const fileset = numbers.at(r.fileset);
    if (!fileset || path.empty() || has_dotdot(path)) { return; }
    claim c;
    c.fileset = *fileset;
    c.origin = origin_number;
    c.source = claim_source::database;
    c.listed = true;
    c.has_size = r.size && *r.size >= 0;
    c.size = c.has_size ? static_cast<std::uint64_t>(*r.size) : 0;
    c.has_sum = c.has_size && r.checksum && *r.checksum >= 0 && *r.checksum <= 0xffff;
    c.sum = c.has_sum ? static_cast<std::uint16_t>(*r.checksum) : std::uint16_t{0};
    if (path.size() > longest_path) {
      table.filesets[c.fileset].cut = true;
      table.held.refuse();
      return;
    }
    table.add(c, path, path_key(path));
  };
  auto db = swvpd::read({.where = where,
                         .lpp = files.lpp,
                         .product = files.product,
                         .inventory = files.inventory,
                         .inventory_vc = files.inventory_vc,
                         .history = {}},
                        faults, each);
  for (auto const& f : faults) {
    if (faults_.size() < max_faults) { faults_.push_back(swvpd::to_diagnostic(f, files.path)); }
  }
  if (!db) { return; }
  database = true;
  table.origins.push_back({files.path, std::nullopt});
  database_paths = database_paths || db->ownership_known;
  for (auto const& f : db->filesets) {
    auto const number = f.suspect ? std::nullopt : table.fileset(f.name);
    if (!number) { continue; }
    auto& known = table.filesets[*number];
    // A second level of one fileset in one repository is that of an update.
    known.updated = known.updated || (known.installed && known.level && *known.level != f.level);
    if (!known.level || !known.installed || *known.level < f.level) {
      known.level = f.level;
      known.level_text = swvpd::to_text(f.level);
      known.state = f.state_text;
    }
    known.installed = true;
  }
  for (auto const& name : db->updated) {
    if (auto const number = table.fileset(name)) { table.filesets[*number].updated = true; }
  }
  for (auto& f : db->filesets) {
    if (!table.held.take(per_installed + f.name.size() + f.description.size())) { return; }
    installed.push_back(std::move(f));
  }
}

void collector::finish() {
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    read_part(static_cast<swvpd::part>(i), parts_[i]);
    parts_[i] = {};
  }
  if (archive_cut_) {
    // Whose lists are missing cannot be told.
    for (auto& f : table.filesets) { f.cut = true; }
  }
  if (package) {
    for (auto const& f : package->filesets) {
      auto const number = table.fileset(f.name);
      if (!number) { continue; }
      auto& known = table.filesets[*number];
      known.level = f.level;
      known.level_text = f.level_text;
    }
  }
}

void collector::report(diagnostic_sink& d) const {
  for (auto f : faults_) {
    if (f.code == &inventory_unreadable && package) { f.level = severity::error; }
    d.report(f);
  }
  if (table.held.refused()) {
    d.report({.code = &too_many_rows,
              .offset = {},
              .path = {},
              .detail = concat(std::uint64_t{table.claims.size()}, " rows are used"),
              .level = {}});
  }
}

}  // namespace sysb::inventory
