// SPDX-License-Identifier: Apache-2.0
#include "diff/compare.hpp"

#include <algorithm>
#include <cstring>
#include <type_traits>
#include <utility>

#include "base/text.hpp"
#include "core/entry_kinds.hpp"
#include "diff/compare_parts.hpp"

namespace sysb::diff {

namespace {

constexpr std::uint64_t not_asked = ~std::uint64_t{0};

// What stands before a change in the spool: what has still to be found out.
struct pending {
  std::uint64_t ask_before = not_asked, ask_after = not_asked;
  digest128 before{}, after{};
  std::uint8_t open = 0;       // contents are to be compared
  std::uint8_t else_same = 0;  // nothing but them may differ
  std::uint8_t known_before = 0, known_after = 0;
};

[[nodiscard]] value digest_value(digest128 const& d) { return text_value(sysb::to_text(d)); }

void add(change& c, std::string_view name, value before, value after) {
  c.fields.push_back({std::string{name}, std::move(before), std::move(after)});
}

template <typename T>
void add_number(change& c, std::string_view name, T before, T after) {
  if (before == after) { return; }
  if constexpr (std::is_signed_v<T>) {
    add(c, name, number_value(std::int64_t{before}), number_value(std::int64_t{after}));
  } else {
    add(c, name, number_value(std::uint64_t{before}), number_value(std::uint64_t{after}));
  }
}

std::string list_text(std::string const& raw, std::string const& text) {
  return !text.empty() || raw.empty() ? text : hex_bytes(raw);
}

}  // namespace

void tally::count(change const& c) noexcept {
  switch (c.what) {
    case change_kind::added: ++added; break;
    case change_kind::removed: ++removed; break;
    case change_kind::type:
    case change_kind::content: ++changed; break;
    case change_kind::metadata: ++metadata_only; break;
    case change_kind::suspect: ++suspect; break;
    case change_kind::unknown: ++unknown; return;
  }
  if (c.what == change_kind::added && !c.other.empty()) { ++renamed; }
  if (c.size_after > c.size_before) { bytes_added += c.size_after - c.size_before; }
  if (c.size_before > c.size_after) { bytes_removed += c.size_before - c.size_after; }
}

comparison::comparison(loaded_side& before, loaded_side& after, compare_options const& o, side_context const& c)
    : before_{before},
      after_{after},
      options_{o},
      context_{c},
      changes_{c.tmpdir},
      digests_before_{before.origin(), c},
      digests_after_{after.origin(), c},
      links_{std::make_unique<names_of_one_file>(c.tmpdir)},
      only_{std::make_unique<only_here>(c.tmpdir)} {}

comparison::~comparison() = default;

void comparison::run() {
  merge();
  ask_for_renamed();
  context_.counters->phase = "read";
  digests_before_.run();
  digests_after_.run();
  match_renamed();
}

bool comparison::counts(member const& m) const {
  if (options_.select != nullptr && !options_.select->matches(m.path)) { return false; }
  if (options_.config_only && !is_config(m.path)) { return false; }
  if (options_.ignore_devices && (is_device(m.kind) || is_below(m.path, "dev"))) { return false; }
  return !options_.ignore_logs || !is_log(m.path);
}

void comparison::merge() {
  loaded_side::cursor a{before_};
  loaded_side::cursor b{after_};
  auto more_a = a.next();
  auto more_b = b.next();
  std::uint64_t count = 0;
  while (more_a || more_b) {
    if (++count % 256 == 0) { context_.counters->stop_if_asked(); }
    auto const order = !more_a ? 1 : !more_b ? -1 : a.at().path.compare(b.at().path);
    if (order == 0) {
      pair(a.at(), b.at());
    } else {
      alone(order < 0 ? a.at() : b.at(), order > 0);
    }
    if (order <= 0) { more_a = a.next(); }
    if (order >= 0) { more_b = b.next(); }
  }
  changes_.finish();
}

void comparison::alone(member const& m, bool after) {
  if (!counts(m)) { return; }
  auto const& other = after ? before_ : after_;
  // A directory without a member of its own comes to be where its members are unpacked.
  if (!options_.exact && m.kind == entry_kind::directory && other.has_below(m.path)) { return; }
  change c;
  c.path = m.path;
  c.kind = m.kind;
  auto& size = after ? c.size_after : c.size_before;
  size = m.kind == entry_kind::file ? m.size : 0;
  auto const kind = text_value(sysb::to_text(m.kind));
  add(c, "kind", after ? value{} : kind, after ? kind : value{});
  if (m.kind == entry_kind::file) {
    auto const bytes = number_value(m.size);
    add(c, "size", after ? value{} : bytes, after ? bytes : value{});
  }
  auto const& own = after ? after_ : before_;
  if (!own.about().complete && m.content == proof::unproven) {
    c.what = change_kind::unknown;
    c.why = "its record is damaged";
  } else if (other.about().complete) {
    c.what = after ? change_kind::added : change_kind::removed;
    only_->add(m, after);
  } else {
    c.what = change_kind::unknown;
    c.why = after ? "the first side is damaged or cut: it may have it, too"
                  : "the second side is damaged or cut: it may have it, too";
  }
  keep(c, not_asked, not_asked, nullptr, nullptr);
}

void comparison::compare_properties(member const& a, member const& b, change& c) {
  auto const has = a.has & b.has;
  auto const& o = options_;
  auto const directory = a.kind == entry_kind::directory;
  auto const link = a.kind == entry_kind::symlink;
  std::uint32_t wanted = property::owner | property::high_mode | property::acl;
  if (!o.ignore_times) { wanted |= property::mtime | (directory && !o.exact ? 0 : property::ctime); }
  if (o.exact && !o.ignore_times) { wanted |= property::atime; }
  if (o.exact && !o.ignore_inode) { wanted |= property::inode; }
  // A further name of a hard link in an archive has no lists of its own: those of its file were compared.
  if (!(before_.about().names_link && !a.own_data) && !(after_.about().names_link && !b.own_data)) {
    lost_ |= wanted & (a.has ^ b.has);
  }
  if ((has & property::permissions) != 0 && a.permissions() != b.permissions()) {
    add(c, "perm", text_value(octal(a.permissions())), text_value(octal(b.permissions())));
  }
  if ((has & property::high_mode) != 0 && a.mode >> 16 != b.mode >> 16) { add_number(c, "mode", a.mode, b.mode); }
  if ((has & property::owner) != 0) {
    add_number(c, "uid", a.uid, b.uid);
    add_number(c, "gid", a.gid, b.gid);
  }
  if (!o.ignore_times && (!directory || o.exact)) {
    if ((has & property::mtime) != 0) { add_number(c, "mtime", a.mtime, b.mtime); }
    if ((has & property::ctime) != 0) { add_number(c, "ctime", a.ctime, b.ctime); }
    if (o.exact && (has & property::atime) != 0) { add_number(c, "atime", a.atime, b.atime); }
  }
  if (o.exact && !o.ignore_inode && (has & property::inode) != 0) {
    add_number(c, "ino", a.ino, b.ino);
    add_number(c, "nlink", a.nlink, b.nlink);
  }
  if (is_device(a.kind) && !(a.rdev == b.rdev)) {
    auto const text = [](device_number d) { return text_value(concat(d.major, ',', d.minor)); };
    add(c, "rdev", text(a.rdev), text(b.rdev));
  }
  if (link && a.target != b.target) { add(c, "target", text_value(a.target), text_value(b.target)); }
  if ((has & property::acl) != 0) {
    if (a.acl != b.acl) {
      add(c, "acl", text_value(list_text(a.acl, a.acl_text)), text_value(list_text(b.acl, b.acl_text)));
    }
    if (a.pcl != b.pcl) { add(c, "pcl", text_value(hex_bytes(a.pcl)), text_value(hex_bytes(b.pcl))); }
  }
}

// Among the names that both sides have: with a name that went, no other one changed.
void comparison::compare_links(member const& a, member const& b, change& c) {
  auto const in_a = links_->first_of(a.group, false, a.path);
  auto const in_b = links_->first_of(b.group, true, a.path);
  if (in_a == in_b) { return; }
  auto const name = [&](std::optional<names_of_one_file::place> const& at) {
    return at ? text_value(concat("./", links_->name_at(*at))) : value{};
  };
  add(c, "link_to", name(in_a), name(in_b));
}

void comparison::pair(member const& a, member const& b) {
  auto const wanted = counts(a) && counts(b);
  change c;
  if (a.kind == entry_kind::file && b.kind == entry_kind::file && (a.group.any() || b.group.any())) {
    compare_links(a, b, c);
  }
  if (!wanted) { return; }
  c.path = a.path;
  c.kind = b.kind;
  c.size_before = a.kind == entry_kind::file ? a.size : 0;
  c.size_after = b.kind == entry_kind::file ? b.size : 0;
  if (a.kind != b.kind) {
    c.what = change_kind::type;
    c.fields.clear();
    add(c, "kind", text_value(sysb::to_text(a.kind)), text_value(sysb::to_text(b.kind)));
    add_number(c, "size", c.size_before, c.size_after);
    keep(c, not_asked, not_asked, nullptr, nullptr);
    return;
  }
  compare_properties(a, b, c);
  auto const retargeted =
      std::any_of(c.fields.begin(), c.fields.end(), [](auto const& f) { return f.name == "target"; });
  c.what = retargeted ? change_kind::content : change_kind::metadata;
  if (a.kind != entry_kind::file || (a.size == b.size && a.size == 0)) {
    if (c.fields.empty()) {
      ++same_;
    } else {
      keep(c, not_asked, not_asked, nullptr, nullptr);
    }
    return;
  }
  if (a.size != b.size) {
    c.what = change_kind::content;
    add_number(c, "size", a.size, b.size);
    if (a.content == proof::known && b.content == proof::known) {
      add(c, "xxh3", digest_value(a.digest), digest_value(b.digest));
    }
    keep(c, not_asked, not_asked, nullptr, nullptr);
    return;
  }
  auto const known = a.content == proof::known && b.content == proof::known;
  if (known && a.digest == b.digest) {
    if (c.fields.empty()) {
      ++same_;
    } else {
      keep(c, not_asked, not_asked, nullptr, nullptr);
    }
    return;
  }
  keep(c, not_asked, not_asked, &a, &b);
}

// With members: their contents have to be compared.
void comparison::keep(change const& c, std::uint64_t ask_a, std::uint64_t ask_b, member const* a, member const* b) {
  pending p{.ask_before = ask_a, .ask_after = ask_b};
  if (a != nullptr && b != nullptr) {
    p.open = 1;
    auto const times = a->has & b->has;
    auto const same_times = ((times & property::mtime) == 0 || a->mtime == b->mtime) &&
                            ((times & property::ctime) == 0 || a->ctime == b->ctime);
    p.else_same = c.fields.empty() && same_times ? 1 : 0;
    auto const unproven = a->content == proof::unproven || b->content == proof::unproven;
    auto const look = [&](member const& m, wanted_digests& digests, std::uint64_t& ask, digest128& d) -> bool {
      if (m.content == proof::known) {
        d = m.digest;
        return true;
      }
      if (m.content == proof::readable && !unproven) { ask = digests.ask(place_of(m)); }
      return false;
    };
    p.known_before = look(*a, digests_before_, p.ask_before, p.before) ? 1 : 0;
    p.known_after = look(*b, digests_after_, p.ask_after, p.after) ? 1 : 0;
  }
  std::string out(sizeof p, '\0');
  std::memcpy(out.data(), &p, sizeof p);
  encode(c, out);
  changes_.add(c.path, out);
}

// False: it is the same.
bool comparison::resolve(std::string_view path, std::string_view stored, change& c) {
  pending p;
  std::memcpy(&p, stored.data(), sizeof p);
  c = decode_change(path, stored.substr(sizeof p));
  if (p.open == 0) { return true; }
  auto const answer = [](std::uint64_t ask, bool known, digest128 const& d, wanted_digests& from) {
    if (known) { return std::optional{d}; }
    return ask == not_asked ? std::nullopt : from.answer(ask);
  };
  auto const a = answer(p.ask_before, p.known_before != 0, p.before, digests_before_);
  auto const b = answer(p.ask_after, p.known_after != 0, p.after, digests_after_);
  if (a && b) {
    if (*a == *b) { return !c.fields.empty(); }
    c.what = p.else_same != 0 ? change_kind::suspect : change_kind::content;
    add(c, "xxh3", digest_value(*a), digest_value(*b));
    return true;
  }
  c.what = change_kind::unknown;
  auto const proven_a = a || p.ask_before == not_asked ? p.known_before != 0 : false;
  auto const proven_b = b || p.ask_after == not_asked ? p.known_after != 0 : false;
  c.why = proven_a   ? "its content is not proven on the second side"
          : proven_b ? "its content is not proven on the first side"
                     : "its content is not proven";
  return true;
}

void comparison::each(visitor const& visit) {
  auto const first = totals_.differences() == 0 && totals_.same == 0;
  if (first) { totals_.same = same_; }
  sorted_spool::cursor items{changes_};
  only_here::renamed_cursor renamed{*only_};
  change c;
  std::uint64_t count = 0;
  while (items.next()) {
    if (++count % 256 == 0) { context_.counters->stop_if_asked(); }
    if (!resolve(items.key(), items.value(), c)) {
      if (first) { ++totals_.same; }
      continue;
    }
    if (c.what == change_kind::added || c.what == change_kind::removed) { c.other = renamed.other(c.path); }
    if (first) { totals_.count(c); }
    visit(c);
  }
}

void comparison::ask_for_renamed() { only_->ask(digests_before_, digests_after_); }
void comparison::match_renamed() { only_->match(digests_before_, digests_after_); }

}  // namespace sysb::diff
