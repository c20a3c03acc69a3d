// SPDX-License-Identifier: Apache-2.0
#include "mount/links.hpp"

#include <algorithm>
#include <deque>
#include <vector>

#include "base/text.hpp"

namespace sysb::mount {

namespace {

constexpr unsigned most_links = 40;  // as the kernel's limit

using parts = std::vector<std::string>;

[[nodiscard]] parts split_path(std::string_view path) {
  parts out;
  while (!path.empty()) {
    auto const end = std::min(path.find('/'), path.size());
    auto const part = path.substr(0, end);
    if (!part.empty() && part != ".") { out.emplace_back(part); }
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return out;
}

[[nodiscard]] std::string joined(parts const& p) {
  std::string out;
  for (auto const& x : p) { out += concat(out.empty() ? "" : "/", x); }
  return out;
}

[[nodiscard]] bool is_absolute(std::string_view target) noexcept { return !target.empty() && target.front() == '/'; }

// True where a walk from `at` along `target` climbs above the top. "a/.." is not nothing: a may be a link to
// somewhere less deep. So the walk is made as the kernel makes it, over what the mount shows.
[[nodiscard]] bool leaves(tree const& t, parts at, std::string_view target) {
  auto const first = split_path(target);
  std::deque<std::string> rest{first.begin(), first.end()};
  if (is_absolute(target)) { at.clear(); }
  for (unsigned links = 0; !rest.empty();) {
    auto const part = std::move(rest.front());
    rest.pop_front();
    if (part == "..") {
      if (at.empty()) { return true; }
      at.pop_back();
      continue;
    }
    // Only a step back after it makes a difference.
    if (std::find(rest.begin(), rest.end(), "..") == rest.end()) { return false; }
    at.push_back(part);
    auto const path = joined(at);
    auto const here = t.find(path);
    if (!here) { return false; }
    if (here->kind == entry_kind::directory) { continue; }
    auto const link = here->kind == entry_kind::symlink ? t.member(here->id) : std::nullopt;
    if (!link) { return false; }
    if (++links > most_links) { return true; }
    if (is_absolute(link->target)) {
      at.clear();
    } else {
      at.pop_back();
    }
    auto const more = split_path(link->target);
    rest.insert(rest.begin(), more.begin(), more.end());
  }
  return false;
}

}  // namespace

std::optional<std::string> shown_target(tree const& t, std::string_view path, std::string_view target,
                                        link_policy how) {
  if (target.find('\0') != std::string_view::npos) { return std::nullopt; }
  if (how == link_policy::raw) { return std::string{target}; }
  auto const absolute = is_absolute(target);
  if (absolute && how == link_policy::block) { return std::nullopt; }
  if (leaves(t, split_path(parent_path(path)), target)) { return std::nullopt; }
  if (!absolute) { return std::string{target}; }
  std::string out;
  for (auto n = std::count(path.begin(), path.end(), '/'); n > 0; --n) { out += "../"; }
  target.remove_prefix(std::min(target.find_first_not_of('/'), target.size()));
  out += target;
  return out.empty() ? std::string{"."} : out;
}

}  // namespace sysb::mount
