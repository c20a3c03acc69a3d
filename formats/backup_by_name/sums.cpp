// SPDX-License-Identifier: Apache-2.0
#include "formats/backup_by_name/sums.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "base/bsd_sum.hpp"
#include "base/digest.hpp"
#include "base/text.hpp"
#include "formats/aix_archive/aix_archive.hpp"
#include "formats/backup_by_name/layouts.hpp"
#include "formats/backup_by_name/sampling.hpp"
#include "formats/swvpd/installp.hpp"
#include "formats/swvpd/inventory_row.hpp"
#include "formats/swvpd/swvpd.hpp"

namespace sysb::backup_by_name {
namespace {

constexpr std::size_t most_records = 1u << 18;
constexpr std::uint64_t largest_inventory = 64u << 20;
constexpr std::uint64_t most_inventory_bytes = 256u << 20;
constexpr std::uint64_t largest_summed = 16u << 20;
// With more, a sum of 16 bits would agree by chance.
constexpr std::size_t most_summed = 256;
constexpr std::size_t sides = 2;  // the content begins in front of the block, or after it
enum side : std::size_t { in_front, after };

using bytes = std::vector<std::byte>;

std::uint64_t key_of(std::string_view path) { return table_hash(as_bytes(path), 0); }

// A plain file, and where its content begins if the block stands on either side.
struct place {
  std::array<std::uint64_t, sides> start{};
  std::uint64_t size = 0;
  std::uint64_t block = 0;
  std::size_t plan = 0;
  bool open = false;
};

struct agreement {
  std::array<std::size_t, sides> agree{};
  std::array<std::set<std::uint64_t>, sides> lengths;
  std::size_t neither = 0;  // contents that stand elsewhere, between two blocks perhaps
  std::size_t summed = 0;
};

class prover {
 public:
  prover(lookahead& ahead, grammar& rules) : ahead_{ahead}, rules_{rules}, tallies_(rules.plans.size() + 1) {}

  void run(std::uint64_t at, std::vector<std::string>& proofs) {
    walk(at);
    for (auto const& path : archives_) { take_archive(places_.at(path)); }
    for (auto const part : {swvpd::part::usr, swvpd::part::root, swvpd::part::share}) { take_database(part); }
    for (auto const& t : tallies_) {
      for (std::size_t s = 0; s < sides; ++s) { agree_[s] += t.agree[s]; }
      neither_ += t.neither;
    }
    std::size_t proven = 0;
    for (std::size_t i = 0; i < tallies_.size(); ++i) { proven += settle(i); }
    if (proven != 0) {
      auto left = is_open(rules_.plans.size());
      for (std::size_t i = 0; i < rules_.plans.size(); ++i) { left = left || is_open(i); }
      if (!left) {
        std::erase_if(proofs, [](std::string_view p) { return p.starts_with("nothing proves"); });
      }
      proofs.push_back(
          concat(proven, " contents equal the checksums that the software inventory in the image has of them"));
    }
  }

 private:
  [[nodiscard]] bool is_open(std::size_t plan) const {
    return plan == rules_.plans.size() ? rules_.blind_any && rules_.blind_side == block_side::unknown
                                       : rules_.plans[plan].open;
  }

  // Where the content begins by either hypothesis on a block that is taken to be on one side.
  [[nodiscard]] std::array<std::uint64_t, sides> starts(candidate const& c, std::uint64_t& block) const {
    if (c.plan == rules_.plans.size()) {
      block = c.end - c.data_at - align8(c.data_bytes);
      return {c.data_at, c.data_at + block};
    }
    auto const& plan = rules_.plans[c.plan];
    block = plan.fixed_before + plan.fixed_after_content +
            (plan.fixed_before + plan.fixed_after_content == 0 ? plan.fixed_after : 0);
    return plan.fixed_before != 0 ? std::array{c.data_at - block, c.data_at} : std::array{c.data_at, c.data_at + block};
  }

