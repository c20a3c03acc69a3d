// SPDX-License-Identifier: Apache-2.0
// A sample's slack is what stands beside its security record and its content. The fit goes from simple to less simple;
// what fits less than eight samples is no rule.
#include "formats/backup_by_name/block_fit.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "base/text.hpp"
#include "formats/backup_by_name/open_records.hpp"
#include "formats/backup_by_name/run_fit.hpp"

namespace sysb::backup_by_name {
namespace {

constexpr std::size_t most_in_pairs = 48;
constexpr std::uint64_t most_fixed_in_pairs = 4096;

using head = observed::head;

class fit : private open_records {
 public:
  using open_records::open_records;

  bool run() {
    if (list().empty()) { return true; }
    while (list().size() >= enough) {
      auto const before = list().size();
      if (!one_block() && !two_blocks()) { (void)explain_runs(*this); }
      if (list().size() == before) { break; }
    }
    while (list().size() >= enough && explain_one_more_block(*this)) {}
    family();
    fixed_blocks();
    if (list().size() >= enough) { any_blocks(); }
    return !rules_.plans.empty() || rules_.blind_any;
  }

 private:
  // One byte of a text is what it should be now and then: it must be for members without content, or for most.
  bool more_than_chance(group const& g, std::size_t by_chance) const {
    std::map<std::uint64_t, std::size_t> of_length;
    std::size_t most = 0, bare = 0;
    for (auto const* o : g) { most = std::max(most, ++of_length[o->slack]); }
    if (g.size() - most < enough / 2 + by_chance) { return false; }
    for (auto const& o : list()) { bare += o.has_content() ? 0U : 1U; }
    return bare >= enough / 2 ? (g.size() - contents(g)) * 2 >= bare : g.size() * 2 >= list().size();
  }

  // One block that says its length, before or after the content.
  struct saying {
    length_field field;
    group matched;
    bool front = true;
    std::size_t score = 0;
  };
  bool one_block() {
    constexpr std::size_t most_tried = 8;
    std::vector<saying> found;
    for (auto const& f : length_fields()) {
      for (bool const front : {true, false}) {
        group g;
        for (auto const& o : list()) {
          if (f.of(front ? o.at_front : o.at_back) == o.slack) { g.push_back(&o); }
        }
        // Of one length it is a block of a fixed one, whose place needs other proof.
        if (g.size() < enough || lengths(g, false) < 2) { continue; }
        auto const by_chance = f.width == 1 ? 2 + list().size() / 64 : 0;
        if (f.width == 1 && !more_than_chance(g, by_chance)) { continue; }
        auto const score = g.size() + contents(g) - by_chance;
        auto const better = [&](saying const& other) { return score > other.score; };
        found.insert(std::find_if(found.begin(), found.end(), better), {f, std::move(g), front, score});
        if (found.size() > most_tried) { found.pop_back(); }
      }
    }
    return std::any_of(found.begin(), found.end(), [&](saying const& s) { return take_saying(s); });
  }

  bool take_saying(saying const& found) {
    std::vector<observed const*> bare, full, other_side;
    for (auto const* o : found.matched) {
      (o->has_content() ? full : bare).push_back(o);
      if (o->has_content() && found.field.of(found.front ? o->at_back : o->at_front) == o->slack) {
        other_side.push_back(o);
      }
    }
    block_plan plan;
    (found.front ? plan.before : plan.after) = found.field;
    auto const where = [&](observed const& o) { return found.front ? o.slack : 0; };
    auto const packed = packed_say(found.matched, where);
    // Two lengths may be chance, unless packed contents agree.
    if (packed == answer::no || (packed == answer::none && lengths(found.matched, false) < enough_lengths)) {
      return false;
    }
    if (full.empty()) {
      plan.bare_only = true;
      take(plan, found.matched, "members without content show a block that says its length");
      return true;
    }
    auto const sided = other_side.size() * 2 < full.size() || packed == answer::yes;
    if (!sided || (full.size() < enough && packed != answer::yes && bare.size() < enough)) { return false; }
    if (packed != answer::yes && lengths(found.matched, true) < enough_lengths && bare.size() < enough) {
      return false;
    }
    take(plan, found.matched,
         packed == answer::yes ? "packed members decode beside a block that says its length"
                               : concat("a block says its length, ", lengths(found.matched, false), " different ones"));
    return true;
  }

