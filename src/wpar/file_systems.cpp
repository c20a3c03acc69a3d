// SPDX-License-Identifier: Apache-2.0
#include "wpar/file_systems.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace sysb::wpar {

bool can_be_kept(std::string_view normal) noexcept {
  return !has_dotdot(normal) && (is_below(normal, "usr") || is_below(normal, "opt"));
}

bool is_kept(request const& r, std::string_view mount) {
  return std::any_of(r.keep.begin(), r.keep.end(), [&](std::string const& k) {
    auto const path = normal_path(k);
    return can_be_kept(path) && (mount == path || is_below(mount, path));
  });
}

bool file_system_stays(facts const& f, request const& r, wpar_kind kind, std::string_view mount) {
  for (auto const& w : f.wpars) {
    if (w.usable && (mount == w.base || is_below(mount, w.base))) { return false; }
  }
  if (kind != wpar_kind::shared) { return true; }
  auto const of_host = mount == "usr" || mount == "opt" || is_below(mount, "usr") || is_below(mount, "opt");
  return !of_host || is_kept(r, mount);
}

bool is_hostile(std::string_view name) noexcept {
  return has_dotdot(name) || std::any_of(name.begin(), name.end(),
                                         [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

file_system_pairs pair_file_systems(facts const& f, request const& r, wpar_kind kind) {
  file_system_pairs out;
  auto const& lvs = f.image_data.logical_volumes;
  for (auto const& fs : f.image_data.file_systems) {
    if (is_hostile(fs.mount)) {
      out.hostile.push_back(concat('/', fs.mount));
      continue;
    }
    if (!file_system_stays(f, r, kind, fs.mount)) { continue; }
    auto const lv = std::find_if(lvs.begin(), lvs.end(), [&](logical_volume const& l) {
      return !l.name.empty() && (fs.lv.empty() ? !l.mount_point.empty() && l.mount_point.front() == '/' &&
                                                     normal_path(l.mount_point) == fs.mount
                                               : l.name == fs.lv);
    });
    if (lv != lvs.end() && (is_hostile(lv->name) || is_hostile(lv->mount_point))) {
      out.hostile.push_back(is_hostile(lv->name) ? lv->name : lv->mount_point);
      continue;
    }
    auto const twice = std::any_of(out.kept.begin(), out.kept.end(), [&](auto const& p) {
      return p.first->mount == fs.mount || (lv != lvs.end() && p.second == &*lv);
    });
    if (lv != lvs.end() && !twice) {
      out.kept.emplace_back(&fs, &*lv);
    } else {
      out.unpaired.push_back(concat('/', fs.mount));
    }
  }
  return out;
}

}  // namespace sysb::wpar
