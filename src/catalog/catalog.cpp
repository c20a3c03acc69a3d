// SPDX-License-Identifier: Apache-2.0
#include "catalog/catalog.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <unordered_set>
#include <utility>

#include "base/text.hpp"
#include "core/link_identity.hpp"

namespace sysb {

namespace {

struct keyed {
  std::uint64_t key = 0;    // hash of a directory's path
  std::uint64_t value = 0;  // of a directory that is no member: a member in it, and its depth
  bool operator<(keyed const& o) const noexcept { return key != o.key ? key < o.key : value < o.value; }
};
constexpr unsigned depth_bits = 16;
constexpr std::uint64_t after_members = std::uint64_t{1} << 48;  // in child::next

[[nodiscard]] tree_node node_of(std::uint64_t value) noexcept {
  return {value >> depth_bits, static_cast<std::uint32_t>(value & ((1u << depth_bits) - 1))};
}

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

struct catalog::exceptions {
  std::vector<std::uint64_t> replaced;  // members whose name stands for a later one, sorted
  std::vector<keyed> implied;           // directories that are no members, by the path of the one they stand in
  std::vector<keyed> implied_by_path;   // the same by their own
  [[nodiscard]] bool is_replaced(std::uint64_t ordinal) const noexcept {
    return std::binary_search(replaced.begin(), replaced.end(), ordinal);
  }
};

// Blocks that were asked for last, decoded: who walks a directory asks in between for the other names of its
// files, which stand elsewhere, and would have every member in front of them decoded again each time.
class catalog::read_blocks {
 public:
  // Null: its block is too large to be kept.
  [[nodiscard]] index::index_file::found const* find(index::index_file& file, std::uint64_t ordinal) {
    auto const holds = [ordinal](block const& b) { return ordinal >= b.first && ordinal - b.first < b.count; };
    auto at = std::find_if(blocks_.begin(), blocks_.end(), holds);
    if (at == blocks_.end()) {
      at = std::min_element(blocks_.begin(), blocks_.end(),
                            [](block const& a, block const& b) { return a.used < b.used; });
      fill(*at, file, ordinal);
    }
    at->used = ++clock_;
    return at->large ? nullptr : &at->members[static_cast<std::size_t>(ordinal - at->first)];
  }

 private:
  struct block {
    std::uint64_t first = 0, count = 0, used = 0;
    std::size_t bytes = 0;
    bool large = false;
    std::vector<index::index_file::found> members;  // their buffers serve again
  };
  static constexpr std::size_t most_bytes = 1u << 20;  // of one block; a usual one has a tenth of it

  [[nodiscard]] static std::size_t bytes_of(entry const& e) noexcept {
    return sizeof e + e.path.capacity() + e.target.capacity() + e.acl.capacity() + e.pcl.capacity() +
           e.acl_text.capacity() + e.opaque.capacity() * sizeof(opaque_block);
  }

  static void fill(block& b, index::index_file& file, std::uint64_t ordinal) {
    auto const range = file.block_of(ordinal);
    b.count = 0;  // nothing, should this end early
    if (b.bytes > most_bytes / 2) { b.members = {}; }
    if (b.members.size() < range.count) { b.members.resize(static_cast<std::size_t>(range.count)); }
    b.bytes = 0;
    b.large = false;
    file.seek_ordinal(range.first);
    for (std::size_t i = 0; i < range.count; ++i) {
      auto& [e, m] = b.members[i];
      if (!file.next(e, m) || m.ordinal != range.first + i) { throw index::unusable{"a member is missing in it"}; }
      b.bytes += bytes_of(e);
      if (b.bytes > most_bytes) {
        b.large = true;
        b.members = {};
        break;
      }
    }
    b.first = range.first;
    b.count = range.count;
  }

