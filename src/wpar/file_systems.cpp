// SPDX-License-Identifier: Apache-2.0
#include "wpar/file_systems.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace sysb::wpar {

bool is_standby_instance(std::string_view normal) noexcept {
  constexpr std::string_view top{"bos_inst"};
  return normal == top || is_below(normal, top);
}

bool can_be_kept(std::string_view normal) noexcept {
  return !has_dotdot(normal) && (is_below(normal, "usr") || is_below(normal, "opt") || is_standby_instance(normal));
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

}  // namespace sysb::wpar
