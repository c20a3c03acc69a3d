// SPDX-License-Identifier: Apache-2.0
#include "formats/backup_by_name/open_records.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace sysb::backup_by_name {
namespace {

constexpr std::size_t most_decoded = 32;
constexpr std::size_t mark_bytes = length_field::head_bytes;
constexpr std::size_t enough_mark_bytes = 4;

using head = observed::head;

struct mark {
  head value{};
  std::array<bool, mark_bytes> same{};
  std::size_t strength = 0;
  [[nodiscard]] bool at(head const& h) const noexcept {
    for (std::size_t i = 0; i < mark_bytes; ++i) {
      if (same[i] && h[i] != value[i]) { return false; }
    }
    return true;
  }
};
mark common(std::vector<head> const& heads, std::uint64_t bytes) {
  mark m;
  if (heads.size() < enough) { return m; }
  m.value = heads.front();
  bool zero = true;
  for (std::size_t i = 0; i < mark_bytes && i < bytes; ++i) {
    m.same[i] = std::all_of(heads.begin(), heads.end(), [&](head const& h) { return h[i] == m.value[i]; });
    m.strength += m.same[i] ? 1U : 0U;
    zero = zero && (!m.same[i] || m.value[i] == std::byte{0});
  }
  if (zero) { m.strength = 0; }
  return m;
}

}  // namespace

open_records::open_records(lookahead& ahead, std::vector<sample> const& samples, grammar& rules,
                           std::vector<std::string>& proofs)
    : ahead_{ahead}, rules_{rules}, proofs_{proofs} {
  for (auto const& s : samples) {
    if (s.slack() == 0) { continue; }
    observed o{.s = &s, .slack = s.slack()};
    o.at_front = bytes_at(o.front());
    o.at_back = bytes_at(o.back());
    open_.push_back(o);
  }
}

head open_records::bytes_at(std::uint64_t at) {
  head out{};
  auto const b = ahead_.read(at, out.size());
  std::copy(b.begin(), b.end(), out.begin());
  return out;
}

std::size_t open_records::contents(group const& g) {
  auto const n = std::count_if(g.begin(), g.end(), [](auto const* o) { return o->has_content(); });
  return static_cast<std::size_t>(n);
}
std::size_t open_records::lengths(group const& g, bool with_content) {
  std::set<std::uint64_t> out;
  for (auto const* o : g) {
    if (o->has_content() || !with_content) { out.insert(o->slack); }
  }
  return out.size();
}

std::vector<std::byte> open_records::bytes(std::uint64_t at, std::size_t n) {
  auto const b = ahead_.read(at, n);
  return {b.begin(), b.end()};
}

void open_records::take(block_plan const& plan, group const& g, std::string proof) {
  if (std::find(rules_.plans.begin(), rules_.plans.end(), plan) == rules_.plans.end()) { rules_.plans.push_back(plan); }
  if (std::find(proofs_.begin(), proofs_.end(), proof) == proofs_.end()) { proofs_.push_back(std::move(proof)); }
  std::set<observed const*> const gone(g.begin(), g.end());
  std::vector<observed> left;
  for (auto const& o : open_) {
    if (gone.count(&o) == 0) { left.push_back(o); }
  }
  open_ = std::move(left);
}

open_records::answer open_records::packed_say(group const& g, shift const& where) {
  // Of each length: those that are seldom may be two blocks together, as what is frequent does not show.
  std::map<std::uint64_t, std::size_t> tried;
  for (auto const* o : g) {
    if (!o->s->packed || o->s->stored == 0 || !lookahead::may_become(o->s->stored, o->s->size)) { continue; }
    if (tried[o->slack] == most_decoded) { continue; }
    if (!ahead_.unpacks(o->front() + where(*o), o->s->stored, o->s->size)) { return answer::no; }
    ++tried[o->slack];
  }
  return tried.empty() ? answer::none : answer::yes;
}

bool open_records::speaks_for_all(group const& g) {
  auto const packed = static_cast<std::size_t>(
      std::count_if(g.begin(), g.end(), [](auto const* o) { return o->s->packed && o->has_content(); }));
  return packed == contents(g) || packed >= enough;
}

bool open_records::agrees_with_mark(group const& g, bool front, std::uint64_t k, shift const& where) {
  auto const block_at = [&](observed const& o) { return bytes_at((front ? o.front() : o.back()) + where(o)); };
  std::vector<head> heads;
  for (auto const* o : g) {
    if (o->s->packed) { heads.push_back(block_at(*o)); }
  }
  auto const m = common(heads, k);
  return m.strength < enough_mark_bytes ||
         std::all_of(g.begin(), g.end(), [&](auto const* o) { return m.at(block_at(*o)); });
}

std::optional<bool> open_records::mark_of_bare(group const& g, std::uint64_t k, shift const& where) {
  std::vector<head> heads;
  for (auto const* o : g) {
    if (!o->has_content()) { heads.push_back(bytes_at(o->front() + where(*o))); }
  }
  auto const m = common(heads, k);
  if (m.strength < enough_mark_bytes) { return std::nullopt; }
  std::size_t front = 0;
  std::size_t back = 0;
  std::size_t full = 0;
  for (auto const* o : g) {
    if (!o->has_content()) { continue; }
    ++full;
    front += m.at(bytes_at(o->front() + where(*o))) ? 1U : 0U;
    back += m.at(bytes_at(o->back() + where(*o))) ? 1U : 0U;
  }
  if (front == full && back * 2 < full) { return true; }
  if (back == full && front * 2 < full) { return false; }
  return std::nullopt;
}

}  // namespace sysb::backup_by_name