  std::array<block, 8> blocks_;
  std::uint64_t clock_ = 0;
};

catalog::catalog(std::unique_ptr<index::index_file> file)
    : file_{std::move(file)}, size_{file_->members()}, read_{std::make_unique<read_blocks>()} {}
catalog::~catalog() = default;

void catalog::read_unlocked(std::uint64_t ordinal, entry& out, index::member_facts& facts) const {
  if (ordinal >= size_) { throw index::unusable{"a member is missing in it"}; }
  if (auto const* const kept = read_->find(*file_, ordinal)) {
    out = kept->about;
    facts = kept->what.facts;
    return;
  }
  index::index_file::member m;
  file_->seek_ordinal(ordinal);
  if (!file_->next(out, m) || m.ordinal != ordinal) { throw index::unusable{"a member is missing in it"}; }
  facts = m.facts;
}

void catalog::read(std::uint64_t ordinal, entry& out, index::member_facts& facts) const {
  std::lock_guard const lock{file_lock_};
  asked([&] { read_unlocked(ordinal, out, facts); });
}

void catalog::read(std::uint64_t ordinal, entry& out) const {
  index::member_facts facts;
  read(ordinal, out, facts);
}

std::optional<std::uint64_t> catalog::at_record(std::uint64_t offset) const {
  std::lock_guard const lock{file_lock_};
  return asked([&]() -> std::optional<std::uint64_t> {
    entry e;
    index::index_file::member m;
    file_->seek_offset(offset);
    if (!file_->next(e, m) || e.offset != offset) { return std::nullopt; }
    return m.ordinal;
  });
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
  auto const& x = found_exceptions();
  auto const stands = std::find_if(all.rbegin(), all.rend(), [&](auto o) { return !x.is_replaced(o); });
  return stands != all.rend() ? std::optional{*stands} : std::nullopt;
}

// False: the member does not stand there; directories of another path met under this key.
bool catalog::read_child(std::uint64_t ordinal, std::string_view parent, entry& e, std::string& path) const {
  read(ordinal, e);
  path = normal_path(e.path);
  return !path.empty() && parent_path(path) == parent;
}

bool catalog::member_children(std::string_view normal, std::uint64_t from,
                              std::function<bool(child const&)> const& visit) const {
  auto const& x = found_exceptions();
  auto const ask = [&](auto const& step) {
    std::lock_guard const lock{file_lock_};
    return asked(step);
  };
  auto const key = file_->key_of(normal);
  auto const range = ask([&] { return file_->runs_of(key, from); });
  entry e;
  std::string path;
  for (auto i = range.from; i < range.to; ++i) {
    auto const run = ask([&] { return file_->run_at(i); });
    for (auto o = std::max(run.first, from); o < run.first + run.count; ++o) {
      if (x.is_replaced(o) || !read_child(o, normal, e, path)) { continue; }
      if (!visit({.name = last_part(path), .node = {o, 0}, .member = e, .next = o + 1})) { return false; }
    }
  }
  return true;
}

void catalog::children(std::string_view directory, std::uint64_t from,
                       std::function<bool(child const&)> const& visit) const {
  auto const normal = normal_path(directory);
  if (from < after_members && !member_children(normal, from, visit)) { return; }
  auto const implied = range_of(found_exceptions().implied, file_->key_of(normal));
  entry e;
  for (std::size_t i = from < after_members ? 0 : from - after_members; i < implied.size(); ++i) {
    auto const n = node_of(implied[i].value);
    read(n.ordinal, e);
    auto const path = normal_path(e.path);
    auto const here = first_parts(path, n.depth);
    if (parent_path(here) != normal) { continue; }
    if (!visit({.name = last_part(here), .node = n, .member = e, .next = after_members + i + 1})) { return; }
  }
}

void catalog::children(std::string_view directory, child_visitor const& visit) const {
  children(directory, 0, [&](child const& c) {
    visit(c.name, c.node.depth == 0 ? std::optional{c.node.ordinal} : std::nullopt);
    return true;
  });
}

std::uint64_t catalog::subdirectories(std::string_view directory) const {
  auto const normal = normal_path(directory);
  auto const& x = found_exceptions();
  auto const key = file_->key_of(normal);
  auto out = std::uint64_t{range_of(x.implied, key).size()};
  std::lock_guard const lock{file_lock_};
  asked([&] {
    auto const range = file_->runs_of(key);
    for (auto i = range.from; i < range.to; ++i) {
      auto const run = file_->run_at(i);
      if (!run.directories) { continue; }
      auto const gone = std::lower_bound(x.replaced.begin(), x.replaced.end(), run.first + run.count) -
                        std::lower_bound(x.replaced.begin(), x.replaced.end(), run.first);
      out += run.count - static_cast<std::uint64_t>(gone);
    }
  });
  return out;
}

std::optional<tree_node> catalog::node(std::string_view path) const {
  auto const normal = normal_path(path);
  if (auto const member = find(normal)) { return tree_node{*member, 0}; }
  entry e;
  for (auto const& [key, value] : range_of(found_exceptions().implied_by_path, file_->key_of(normal))) {
    auto const n = node_of(value);
    read(n.ordinal, e);
    if (first_parts(normal_path(e.path), n.depth) == normal) { return n; }
  }
  return std::nullopt;
}

std::string catalog::path_of(tree_node const& n) const {
  entry e;
  read(n.ordinal, e);
  auto path = normal_path(e.path);
  path.resize(first_parts(path, n.depth).size());
  return path;
}

link_group catalog::group(std::uint64_t ordinal) const {
  auto const self = at(ordinal);
  link_group out{.names = {ordinal}, .data = {}};
  if (has_data(self)) { out.data = ordinal; }
  if (!may_be_linked(self)) { return out; }
  auto const& x = found_exceptions();
  auto const identity = link_identity_of(self);
  auto const candidates = [&] {
    std::lock_guard const lock{file_lock_};
    return asked([&] { return file_->linked(self); });
  }();
  std::vector<std::pair<std::uint64_t, std::uint64_t>> same;  // size, with a mark for those that have data
  std::vector<std::uint64_t> members;
  entry e;
  entry data;
  std::optional<std::uint64_t> first;
  for (auto const other : candidates) {
    read(other, e);
    if (!may_be_linked(e) || link_identity_of(e) != identity) { continue; }
    members.push_back(other);
    same.emplace_back(e.size, has_data(e) ? 1 : 0);
    if (!first && has_data(e)) {
      first = other;
      data = e;
    }
  }
  // What says another size than the content that its inode has is a file of its own.
  if (first && !may_share_content(self, data)) { return out; }
  out = {.names = {}, .data = first};
  for (std::size_t i = 0; i < members.size(); ++i) {
    auto const shares = !first || same[i].first == data.size || (same[i].first == 0 && same[i].second == 0);
    if (shares && !x.is_replaced(members[i])) { out.names.push_back(members[i]); }
  }
  return out;
}

catalog::exceptions const& catalog::found_exceptions() const {
  std::lock_guard const lock{exceptions_lock_};
  if (!exceptions_) {
    std::lock_guard const file{file_lock_};
    auto x = std::make_unique<exceptions>();
    asked([&] {
      find_replaced(*x);
      add_implied(*x);
    });
    exceptions_ = std::move(x);
  }
  return *exceptions_;
}

// Names that come again stand side by side.
void catalog::find_replaced(exceptions& x) const {
  std::vector<std::uint64_t> met;
  entry e;
  index::member_facts facts;
  auto const judge = [&](std::uint64_t key) {
    std::sort(met.begin(), met.end());
    struct standing {
      std::string path;
      std::uint64_t ordinal;
      bool directory;
    };
    std::vector<standing> stand;  // one, unless keys of several names met
    auto const inside = file_->runs_of(key);
    auto const first_inside = inside.from < inside.to ? file_->run_at(inside.from).first : size_;
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
      bool const filled = before->directory && first_inside < ordinal;
      if (filled && !directory) {
        x.replaced.push_back(ordinal);
        continue;
      }
      x.replaced.push_back(before->ordinal);
      before->ordinal = ordinal;
      before->directory = directory;
    }
  };
  for (std::uint64_t i = 0; i < file_->names_again();) {
    auto const key = file_->name_again(i).key;
    met.clear();
    for (; i < file_->names_again() && file_->name_again(i).key == key; ++i) {
      met.push_back(file_->name_again(i).ordinal);
    }
    judge(key);
  }
  std::sort(x.replaced.begin(), x.replaced.end());
}

// Directories that only the paths of their members tell of, up to one that is a member or is known.
void catalog::add_implied(exceptions& x) const {
  std::unordered_set<std::uint64_t> known;  // keys of those found
  entry e;
  index::member_facts facts;
  for (std::uint64_t i = 0; i < file_->orphans(); ++i) {
    auto const [key, ordinal] = file_->orphan(i);
    read_unlocked(ordinal, e, facts);
    auto const path = normal_path(e.path);
    for (auto dir = parent_path(path); !dir.empty(); dir = parent_path(dir)) {
      auto const own = file_->key_of(dir);
      auto const depth = static_cast<std::uint64_t>(std::count(dir.begin(), dir.end(), '/')) + 1;
      if (depth >> depth_bits != 0 || (own != key && file_->has_name(own)) || !known.insert(own).second) { break; }
      x.implied.push_back({file_->key_of(parent_path(dir)), (ordinal << depth_bits) | depth});
      x.implied_by_path.push_back({own, (ordinal << depth_bits) | depth});
    }
  }
  std::sort(x.implied.begin(), x.implied.end());
  std::sort(x.implied_by_path.begin(), x.implied_by_path.end());
}

}  // namespace sysb
