// SPDX-License-Identifier: Apache-2.0
#include "formats/backup_by_name/run_fit.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace sysb::backup_by_name {
namespace {

constexpr std::size_t most_tried = 48;
constexpr std::uint64_t longest_run = 64u << 10;

// A run of blocks with one field, then perhaps one with another field.
struct chain {
  length_field field;
  std::optional<length_field> last;
};

using places = std::vector<std::uint64_t>;

// Where blocks end that begin at `at`, one after another: the first, the second and so on, up to `end`.
places ends_of(length_field const& f, std::span<std::byte const> bytes, std::uint64_t at, std::uint64_t end) {
  places out;
  while (out.size() < block_plan::most_in_a_row && at < end) {
    auto const n = f.of(bytes.subspan(static_cast<std::size_t>(std::min<std::uint64_t>(at, bytes.size()))));
    if (!n || *n == 0 || *n > end - at) { break; }
    at += *n;
    out.push_back(at);
  }
  return out;
}

// What was read of one open record on both sides of its content.
struct view {
  observed const* o = nullptr;
  std::vector<std::byte> front, back;
};

view look(open_records& open, observed const& o) {
  auto const n = static_cast<std::size_t>(o.slack) + length_field::head_bytes;
  return {&o, open.bytes(o.front(), n), open.bytes(o.back(), n)};
}

// Lengths of the single blocks where the chain ends exactly at the slack; none where it does not.
places blocks_of(chain const& c, std::span<std::byte const> bytes, std::uint64_t from, std::uint64_t slack) {
  auto ends = ends_of(c.field, bytes, from, slack);
  if (c.last) {
    auto const fits = [&](std::uint64_t at) { return ends_of(*c.last, bytes, at, slack) == places{slack}; };
    auto const found = std::find_if(ends.begin(), ends.end(), fits);
    if (found == ends.end()) { return {}; }
    ends.erase(found + 1, ends.end());
    ends.push_back(slack);
  }
  if (ends.empty() || ends.back() != slack) { return {}; }
  places out;
  for (auto const end : ends) { out.push_back(end - std::exchange(from, end)); }
  return out;
}

struct hypothesis {
  std::optional<chain> before, after;
};

struct match {
  places before, after;  // lengths of the blocks
  [[nodiscard]] bool found() const noexcept { return !before.empty() || !after.empty(); }
};

match matches(hypothesis const& h, view const& v) {
  auto const slack = v.o->slack;
  if (!h.after) { return {blocks_of(*h.before, v.front, 0, slack), {}}; }
  if (!h.before) { return {{}, blocks_of(*h.after, v.back, 0, slack)}; }
  // Some have them on one side only.
  match out;
  std::uint64_t sum = 0;
  if (out.after = blocks_of(*h.after, v.back, sum, slack); out.found()) { return out; }
  for (auto const end : ends_of(h.before->field, v.front, 0, slack)) {
    out.before.push_back(end - std::exchange(sum, end));
    out.after = blocks_of(*h.after, v.back, sum, slack);
    if (!out.after.empty() || sum == slack) { return out; }
  }
  return {};
}

// Most of them; the rest may have blocks of another form.
bool holds_for_most(hypothesis const& h, std::vector<view> const& some) {
  std::size_t hits = 0;
  std::size_t misses = 0;
  for (auto const& v : some) {
    ++(matches(h, v).found() ? hits : misses);
    if (misses * 4 > some.size()) { return false; }
  }
  return hits >= enough;
}

class search {
 public:
  explicit search(open_records& open) : open_{open} {
    for (auto const& o : open_.list()) {
      if (o.slack > longest_run) { continue; }
      if (some_.size() == most_tried) { break; }
      some_.push_back(look(open_, o));
    }
  }

  bool run() {
    if (some_.size() < enough) { return false; }
    front_ = fields_at(true);
    back_ = fields_at(false);
    return of_one_field() || on_both_sides() || of_two_fields();
  }

 private:
  struct promising {
    length_field field;
    std::size_t hits = 0;
  };

  // What could be the length of a first block in enough of the records, with another block after it or none: a length
  // that is the same everywhere is none.
  [[nodiscard]] std::vector<promising> fields_at(bool front) const {
    std::vector<promising> out;
    for (auto const& f : length_fields()) {
      if (f.width == 1) { continue; }
      promising p{f};
      std::set<std::uint64_t> lengths;
      for (auto const& v : some_) {
        auto const n = f.of(front ? v.front : v.back);
        if (!n || *n == 0 || *n > v.o->slack) { continue; }
        ++p.hits;
        if (lengths.size() < enough_lengths) { lengths.insert(*n); }
      }
      if (p.hits >= enough && lengths.size() >= enough_lengths) { out.push_back(p); }
    }
    return out;
  }
  [[nodiscard]] bool of_most(promising const& p) const noexcept { return p.hits * 4 >= some_.size() * 3; }

