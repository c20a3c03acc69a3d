// SPDX-License-Identifier: Apache-2.0
#include "wpar/deploy/tally.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "formats/aix_acl/aix_acl.hpp"

namespace sysb::wpar::deploy {

namespace {

bool in_lost_found(std::string_view path) noexcept {
  constexpr std::string_view name{"lost+found"};
  for (std::size_t at = 0; at <= path.size();) {
    auto const end = std::min(path.find('/', at), path.size());
    if (path.substr(at, end - at) == name) { return true; }
    at = end + 1;
  }
  return false;
}

// "a/b" of "a/b/c"; "a" of "a/b", so that the files of one directory come together.
std::string subtree_of(std::string_view path) {
  auto const first = path.find('/');
  if (first == std::string_view::npos) { return std::string{path}; }
  auto const second = path.find('/', first + 1);
  return std::string{path.substr(0, second == std::string_view::npos ? first : second)};
}

char letter_of(entry_kind k) noexcept {
  switch (k) {
    case entry_kind::file: return 'f';
    case entry_kind::directory: return 'd';
    case entry_kind::symlink: return 'l';
    case entry_kind::fifo: return 'p';
    case entry_kind::char_device:
    case entry_kind::block_device:
    case entry_kind::socket: return 'x';
  }
  return 'x';
}

bool written(decision const& what) noexcept { return what.action != plan_action::drop; }

}  // namespace

void append_escaped(std::string& out, std::string_view bytes) {
  for (auto const c : bytes) {
    auto const b = static_cast<unsigned char>(c);
    if (b > 0x20 && b < 0x7f && c != '\\') {
      out.push_back(c);
      continue;
    }
    out += "\\0";
    out.push_back(static_cast<char>('0' + (b >> 6)));
    out.push_back(static_cast<char>('0' + (b >> 3 & 7)));
    out.push_back(static_cast<char>('0' + (b & 7)));
  }
}

void tally::add(entry const& e, decision const& what) {
  auto const path = normal_path(e.path);
  if (what.action != plan_action::keep) { add_to_group(path, e.kind == entry_kind::file ? e.size : 0, what); }
  if (!written(what)) {
    ++dropped_;
    auto key = std::pair{subtree_of(path), std::string{what.rule}};
    auto at = subtrees_.find(key);
    if (at == subtrees_.end()) {
      if (subtrees_.size() >= max_subtrees) { key.first = "(others)"; }
      at = subtrees_.emplace(key, left_out{key.first, key.second}).first;
    }
    ++at->second.members;
    at->second.bytes += e.kind == entry_kind::file ? e.size : 0;
    return;
  }
  if (what.action == plan_action::add) { added_.push_back({path, std::string{what.rule}, what.reason}); }
  if (what.action == plan_action::replace && replaced_.size() < max_replaced) {
    replaced_.push_back({path, std::string{what.rule}, what.reason});
  }
  if (path.empty()) { return; }
  if (!in_lost_found(path)) { lines_ += 1 + static_cast<std::uint64_t>(std::count(path.begin(), path.end(), '\n')); }
  acls_ += e.acl_extended ? 1u : 0u;
  opaque_ += e.opaque.empty() ? 0u : 1u;
  set_id_ += e.kind == entry_kind::file && (e.mode & 06000) != 0 ? 1u : 0u;
}

void tally::add_to_group(std::string_view path, std::uint64_t bytes, decision const& what) {
  group_key key{what.action, what.rule, what.reason, path.substr(0, path.find('/'))};
  auto at = groups_.find(key);
  if (at == groups_.end()) {
    // What an image makes up must not fill the memory: the rest comes together.
    if (groups_.size() >= max_subtrees) { key = {what.action, {}, "other reasons", {}}; }
    group g{.action = what.action, .rule = std::get<1>(key), .reason = std::get<2>(key), .below = std::string{path}};
    at = groups_.emplace(std::move(key), std::move(g)).first;
  }
  auto& g = at->second;
  ++g.members;
  g.bytes += bytes;
  while (path != g.below && !is_below(path, g.below)) { g.below = parent_path(g.below); }
}

std::vector<tally::group> tally::groups() const {
  std::vector<group> out;
  for (auto const& [unused, g] : groups_) { out.push_back(g); }
  std::stable_sort(out.begin(), out.end(), [](group const& a, group const& b) {
    return a.action != b.action ? a.action < b.action : a.below < b.below;
  });
  return out;
}

std::vector<tally::left_out> tally::left_out_by_subtree() const {
  std::vector<left_out> out;
  for (auto const& [key, line] : subtrees_) { out.push_back(line); }
  return out;
}

void append_dropped_line(std::string& out, entry const& e, decision const& what) {
  if (written(what)) { return; }
  out += concat(what.rule.empty() ? std::string_view{"-"} : what.rule, '\t');
  append_escaped(out, e.path);
  out += concat('\t', printable(what.reason), '\n');
}

void append_metadata_line(std::string& out, entry const& e, decision const& what) {
  auto const path = normal_path(e.path);
  if (!written(what) || has_dotdot(path)) { return; }
  out.push_back(letter_of(e.kind));
  out += concat(' ', e.uid, ' ', e.gid, ' ', octal(e.permissions(), 4), " ./");
  append_escaped(out, path);
  out.push_back(' ');
  auto const acl = e.acl_extended ? aix_acl::decode(e.acl) : aix_acl::decoded{};
  if (e.acl_extended && acl.extended && !acl.broken && !acl.unknown) {
    append_escaped(out, aix_acl::to_aclget_text(acl, e.uid, e.gid));
  } else {
    // What is there and not understood is said, and stays undone.
    out += e.acl_extended ? "?" : "-";
  }
  out.push_back('\n');
}

}  // namespace sysb::wpar::deploy
