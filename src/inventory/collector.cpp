// SPDX-License-Identifier: Apache-2.0
#include "inventory/collector.hpp"

#include <algorithm>

#include "base/digest.hpp"
#include "base/text.hpp"
#include "formats/aix_archive/aix_archive.hpp"
#include "formats/swvpd/inventory_row.hpp"
#include "inventory/diagnostics.hpp"

namespace sysb::inventory {

namespace {

constexpr std::size_t max_faults = 200;
constexpr std::size_t max_config = 200'000;
constexpr std::size_t max_listed = 2'000'000;
constexpr std::uint64_t max_kept_bytes = 96u << 20;  // of all classes together
constexpr std::uint64_t largest_accounts = 16u << 20;

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

bool collector::wants(entry const& e) const {
  if (e.kind != entry_kind::file || e.content != content_state::here || e.size > largest_) { return false; }
  std::string room;
  auto const path = normal_path_view(e.path, room);
  auto const name = last_part(path);
  if (swvpd::is_liblpp(path)) { return true; }
  if (path == "lpp_name") { return true; }
  if (path == "etc/passwd" || path == "etc/group") { return e.size <= largest_accounts; }
  if (name == "lpp" || name == "product" || name == "inventory" || name == "inventory.vc") {
    return part_of(path).has_value() && kept_bytes_ + e.size <= max_kept_bytes;
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
  if (path == "etc/passwd") { return table.owners.learn(as_text(content)); }
  if (path == "etc/group") { return table.groups.learn(as_text(content)); }
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

void collector::take_archive(entry const& e, std::string const& path, std::span<std::byte const> content) {
  std::vector<aix_archive::fault> faults;
  auto const parsed = aix_archive::parse(content, faults);
  for (auto const& f : faults) {
    auto const d = aix_archive::to_diagnostic(f, e.path);
    complain(inventory_unreadable, e.path, concat(f.code->title, ' ', d.detail));
    archive_damaged = true;
  }
  if (!parsed) { return; }
  ++archives;
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
  std::vector<std::pair<std::string, std::unordered_set<std::uint64_t>>> applied;
  std::size_t listed = 0;
  for (auto const& m : parsed->members) {
    std::string_view const name = m.name;
    auto const text = as_text(aix_archive::data_of(content, m));
    auto const base = name.substr(0, name.rfind('.'));
    if (name == "productid") {
      auto line = text.substr(0, text.find('\n'));
      auto const comma = line.rfind(',');
      auto const level = comma == line.npos ? line : line.substr(comma + 1);
      if (!where.level) { where.level = swvpd::parse_vrmf(level.substr(0, level.find_first_of(" \t\r"))); }
    } else if (name.ends_with(".inventory")) {
      lists.push_back(&m);
    } else if (name.ends_with(".al")) {
      std::unordered_set<std::uint64_t> paths;
      for (auto const& p : swvpd::parse_apply_list(text)) {
        if (++listed > max_listed) { break; }
        paths.insert(path_key(normal_path(p)));
      }
      applied.emplace_back(std::string{base}, std::move(paths));
    } else if (name.ends_with(".cfgfiles")) {
      for (auto rest = text; !rest.empty() && config_.size() < max_config;) {
        auto const end = std::min(rest.find('\n'), rest.size());
        auto line = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        line = line.substr(0, line.find_first_of(" \t\r"));
        if (!line.empty() && line.front() != '#') { config_.insert(path_key(normal_path(line))); }
      }
    }
  }
  where.origin = static_cast<std::uint32_t>(table.origins.size());
  table.origins.push_back({e.path, where.level});
  for (auto const* const m : lists) {
    auto const fileset = std::string_view{m->name}.substr(0, m->name.size() - std::string_view{".inventory"}.size());
    auto const at = std::find_if(applied.begin(), applied.end(), [&](auto const& a) { return a.first == fileset; });
    take_inventory(where, fileset, as_text(aix_archive::data_of(content, *m)),
                   at == applied.end() ? nullptr : &at->second);
  }
}

void collector::take_inventory(archive_place const& where, std::string_view fileset, std::string_view text,
                               std::unordered_set<std::uint64_t> const* apply_list) {
  auto const number = table.fileset(fileset);
  std::vector<swvpd::fault> faults;
  swvpd::parse_inventory(text, faults, [&](swvpd::inventory_file const& f) { add_row(where, number, f, apply_list); });
  for (auto const& f : faults) {
    complain(inventory_unreadable, where.member,
             concat(printable(fileset), ".inventory, line ", std::uint64_t{f.line}, ": ", f.detail));
    archive_damaged = true;
  }
}

void collector::add_row(archive_place const& where, std::uint32_t fileset, swvpd::inventory_file const& f,
                        std::unordered_set<std::uint64_t> const* apply_list) {
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
  c.owner = table.owners.number(f.owner);
  c.group = table.groups.number(f.group);
  c.target = f.target.empty() ? 0 : text_key(f.target);
  auto const add = [&](std::string const& name, bool link) {
    auto const path = normal_path(name);
    if (path.empty() || has_dotdot(path)) { return; }
    c.link = link;
    c.listed = apply_list == nullptr || apply_list->count(path_key(path)) != 0;
    c.shipped = false;
    // A package has the files of its root part below inst_root only; an installed system has both.
    if (!where.root.empty()) {
      auto copy = c;
      copy.shipped = true;
      (void)table.add(copy, concat(where.root, '/', path));
      if (package) { return; }
    }
    (void)table.add(c, path);
  };
  add(f.path, false);
  for (auto const& link : f.links) { add(link, true); }
}

void collector::read_part(swvpd::part where, class_files& files) {
  if (files.lpp.empty()) { return; }
  std::vector<swvpd::fault> faults;
  auto const origin_number = static_cast<std::uint32_t>(table.origins.size());
  std::vector<std::uint32_t> numbers;
  auto const each = [&](swvpd::database const& db, swvpd::inventory_record const& r) {
    if (numbers.empty()) {
      for (auto const& f : db.filesets) { numbers.push_back(table.fileset(f.name)); }
    }
    auto const path = normal_path(r.path);
    if (path.empty() || has_dotdot(path)) { return; }
    claim c;
    c.fileset = numbers.at(r.fileset);
    c.origin = origin_number;
    c.source = claim_source::database;
    c.listed = true;
    c.has_size = r.size && *r.size >= 0;
    c.size = c.has_size ? static_cast<std::uint64_t>(*r.size) : 0;
    c.has_sum = c.has_size && r.checksum && *r.checksum >= 0 && *r.checksum <= 0xffff;
    c.sum = c.has_sum ? static_cast<std::uint16_t>(*r.checksum) : std::uint16_t{0};
    (void)table.add(c, path);
  };
  auto const db = swvpd::read({.where = where,
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
    installed.push_back(f);
    if (f.suspect) { continue; }
    auto& known = table.filesets[table.fileset(f.name)];
    // A second level of one fileset in one repository is that of an update.
    known.updated = known.updated || (known.installed && known.level && *known.level != f.level);
    if (!known.level || !known.installed || *known.level < f.level) {
      known.level = f.level;
      known.level_text = swvpd::to_text(f.level);
      known.state = f.state_text;
    }
    known.installed = true;
  }
  for (auto const& name : db->updated) { table.filesets[table.fileset(name)].updated = true; }
}

void collector::finish() {
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    read_part(static_cast<swvpd::part>(i), parts_[i]);
    parts_[i] = {};
  }
  if (package) {
    for (auto const& f : package->filesets) {
      auto& known = table.filesets[table.fileset(f.name)];
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
  if (table.overfull) {
    d.report({.code = &too_many_rows,
              .offset = {},
              .path = {},
              .detail = concat(std::uint64_t{table.claims.size()}, " rows are used"),
              .level = {}});
  }
}

}  // namespace sysb::inventory
