// SPDX-License-Identifier: Apache-2.0
#include "diff/system_changes.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <tuple>
#include <utility>

#include "base/text.hpp"

namespace sysb::diff {

namespace {

// Both maps by key: `each` gets what stands on either side, null where it does not.
template <typename T, typename Each>
void join(std::map<std::string, T> const& before, std::map<std::string, T> const& after, Each const& each) {
  auto a = before.begin();
  auto b = after.begin();
  while (a != before.end() || b != after.end()) {
    auto const order = a == before.end() ? 1 : b == after.end() ? -1 : a->first.compare(b->first);
    each(order <= 0 ? a->first : b->first, order <= 0 ? &a->second : nullptr, order >= 0 ? &b->second : nullptr);
    if (order <= 0) { ++a; }
    if (order >= 0) { ++b; }
  }
}

std::string text_of(mounted const& m) {
  if (m.size == 0) { return m.lv.empty() ? std::string{"size unknown"} : m.lv; }
  return concat(human_size(m.size), m.lv.empty() ? "" : ", ", m.lv);
}

std::string user_text(account const& a) { return concat("uid ", a.id, ", gid:home:shell ", a.rest); }
std::string group_text(account const& a) { return concat("gid ", a.id, a.rest.empty() ? "" : ", members ", a.rest); }

template <typename Text>
void add_accounts(std::vector<system_change>& out, std::string_view area, std::map<std::string, account> const& before,
                  std::map<std::string, account> const& after, Text const& text) {
  join(before, after, [&](std::string const& name, account const* a, account const* b) {
    auto const old = a != nullptr ? text(*a) : std::string{};
    auto const now = b != nullptr ? text(*b) : std::string{};
    if (a == nullptr || b == nullptr || old != now) {
      out.push_back({area, name, old, now, a != nullptr, b != nullptr});
    }
  });
}

std::string level_text(std::optional<fileset_level> const& l) { return l ? swvpd::to_text(l->level) : std::string{}; }

}  // namespace

std::vector<system_change> compare_systems(system_facts const& before, system_facts const& after) {
  std::vector<system_change> out;
  if (!before.any || !after.any) { return out; }  // what is not told did not change
  if (before.level != after.level) {
    out.push_back({"level", "level", before.level, after.level, !before.level.empty(), !after.level.empty()});
  }
  join(before.host, after.host, [&](std::string const& name, std::string const* a, std::string const* b) {
    if (a != nullptr && b != nullptr && *a == *b) { return; }
    out.push_back({"host", name, a != nullptr ? *a : "", b != nullptr ? *b : "", a != nullptr, b != nullptr});
  });
  join(before.file_systems, after.file_systems, [&](std::string const& name, mounted const* a, mounted const* b) {
    if (a != nullptr && b != nullptr && *a == *b) { return; }
    out.push_back({"file_system", concat('/', name), a != nullptr ? text_of(*a) : "", b != nullptr ? text_of(*b) : "",
                   a != nullptr, b != nullptr});
  });
  add_accounts(out, "user", before.users, after.users, user_text);
  add_accounts(out, "group", before.groups, after.groups, group_text);
  return out;
}

std::vector<fileset_change> compare_filesets(system_facts const& before, system_facts const& after) {
  constexpr std::array parts{swvpd::part::usr, swvpd::part::root, swvpd::part::share};
  std::vector<fileset_change> out;
  if (!before.any || !after.any) { return out; }
  fileset_parts const none{};
  join(before.filesets, after.filesets, [&](std::string const& name, fileset_parts const* a, fileset_parts const* b) {
    auto const first = out.size();
    for (std::size_t i = 0; i < parts.size(); ++i) {
      auto const& old = (a != nullptr ? *a : none)[i];
      auto const& now = (b != nullptr ? *b : none)[i];
      if (old == now) { continue; }
      fileset_change c;
      c.name = name;
      c.before = level_text(old);
      c.after = level_text(now);
      if (!old || !now) {
        c.what = old ? "removed" : "added";
      } else if (old->level == now->level) {
        c.what = "state";
        c.before = old->state;
        c.after = now->state;
      } else {
        c.what = old->level < now->level ? "up" : "down";
      }
      auto const same = std::find_if(out.begin() + static_cast<std::ptrdiff_t>(first), out.end(), [&](auto const& x) {
        return std::tie(x.what, x.before, x.after) == std::tie(c.what, c.before, c.after);
      });
      if (same != out.end()) {
        same->parts.push_back(swvpd::to_text(parts[i]));
        continue;
      }
      c.parts = {swvpd::to_text(parts[i])};
      out.push_back(std::move(c));
    }
  });
  return out;
}

}  // namespace sysb::diff
