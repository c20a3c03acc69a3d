// SPDX-License-Identifier: Apache-2.0
#include "diff/system.hpp"

#include <algorithm>
#include <utility>

#include "base/number.hpp"
#include "base/text.hpp"
#include "formats/odm/odm.hpp"
#include "formats/stanza/stanza.hpp"
#include "wpar/facts.hpp"
#include "wpar/request.hpp"
#include "wpar/rules.hpp"

namespace sysb::diff {

namespace {

constexpr std::array<std::string_view, 7> asked_for{"image.data",     ".savewpar_dir/image.data", "etc/passwd",
                                                    "etc/group",      "etc/objrepos/CuAt",        "etc/ct_node_id",
                                                    "etc/filesystems"};
constexpr std::uint64_t largest_text = 16u << 20;
constexpr std::size_t most_accounts = 200'000;
constexpr std::size_t most_addresses = 256;

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> out;
  for (;;) {
    auto const end = text.find(at);
    out.push_back(text.substr(0, end));
    if (end == std::string_view::npos) { return out; }
    text.remove_prefix(end + 1);
  }
}

// "name:x:id:…"; lines that are none are passed over, as AIX does.
void read_accounts(std::string_view text, bool users, std::map<std::string, account>& out) {
  for (auto const line : split(text, '\n')) {
    auto const f = split(line, ':');
    if (f.size() < 4 || f[0].empty() || out.size() >= most_accounts) { continue; }
    account a;
    if (!to_number(f[2], a.id)) { continue; }
    a.rest = f[3];
    // The comment between them is no fact of the account.
    if (users) {
      for (std::size_t i = 5; i < f.size(); ++i) { a.rest += concat(':', f[i]); }
    }
    out[std::string{f[0]}] = std::move(a);
  }
}

void put(std::map<std::string, std::string>& to, std::string_view what, std::string_view value) {
  if (!value.empty()) { to[std::string{what}] = value; }
}

}  // namespace

std::string_view ownership::fileset_of(std::string_view normal) const noexcept {
  auto const key = inventory::path_key(normal);
  auto const at =
      std::lower_bound(rows_.begin(), rows_.end(), key, [](row const& r, std::uint64_t k) { return r.path < k; });
  return at != rows_.end() && at->path == key ? std::string_view{names_[at->fileset]} : std::string_view{};
}

system_reader::system_reader(limits const& bounds)
    : most_{bounds.survey_member_bytes}, inventories_{bounds.survey_member_bytes} {}

bool system_reader::wants(entry const& e) {
  if (e.kind != entry_kind::file || e.size == 0 || e.content != content_state::here) { return false; }
  if (inventories_.wants(e)) { return true; }
  if (e.size > std::min(most_, largest_text)) { return false; }
  std::string room;
  auto const path = normal_path_view(e.path, room);
  return std::find(asked_for.begin(), asked_for.end(), path) != asked_for.end();
}

void system_reader::take(entry const& e, std::span<std::byte const> content) {
  if (inventories_.wants(e)) { inventories_.take(e, content); }
  auto path = normal_path(e.path);
  if (std::find(asked_for.begin(), asked_for.end(), path) == asked_for.end() || content.size() > largest_text) {
    return;
  }
  kept_[std::move(path)].assign(content.begin(), content.end());
}

void system_reader::read_image_data(system_facts& f, std::span<swvpd::fileset const> installed) const {
  auto at = kept_.find("image.data");
  if (at == kept_.end()) { at = kept_.find(".savewpar_dir/image.data"); }
  wpar::facts known;
  auto& d = known.image_data;
  if (at != kept_.end()) {
    d.raw.state = wpar::read_state::ok;
    d.raw.from.path = at->first;
    d.raw.text = std::string{as_text(at->second)};
    wpar::parse_image_data(d);
  }
  for (auto const& i : installed) {
    if (i.suspect || i.name != "bos.rte" || i.where != swvpd::part::usr) { continue; }
    known.swvpd.filesets.push_back(
        {.name = i.name, .part = wpar::fileset_part::usr, .level = swvpd::to_text(i.level), .state = i.state_text});
  }
  auto const level = wpar::decide_level(known, {});
  if (level.source != wpar::level_source::none) {
    f.level = level.text();
    f.level_from = wpar::to_text(level.source);
  }
  put(f.host, "technology level", d.oslevel_r);
  put(f.host, "uname", d.uname_info);
  put(f.host, "processor id", d.cpu_id);
  put(f.host, "partition", d.lpar_id);
  put(f.host, "platform", d.platform);
  for (auto const& fs : d.file_systems) { f.file_systems[fs.mount] = {.size = fs.size, .lv = fs.lv}; }
}