  // Two blocks, one on each side; at least one says its length.
  bool two_blocks() {
    if (list().size() < enough) { return false; }
    auto const tried = std::min(list().size(), most_in_pairs);
    std::uint64_t least = ~std::uint64_t{0};
    for (auto const& o : list()) { least = std::min(least, o.slack); }
    for (auto const& f : length_fields()) {
      std::vector<std::uint64_t> rest;
      for (auto const& o : list()) {
        auto const n = f.of(o.at_front);
        if (!n || *n > o.slack) { break; }
        rest.push_back(o.slack - *n);
        if (rest.size() == tried) { break; }
      }
      if (rest.size() < tried) { continue; }
      if (try_pair_with(f, rest)) { return true; }
    }
    for (std::uint64_t k = 8; k < least && k <= most_fixed_in_pairs; k += 8) {
      if (try_fixed_before(k)) { return true; }
    }
    return false;
  }

  bool try_pair_with(length_field const& f, std::vector<std::uint64_t> const& rest) {
    auto const shift = [&](observed const& o) { return f.of(o.at_front).value_or(0); };
    std::set<std::uint64_t> said;
    for (std::size_t i = 0; i < rest.size(); ++i) { said.insert(list()[i].slack - rest[i]); }
    if (said.size() < enough_lengths) { return false; }
    if (std::all_of(rest.begin(), rest.end(), [&](auto r) { return r != 0 && r == rest.front(); })) {
      block_plan plan{.before = f, .fixed_after = rest.front(), .open = true};
      group g;
      for (auto const& o : list()) {
        if (shift(o) + rest.front() == o.slack) { g.push_back(&o); }
      }
      if (g.size() != list().size()) { return false; }
      settle_fixed(plan, g, shift, rest.front());
      return true;
    }
    std::vector<head> after;
    for (std::size_t i = 0; i < rest.size(); ++i) {
      auto const& o = list()[i];
      after.push_back(bytes_at(o.back() + shift(o)));
    }
    for (auto const& g : length_fields()) {
      std::size_t i = 0;
      while (i < rest.size() && (g.of(after[i]) == rest[i])) { ++i; }
      if (i < rest.size()) { continue; }
      group all;
      for (auto const& o : list()) {
        if (shift(o) <= o.slack && g.of(bytes_at(o.back() + shift(o))) == o.slack - shift(o)) { all.push_back(&o); }
      }
      if (all.size() < enough || contents(all) < enough || packed_say(all, shift) == answer::no) { continue; }
      block_plan const plan{.before = f, .after = g};
      take(plan, all, "blocks on both sides of the content say their lengths");
      add_alone(f, g);
      return true;
    }
    return false;
  }

  bool try_fixed_before(std::uint64_t k) {
    auto const tried = std::min(list().size(), most_in_pairs);
    std::vector<head> after;
    for (std::size_t i = 0; i < tried; ++i) { after.push_back(bytes_at(list()[i].back() + k)); }
    for (auto const& g : length_fields()) {
      std::size_t i = 0;
      while (i < tried && g.of(after[i]) == list()[i].slack - k) { ++i; }
      if (i < tried) { continue; }
      group all;
      for (auto const& o : list()) {
        if (k < o.slack && g.of(bytes_at(o.back() + k)) == o.slack - k) { all.push_back(&o); }
      }
      if (contents(all) < enough || lengths(all, true) < enough_lengths) { continue; }
      // The block that says its length stands at the same place, wherever the other one does.
      auto const nowhere = [](observed const&) { return std::uint64_t{0}; };
      auto const said_before = packed_say(all, [&](observed const&) { return k; });
      auto const said_after = packed_say(all, nowhere);
      if (said_before == answer::no && said_after == answer::no) { continue; }
      auto first = said_before == answer::yes && speaks_for_all(all);
      auto last = said_after == answer::yes && speaks_for_all(all);
      if (!first && !last) {
        auto const front = mark_of_bare(all, k, nowhere);
        first = front.value_or(false);
        last = front && !*front;
      }
      take({.after = g, .fixed_before = last ? 0 : k, .fixed_after_content = last ? k : 0, .open = !first && !last},
           all,
           first || last ? "a block after the content says its length, and packed members or those without content "
                           "show where another stands"
                         : "nothing proves on which side of the content the block stands");
      return true;
    }
    return false;
  }

