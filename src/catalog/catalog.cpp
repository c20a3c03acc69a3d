// SPDX-License-Identifier: Apache-2.0
#include "catalog/catalog.hpp"

#include <algorithm>
#include <string>
#include <unordered_set>
#include <utility>

#include "base/text.hpp"
#include "core/link_identity.hpp"

namespace sysb {

namespace {

struct keyed {
  std::uint64_t key = 0;    // hash of a directory's path, or of an inode
  std::uint64_t value = 0;  // a member; of directories that are no member, of something in them and their depth
  bool operator<(keyed const& o) const noexcept { return key != o.key ? key < o.key : value < o.value; }
};
constexpr unsigned depth_bits = 16;

[[nodiscard]] std::span<keyed const> range_of(std::vector<keyed> const& sorted, std::uint64_t key) noexcept {
  auto const from = std::lower_bound(sorted.begin(), sorted.end(), keyed{key, 0});
  auto const to = std::upper_bound(from, sorted.end(), keyed{key, ~std::uint64_t{0}});
  return {from, to};
}

[[nodiscard]] std::string_view last_part(std::string_view path) noexcept {
  return path.substr(path.rfind('/') + 1);  // npos + 1 is 0
}

// The first `depth` parts of a normal path; all of it for 0.
[[nodiscard]] std::string_view first_parts(std::string_view path, std::uint64_t depth) noexcept {
  std::size_t end = path.size();
  for (std::size_t at = 0; depth != 0; --depth) {
    end = std::min(path.find('/', at), path.size());
    at = std::min(end + 1, path.size());
  }
  return path.substr(0, end);
}

// What reads the file, in one place: who asks a catalog knows nothing of indexes.
template <typename Step>
auto asked(Step const& step) {
  try {
    return step();
  } catch (index::unusable const& e) {
    throw fatal_error{fatal_error::kind::io, concat("the catalog of the image cannot be read: ", e.what())};
  }
}

}  // namespace

struct catalog::tables {
  std::vector<keyed> children;          // by the directory's path
  std::vector<keyed> links;             // by inode: every member that may be a hard link
  std::vector<std::uint64_t> replaced;  // members whose name stands for a later one, sorted
  [[nodiscard]] bool is_replaced(std::uint64_t ordinal) const noexcept {
    return std::binary_search(replaced.begin(), replaced.end(), ordinal);
  }
};

catalog::catalog(std::unique_ptr<index::index_file> file) : file_{std::move(file)}, size_{file_->members()} {}
catalog::~catalog() = default;

void catalog::read_unlocked(std::uint64_t ordinal, entry& out, index::member_facts& facts) const {
  index::index_file::member m;
  file_->seek_ordinal(ordinal);
  if (!file_->next(out, m) || m.ordinal != ordinal) { throw index::unusable{"a member is missing in it"}; }
  facts = m.facts;
}

void catalog::read(std::uint64_t ordinal, entry& out) const {
  std::lock_guard const lock{file_lock_};
  index::member_facts facts;
  asked([&] { read_unlocked(ordinal, out, facts); });
}

entry catalog::at(std::uint64_t ordinal) const {
  entry out;
  read(ordinal, out);
  return out;
}

std::optional<digest128> catalog::digest(std::uint64_t ordinal) const {
  entry e;
  index::member_facts facts;
  auto const look = [&](std::uint64_t o) {
    std::lock_guard const lock{file_lock_};
    asked([&] { read_unlocked(o, e, facts); });
    return facts.digest;
  };
  if (auto own = look(ordinal); own || has_data(e) || !may_be_linked(e)) { return own; }
  auto const data = group(ordinal).data;
  return data ? look(*data) : std::nullopt;
}

// In image order.
std::vector<std::uint64_t> catalog::named(std::string_view normal) const {
  std::lock_guard const lock{file_lock_};
  return asked([&] {
    auto out = file_->under(file_->key_of(normal));
    std::sort(out.begin(), out.end());
    entry e;
    index::member_facts facts;
    auto const other = [&](std::uint64_t o) {
      read_unlocked(o, e, facts);
      return normal_path(e.path) != normal;
    };
    out.erase(std::remove_if(out.begin(), out.end(), other), out.end());
    return out;
  });
}

std::optional<std::uint64_t> catalog::find(std::string_view path) const {
  auto const all = named(normal_path(path));
  if (all.empty()) { return std::nullopt; }
  if (all.size() == 1) { return all.front(); }
  auto const& t = joined();
  auto const stands = std::find_if(all.rbegin(), all.rend(), [&](auto o) { return !t.is_replaced(o); });
  return stands != all.rend() ? std::optional{*stands} : std::nullopt;
}

void catalog::children(std::string_view directory, child_visitor const& visit) const {
  auto const normal = normal_path(directory);
  auto const& t = joined();
  entry e;
  for (auto const& [key, value] : range_of(t.children, file_->key_of(normal))) {
    auto const ordinal = value >> depth_bits;
    auto const depth = value & ((1u << depth_bits) - 1);
    read(ordinal, e);
    auto const path = normal_path(e.path);
    auto const child = first_parts(path, depth);
    if (child.empty() || parent_path(child) != normal) { continue; }  // another directory under this key
    visit(last_part(child), depth == 0 ? std::optional{ordinal} : std::nullopt);
  }
}

link_group catalog::group(std::uint64_t ordinal) const {
  auto const self = at(ordinal);
  link_group out{.names = {ordinal}, .data = {}};
  if (has_data(self)) { out.data = ordinal; }
  if (!may_be_linked(self)) { return out; }
  auto const& t = joined();
  auto const identity = link_identity_of(self);
  std::vector<std::pair<std::uint64_t, std::uint64_t>> same;  // size, with a mark for those that have data
  std::vector<std::uint64_t> members;
  entry e;
  entry data;
  std::optional<std::uint64_t> first;
  for (auto const& [key, value] : range_of(t.links, identity.inode_hash(0))) {
    read(value, e);
    if (link_identity_of(e) != identity) { continue; }
    members.push_back(value);
    same.emplace_back(e.size, has_data(e) ? 1 : 0);
    if (!first && has_data(e)) {
      first = value;
      data = e;
    }
  }
  // What says another size than the content that its inode has is a file of its own.
  if (first && !may_share_content(self, data)) { return out; }
  out = {.names = {}, .data = first};
  for (std::size_t i = 0; i < members.size(); ++i) {
    auto const shares = !first || same[i].first == data.size || (same[i].first == 0 && same[i].second == 0);
    if (shares && !t.is_replaced(members[i])) { out.names.push_back(members[i]); }
  }
  return out;
}

catalog::tables const& catalog::joined() const {
  std::lock_guard const lock{tables_lock_};
  if (!tables_) {
    std::lock_guard const file{file_lock_};
    tables_ = asked([&] { return join(); });
  }
  return *tables_;
}

std::unique_ptr<catalog::tables> catalog::join() const {
  auto t = std::make_unique<tables>();
  t->children.reserve(static_cast<std::size_t>(size_));
  entry e;
  index::member_facts facts;
  std::string parent;
  std::uint64_t parent_key = file_->key_of("");
  for (std::uint64_t i = 0; i < size_; ++i) {
    read_unlocked(i, e, facts);
    auto const path = normal_path(e.path);
    if (!path.empty()) {
      if (auto const p = parent_path(path); p != parent) {
        parent = p;
        parent_key = file_->key_of(parent);
      }
      t->children.push_back({parent_key, i << depth_bits});
    }
    if (may_be_linked(e)) { t->links.push_back({link_identity_of(e).inode_hash(0), i}); }
  }
  std::sort(t->children.begin(), t->children.end());
  std::sort(t->links.begin(), t->links.end());
  find_replaced(*t);
  auto const gone = [&](keyed const& k) { return t->is_replaced(k.value >> depth_bits); };
  if (!t->replaced.empty()) {
    t->children.erase(std::remove_if(t->children.begin(), t->children.end(), gone), t->children.end());
  }
  add_implied(*t);
  return t;
}

// Names that come again stand side by side in the name table.
void catalog::find_replaced(tables& t) const {
  std::vector<std::uint64_t> met;
  entry e;
  index::member_facts facts;
  auto const judge = [&](std::uint64_t key) {
    std::sort(met.begin(), met.end());
    met.erase(std::unique(met.begin(), met.end()), met.end());
    struct standing {
      std::string path;
      std::uint64_t ordinal;
      bool directory;
    };
    std::vector<standing> stand;  // one, unless keys of several names met
    for (auto const ordinal : met) {
      read_unlocked(ordinal, e, facts);
      auto path = normal_path(e.path);
      if (file_->key_of(path) != key) { continue; }  // the data of a link group stands under such a key too
      auto const directory = e.kind == entry_kind::directory;
      auto const before = std::find_if(stand.begin(), stand.end(), [&](auto const& s) { return s.path == path; });
      if (before == stand.end()) {
        stand.push_back({std::move(path), ordinal, directory});
        continue;
      }
      auto const inside = range_of(t.children, key);
      bool const filled = before->directory && !inside.empty() && inside.front().value >> depth_bits < ordinal;
      if (filled && !directory) {
        t.replaced.push_back(ordinal);
        continue;
      }
      t.replaced.push_back(before->ordinal);
      before->ordinal = ordinal;
      before->directory = directory;
    }
  };
  std::uint64_t last = 0;
  for (std::uint64_t i = 0; i < file_->names(); ++i) {
    auto const [key, ordinal] = file_->name(i);
    if (key != last || i == 0) {
      if (met.size() > 1) { judge(last); }
      met.clear();
      last = key;
    }
    met.push_back(ordinal);
  }
  if (met.size() > 1) { judge(last); }
  std::sort(t.replaced.begin(), t.replaced.end());
}

// Directories that only the paths of their members tell of, up to one that is a member or is known.
void catalog::add_implied(tables& t) const {
  std::vector<keyed> more;
  std::unordered_set<std::uint64_t> known;  // keys of those in `more`
  entry e;
  index::member_facts facts;
  std::uint64_t name = 0;
  index::index_file::named here{};
  auto const top = file_->key_of("");
  for (std::size_t i = 0; i < t.children.size(); ++i) {
    auto const key = t.children[i].key;
    if ((i != 0 && key == t.children[i - 1].key) || key == top) { continue; }
    while (name < file_->names() && (here = file_->name(name)).key < key) { ++name; }
    if (name < file_->names() && here.key == key) { continue; }
    read_unlocked(t.children[i].value >> depth_bits, e, facts);
    auto const path = normal_path(e.path);
    auto dir = std::string_view{path};
    for (dir = parent_path(dir); !dir.empty(); dir = parent_path(dir)) {
      auto const own = file_->key_of(dir);
      auto const depth = static_cast<std::uint64_t>(std::count(dir.begin(), dir.end(), '/')) + 1;
      if (depth >> depth_bits != 0 || (own != key && !file_->under(own).empty()) || !known.insert(own).second) {
        break;
      }
      more.push_back({file_->key_of(parent_path(dir)), t.children[i].value | depth});
    }
  }
  t.children.insert(t.children.end(), more.begin(), more.end());
  std::sort(t.children.begin(), t.children.end());
}

}  // namespace sysb