void system_reader::read_devices(system_facts& f) const {
  auto const at = kept_.find("etc/objrepos/CuAt");
  if (at == kept_.end()) { return; }
  std::vector<odm::fault> faults;
  auto const c = odm::class_view::parse(at->second, "CuAt", faults);
  if (!c) { return; }
  auto const* const name = c->find("name");
  auto const* const attribute = c->find("attribute");
  auto const* const value = c->find("value");
  if (name == nullptr || attribute == nullptr || value == nullptr) { return; }
  for (std::uint32_t i = 0; i < c->count(); ++i) {
    auto const r = c->at(i);
    auto const n = r.text(*name);
    auto const a = r.text(*attribute);
    auto const v = r.text(*value);
    if (r.suspect() || !n || !a || !v) { continue; }
    if (*a == "hostname" && *n == "inet0") { put(f.host, "hostname", *v); }
    if (*a == "netaddr" && f.host.size() < most_addresses) { put(f.host, concat("address of ", *n), *v); }
  }
}

// Where no image.data tells the file systems, their table does.
void system_reader::read_mounts(system_facts& f) const {
  auto const at = kept_.find("etc/filesystems");
  if (at == kept_.end() || !f.file_systems.empty()) { return; }
  std::vector<stanza::fault> faults;
  auto const doc = stanza::document::parse(as_text(at->second), faults);
  for (auto const& s : doc.stanzas()) {
    if (s.name.empty() || s.name.front() != '/') { continue; }
    auto lv = s.get("dev");
    constexpr std::string_view dev{"/dev/"};
    if (lv.substr(0, dev.size()) == dev) { lv.remove_prefix(dev.size()); }
    f.file_systems[normal_path(s.name)] = {.size = 0, .lv = std::string{lv}};
  }
}

void system_reader::finish(system_facts& f, ownership& owners) {
  inventories_.finish();
  f.any = !kept_.empty() || inventories_.database;
  for (auto const& i : inventories_.installed) {
    if (i.suspect) { continue; }
    auto& slot = f.filesets[i.name][static_cast<std::size_t>(i.where)];
    if (!slot || slot->level < i.level) { slot = fileset_level{i.level, i.state_text}; }
  }
  if (f.filesets.empty() && inventories_.package) {
    f.any = true;
    for (auto const& p : inventories_.package->filesets) {
      if (p.level) { f.filesets[p.name][0] = fileset_level{*p.level, "package"}; }
    }
  }
  read_image_data(f, inventories_.installed);
  read_mounts(f);
  read_devices(f);
  if (auto const at = kept_.find("etc/passwd"); at != kept_.end()) {
    read_accounts(as_text(at->second), true, f.users);
  }
  if (auto const at = kept_.find("etc/group"); at != kept_.end()) {
    read_accounts(as_text(at->second), false, f.groups);
  }
  if (auto const at = kept_.find("etc/ct_node_id"); at != kept_.end()) {
    auto const text = as_text(at->second);
    put(f.host, "RSCT node id", text.substr(0, text.find('\n')));
  }
  // The newest claim on a path names its fileset.
  auto& table = inventories_.table;
  table.sort();
  for (auto const& c : table.claims) {
    if (c.shipped || (!owners.rows_.empty() && owners.rows_.back().path == c.path)) { continue; }
    owners.rows_.push_back({c.path, c.fileset});
  }
  for (auto const& k : table.filesets) { owners.names_.push_back(k.name); }
  table = {};
  kept_.clear();
}

}  // namespace sysb::diff