  bool of_one_field() {
    for (auto const& p : front_) {
      if (of_most(p) && take({.before = chain{p.field, {}}, .after = {}})) { return true; }
    }
    return std::any_of(back_.begin(), back_.end(), [&](promising const& p) {
      return of_most(p) && take({.before = {}, .after = chain{p.field, {}}});
    });
  }

  bool of_two_fields() {
    for (bool const front : {true, false}) {
      for (auto const& p : front ? front_ : back_) {
        if (!of_most(p)) { continue; }
        for (auto const& g : length_fields()) {
          if (g == p.field || g.width == 1) { continue; }
          chain const c{p.field, g};
          if (take(front ? hypothesis{.before = c, .after = {}} : hypothesis{.before = {}, .after = c})) {
            return true;
          }
        }
      }
    }
    return false;
  }

  bool on_both_sides() {
    for (auto const& p : front_) {
      for (auto const& g : length_fields()) {
        if (g.width != 1 && take({.before = chain{p.field, {}}, .after = chain{g, {}}})) { return true; }
      }
    }
    return false;
  }

  // Which records it explains, and with what.
  struct explained {
    open_records::group records;
    std::unordered_map<observed const*, std::uint64_t> before;  // bytes before the content
    std::set<std::uint64_t> lengths, lengths_before;
    std::size_t with_before = 0, most_before = 0, most_after = 0, full = 0, other_side = 0;
  };
  explained explain(hypothesis const& h, std::optional<hypothesis> const& sides) {
    explained out;
    hypothesis const mirrored{.before = h.after, .after = h.before};
    for (auto const& o : open_.list()) {
      if (o.slack > longest_run) { continue; }
      auto const v = look(open_, o);
      auto const m = matches(h, v);
      if (!m.found() ||
          (sides && (m.before.empty() == sides->before.has_value() || m.after.empty() == sides->after.has_value()))) {
        continue;
      }
      out.records.push_back(&o);
      out.before[&o] = std::accumulate(m.before.begin(), m.before.end(), std::uint64_t{0});
      out.lengths_before.insert(m.before.begin(), m.before.end());
      out.lengths.insert(m.before.begin(), m.before.end());
      out.lengths.insert(m.after.begin(), m.after.end());
      out.with_before += m.before.empty() ? 0U : 1U;
      out.most_before = std::max(out.most_before, m.before.size());
      out.most_after = std::max(out.most_after, m.after.size());
      out.full += o.has_content() ? 1U : 0U;
      out.other_side += o.has_content() && matches(mirrored, v).found() ? 1U : 0U;
    }
    return out;
  }

  bool take(hypothesis const& h) {
    if (!holds_for_most(h, some_)) { return false; }
    auto const all = explain(h, {});
    if (all.records.size() < enough || all.lengths.size() < enough_lengths) { return false; }
    // What the one side explains alone is no proof of the other.
    if (h.before && h.after && (all.with_before < enough || all.lengths_before.size() < enough_lengths)) {
      return false;
    }
    auto const packed = open_.packed_say(all.records, [&](observed const& o) { return all.before.at(&o); });
    if (packed == open_records::answer::no) { return false; }
    auto const proven = packed == open_records::answer::yes;
    if (all.full != 0 && !proven && (all.other_side * 2 >= all.full || all.full < enough)) { return false; }
    std::string const proof = proven ? "packed members decode beside blocks in a row that say their lengths"
                                     : "blocks in a row say their lengths";
    auto const put = [](std::optional<chain> const& c, std::size_t longest, std::optional<length_field>& field,
                        std::optional<length_field>& last, std::uint8_t& most) {
      if (!c) { return; }
      field = c->field;
      last = c->last;
      most = static_cast<std::uint8_t>(longest > (last ? 2U : 1U) ? block_plan::most_in_a_row : 1);
    };
    std::vector<hypothesis> each{h};
    if (h.before && h.after) {
      each.push_back({.before = h.before, .after = {}});
      each.push_back({.before = {}, .after = h.after});
    }
    for (auto const& sides : each) {
      auto const some = explain(h, sides);
      if (some.records.empty()) { continue; }
      block_plan plan;
      put(sides.before, all.most_before, plan.before, plan.before_last, plan.before_most);
      put(sides.after, all.most_after, plan.after, plan.after_last, plan.after_most);
      plan.bare_only = all.full == 0;
      open_.take(plan, some.records, proof);
    }
    return true;
  }

  open_records& open_;
  std::vector<view> some_;
  std::vector<promising> front_, back_;  // fields
};

// Blocks that say their lengths, of a plan that holds already, with one of a fixed length that says nothing.
class one_more_block {
 public:
  explicit one_more_block(open_records& open) : open_{open} {}