  void add_alone(length_field const& f, length_field const& g) {
    for (auto const& plan : {block_plan{.before = f}, block_plan{.after = g}}) {
      group alone;
      for (auto const& o : list()) {
        if ((plan.before ? f.of(o.at_front) : g.of(o.at_back)) == o.slack) { alone.push_back(&o); }
      }
      if (!alone.empty()) { take(plan, alone, "blocks on both sides of the content say their lengths"); }
    }
  }

  // Blocks of several lengths that are seldom enough each, but of one kind: they begin alike, or packed contents
  // show for each length on which side it stands.
  void family() {
    constexpr std::size_t most_lengths = 32;
    group all;
    std::set<std::uint64_t> of_packed;
    for (auto const& o : list()) {
      all.push_back(&o);
      if (o.s->packed && o.has_content()) { of_packed.insert(o.slack); }
    }
    auto const n = lengths(all, false);
    if (all.size() < enough || n < 2 || n > most_lengths) { return; }
    auto const least =
        std::min_element(all.begin(), all.end(), [](auto const* a, auto const* b) { return a->slack < b->slack; })[0]
            ->slack;
    auto const none = [](observed const&) { return std::uint64_t{0}; };
    if (auto const front = mark_of_bare(all, least, none)) {
      if (packed_say(all, [&](observed const& o) { return *front ? o.slack : 0; }) == answer::no) { return; }
      take_lengths(all, *front, "members without content show how the blocks begin");
      return;
    }
    for (bool const front : {true, false}) {
      auto const where = [&](observed const& o) { return front ? o.slack : 0; };
      group shown;
      for (auto const length : of_packed) {
        group of_length;
        std::copy_if(all.begin(), all.end(), std::back_inserter(of_length),
                     [&](auto const* o) { return o->slack == length; });
        if (packed_say(of_length, where) == answer::yes) {
          shown.insert(shown.end(), of_length.begin(), of_length.end());
        }
      }
      if (shown.size() < enough || lengths(shown, false) < 2 || !speaks_for_all(shown) ||
          !agrees_with_mark(shown, front, least, none)) {
        continue;
      }
      take_lengths(shown, front, "packed members decode beside blocks of each length");
      return;
    }
  }

  void take_lengths(group const& g, bool front, std::string const& proof) {
    std::map<std::uint64_t, std::vector<sample const*>> by_length;
    for (auto const* o : g) { by_length[o->slack].push_back(o->s); }
    for (auto const& [k, samples] : by_length) {
      if (samples.size() < 2) { continue; }  // what one member shows may be a loss of bytes
      group of_length;
      for (auto const& o : list()) {
        if (std::find(samples.begin(), samples.end(), o.s) != samples.end()) { of_length.push_back(&o); }
      }
      take({.fixed_before = front ? k : 0, .fixed_after = front ? 0 : k}, of_length, proof);
    }
  }

  void fixed_blocks() {
    std::map<std::uint64_t, std::size_t> count;
    for (auto const& o : list()) { ++count[o.slack]; }
    for (auto const& [k, n] : count) {
      if (n < enough) { continue; }
      group g;
      for (auto const& o : list()) {
        if (o.slack == k) { g.push_back(&o); }
      }
      block_plan plan{.fixed_after = k, .open = true};
      settle_fixed(
          plan, g, [](observed const&) { return std::uint64_t{0}; }, k);
    }
  }