  void walk(std::uint64_t at) {
    chain_budget budget{.records = most_records};  // what takes more to tell apart is left open
    std::unordered_set<std::uint64_t> links;
    for (std::size_t n = 0; n < most_records; ++n) {
      auto const h = ahead_.header_at(at);
      if (h.state != judged::valid) {
        auto const next = ahead_.successor_at(at) == judged::valid ? after_unknown_record(ahead_, at) : std::nullopt;
        if (!next) { return; }
        at = *next;
        continue;
      }
      if (h.prefix.type == record_type::end) { return; }
      bytes const header{h.bytes.begin(), h.bytes.end()};
      auto const m = decode_member(header, ahead_.shape);
      circumstances const where{.repeated = m.link_key() != 0 && !links.insert(m.link_key()).second};
      auto const c = choose(ahead_, enumerate(ahead_, m, at, where), where, 0, budget);
      if (c.what != choice::result::one) {
        auto const next = find_leading_record(ahead_, at + header.size(), where, budget, at + header.size());
        if (!next) { return; }
        at = *next;
        continue;
      }
      remember(m, c.taken);
      at = c.taken.end;
    }
  }

  void remember(member_head const& m, candidate const& c) {
    if (kind_of(m.mode) != entry_kind::file || m.packed() || c.data_bytes == 0 || c.data_bytes != m.size) { return; }
    place p{.start = {c.data_at, c.data_at}, .size = m.size, .plan = c.plan};
    p.open = c.planned && is_open(c.plan);
    if (p.open) { p.start = starts(c, p.block); }
    auto const path = normal_path(m.name);
    auto const key = key_of(path);
    places_[key] = p;  // the later one of a name is the one that counts
    if (swvpd::is_liblpp(path)) { archives_.insert(key); }
  }

  bytes content(place const& p, std::size_t of_side) {
    bytes out;
    if (p.size > largest_inventory || read_ + p.size > most_inventory_bytes) { return out; }
    read_ += p.size;
    out.resize(static_cast<std::size_t>(p.size));
    out.resize(ahead_.source().probe(p.start[of_side], out));
    return out;
  }

  void take_archive(place const& p) {
    for (std::size_t s = 0; s < (p.open ? sides : 1); ++s) {
      auto const whole = content(p, s);
      std::vector<aix_archive::fault> ignored;
      auto const parsed = aix_archive::is_archive(whole) ? aix_archive::parse(whole, ignored) : std::nullopt;
      if (!parsed) { continue; }
      for (auto const& m : parsed->members) {
        if (!std::string_view{m.name}.ends_with(".inventory")) { continue; }
        std::vector<swvpd::fault> faults;
        swvpd::parse_inventory(as_text(aix_archive::data_of(whole, m)), faults, [&](swvpd::inventory_file const& f) {
          auto const row = swvpd::to_row(f);
          if (!row.broken && row.size && row.sum) { try_row(normal_path(f.path), *row.size, *row.sum); }
        });
      }
    }
  }

  void take_database(swvpd::part part) {
    constexpr std::array<std::string_view, 4> names{"lpp", "product", "inventory", "inventory.vc"};
    for (std::size_t s = 0; s < sides; ++s) {
      std::array<bytes, names.size()> classes;
      bool open = false;
      for (std::size_t i = 0; i < names.size(); ++i) {
        auto const found = places_.find(key_of(concat(swvpd::repository_of(part), '/', names[i])));
        if (found == places_.end()) { continue; }
        open = open || found->second.open;
        classes[i] = content(found->second, s);
      }
      if (classes[2].empty() || classes[3].empty()) { return; }
      std::vector<swvpd::fault> ignored;
      (void)swvpd::read({.where = part,
                         .lpp = classes[0],
                         .product = classes[1],
                         .inventory = classes[2],
                         .inventory_vc = classes[3],
                         .history = {}},
                        ignored, [&](swvpd::database const&, swvpd::inventory_record const& r) {
                          if (r.size && r.checksum) {
                            try_row(normal_path(r.path), static_cast<std::uint64_t>(*r.size),
                                    static_cast<std::uint16_t>(*r.checksum));
                          }
                        });
      if (!open) { return; }
    }
  }

