// SPDX-License-Identifier: Apache-2.0
#include "formats/swvpd/states.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <unordered_set>

namespace sysb::swvpd {

std::vector<bool> unfinished(database const& d) {
  std::vector<bool> out(d.filesets.size());
  std::size_t told = 0;
  std::size_t committed = 0;
  for (auto const& f : d.filesets) {
    if (f.suspect || !f.state) { continue; }
    ++told;
    committed += *f.state == state_committed ? 1u : 0u;
  }
  if (committed * 2 <= told) { return out; }
  auto const is_open = [](fileset const& f) { return !f.suspect && f.state && *f.state != state_committed; };
  std::unordered_set<std::string_view> updated{d.updated.begin(), d.updated.end()};
  std::unordered_set<std::string_view> names;
  for (auto const& f : d.filesets) {
    if (!names.insert(f.name).second) { updated.insert(f.name); }  // a row for every level
  }
  std::set<std::int64_t> not_applied;
  std::map<std::int64_t, std::size_t> of_updates;  // filesets by number
  for (auto const& f : d.filesets) {
    if (!is_open(f)) { continue; }
    if (updated.count(f.name) == 0) {
      not_applied.insert(*f.state);
    } else {
      ++of_updates[*f.state];
    }
  }
  for (auto const state : not_applied) { of_updates.erase(state); }
  auto const applied = std::max_element(of_updates.begin(), of_updates.end(),
                                        [](auto const& a, auto const& b) { return a.second < b.second; });
  for (std::size_t i = 0; i < out.size(); ++i) {
    auto const& f = d.filesets[i];
    out[i] = is_open(f) && (applied == of_updates.end() || *f.state != applied->first);
  }
  return out;
}

}  // namespace sysb::swvpd