  // `k` bytes that say nothing of themselves stand after `shift` bytes or after the content.
  void settle_fixed(block_plan plan, group const& g, shift const& where, std::uint64_t k) {
    auto const at = [&](std::uint64_t j) { return [&where, j](observed const& o) { return where(o) + j; }; };
    auto const put = [&](std::uint64_t before) {
      plan.fixed_before = before;
      plan.fixed_after = k - before;
      plan.open = false;
    };
    if (contents(g) == 0) {
      put(k);
      plan.bare_only = true;
      take(plan, g, "members without content show a block of one length");
      return;
    }
    for (std::uint64_t j = 0; j <= k; j += 8) {
      auto const before = j == 0 ? k : j == 8 ? 0 : j - 8;  // all of it, nothing of it, then any part
      auto const said = packed_say(g, at(before));
      if (said == answer::none) { break; }
      if (said == answer::no) { continue; }
      if (!speaks_for_all(g) || (before != 0 && !agrees_with_mark(g, true, before, where)) ||
          (before != k && !agrees_with_mark(g, false, k - before, at(before)))) {
        break;
      }
      put(before);
      take(plan, g, "packed members decode beside a block of one length");
      return;
    }
    if (auto const front = mark_of_bare(g, k, where)) {
      put(*front ? k : 0);
      take(plan, g, "members without content show how the block begins");
      return;
    }
    take(plan, g, "nothing proves on which side of the content the block stands");
  }

  // How a block begins says nothing of where it ends: where other blocks may stand on the other side of the content, some of
  // the bytes may be theirs. Nor do packed contents contradict.
  bool all_on_one_side(group const& g, bool front) {
    auto const others = std::any_of(rules_.plans.begin(), rules_.plans.end(), [&](block_plan const& p) {
      return p.open ||
             (front ? p.after || p.fixed_after != 0 || p.fixed_after_content != 0 : p.before || p.fixed_before != 0);
    });
    return !others && packed_say(g, [&](observed const& o) { return front ? o.slack : 0; }) != answer::no;
  }

  void any_blocks() {
    group g;
    std::set<std::uint64_t> of_packed;
    std::uint64_t least = ~std::uint64_t{0};
    std::uint64_t most = 0;
    for (auto const& o : list()) {
      g.push_back(&o);
      least = std::min(least, o.slack);
      most = std::max(most, o.slack);
      if (o.s->packed && o.has_content()) { of_packed.insert(o.slack); }
    }
    auto const none = [](observed const&) { return std::uint64_t{0}; };
    rules_.blind_shortest = rules_.blind_any ? std::min(rules_.blind_shortest, least) : least;
    rules_.blind_longest = std::max(rules_.blind_longest, most);
    rules_.blind_any = true;
    rules_.blind_side = block_side::unknown;
    auto const before = packed_say(g, [](observed const& o) { return o.slack; }) == answer::yes;
    if (before || packed_say(g, none) == answer::yes) {
      // Plain members inherit that for lengths that packed ones show.
      if (of_packed.size() >= enough_lengths && speaks_for_all(g) && agrees_with_mark(g, before, least, none)) {
        rules_.blind_side = before ? block_side::before : block_side::after;
        rules_.blind_least = *of_packed.begin();
        rules_.blind_most = *of_packed.rbegin();
      }
    } else if (auto const front = mark_of_bare(g, least, none); front && all_on_one_side(g, *front)) {
      rules_.blind_side = *front ? block_side::before : block_side::after;
      rules_.blind_least = 0;
      rules_.blind_most = ~std::uint64_t{0};
    }
    proofs_.push_back(rules_.blind_side == block_side::unknown
                          ? "nothing proves on which side of the content blocks of many lengths stand"
                          : "packed members, or those without content, show where blocks of many lengths stand");
  }
};

}  // namespace

bool fit_blocks(lookahead& ahead, std::vector<sample> const& samples, grammar& rules,
                std::vector<std::string>& proofs) {
  return fit{ahead, samples, rules, proofs}.run();
}

}  // namespace sysb::backup_by_name
