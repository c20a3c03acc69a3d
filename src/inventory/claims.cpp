// SPDX-License-Identifier: Apache-2.0
#include "inventory/claims.hpp"

#include <algorithm>
#include <limits>
#include <tuple>

#include "base/digest.hpp"
#include "base/number.hpp"
#include "base/text.hpp"

namespace sysb::inventory {

namespace {

// With what the judge keeps of a claim and a fileset.
constexpr std::size_t per_claim = sizeof(claim) + 24;
constexpr std::size_t per_fileset = 768;
constexpr std::size_t names_of_fileset = 4;  // copies of its name
constexpr std::size_t per_account = 160;
constexpr std::uint64_t path_seed = 0x494e5650u;

}  // namespace

std::uint64_t path_key(std::string_view path) noexcept { return table_hash(as_bytes(path), path_seed); }

std::string_view to_text(outcome o) noexcept {
  switch (o) {
    case outcome::equal: return "equal";
    case outcome::differs: return "differs";
    case outcome::damaged: return "damaged";
    case outcome::without_sums: return "volatile";
    case outcome::absent: return "absent";
    case outcome::updated: return "updated";
    case outcome::config: return "config";
  }
  return "";
}

std::uint16_t account_names::number(std::string_view name, room& in) {
  if (name.empty()) { return 0; }
  if (names_[last_] == name) { return last_; }
  auto const at = numbers_.find(std::string{name});
  if (at != numbers_.end()) { return last_ = at->second; }
  if (names_.size() > std::numeric_limits<std::uint16_t>::max()) {
    in.refuse();
    return 0;
  }
  if (!in.take(per_account + 2 * name.size())) { return 0; }
  auto const out = static_cast<std::uint16_t>(names_.size());
  names_.emplace_back(name);
  numbers_.emplace(name, out);
  return last_ = out;
}

void account_names::learn(std::string_view text, room& in) {
  while (!text.empty()) {
    auto const end = std::min(text.find('\n'), text.size());
    auto const line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    auto const first = line.find(':');
    auto const second = first == line.npos ? line.npos : line.find(':', first + 1);
    if (first == 0 || second == line.npos) { continue; }
    auto const digits = line.substr(second + 1, line.find(':', second + 1) - second - 1);
    auto const id = whole_number<std::uint32_t>(digits);
    if (!id) { continue; }
    if (!in.take(per_account + first)) { return; }
    ids_.emplace(line.substr(0, first), *id);
  }
}

std::optional<std::uint32_t> account_names::id(std::uint16_t number) const {
  if (number == 0) { return std::nullopt; }
  auto const at = ids_.find(names_.at(number));
  return at == ids_.end() ? std::nullopt : std::optional{at->second};
}

std::optional<std::uint32_t> claim_table::fileset(std::string_view name) {
  auto const at = by_name_.find(std::string{name});
  if (at != by_name_.end()) { return at->second; }
  if (!held.take(per_fileset + names_of_fileset * name.size())) { return std::nullopt; }
  auto const out = static_cast<std::uint32_t>(filesets.size());
  by_name_.emplace(name, out);
  known_fileset f;
  f.name = std::string{name};
  filesets.push_back(std::move(f));
  return out;
}

void claim_table::add(claim c, std::string_view normal, std::uint64_t key) {
  auto const name = held.take(per_claim) ? names.add(normal, held) : std::nullopt;
  if (!name) {
    filesets[c.fileset].cut = true;
    return;
  }
  c.path = key;
  c.name = *name;
  claims.push_back(c);
}

void claim_table::sort() {
  auto const level = [&](claim const& c) { return origins.at(c.origin).level.value_or(swvpd::vrmf{}); };
  std::sort(claims.begin(), claims.end(), [&](claim const& a, claim const& b) {
    if (a.path != b.path) { return a.path < b.path; }
    if (a.fileset != b.fileset) { return a.fileset < b.fileset; }
    if (a.source != b.source) { return a.source > b.source; }
    auto const la = level(a);
    auto const lb = level(b);
    if (la != lb) { return lb < la; }
    return a.name < b.name;
  });
}

}  // namespace sysb::inventory