  bool run() {
    auto const is_said = [](block_plan const& p) {
      auto const alone = p.fixed_before == 0 && p.fixed_after == 0 && p.fixed_after_content == 0;
      return alone && !p.bare_only && p.before.has_value() != p.after.has_value();
    };
    auto const singles = open_.rules().plans;  // some are added below
    for (auto const& p : singles) {
      if (is_said(p)) { take_rows(p); }
    }
    auto const known = open_.rules().plans;
    return std::any_of(known.rbegin(), known.rend(), [&](block_plan const& p) { return is_said(p) && beside(p); });
  }

 private:
  static constexpr std::size_t most_looked_at = 512;
  static constexpr std::uint64_t longest_fixed = 4096;

  struct explained {
    open_records::group records;
    std::unordered_map<observed const*, std::uint64_t> said;  // bytes of the blocks before the content
    std::set<std::uint64_t> lengths;
  };

  // Several of them in a row explain more than one beside a fixed one.
  void take_rows(block_plan p) {
    (p.before ? p.before_most : p.after_most) = block_plan::most_in_a_row;
    chain const c = p.before ? chain{*p.before, p.before_last} : chain{*p.after, p.after_last};
    open_records::group rows;
    for (auto const& o : open_.list()) {
      if (o.slack > longest_run) { continue; }
      auto const v = look(open_, o);
      if (!blocks_of(c, p.before ? v.front : v.back, 0, o.slack).empty()) { rows.push_back(&o); }
    }
    auto const where = [&](observed const& o) { return p.before ? o.slack : 0; };
    if (rows.size() < enough || open_records::lengths(rows, false) < 2 ||
        open_.packed_say(rows, where) == open_records::answer::no) {
      return;
    }
    open_.take(p, rows, "blocks in a row say their lengths");
  }

  [[nodiscard]] static bool is_of(block_plan const& p, places const& blocks) noexcept {
    auto const most =
        std::size_t{p.before ? p.before_most : p.after_most} + ((p.before ? p.before_last : p.after_last) ? 1U : 0U);
    return !blocks.empty() && blocks.size() <= most;
  }

  bool beside(block_plan const& p) {
    chain const c = p.before ? chain{*p.before, p.before_last} : chain{*p.after, p.after_last};
    std::map<std::uint64_t, explained> of_length;
    std::size_t looked_at = 0;
    for (auto const& o : open_.list()) {
      if (o.slack > longest_run || looked_at++ == most_looked_at) { continue; }
      auto const v = look(open_, o);
      for (std::uint64_t k = 8; k < o.slack && k <= longest_fixed; k += 8) {
        // The fixed block stands nearer to the content than those before it, and before those after it.
        auto const blocks = p.before ? blocks_of(c, v.front, 0, o.slack - k) : blocks_of(c, v.back, k, o.slack);
        if (!is_of(p, blocks)) { continue; }
        auto& e = of_length[k];
        e.records.push_back(&o);
        e.said[&o] = p.before ? o.slack - k : 0;
        e.lengths.insert(o.slack - k);
      }
    }
    auto const best = std::max_element(of_length.begin(), of_length.end(), [](auto const& a, auto const& b) {
      return a.second.records.size() < b.second.records.size();
    });
    if (best == of_length.end() || best->second.records.size() < enough || best->second.lengths.size() < 2) {
      return false;
    }
    take(p, best->first, best->second);
    return true;
  }

  void take(block_plan p, std::uint64_t k, explained const& e) {
    open_records::group alone;
    for (auto const& o : open_.list()) {
      if (o.slack == k) { alone.push_back(&o); }
    }
    auto all = e.records;
    all.insert(all.end(), alone.begin(), alone.end());
    auto const said = [&](observed const& o) {
      auto const found = e.said.find(&o);
      return found != e.said.end() ? found->second : 0;
    };
    auto const shows = [&](bool front) {
      auto const where = [&](observed const& o) { return said(o) + (front ? k : 0); };
      return open_.packed_say(all, where) == open_records::answer::yes && open_records::speaks_for_all(all) &&
             open_.agrees_with_mark(all, front, k, said);
    };
    auto front = shows(true);
    auto back = !front && shows(false);
    if (!front && !back) {
      auto const marked = open_.mark_of_bare(all, k, said);
      front = marked.value_or(false);
      back = marked && !*marked;
    }
    p.open = !front && !back;
    if (p.open || front) {
      p.fixed_before = k;
    } else {
      (p.before ? p.fixed_after : p.fixed_after_content) = k;
    }
    std::string const proof =
        p.open ? "nothing proves on which side of the content the block stands"
               : "packed members, or those without content, show where a block of one length stands beside others";
    open_.take(p, e.records, proof);
    if (!p.open && !alone.empty()) {
      open_.take({.fixed_before = front ? k : 0, .fixed_after = front ? 0 : k}, alone, proof);
    }
  }

  open_records& open_;
};

}  // namespace

bool explain_one_more_block(open_records& open) { return one_more_block{open}.run(); }

bool explain_runs(open_records& open) { return search{open}.run(); }

}  // namespace sysb::backup_by_name
