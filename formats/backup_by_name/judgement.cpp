// SPDX-License-Identifier: Apache-2.0
// The judgement between the places where a record may end, by the records that follow each.
#include "formats/backup_by_name/layouts.hpp"

#include <algorithm>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/cursor.hpp"

namespace sysb::backup_by_name {
namespace {

// An archive ends within a cluster of its end record; rule 3 calls more than this another end.
constexpr std::uint64_t end_slack = 1u << 20;
// In an archive with a learned grammar each record offers several places. A wrong one stands inside a
// content, and records there lead no further than its end: so many after it are proof.
constexpr std::uint64_t enough_records = 16;

// Cut: the input ends before it is told.
enum class chain_end : std::uint8_t { reached, broken, cut };

// When a chain of records has gone far enough, in an archive with a learned grammar.
struct chain_goal {
  std::uint64_t beyond = 0;  // so many records stand after this place
  std::uint64_t records = 0;
  bool input_ends = false;  // an end record counts near the end of input only
};

// A length read from what is no block may lead to a header by chance, over the records between.
bool blocks_hold_records(lookahead& ahead, candidate const& c) {
  return c.planned &&
         (ahead.holds_record(c.data_at - c.before, c.data_at) || ahead.holds_record(c.end - c.after, c.end));
}

// May bytes of unknown length stand before a content?
bool may_begin_later(grammar const& rules) {
  return (rules.blind_any && rules.blind_side != block_side::after) ||
         std::any_of(rules.plans.begin(), rules.plans.end(),
                     [](block_plan const& p) { return p.open || p.before || p.fixed_before != 0; });
}

// Do records from `at` on lead to `to`, one to the next as documents have it? `passed` are those that led elsewhere: many
// beginnings lead to the same records, which are looked at once.
bool leads_exactly(lookahead& ahead, std::uint64_t at, std::uint64_t to, std::unordered_set<std::uint64_t>& passed,
                   chain_budget& budget) {
  constexpr std::size_t most_records = 1u << 16;
  while (at < to) {
    if (budget.records == 0 || passed.size() >= most_records || !passed.insert(at).second) { return false; }
    --budget.records;
    auto const h = ahead.header_at(at);
    if (h.state != judged::valid || h.prefix.type == record_type::end) { return false; }
    std::vector<std::byte> const header{h.bytes.begin(), h.bytes.end()};
    auto const m = decode_member(header, ahead.shape);
    auto const kind = kind_of(m.mode);
    auto const body = at + header.size();
    auto const s = ahead.security_at(body, m.mode);
    auto const bare = kind == entry_kind::symlink || s.state != judged::valid || s.record.failed != 0;
    at = body + (bare ? 0 : s.record.bytes()) +
         align8(kind == entry_kind::file      ? std::uint64_t{m.dsize}
                : kind == entry_kind::symlink ? std::uint64_t{m.size}
                                              : 0);
  }
  return at == to;
}

// A content that is an archive begins with its volume header. Where one stands in the member, but not where its content
// would begin if the member ended at `c.end`, and its records lead there, that place stands inside the content: this begins
// after a block.
bool ends_in_own_archive(lookahead& ahead, candidate const& c, chain_budget& budget) {
  constexpr std::uint64_t at_least = 64u << 10;
  auto const searched = std::max(at_least, ahead.rules.blind_longest);  // no block is longer
  auto const begin = c.data_at - c.before;
  if (c.data_bytes <= sizeof(volume_record) || c.end <= begin) { return false; }
  auto const last = std::min(begin + searched, c.end - sizeof(volume_record));
  auto const bytes = ahead.read(begin, static_cast<std::size_t>(last + sizeof(volume_record) - begin));
  std::vector<std::uint64_t> volumes;
  for (std::size_t i = 0; i + sizeof(volume_record) <= bytes.size(); i += 8) {
    auto const there = bytes.subspan(i);
    auto const p = byte_cursor{there}.take<record_prefix>();
    if (p.type == record_type::volume && p.length * 8u == sizeof(volume_record) &&
        header_checksum(there.first(sizeof(volume_record))) == p.checksum) {
      volumes.push_back(begin + i);
    }
  }
  std::unordered_set<std::uint64_t> passed;
  return std::any_of(volumes.begin(), volumes.end(), [&](std::uint64_t v) {
    auto const is_start = v == c.data_at || (c.start_open && v == c.data_at + c.after);
    return !is_start && c.end < v + align8(c.data_bytes) &&
           leads_exactly(ahead, v + sizeof(volume_record), c.end, passed, budget);
  });
}

// Where the candidates end. A record that is known already tells more than one that would be learned there: where headers
// are alike, what stands inside one of them may look like that.
void judge_ends(lookahead& ahead, std::vector<candidate>& list) {
  for (auto const learning : {lookahead::learning::no, lookahead::learning::yes}) {
    bool found = false;
    for (auto& one : list) {
      if (one.state == judged::cut) { continue; }
      one.state = ahead.successor_at(one.end, learning);
      found = found || one.state == judged::valid;
    }
    if (found) { return; }
  }
}

// Each record may end at several places there; one way that goes far enough is enough.
chain_end follow_any(lookahead& ahead, std::uint64_t at, circumstances const& where, chain_budget& budget,
                     chain_goal const& goal) {
  constexpr std::size_t most_visited = 4096;
  struct node {
    std::uint64_t at = 0, steps = 0;
  };
  std::vector<node> open{{at, 0}};
  std::unordered_set<std::uint64_t> visited;
  bool cut = false;
  while (!open.empty()) {
    auto const now = open.back();
    open.pop_back();
    if (!visited.insert(now.at).second) { continue; }
    // Not refuted: the caller finds it ambiguous unless the others are.
    if (visited.size() == most_visited || budget.records == 0) { return chain_end::reached; }
    --budget.records;
    auto const steps = now.steps + (now.at > goal.beyond ? 1 : 0);
    auto const h = ahead.header_at(now.at);
    if (h.state == judged::cut) {
      cut = true;
      continue;
    }
    if (h.state == judged::invalid) {
      auto const next =
          ahead.successor_at(now.at) == judged::valid ? after_unknown_record(ahead, now.at) : std::nullopt;
      if (next) { open.push_back({*next, steps}); }
      continue;
    }
    if (h.prefix.type == record_type::end) {
      if ((!goal.input_ends || ahead.input_ends_before(now.at + sizeof(end_record) + end_slack, 1)) &&
          !ahead.ends_inside(now.at)) {
        return chain_end::reached;
      }
      continue;
    }
    if (steps > goal.records) { return chain_end::reached; }
    std::vector<std::byte> const header{h.bytes.begin(), h.bytes.end()};
    auto const m = decode_member(header, ahead.shape);
    circumstances step = where;
    step.repeated = m.nlink > 1 && m.ino != 0;
    auto next = enumerate(ahead, m, now.at, step);
    judge_ends(ahead, next.list);
    bool any = false;
    // The last one that is pushed is looked at first: without blocks, and of those the one with the most data.
    std::vector<candidate const*> fit;
    for (auto const& c : next.list) {
      cut = cut || (c.state == judged::cut && !c.planned);
      if (c.state == judged::valid && !blocks_hold_records(ahead, c)) { fit.push_back(&c); }
    }
    std::stable_sort(fit.begin(), fit.end(), [](auto const* a, auto const* b) {
      return std::pair{!a->planned, a->planned ? ~a->end : a->end} <
             std::pair{!b->planned, b->planned ? ~b->end : b->end};
    });
    for (auto const* c : fit) {
      open.push_back({c->end, steps});
      any = true;
    }
    cut = cut || (!any && next.cut);
    if (!any && ahead.rules.blind_any && !next.list.empty() && next.list.front().state != judged::cut) {
      // A jump over any bytes would lead out of a content.
      auto const end = next.list.front().end;
      if (auto const found = ahead.find_record(end + ahead.rules.blind_shortest, end + ahead.rules.blind_longest)) {
        open.push_back({*found, steps});
      }
    }
  }
  return cut ? chain_end::cut : chain_end::broken;
}

// Follows records from `at`, in each step the first layout with a valid header after it.
chain_end follow(lookahead& ahead, std::uint64_t at, circumstances const& where, chain_budget& budget,
                 std::uint64_t region_end) {
  if (!ahead.rules.documented()) {
    return follow_any(ahead, at, where, budget, {.beyond = region_end, .records = enough_records, .input_ends = true});
  }
  for (; budget.records != 0; --budget.records) {
    auto const h = ahead.header_at(at);
    if (h.state != judged::valid) { return chain_end::broken; }
    if (h.prefix.type == record_type::end) {
      return ahead.input_ends_before(at + sizeof(end_record) + end_slack, 1) && !ahead.ends_too_early(at)
                 ? chain_end::reached
                 : chain_end::broken;
    }
    auto const m = decode_member(h.bytes, ahead.shape);
    circumstances step = where;
    step.repeated = m.nlink > 1 && m.ino != 0;
    auto next = enumerate(ahead, m, at, step);
    if (next.list.empty()) { return chain_end::broken; }
    if (next.list.size() == 1) {
      at = next.list.front().end;
      continue;
    }
    // Data before no data, as they were added last to first.
    std::optional<std::uint64_t> end;
    judge_ends(ahead, next.list);
    for (auto const& c : next.list) {
      if (c.state != judged::valid) { continue; }
      end = std::max(end.value_or(0), c.end);
    }
    if (!end) { return chain_end::broken; }
    at = *end;
  }
  return chain_end::reached;  // not refuted; the caller finds it ambiguous unless the others broke
}

// Where `to` lies in the records from `at` on: at the start of one, within the content of one, or elsewhere.
enum class meeting : std::uint8_t { record, content, elsewhere };
meeting meets(lookahead& ahead, std::uint64_t at, std::uint64_t to, circumstances const& where) {
  constexpr unsigned most_steps = 256;
  for (unsigned n = 0; n < most_steps && at < to; ++n) {
    auto const h = ahead.header_at(at);
    if (h.state == judged::invalid && ahead.successor_at(at) == judged::valid) {
      auto const next = after_unknown_record(ahead, at);
      if (!next) { return meeting::elsewhere; }
      at = *next;
      continue;
    }
    if (h.state != judged::valid || h.prefix.type == record_type::end) { return meeting::elsewhere; }
    std::vector<std::byte> const header{h.bytes.begin(), h.bytes.end()};
    auto const m = decode_member(header, ahead.shape);
    auto all = enumerate(ahead, m, at, where);
    candidate const* nearest = nullptr;
    for (auto const& c : all.list) {
      if (c.state == judged::cut || ahead.successor_at(c.end) != judged::valid) { continue; }
      if (c.end == to) { return meeting::record; }
      if (nearest == nullptr || c.end < nearest->end) { nearest = &c; }
    }
    if (nearest == nullptr) { return meeting::elsewhere; }
    // A content may begin with a record.
    if (nearest->data_at <= to && to < nearest->data_at + nearest->data_bytes) { return meeting::content; }
    at = nearest->end;
  }
  return at == to ? meeting::record : meeting::elsewhere;
}

// Do bytes in [from, to) hold records that lead to `to`, as an archive inside a content does?
bool led_to(lookahead& ahead, std::uint64_t from, std::uint64_t to) {
  constexpr std::uint64_t most_bytes = 16u << 20;
  if (from >= to) { return false; }
  if (to - from > most_bytes) { return true; }
  if (to - from >= sizeof(volume_record) && ahead.sound_record_at(to - sizeof(volume_record))) { return true; }
  for (auto at = ahead.find_record(from, to); at && *at < to; at = ahead.find_record(*at + 8, to)) {
    auto const h = ahead.header_at(*at);
    if (h.state != judged::valid || h.prefix.type == record_type::end) { continue; }
    std::vector<std::byte> const header{h.bytes.begin(), h.bytes.end()};
    auto const m = decode_member(header, ahead.shape);
    auto const s = ahead.security_at(*at + header.size(), m.mode);
    if (s.state != judged::valid) { continue; }
    auto const end = *at + header.size() + s.record.bytes() +
                     align8(kind_of(m.mode) == entry_kind::file ? std::uint64_t{m.dsize} : 0);
    if (end == to) { return true; }
  }
  return false;
}

// Of several places in an archive with a learned grammar: packed contents decode from one alone. And a block
// is as long as the record that follows, now and then, or reaches an archive inside a later content: what leads
// from the nearer place to the farther one, or holds it in a content, are records, unless the content that the
// farther one means is an archive that leads there too.
std::vector<candidate const*> told_apart(lookahead& ahead, std::vector<candidate const*> valid,
                                         circumstances const& where, chain_budget& budget) {
  if (valid.front()->unpacked && valid.front()->data_bytes != 0) {
    std::vector<candidate const*> decoded;
    for (auto const* one : valid) {
      if (one->data_bytes != 0 && ahead.unpacks(one->data_at, one->data_bytes, *one->unpacked)) {
        decoded.push_back(one);
      }
    }
    if (!decoded.empty()) { valid = std::move(decoded); }
  }
  std::sort(valid.begin(), valid.end(), [](auto const* a, auto const* b) { return a->end < b->end; });
  auto const near = valid.front()->end;
  auto const region_end = valid.back()->end;
  std::optional<bool> leads;
  auto const alone = std::all_of(valid.begin() + 1, valid.end(), [&](auto const* one) {
    if (one->end == near) { return false; }
    budget.records -= std::min<std::uint64_t>(budget.records, enough_records);
    auto const met = meets(ahead, near, one->end, where);
    if (met == meeting::content && !leads) {
      leads = follow(ahead, near, where, budget, region_end) == chain_end::reached;
    }
    return (met == meeting::record || (met == meeting::content && *leads)) &&
           (one->data_bytes == 0 || (one->before == 0 && !one->start_open) || !led_to(ahead, one->data_at, near));
  });
  if (alone) { valid.resize(1); }
  return valid;
}

// Blocks of any length that say nothing of themselves: the first record after the content that leads on.
choice choose_blind(lookahead& ahead, candidates const& c, circumstances const& where, chain_budget& budget) {
  choice out;
  if (c.list.empty() || c.list.front().state == judged::cut) { return out; }
  auto base = c.list.front();
  auto const found = find_record_after(ahead, base, base.end, where, budget);
  if (!found || *found == base.end) { return out; }
  if (!where.trial && ahead.rules.blind_side == block_side::after && ahead.holds_record(base.end, *found)) {
    return out;
  }
  auto const bytes = *found - base.end;
  // Of a length that no sample had nothing is known.
  if (bytes < ahead.rules.blind_shortest || bytes > ahead.rules.blind_longest) { return out; }
  auto const before = ahead.rules.blind_side == block_side::before;
  auto const odd = before && ahead.foreign_record_at(base.end);  // there the content would end without the block
  auto const mixed = !before && may_begin_with_block(ahead, base.data_at, bytes);
  base.planned = true;
  base.plan = ahead.rules.plans.size();
  base.end = *found;
  (before ? base.before : base.after) = bytes;
  if (before) { base.data_at += bytes; }
  base.start_open = base.data_bytes != 0 && (odd || mixed || ahead.rules.blind_side == block_side::unknown ||
                                             bytes < ahead.rules.blind_least || bytes > ahead.rules.blind_most);
  base.state = judged::valid;
  out.what = choice::result::one;
  out.taken = base;
  return out;
}

}  // namespace

std::optional<std::uint64_t> find_leading_record(lookahead& ahead, std::uint64_t start, circumstances const& where,
                                                 chain_budget& budget, std::uint64_t from) {
  auto const last = start + ahead.bounds().opaque_gap_bytes;
  while (from <= last) {
    auto const found = ahead.find_record(from, last);
    if (!found) { return std::nullopt; }
    // Records inside the content lead no further than it may reach. Where the input ends first, that is not told.
    auto const region = *found + (*found - start);
    auto const led =
        follow_any(ahead, *found, where, budget, {.beyond = region, .records = enough_records, .input_ends = true});
    if (led == chain_end::reached) { return found; }
    if (led == chain_end::cut) { return std::nullopt; }
    from = *found + 8;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> find_record_after(lookahead& ahead, candidate base, std::uint64_t start,
                                               circumstances const& where, chain_budget& budget) {
  auto const end = base.end;
  base.start_open = true;
  auto found = find_leading_record(ahead, start, where, budget, start);
  auto const after_content = ahead.rules.blind_any && ahead.rules.blind_side == block_side::after;
  if (where.trial || after_content) { return found; }
  // Before the end of a content that begins later records may stand; a block holds none.
  if (found && base.data_bytes == 0 && ahead.holds_record(end, *found)) { return std::nullopt; }
  for (; found; found = find_leading_record(ahead, start, where, budget, *found + 8)) {
    base.after = *found - std::min(*found, end);
    base.end = *found;
    if (!ends_in_own_archive(ahead, base, budget)) { break; }
  }
  return found;
}

bool records_follow(lookahead& ahead, std::uint64_t at, circumstances const& where, chain_budget& budget,
                    unsigned steps) {
  return follow_any(ahead, at, where, budget, {.records = steps}) != chain_end::broken;
}

choice choose(lookahead& ahead, candidates c, circumstances const& where, std::uint32_t known, chain_budget& budget) {
  choice out;
  std::vector<candidate const*> valid;
  bool cut = false;
  bool planned_cut = false;
  bool known_fits = false;
  judge_ends(ahead, c.list);
  auto const may_move = !where.trial && may_begin_later(ahead.rules);
  for (auto& one : c.list) {
    switch (one.state) {
      case judged::valid:
        if (blocks_hold_records(ahead, one) || (may_move && ends_in_own_archive(ahead, one, budget))) { break; }
        valid.push_back(&one);
        known_fits = known_fits || (one.layouts & known) != 0;
        break;
      // A length read from a block that may not be one proves no truncation.
      case judged::cut: (one.planned ? planned_cut : cut) = true; break;
      case judged::invalid: break;
    }
  }
  // What is no block may say a length that leads beyond the end: where records follow the member without it, nothing is
  // cut off.
  auto const cut_in_block = [&] {
    return planned_cut &&
           (c.list.empty() || !find_leading_record(ahead, c.list.front().end, where, budget, c.list.front().end));
  };
  if ((cut && !known_fits) || (valid.empty() && (c.cut || cut_in_block()))) {
    out.what = choice::result::cut;
    return out;
  }
  if (valid.empty()) { return ahead.rules.blind_any ? choose_blind(ahead, c, where, budget) : out; }
  // One place, and two contents that end there: it is only open where the content starts.
  auto const one_end = std::all_of(valid.begin(), valid.end(), [&](auto const* one) {
    return one->planned && one->end == valid.front()->end && (one->layouts & valid.front()->layouts) != 0;
  });
  if (valid.size() > 1 && one_end) {
    out.what = choice::result::one;
    out.taken = *valid.front();
    out.taken.start_open = out.taken.data_bytes != 0;
    return out;
  }
  if (valid.size() > 1 && !ahead.rules.documented()) { valid = told_apart(ahead, std::move(valid), where, budget); }
  if (valid.size() > 1) {
    std::vector<candidate const*> reached;
    std::uint64_t region_end = 0;
    for (auto const* one : valid) { region_end = std::max(region_end, one->end); }
    for (auto const* one : valid) {
      circumstances step = where;
      if ((one->layouts & layout::all_symlinks) != 0) { step.symlinks = one->layouts; }
      if (follow(ahead, one->end, step, budget, region_end) == chain_end::reached) { reached.push_back(one); }
    }
    valid = std::move(reached);
  }
  if (valid.size() != 1) {
    out.what = choice::result::several;
    return out;
  }
  out.what = choice::result::one;
  out.taken = *valid.front();
  return out;
}

}  // namespace sysb::backup_by_name
