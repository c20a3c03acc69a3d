// SPDX-License-Identifier: Apache-2.0
#include "pipeline/select.hpp"

#include <fnmatch.h>
#include <algorithm>

#include "base/text.hpp"

namespace sysb::pipeline {

namespace {
bool has_glob(std::string_view p) noexcept { return p.find_first_of("*?[\\") != std::string_view::npos; }

// The pattern itself, or a directory above the path that it names.
bool glob_hits(std::string const& glob, std::string const& path) {
  if (::fnmatch(glob.c_str(), path.c_str(), 0) == 0) { return true; }
  for (auto slash = path.rfind('/'); slash != std::string::npos;
       slash = slash == 0 ? std::string::npos : path.rfind('/', slash - 1)) {
    if (::fnmatch(glob.c_str(), path.substr(0, slash).c_str(), 0) == 0) { return true; }
  }
  return false;
}
}  // namespace

selection::selection(std::vector<std::string> const& include, std::vector<std::string> const& exclude) {
  auto const add = [](std::vector<pattern>& to, std::string const& given) {
    auto glob = normal_path(given);
    auto const literal = !has_glob(glob);
    to.push_back({given, std::move(glob), literal});
  };
  for (auto const& p : include) { add(include_, p); }
  for (auto const& p : exclude) { add(exclude_, p); }
}

// The root directory selects everything; a literal needs no fnmatch.
bool selection::hits(pattern const& p, std::string const& normal) {
  if (p.glob.empty()) { return true; }
  if (p.literal) { return normal == p.glob || is_below(normal, p.glob); }
  return glob_hits(p.glob, normal);
}

bool selection::matches(std::string_view path) const {
  auto const normal = normal_path(path);
  bool wanted = include_.empty();
  for (auto const& p : include_) {
    if ((!wanted || !p.hit) && hits(p, normal)) {
      p.hit = true;
      wanted = true;
    }
  }
  return wanted && std::none_of(exclude_.begin(), exclude_.end(), [&](pattern const& p) { return hits(p, normal); });
}

bool selection::excludes(std::string_view path) const {
  auto const normal = normal_path(path);
  return std::any_of(exclude_.begin(), exclude_.end(), [&](pattern const& p) { return hits(p, normal); });
}

std::vector<std::string> selection::unmatched() const {
  std::vector<std::string> out;
  for (auto const& p : include_) {
    if (!p.hit) { out.push_back(p.given); }
  }
  return out;
}

}  // namespace sysb::pipeline
