// SPDX-License-Identifier: Apache-2.0
#include "mount/tree.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "core/fatal_error.hpp"
#include "core/link_identity.hpp"

namespace sysb::mount {

namespace {

// Numbers of nodes: 1 is the top; members from 2 on in image order; then directories that are no members.
constexpr node_id first_member = 2;
constexpr node_id implied_mark = node_id{1} << 60;
constexpr unsigned depth_bits = 16;
constexpr std::size_t kept_links = 32'768;
constexpr std::size_t longest_name = 1024;  // of the kernel's FUSE; a listing with a longer one is an error there

[[nodiscard]] node_id id_of(tree_node const& n, std::string_view path) noexcept {
  if (path.empty()) { return root_id; }
  if (n.depth == 0) { return first_member + n.ordinal; }
  return implied_mark | (n.ordinal << depth_bits) | n.depth;
}

[[nodiscard]] std::string below(std::string_view directory, std::string_view name) {
  return directory.empty() ? std::string{name} : concat(directory, '/', name);
}

}  // namespace

bool can_be_shown(std::string_view name) noexcept {
  return !name.empty() && name != "." && name != ".." && name.size() <= longest_name &&
         name.find('\0') == std::string_view::npos;
}

std::optional<tree_node> tree::node_of(node_id id) const {
  if (id == root_id) {
    auto const top = members_.shown->find("");
    return top ? std::optional{tree_node{*top, 0}} : std::nullopt;
  }
  if ((id & implied_mark) != 0) {
    return tree_node{(id & ~implied_mark) >> depth_bits, static_cast<std::uint32_t>(id & ((1u << depth_bits) - 1))};
  }
  auto const ordinal = id - first_member;
  return id >= first_member && ordinal < members_.shown->size() ? std::optional{tree_node{ordinal, 0}} : std::nullopt;
}

std::string tree::path(node_id id) const {
  if (id == root_id) { return {}; }
  auto const n = node_of(id);
  return n ? members_.shown->path_of(*n) : std::string{};
}

std::optional<entry> tree::member(node_id id) const {
  auto const n = node_of(id);
  return n && n->depth == 0 ? std::optional{members_.shown->at(n->ordinal)} : std::nullopt;
}

// The same member among all of the image; nothing for one that was added.
std::optional<std::uint64_t> tree::in_all(std::uint64_t ordinal, entry const& e) const {
  if (members_.shown == members_.all) { return ordinal; }
  return members_.all->at_record(e.offset);
}

// The member whose record has the content, where it is another one.
std::optional<std::uint64_t> tree::data_of(std::uint64_t ordinal, entry const& e) const {
  auto const own = in_all(ordinal, e);
  return own ? members_.all->group(*own).data : std::nullopt;
}

// Damage is no name of anything: who opens it is told so.
tree::link_facts tree::links_of(std::uint64_t ordinal, entry const& e) const {
  link_facts alone{.id = first_member + ordinal, .names = 1, .size = e.size};
  if (!may_be_linked(e) || index::is_unsound(e) || members_.generated.count(e.offset) != 0) { return alone; }
  {
    std::lock_guard const hold{links_lock_};
    if (auto const at = links_.find(ordinal); at != links_.end()) { return at->second; }
  }
  auto const group = members_.shown->group(ordinal);
  auto out = alone;
  out.names = std::max<std::uint64_t>(group.names.size(), 1);
  if (!group.names.empty()) { out.id = first_member + group.names.front(); }
  if (group.data) {
    // The one with the data stands for all, unless its name is that of a later member.
    for (auto const n : group.names) {
      if (n == *group.data) { out.id = first_member + n; }
    }
  }
  if (!has_data(e)) {
    if (auto const data = data_of(ordinal, e)) { out.size = members_.all->at(*data).size; }
  }
  std::lock_guard const hold{links_lock_};
  if (links_.size() + group.names.size() > kept_links) { links_.clear(); }
  if (group.names.size() <= kept_links) {
    for (auto const n : group.names) { links_.emplace(n, out); }
  }
  return out;
}

attributes tree::describe(tree_node const& n, entry const& e, std::string_view path) const {
  attributes out;
  out.id = id_of(n, path);
  if (n.depth != 0) {
    out.kind = entry_kind::directory;
    out.permissions = 0755;
    out.mtime = out.atime = out.ctime = members_.date;
  } else {
    out.kind = e.kind;
    out.permissions = e.permissions();
    out.uid = e.uid;
    out.gid = e.gid;
    out.mtime = e.mtime;
    out.atime = e.atime;
    out.ctime = e.ctime;
    out.rdev = e.rdev;
  }
  switch (out.kind) {
    case entry_kind::file: {
      auto const links = links_of(n.ordinal, e);
      out.id = links.id;
      out.links = links.names;
      out.size = links.size;
      break;
    }
    case entry_kind::symlink: out.size = e.target.size(); break;
    case entry_kind::directory: out.links = 2 + members_.shown->subdirectories(path); break;
    case entry_kind::char_device:
    case entry_kind::block_device:
    case entry_kind::fifo:
    case entry_kind::socket: break;
  }
  return out;
}

std::optional<attributes> tree::look(node_id id) const {
  auto const n = node_of(id);
  if (n) {
    auto const e = members_.shown->at(n->ordinal);
    auto const where = n->depth == 0 ? normal_path(e.path) : members_.shown->path_of(*n);
    auto out = describe(*n, e, where);
    if (id != root_id || out.kind == entry_kind::directory) { return out; }
  }
  if (id != root_id) { return std::nullopt; }
  // The image says nothing of the top, or nothing that can be one.
  attributes top;
  top.id = root_id;
  top.kind = entry_kind::directory;
  top.permissions = 0755;
  top.links = 2 + members_.shown->subdirectories("");
  top.mtime = top.atime = top.ctime = members_.date;
  return top;
}

std::optional<attributes> tree::find(std::string_view path) const {
  if (normal_path(path).empty()) { return look(root_id); }
  auto const n = members_.shown->node(path);
  if (!n) { return std::nullopt; }
  return describe(*n, members_.shown->at(n->ordinal), normal_path(path));
}

std::optional<attributes> tree::find(node_id directory, std::string_view name) const {
  if (!can_be_shown(name)) { return std::nullopt; }
  auto const at = path(directory);
  if (directory != root_id && at.empty()) { return std::nullopt; }
  return find(below(at, name));
}

void tree::list(node_id directory, std::uint64_t from, visitor const& visit) const {
  auto const at = path(directory);
  if (directory != root_id && at.empty()) { return; }
  members_.shown->children(at, from, [&](catalog::child const& c) {
    if (!can_be_shown(c.name)) { return true; }
    return visit(c.name, describe(c.node, c.member, below(at, c.name)), c.next);
  });
}

node_content tree::content(node_id id) const {
  auto const n = node_of(id);
  if (n && n->depth == 0) { return content_of(n->ordinal); }
  node_content out;
  out.from = node_content::source::refused;
  out.why = "it is no member of the image";
  return out;
}

node_content tree::content_of(std::uint64_t ordinal) const {
  node_content out;
  auto const refuse = [&](std::string why) {
    out.from = node_content::source::refused;
    out.why = std::move(why);
    return out;
  };
  members_.shown->read(ordinal, out.data, out.facts);
  if (auto const g = members_.generated.find(out.data.offset); g != members_.generated.end()) {
    out.from = node_content::source::memory;
    out.bytes = &g->second;
    return out;
  }
  auto const own = in_all(ordinal, out.data);
  if (!own) { return refuse("it is no member of the image"); }
  out.member = *own;
  if (index::is_unsound(out.data)) {
    return refuse("the image is damaged here, or nothing proves where the content stands");
  }
  auto const data = has_data(out.data) ? own : members_.all->group(*own).data;
  if (!data) {
    if (out.data.size != 0 || out.data.content == content_state::elsewhere) {
      return refuse("its content stands under another name, and no name of it has any");
    }
    return out;
  }
  out.member = *data;
  members_.all->read(*data, out.data, out.facts);
  out.from = node_content::source::image;
  return out;
}

}  // namespace sysb::mount