  void try_row(std::string const& path, std::uint64_t size, std::uint16_t sum) {
    auto const found = places_.find(key_of(path));
    if (found == places_.end() || !found->second.open || found->second.size != size || size > largest_summed) {
      return;
    }
    auto const& p = found->second;
    auto& t = tallies_[p.plan];
    if (t.summed == most_summed || !tried_.insert(found->first).second) { return; }
    ++t.summed;
    std::array<bool, sides> equal{};
    for (std::size_t s = 0; s < sides; ++s) {
      bytes some(static_cast<std::size_t>(size));
      bsd_sum sums;
      if (ahead_.source().probe(p.start[s], some) != some.size()) { return; }
      sums.update(some);
      equal[s] = sums.value() == sum;
    }
    // Contents of one byte over and over agree with both.
    if (equal[in_front] == equal[after]) {
      t.neither += equal[in_front] ? 0U : 1U;
      return;
    }
    auto const s = equal[after] ? after : in_front;
    ++t.agree[s];
    t.lengths[s].insert(p.block);
  }

  // How many contents proved it.
  std::size_t settle(std::size_t plan) {
    auto const& t = tallies_[plan];
    auto const s = t.agree[after] > t.agree[in_front] ? after : in_front;
    // Of blocks that are on one side throughout the archive a few of each length are enough.
    constexpr std::size_t few = 2;
    auto const least = agree_[1 - s] == 0 && neither_ == 0 && agree_[s] >= enough ? few : enough;
    if (t.agree[s] < least || t.agree[1 - s] != 0 || t.neither != 0) { return 0; }
    if (plan == rules_.plans.size()) {
      if (t.lengths[s].size() < enough_lengths) { return 0; }
      rules_.blind_side = s == after ? block_side::before : block_side::after;
      rules_.blind_least = *t.lengths[s].begin();
      rules_.blind_most = *t.lengths[s].rbegin();
      return t.agree[s];
    }
    auto& p = rules_.plans[plan];
    auto const block = std::max({p.fixed_before, p.fixed_after_content, p.fixed_after});
    auto& other = p.after ? p.fixed_after_content : p.fixed_after;
    p.fixed_before = p.fixed_after_content = p.fixed_after = 0;
    (s == after ? p.fixed_before : other) = block;
    p.open = false;
    return t.agree[s];
  }

  lookahead& ahead_;
  grammar& rules_;
  std::vector<agreement> tallies_;  // by plan, and of blocks of any length
  std::array<std::size_t, sides> agree_{};
  std::size_t neither_ = 0;
  std::unordered_map<std::uint64_t, place> places_;
  std::unordered_set<std::uint64_t> archives_, tried_;
  std::uint64_t read_ = 0;
};

}  // namespace

void settle_by_sums(lookahead& ahead, std::uint64_t at, grammar& rules, std::vector<std::string>& proofs) {
  auto const open = (rules.blind_any && rules.blind_side == block_side::unknown) ||
                    std::any_of(rules.plans.begin(), rules.plans.end(), [](block_plan const& p) { return p.open; });
  auto& source = ahead.source();
  if (!open || !source.cheap_seek() || ahead.phase != 0) { return; }
  // What the inventory tells may stand before the first record that deviates.
  auto const here = source.position();
  auto const known = std::exchange(ahead.rules, rules);
  source.seek(0);
  auto const first = ahead.header_at(sizeof(volume_record)).state == judged::valid ? sizeof(volume_record) : at;
  prover{ahead, rules}.run(first, proofs);
  source.seek(here);
  ahead.rules = known;
}

}  // namespace sysb::backup_by_name
