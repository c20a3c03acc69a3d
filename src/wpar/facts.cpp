// SPDX-License-Identifier: Apache-2.0
#include "wpar/facts.hpp"

#include <algorithm>
#include <set>

#include "base/text.hpp"

namespace sysb::wpar {

std::string_view to_text(fileset_part p) noexcept {
  switch (p) {
    case fileset_part::usr: return "usr";
    case fileset_part::root: return "root";
    case fileset_part::share: return "share";
  }
  return "usr";
}

std::string_view to_text(visibility_basis b) noexcept {
  switch (b) {
    case visibility_basis::none: return "none";
    case visibility_basis::list: return "list";
    case visibility_basis::media: return "media";
    case visibility_basis::flag_bit: return "flag bit";
  }
  return "none";
}

installed_fileset const* swvpd_facts::find(std::string_view name, fileset_part part) const noexcept {
  for (auto const& f : filesets) {
    if (f.part == part && f.name == name) { return &f; }
  }
  return nullptr;
}

std::uint64_t swvpd_facts::count() const {
  std::set<std::string_view> names;
  for (auto const& f : filesets) { names.insert(f.name); }
  return names.size();
}

std::string swvpd_facts::count_text() const {
  return concat(count(), " (", std::uint64_t{filesets.size()}, filesets.size() == 1 ? " part)" : " parts)");
}

bool facts::present(std::string_view path) const { return count_below(path).members != 0; }

bool facts::has(std::string_view path) const { return found.find(std::string{path}) != found.end(); }

subtree_count facts::count_below(std::string_view path) const {
  auto const at = below.find(std::string{path});
  return at == below.end() ? subtree_count{} : at->second;
}

file_system const* facts::find_file_system(std::string_view mount) const noexcept {
  for (auto const& fs : image_data.file_systems) {
    if (fs.mount == mount) { return &fs; }
  }
  return nullptr;
}

std::vector<std::string> facts::mounts_below(std::string_view directory) const {
  std::set<std::string> out;
  for (auto const& fs : image_data.file_systems) {
    if (is_below(fs.mount, directory)) { out.insert(fs.mount); }
  }
  for (auto const& m : mounts) {
    if (m.nodename.empty() && m.vfs != "nfs" && is_below(m.mount, directory)) { out.insert(m.mount); }
  }
  return {out.begin(), out.end()};
}

}  // namespace sysb::wpar
