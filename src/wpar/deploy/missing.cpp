// SPDX-License-Identifier: Apache-2.0
#include "wpar/deploy/missing.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "core/ledger.hpp"
#include "wpar/deploy/tally.hpp"

namespace sysb::wpar::deploy {

void ownership::member(entry const& e, std::span<std::byte const> content, bool whole) {
  if (!whole) { return; }
  if (!content.empty()) { inventory_.take(e, content); }
  inventory_.member(e, std::nullopt);
}

void ownership::finish() {
  // What the inventory says of contents is the business of `check --inventory`.
  ledger nobody;
  (void)inventory_.finish(nobody);
}

std::string ownership::filesets_of(std::string_view path) const {
  auto const& t = inventory_.source().table;
  auto const normal = normal_path(path);
  auto const key = inventory::path_key(normal);
  auto at = std::lower_bound(t.claims.begin(), t.claims.end(), key,
                             [](inventory::claim const& c, std::uint64_t wanted) { return c.path < wanted; });
  std::vector<std::string> names;
  for (; at != t.claims.end() && at->path == key; ++at) {
    auto const& name = t.filesets[at->fileset].name;
    if (t.names.path(at->name) == normal && std::find(names.begin(), names.end(), name) == names.end()) {
      names.push_back(name);
    }
  }
  std::sort(names.begin(), names.end());
  std::string out;
  for (auto const& n : names) { out += concat(out.empty() ? "" : ", ", n); }
  return out;
}

void ownership::for_each_absent(std::function<void(std::string const& path)> const& f) const {
  auto const& t = inventory_.source().table;
  std::string last;
  for (auto const& c : t.claims) {
    if (!c.counted || c.shipped || c.result != inventory::outcome::absent) { continue; }
    auto path = t.names.path(c.name);
    if (path == last) { continue; }
    f(concat("./", path));
    last = std::move(path);
  }
}

void missing_members::add(missing_member m) {
  ++count_;
  partial_ += m.partial ? 1u : 0u;
  auto const count = [](auto& table, std::string const& key) {
    auto const full = table.size() >= most_counted && table.count(key) == 0;
    ++table[full ? std::string{"(others)"} : key];
  };
  count(by_fileset_, m.filesets);
  count(by_file_system_, m.file_system);
  if (first_.size() < most_named) { first_.push_back(std::move(m)); }
}

std::string file_system_of(facts const& f, std::string_view path) {
  auto const normal = normal_path(path);
  std::string best;
  auto const consider = [&](std::string const& mount) {
    if (mount.size() > best.size() && (normal == mount || is_below(normal, mount))) { best = mount; }
  };
  for (auto const& fs : f.image_data.file_systems) { consider(fs.mount); }
  for (auto const& m : f.mounts) {
    if (m.nodename.empty()) { consider(m.mount); }
  }
  return concat('/', best);
}

void append_missing_line(std::string& out, missing_member const& m) {
  append_escaped(out, m.path);
  out += concat('\t', m.filesets.empty() ? std::string{"-"} : printable(m.filesets), '\t', printable(m.file_system),
                '\t', m.size, '\t', printable(m.reason), '\n');
}

}  // namespace sysb::wpar::deploy
