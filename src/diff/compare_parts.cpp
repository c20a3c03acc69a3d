// SPDX-License-Identifier: Apache-2.0
#include "diff/compare_parts.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <utility>

#include "base/text.hpp"

namespace sysb::diff {

namespace {

constexpr std::size_t most_of_one_content = 4096;  // more files with one content are not told apart by it

[[nodiscard]] std::string_view last_part(std::string_view path) noexcept { return path.substr(path.rfind('/') + 1); }

[[nodiscard]] bool ends_with(std::string_view text, std::string_view end) noexcept {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

[[nodiscard]] bool in(std::string_view path, std::string_view directory) noexcept {
  return path == directory || is_below(path, directory);
}

}  // namespace

// --- what paths mean -------------------------------------------------------------------------

bool is_config(std::string_view path) noexcept {
  constexpr std::array places{
      std::string_view{"etc"},           std::string_view{"var/spool/cron"},   std::string_view{"var/ct/cfg"},
      std::string_view{"usr/local/etc"}, std::string_view{"opt/freeware/etc"}, std::string_view{"image.data"},
      std::string_view{"bosinst.data"},  std::string_view{".profile"},         std::string_view{".rhosts"},
      std::string_view{"tftpboot"}};
  // Databases of the system are what its commands keep, not what people edit.
  if (in(path, "etc/objrepos")) { return false; }
  if (std::any_of(places.begin(), places.end(), [&](auto const place) { return in(path, place); })) { return true; }
  auto const name = last_part(path);
  return ends_with(name, ".conf") || ends_with(name, ".cfg") || ends_with(name, ".cnf") || ends_with(name, ".ini") ||
         name == ".profile" || name == ".kshrc" || name == ".rhosts" || name == ".netrc";
}

bool is_log(std::string_view path) noexcept {
  constexpr std::array places{std::string_view{"var/adm"},
                              std::string_view{"var/log"},
                              std::string_view{"var/tmp"},
                              std::string_view{"tmp"},
                              std::string_view{"var/spool/mqueue"},
                              std::string_view{"var/spool/clientmqueue"},
                              std::string_view{"var/spool/mail"},
                              std::string_view{"var/preserve"},
                              std::string_view{"var/perf"},
                              std::string_view{"var/ct"},
                              std::string_view{"etc/utmp"},
                              std::string_view{"etc/security/lastlog"},
                              std::string_view{"etc/security/failedlogin"},
                              std::string_view{"audit"}};
  if (std::any_of(places.begin(), places.end(), [&](auto const place) { return in(path, place); })) { return true; }
  auto const name = last_part(path);
  return ends_with(name, ".log") || ends_with(name, ".out") || name == "smit.script" || name == "smit.transaction" ||
         name == "nohup.out" || name == "wtmp" || ends_with(name, "_history") || name == "dead.letter";
}

// --- names of one file -----------------------------------------------------------------------

std::optional<comparison::names_of_one_file::place> comparison::names_of_one_file::first_of(group_key const& group,
                                                                                            bool after,
                                                                                            std::string const& path) {
  if (path != last_) {
    last_ = path;
    last_place_.reset();
  }
  if (!group.any()) { return std::nullopt; }
  auto& table = after ? after_ : before_;
  slot fresh;
  fresh.key = group;
  auto const [at, added] = table.find_or_add(
      fresh.hash(), [&](slot const& s) { return s.key == group; }, fresh);
  if (!added) { return at->name; }
  if (!last_place_) {
    std::string kept(sizeof(length), '\0');
    auto const n = static_cast<length>(path.size());
    std::memcpy(kept.data(), &n, sizeof n);
    last_place_ = names_.add(kept + path).offset;
  }
  at->name = *last_place_;
  return std::nullopt;
}

std::string comparison::names_of_one_file::name_at(place at) const {
  length n = 0;
  std::memcpy(&n, names_.get({at, sizeof n}).data(), sizeof n);
  return names_.get({at + sizeof n, n});
}

// --- renamed files ---------------------------------------------------------------------------

comparison::only_here::only_here(std::string const& tmpdir)
    : tmpdir_{tmpdir},
      files_{tmpdir, 2u << 20},
      questions_{tmpdir, 2u << 20},
      by_digest_{tmpdir, 2u << 20},
      renamed_{tmpdir, 2u << 20},
      before_{std::make_unique<sizes>()},
      after_{std::make_unique<sizes>()} {}

std::size_t comparison::only_here::bit_of(std::uint64_t size) noexcept {
  return static_cast<std::size_t>((size * 0x9e3779b97f4a7c15ull) >> 44);
}

void comparison::only_here::add(member const& m, bool after) {
  if (m.kind != entry_kind::file || m.size == 0) { return; }
  if (m.content != proof::known && m.content != proof::readable) { return; }
  (after ? after_ : before_)->set(bit_of(m.size));
  std::string key;
  append_number_key(key, m.size);
  key.push_back(after ? '\1' : '\0');
  key += m.path;
  std::string value;
  encode(m, value);
  files_.add(key, value);
}

void comparison::only_here::ask(wanted_digests& before, wanted_digests& after) {
  files_.finish();
  {
    sorted_spool::cursor items{files_};
    member m;
    std::string value;
    while (items.next()) {
      auto const of_after = items.key()[8] == '\1';
      decode(items.key().substr(9), items.value(), m);
      // Nothing on the other side has this length: it was not renamed.
      if (!(of_after ? before_ : after_)->test(bit_of(m.size))) { continue; }
      std::uint64_t number = 0;
      if (m.content == proof::readable) { number = (of_after ? after : before).ask(place_of(m)); }
      value.assign(1, of_after ? '\1' : '\0');
      value.push_back(m.content == proof::known ? '\1' : '\0');
      value += as_text(m.digest);
      append_number_key(value, number);
      value += m.path;
      std::string key;
      append_number_key(key, questions_.size());
      questions_.add(key, value);
    }
  }
  questions_.finish();
  before_.reset();
  after_.reset();
}

void comparison::only_here::match(wanted_digests& before, wanted_digests& after) {
  constexpr std::size_t digest_at = 2;
  constexpr std::size_t number_at = digest_at + sizeof(digest128);
  constexpr std::size_t path_at = number_at + 8;
  sorted_spool::cursor items{questions_};
  while (items.next()) {
    auto const v = items.value();
    auto const of_after = v[0] == '\1';
    std::string key;
    if (v[1] == '\1') {
      key = v.substr(digest_at, sizeof(digest128));
    } else {
      std::uint64_t number = 0;
      for (auto const c : v.substr(number_at, 8)) { number = number << 8 | static_cast<unsigned char>(c); }
      auto const d = (of_after ? after : before).answer(number);
      if (!d) { continue; }
      key = as_text(*d);
    }
    key.push_back(v[0]);
    key += v.substr(path_at);
    by_digest_.add(key, {});
  }
  by_digest_.finish();
  std::vector<std::string> gone, come;
  std::string digest;
  sorted_spool::cursor found{by_digest_};
  while (found.next()) {
    auto const key = found.key();
    auto const d = key.substr(0, sizeof(digest128));
    if (d != digest) {
      pair_up(gone, come);
      digest = d;
    }
    auto& to = key[sizeof(digest128)] == '\1' ? come : gone;
    if (to.size() < most_of_one_content) { to.emplace_back(key.substr(sizeof(digest128) + 1)); }
  }
  pair_up(gone, come);
  renamed_.finish();
}

// One to one: by the last part of their names first, then by order.
void comparison::only_here::pair_up(std::vector<std::string>& gone, std::vector<std::string>& come) {
  auto const tell = [this](std::string const& from, std::string const& to) {
    renamed_.add(from, to);
    renamed_.add(to, from);
  };
  if (!gone.empty() && !come.empty()) {
    std::multimap<std::string, std::size_t, std::less<>> by_name;
    for (std::size_t i = 0; i < gone.size(); ++i) { by_name.emplace(last_part(gone[i]), i); }
    std::vector<bool> taken(gone.size());
    std::vector<std::string const*> left;
    for (auto const& path : come) {
      auto const at = by_name.find(last_part(path));
      if (at == by_name.end()) {
        left.push_back(&path);
        continue;
      }
      tell(gone[at->second], path);
      taken[at->second] = true;
      by_name.erase(at);
    }
    std::size_t next = 0;
    for (auto const* const path : left) {
      while (next < gone.size() && taken[next]) { ++next; }
      if (next == gone.size()) { break; }
      tell(gone[next++], *path);
    }
  }
  gone.clear();
  come.clear();
}

comparison::only_here::renamed_cursor::renamed_cursor(only_here const& of)
    : items_{of.renamed_}, more_{items_.next()} {}

std::string comparison::only_here::renamed_cursor::other(std::string_view path) {
  while (more_ && items_.key() < path) { more_ = items_.next(); }
  return more_ && items_.key() == path ? std::string{items_.value()} : std::string{};
}

}  // namespace sysb::diff
