// SPDX-License-Identifier: Apache-2.0
#include "inventory/judge.hpp"

#include <algorithm>
#include <unordered_set>

#include "base/bsd_sum.hpp"
#include "base/one_bit.hpp"
#include "base/text.hpp"
#include "inventory/diagnostics.hpp"

namespace sysb::inventory {

namespace {

constexpr std::size_t most_notes = 100;             // listed one by one
constexpr std::size_t most_errors = 10'000;         // likewise, of errors
constexpr std::size_t most_named = 100;             // files of one fileset in the report
constexpr std::size_t most_named_bytes = 4u << 20;  // of all of them
constexpr std::uint64_t region_bytes = 1u << 20;    // damage that lies so close has one cause
constexpr std::uint64_t least_comparable = 8;
constexpr std::size_t name_bytes = 200;  // of an account or a fileset, in a finding
constexpr int most_links = 8;            // on the way to a file

entry_kind kind_of(swvpd::inventory_type t) noexcept {
  switch (t) {
    case swvpd::inventory_type::directory: return entry_kind::directory;
    case swvpd::inventory_type::symlink: return entry_kind::symlink;
    case swvpd::inventory_type::fifo: return entry_kind::fifo;
    case swvpd::inventory_type::character: return entry_kind::char_device;
    case swvpd::inventory_type::block: return entry_kind::block_device;
    case swvpd::inventory_type::file:
    case swvpd::inventory_type::unknown: break;
  }
  return entry_kind::file;
}

bool is_file(seen_member const& m) noexcept { return m.kind == static_cast<std::uint64_t>(entry_kind::file); }

std::string short_name(std::string_view name) { return printable(name.substr(0, name_bytes)); }

std::string padded_sum(std::uint64_t v) {
  auto digits = concat(v);
  return concat(std::string(5 - std::min<std::size_t>(digits.size(), 5), '0'), digits);
}

}  // namespace

void judge::run() {
  package_ = v_.collector_.package.has_value() && !v_.collector_.database;
  out_.is_package = package_;
  out_.any = !table_.claims.empty() || v_.collector_.database || package_;
  table_.sort();
  gather();
  states_.resize(table_.filesets.size());
  judge_database_sums();
  auto const& claims = table_.claims;
  for (std::size_t first = 0; first < claims.size();) {
    auto last = first;
    while (last < claims.size() && claims[last].path == claims[first].path) { ++last; }
    judge_path(first, last);
    first = last;
  }
  std::sort(equal_at_.begin(), equal_at_.end());
  judge_regions();
  report_differences();
  auto const path_of = [&](listed const& f) { return concat('/', table_.names.path(claims[f.claim].name)); };
  std::stable_sort(findings_.begin(), findings_.end(), [&](auto const& x, auto const& y) {
    return x.offset != y.offset ? x.offset < y.offset : path_of(x) < path_of(y);
  });
  for (auto const& f : findings_) {
    diagnostic d{.code = f.code,
                 .offset = {},
                 .path = path_of(f),
                 .detail = concat(about(claims[f.claim]), f.more),
                 .level = f.level};
    if (f.offset != 0) { d.offset = f.offset; }
    d_.report(d);
  }
  if (not_listed_ != 0) {
    d_.report({.code = &more_files, .offset = {}, .path = {}, .detail = concat(not_listed_, " more"), .level = {}});
  }
  summarise();
}

seen_member const* judge::find(std::uint64_t key) const { return seen_.find(key); }

bool judge::has_row(std::uint64_t key) const {
  auto const& claims = table_.claims;
  auto const at = std::lower_bound(claims.begin(), claims.end(), key,
                                   [](claim const& c, std::uint64_t wanted) { return c.path < wanted; });
  return at != claims.end() && at->path == key;
}

void judge::gather_asked() {
  v_.seen_.for_each([&](seen_member const& m) {
    if (!has_row(m.key) && !asked_.contains(m.key)) { return; }
    auto const [at, fresh] = seen_.find_or_add(m);
    if (!fresh) { *at = m; }  // the later member replaces the earlier one
  });
}

// Of the members of the image those that rows speak of: by their names, by names that lead there over symbolic links, and
// the names that have the content of a hard link.
void judge::gather() {
  auto more = !table_.claims.empty();
  auto const ask = [&](std::uint64_t key) { more = (!has_row(key) && asked_.add(key)) || more; };
  constexpr int turns = 3;  // rows; names over links, and contents of those; contents of names over links
  for (int turn = 0; turn < turns && more; ++turn) {
    gather_asked();
    more = false;
    std::unordered_set<std::uint64_t> groups;
    seen_.for_each([&](seen_member const& m) {
      if (m.elsewhere != 0) { groups.insert(m.size); }
    });
    if (!groups.empty()) {
      v_.link_contents_.for_each([&](auto const& l) {
        if (groups.count(l.group) == 0) { return; }
        link_content_[l.group] = l.key;
        ask(l.key);
      });
    }
    if (turn != 0 || package_) { continue; }
    for (auto const& c : table_.claims) {
      if (find(c.path) != nullptr) { continue; }
      follow_links(c, [&](std::uint64_t key) {
        ask(key);
        return false;
      });
    }
  }
}

// As /lib/libc.a over /lib -> /usr/lib.
template <typename Found>
void judge::follow_links(claim const& c, Found const& found) const {
  auto path = table_.names.path(c.name);
  for (int turn = 0; turn < most_links; ++turn) {
    bool changed = false;
    for (auto at = path.find('/'); at != path.npos; at = path.find('/', at + 1)) {
      auto const link = v_.links_.find(path.substr(0, at));
      if (link == v_.links_.end()) { continue; }
      auto const& target = link->second;
      auto const rest = path.substr(at);
      path = normal_path(target.starts_with('/') ? concat(target, rest)
                                                 : concat(parent_path(link->first), '/', target, rest));
      changed = true;
      break;
    }
    if (!changed || has_dotdot(path) || found(path_key(path))) { return; }
  }
}

seen_member const* judge::find_through_links(claim const& c) const {
  seen_member const* seen = nullptr;
  follow_links(c, [&](std::uint64_t key) { return (seen = find(key)) != nullptr; });
  return seen;
}

void judge::judge_database_sums() {
  auto const& claims = table_.claims;
  for (std::size_t i = 0; i < claims.size(); ++i) {
    auto const& c = claims[i];
    if (c.source != claim_source::database || !c.has_sum || c.size == 0) { continue; }
    auto const* const seen = find(c.path);
    if (seen == nullptr || !is_file(*seen) || seen->summed == 0 || seen->size != c.size) { continue; }
    // Where a package's own list denies the content too, the file is no witness.
    bool contradicted = false;
    for (auto j = i + 1; j < claims.size() && claims[j].path == c.path; ++j) {
      contradicted = contradicted || (claims[j].has_sum && claims[j].sum == c.sum && c.sum != seen->sum);
    }
    if (contradicted) { continue; }
    ++out_.comparable;
    out_.agreeing += c.sum == seen->sum ? 1u : 0u;
  }
  out_.database_sums = out_.comparable >= least_comparable && out_.agreeing * 5 >= out_.comparable * 4;
  if (out_.comparable == 0) { return; }
  if (!out_.database_sums) {
    d_.report({.code = &sums_not_believed,
               .offset = {},
               .path = {},
               .detail = concat(out_.agreeing, " of ", out_.comparable, " files agree"),
               .level = {}});
  }
}

bool judge::may_compare(claim const& c) const noexcept {
  return c.comparable() && (c.source != claim_source::database || out_.database_sums);
}

judge::match judge::compare(claim const& c, seen_member const& seen) const noexcept {
  if (!may_compare(c) || seen.summed == 0) { return match::nothing; }
  if (c.has_size && c.size != seen.size) { return match::other_length; }
  if (c.has_sum && c.sum != seen.sum) { return match::other_sum; }
  return match::yes;
}

// All of the row but the length agrees with the file, whose own length stands in a checked header.
bool judge::row_is_at_fault(claim const& c, seen_member const& seen) const noexcept {
  return c.broken || (c.has_sum && c.has_size && c.size != seen.size && c.sum == seen.sum && c.sum != 0);
}

void judge::judge_path(std::size_t first, std::size_t last) {
  auto& claims = table_.claims;
  auto const* seen = find(claims[first].path);
  if (seen == nullptr && !package_) { seen = find_through_links(claims[first]); }
  // Content that stands under the first name of a group of hard links.
  seen_member resolved;
  if (seen != nullptr && seen->elsewhere != 0) {
    resolved = *seen;
    auto const group = link_content_.find(seen->size);
    auto const* const content = group == link_content_.end() ? nullptr : find(group->second);
    resolved.size = content == nullptr ? 0 : content->size;
    resolved.sum = content == nullptr ? 0 : content->sum;
    resolved.summed = content == nullptr ? 0 : content->summed;
    seen = &resolved;
  }
  auto const fits = [&](std::size_t from, std::size_t to) {
    return seen != nullptr && std::any_of(claims.begin() + static_cast<std::ptrdiff_t>(from),
                                          claims.begin() + static_cast<std::ptrdiff_t>(to),
                                          [&](claim const& c) { return compare(c, *seen) == match::yes; });
  };
  for (auto from = first; from < last;) {
    auto to = from;
    while (to < last && claims[to].fileset == claims[from].fileset) { ++to; }
    bool const elsewhere = fits(first, from) || fits(to, last);
    count(claims[from], judge_fileset(from, to, seen, elsewhere));
    from = to;
  }
  if (seen != nullptr && seen->summed != 0 && seen->size != 0 && fits(first, last)) {
    equal_at_.push_back(seen->offset);
  }
}

outcome judge::judge_fileset(std::size_t first, std::size_t last, seen_member const* seen, bool other_has_it) {
  auto& claims = table_.claims;
  auto newest = first;
  while (newest + 1 < last && claims[newest].source == claim_source::database && !out_.database_sums) { ++newest; }
  auto const& c = claims[newest];
  if (c.broken) { row_is_damaged(c, seen); }
  if (seen == nullptr) { return absent(c); }
  judge_attributes(c, *seen);
  if (!is_file(*seen)) { return outcome::equal; }  // another kind is an attribute
  if (seen->unread != 0) { return outcome::damaged; }
  for (auto i = first; i < last; ++i) {
    if (compare(claims[i], *seen) == match::yes) { return outcome::equal; }
  }
  auto const m = compare(c, *seen);
  if (m == match::nothing) { return outcome::without_sums; }
  return not_equal(newest, *seen, m, other_has_it);
}

void judge::row_is_damaged(claim const& c, seen_member const* seen) {
  ++out_.damaged_rows;
  say(row_damaged, c, seen == nullptr ? 0 : seen->offset, {},
      package_ ? std::optional{severity::error} : std::optional<severity>{});
}

outcome judge::absent(claim const& c) {
  bool const is_file = c.type == swvpd::inventory_type::file || c.type == swvpd::inventory_type::unknown;
  if (package_) {
    // Directories and links of all kinds are made when the package is installed; an update brings some
    // files as members of libraries.
    bool const promised = is_file && c.listed && !c.link && c.comparable() && v_.collector_.package->type == "I";
    if (!promised) { return outcome::without_sums; }
    say(file_missing, c, 0);
    return outcome::absent;
  }
  if (c.shipped || !v_.links_whole_ ||
      (c.source != claim_source::database && v_.collector_.database && !table_.filesets[c.fileset].installed)) {
    return outcome::without_sums;  // a copy that may go, or a list of what is not installed
  }
  say(file_missing, c, 0, {}, severity::note);
  return outcome::absent;
}

bool judge::explained_by_update(claim const& c) const {
  if (c.source == claim_source::database) { return false; }  // updates write their rows there
  auto const& f = table_.filesets[c.fileset];
  auto const& level = table_.origins.at(c.origin).level;
  if (level && f.level) { return *level < *f.level; }
  return f.updated || !v_.collector_.database;
}

outcome judge::not_equal(std::size_t at, seen_member const& seen, match m, bool other_has_it) {
  auto const& c = table_.claims[at];
  if (row_is_at_fault(c, seen)) {
    if (!c.broken) { row_is_damaged(c, &seen); }
    return outcome::without_sums;
  }
  difference d{.offset = seen.offset,
               .same_length = m == match::other_sum ? 1u : 0u,
               .unexplained = 0,
               .damage = package_ ? 1u : 0u,
               .claim = static_cast<std::uint32_t>(at)};
  if (!package_) {
    if (other_has_it) { return outcome::updated; }
    if (v_.collector_.is_config(c.path)) { return outcome::config; }
    if (explained_by_update(c)) { return outcome::updated; }
    d.unexplained = v_.collector_.database && !c.shipped ? 1 : 0;
  }
  differences_.push_back(d);
  return outcome::differs;  // judge_regions() may make it damage
}

// Damage does not keep to filesets, and it leaves lengths alone: they stand in headers that have checksums.
// So two files of different filesets that have their length but not their sum, close to each other or with
// nothing proven sound between them, were not edited.
void judge::judge_regions() {
  std::sort(differences_.begin(), differences_.end(), [](auto const& a, auto const& b) { return a.offset < b.offset; });
  // Of one that has its length.
  auto const end_of = [&](difference const& d) { return d.offset + table_.claims[d.claim].size; };
  difference* before = nullptr;
  for (auto& d : differences_) {
    if (d.unexplained == 0 || d.same_length == 0) { continue; }
    if (before != nullptr) {
      auto const sound = std::lower_bound(equal_at_.begin(), equal_at_.end(), before->offset);
      bool const nothing_between = sound == equal_at_.end() || *sound > d.offset;
      bool const close = d.offset <= end_of(*before) + region_bytes;
      bool const strangers = table_.claims[d.claim].fileset != table_.claims[before->claim].fileset;
      bool const same_file = d.offset == before->offset;
      if ((close || nothing_between) && !same_file && (strangers || before->damage != 0)) {
        d.damage = before->damage = 1;
      }
    }
    before = &d;
  }
  // The files between that belong to the fileset of a neighbour lie in the region too.
  before = nullptr;
  for (auto at = differences_.size(); at-- > 0;) {
    auto& d = differences_[at];
    if (d.unexplained == 0 || d.same_length == 0) { continue; }
    if (before != nullptr && before->damage != 0 && before->offset <= end_of(d) + region_bytes) { d.damage = 1; }
    before = &d;
  }
}

void judge::report_differences() {
  for (auto const& d : differences_) {
    auto& c = table_.claims[d.claim];
    auto const* seen = find(c.path);
    if (seen == nullptr) { seen = find_through_links(c); }
    // The first claim of this fileset on this path has the result.
    auto first = d.claim;
    while (first > 0 && table_.claims[first - 1].path == c.path && table_.claims[first - 1].fileset == c.fileset) {
      --first;
    }
    auto& counted = table_.claims[first];
    std::string detail;
    if (seen != nullptr && seen->elsewhere == 0) {
      detail += d.same_length != 0 ? concat(", expected the sum ", padded_sum(c.sum), ", found ", padded_sum(seen->sum))
                                   : concat(", expected ", c.size, " bytes, found ", std::uint64_t{seen->size});
      if (d.same_length != 0 && one_bit_apart(padded_sum(c.sum), padded_sum(seen->sum))) {
        detail += "; one bit of the recorded digits would explain it too";
      }
    }
    auto& state = states_[c.fileset];
    if (d.damage != 0) {
      --state.files[static_cast<std::size_t>(outcome::differs)];
      ++state.files[static_cast<std::size_t>(outcome::damaged)];
      counted.result = outcome::damaged;
      say(content_damaged, c, d.offset, std::move(detail));
    } else {
      detail += d.same_length != 0 ? "; edited or damaged" : "; edited";
      say(content_differs, c, d.offset, std::move(detail));
    }
  }
}

void judge::judge_attributes(claim const& c, seen_member const& seen) {
  std::string detail;
  auto const differ = [&](std::string_view what, std::string const& want, std::string const& have) {
    detail += concat(", ", what, ": expected ", want, ", found ", have);
  };
  auto const kind = static_cast<entry_kind>(seen.kind);
  bool const known_type = c.type != swvpd::inventory_type::unknown;
  bool const same_kind = !known_type || kind_of(c.type) == kind;
  if (!same_kind) { differ("kind", sysb::to_text(kind_of(c.type)), sysb::to_text(kind)); }
  if (same_kind && kind == entry_kind::symlink && c.target != 0 && c.target != static_cast<std::uint32_t>(seen.size)) {
    differ("target", "that of the inventory", "another");
  }
  if (same_kind && kind != entry_kind::symlink) {
    if (c.has_mode && c.mode != seen.perm) { differ("mode", octal(c.mode), octal(seen.perm)); }
    auto const uid = table_.owners.id(c.owner);
    auto const gid = table_.groups.id(c.group);
    if (uid && *uid != seen.uid) {
      differ("owner", concat(short_name(table_.owners.name(c.owner)), " (", *uid, ')'), concat(seen.uid));
    }
    if (gid && seen.id_known != 0 && *gid != seen.gid) {
      differ("group", concat(short_name(table_.groups.name(c.group)), " (", *gid, ')'),
             concat(std::uint64_t{seen.gid}));
    }
  }
  if (detail.empty()) { return; }
  ++states_[c.fileset].attributes;
  say(attributes_differ, c, seen.offset, std::move(detail));
}

std::string judge::about(claim const& c) const {
  auto const& from = table_.origins.at(c.origin).member;
  return concat("fileset ", short_name(table_.filesets[c.fileset].name), ", by ", printable(from));
}

void judge::say(diag_code const& code, claim const& c, std::uint64_t offset, std::string more,
                std::optional<severity> level) {
  bool const error = level.value_or(code.level) != severity::note;
  out_.errors += level.value_or(code.level) == severity::error ? 1u : 0u;
  if (findings_.size() >= (error ? most_errors : most_notes)) {
    ++not_listed_;
    return;
  }
  auto const number = static_cast<std::uint32_t>(&c - table_.claims.data());
  findings_.push_back({.offset = offset, .code = &code, .claim = number, .level = level, .more = std::move(more)});
}

void judge::count(claim& c, outcome o) {
  c.result = o;
  c.counted = true;
  ++states_[c.fileset].files[static_cast<std::size_t>(o)];
}

void judge::summarise() {
  for (std::size_t i = 0; i < states_.size(); ++i) {
    auto& s = states_[i];
    auto const& f = table_.filesets[i];
    s.name = f.name;
    s.level = f.level_text;
    std::uint64_t rows = 0;
    for (auto const n : s.files) { rows += n; }
    if (rows == 0) { continue; }
    s.what = s.count(outcome::damaged) != 0           ? state::damaged
             : s.count(outcome::absent) != 0          ? state::incomplete
             : s.count(outcome::differs) != 0         ? state::changed
             : s.count(outcome::equal) != 0 && !f.cut ? state::sound
                                                      : state::unproven;
    for (std::size_t k = 0; k < outcome_count; ++k) { out_.files[k] += s.files[k]; }
    out_.attributes += s.attributes;
    out_.filesets.push_back(s);
  }
  std::sort(out_.filesets.begin(), out_.filesets.end(), [](auto const& a, auto const& b) { return a.name < b.name; });
  std::unordered_map<std::string_view, std::size_t> at;
  for (std::size_t i = 0; i < out_.filesets.size(); ++i) { at.emplace(out_.filesets[i].name, i); }
  auto named_bytes_left = most_named_bytes;
  for (auto const& c : table_.claims) {
    bool const worth =
        c.counted && (c.result == outcome::damaged || c.result == outcome::absent || c.result == outcome::differs);
    if (!worth) { continue; }
    auto& named = out_.filesets[at.at(table_.filesets[c.fileset].name)].named;
    if (named.size() >= most_named) { continue; }
    auto path = concat('/', table_.names.path(c.name));
    if (path.size() > named_bytes_left) { continue; }
    named_bytes_left -= path.size();
    named.push_back(std::move(path));
  }
  for (auto& f : out_.filesets) { std::sort(f.named.begin(), f.named.end()); }
}

}  // namespace sysb::inventory
