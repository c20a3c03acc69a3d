// SPDX-License-Identifier: Apache-2.0
// A sample's slack is what stands beside its security record and its content. The fit goes from simple to less simple;
// what fits less than eight samples is no rule.
#include "formats/backup_by_name/block_fit.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>

#include "base/text.hpp"

namespace sysb::backup_by_name {
namespace {

constexpr std::size_t most_decoded = 32;
constexpr std::size_t mark_bytes = length_field::head_bytes;
constexpr std::size_t enough_mark_bytes = 4;
constexpr std::size_t most_in_pairs = 48;
constexpr std::uint64_t most_fixed_in_pairs = 4096;

using head = std::array<std::byte, mark_bytes>;

// A sample with slack, and the bytes where a block of its own would begin.
struct observed {
  sample const* s = nullptr;
  std::uint64_t slack = 0;
  head at_front{}, at_back{};

  [[nodiscard]] bool has_content() const noexcept { return s->stored != 0; }
  [[nodiscard]] std::uint64_t front() const noexcept { return s->body + s->security; }
  [[nodiscard]] std::uint64_t back() const noexcept { return front() + align8(s->stored); }
};

class fit {
 public:
  fit(lookahead& ahead, std::vector<sample> const& samples, grammar& rules, std::vector<std::string>& proofs)
      : ahead_{ahead}, rules_{rules}, proofs_{proofs} {
    for (auto const& s : samples) {
      if (s.slack() == 0) { continue; }
      observed o{.s = &s, .slack = s.slack()};
      o.at_front = bytes_at(o.front());
      o.at_back = bytes_at(o.back());
      open_.push_back(o);
    }
  }

  bool run() {
    if (open_.empty()) { return true; }
    while (open_.size() >= enough) {
      auto const before = open_.size();
      if (!one_block()) { (void)two_blocks(); }
      if (open_.size() == before) { break; }
    }
    family();
    fixed_blocks();
    if (open_.size() >= enough) { any_blocks(); }
    return !rules_.plans.empty() || rules_.blind_any;
  }

 private:
  using group = std::vector<observed const*>;

  head bytes_at(std::uint64_t at) {
    head out{};
    auto const b = ahead_.read(at, out.size());
    std::copy(b.begin(), b.end(), out.begin());
    return out;
  }

  static std::size_t contents(group const& g) {
    auto const n = std::count_if(g.begin(), g.end(), [](auto const* o) { return o->has_content(); });
    return static_cast<std::size_t>(n);
  }
  static std::size_t lengths(group const& g, bool with_content) {
    std::set<std::uint64_t> out;
    for (auto const* o : g) {
      if (o->has_content() || !with_content) { out.insert(o->slack); }
    }
    return out.size();
  }

  // One byte of a text is what it should be now and then: it must be for members without content, or for most.
  bool more_than_chance(group const& g, std::size_t by_chance) const {
    std::map<std::uint64_t, std::size_t> of_length;
    std::size_t most = 0, bare = 0;
    for (auto const* o : g) { most = std::max(most, ++of_length[o->slack]); }
    if (g.size() - most < enough / 2 + by_chance) { return false; }
    for (auto const& o : open_) { bare += o.has_content() ? 0U : 1U; }
    return bare >= enough / 2 ? (g.size() - contents(g)) * 2 >= bare : g.size() * 2 >= open_.size();
  }

  // Whom the plan explains is not looked at again.
  void take(block_plan const& plan, group const& g, std::string proof) {
    if (std::find(rules_.plans.begin(), rules_.plans.end(), plan) == rules_.plans.end()) {
      rules_.plans.push_back(plan);
    }
    if (std::find(proofs_.begin(), proofs_.end(), proof) == proofs_.end()) { proofs_.push_back(std::move(proof)); }
    std::set<observed const*> const gone(g.begin(), g.end());
    std::vector<observed> left;
    for (auto const& o : open_) {
      if (gone.count(&o) == 0) { left.push_back(o); }
    }
    open_ = std::move(left);
  }

  // Do all packed contents of the group, as far as they are tried, begin `shift` behind their front?
  enum class answer : std::uint8_t { none, yes, no };
  template <typename Shift>
  answer packed_say(group const& g, Shift const& shift) {
    std::size_t tried = 0;
    for (auto const* o : g) {
      if (!o->s->packed || o->s->stored == 0 || !lookahead::may_become(o->s->stored, o->s->size)) { continue; }
      if (!ahead_.unpacks(o->front() + shift(*o), o->s->stored, o->s->size)) { return answer::no; }
      if (++tried == most_decoded) { break; }
    }
    return tried == 0 ? answer::none : answer::yes;
  }

  // Plain members inherit what packed ones show, if these are not a few that may have a block of their own.
  static bool speaks_for_all(group const& g) {
    auto const packed = static_cast<std::size_t>(
        std::count_if(g.begin(), g.end(), [](auto const* o) { return o->s->packed && o->has_content(); }));
    return packed == contents(g) || packed >= enough;
  }

  // One block that says its length, before or behind the content.
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
        for (auto const& o : open_) {
          if (f.of(front ? o.at_front : o.at_back) == o.slack) { g.push_back(&o); }
        }
        // Of one length it is a block of a fixed one, whose place needs other proof.
        if (g.size() < enough || lengths(g, false) < 2) { continue; }
        auto const by_chance = f.width == 1 ? 2 + open_.size() / 64 : 0;
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
    if (open_.size() < enough) { return false; }
    auto const tried = std::min(open_.size(), most_in_pairs);
    std::uint64_t least = ~std::uint64_t{0};
    for (auto const& o : open_) { least = std::min(least, o.slack); }
    for (auto const& f : length_fields()) {
      std::vector<std::uint64_t> rest;
      for (auto const& o : open_) {
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
    for (std::size_t i = 0; i < rest.size(); ++i) { said.insert(open_[i].slack - rest[i]); }
    if (said.size() < enough_lengths) { return false; }
    if (std::all_of(rest.begin(), rest.end(), [&](auto r) { return r != 0 && r == rest.front(); })) {
      block_plan plan{.before = f, .fixed_after = rest.front(), .open = true};
      group g;
      for (auto const& o : open_) {
        if (shift(o) + rest.front() == o.slack) { g.push_back(&o); }
      }
      if (g.size() != open_.size()) { return false; }
      settle_fixed(plan, g, shift, rest.front());
      return true;
    }
    std::vector<head> behind;
    for (std::size_t i = 0; i < rest.size(); ++i) {
      auto const& o = open_[i];
      behind.push_back(bytes_at(o.back() + shift(o)));
    }
    for (auto const& g : length_fields()) {
      std::size_t i = 0;
      while (i < rest.size() && (g.of(behind[i]) == rest[i])) { ++i; }
      if (i < rest.size()) { continue; }
      group all;
      for (auto const& o : open_) {
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
    auto const tried = std::min(open_.size(), most_in_pairs);
    std::vector<head> behind;
    for (std::size_t i = 0; i < tried; ++i) { behind.push_back(bytes_at(open_[i].back() + k)); }
    for (auto const& g : length_fields()) {
      std::size_t i = 0;
      while (i < tried && g.of(behind[i]) == open_[i].slack - k) { ++i; }
      if (i < tried) { continue; }
      group all;
      for (auto const& o : open_) {
        if (k < o.slack && g.of(bytes_at(o.back() + k)) == o.slack - k) { all.push_back(&o); }
      }
      if (contents(all) < enough || lengths(all, true) < enough_lengths) { continue; }
      // The block that says its length stands at the same place, wherever the other one does.
      auto const nowhere = [](observed const&) { return std::uint64_t{0}; };
      auto const said_before = packed_say(all, [&](observed const&) { return k; });
      auto const said_behind = packed_say(all, nowhere);
      if (said_before == answer::no && said_behind == answer::no) { continue; }
      auto first = said_before == answer::yes && speaks_for_all(all);
      auto last = said_behind == answer::yes && speaks_for_all(all);
      if (!first && !last) {
        auto const front = mark_of_bare(all, k, nowhere);
        first = front.value_or(false);
        last = front && !*front;
      }
      take({.after = g, .fixed_before = last ? 0 : k, .fixed_behind = last ? k : 0, .open = !first && !last}, all,
           first || last ? "a block behind the content says its length, and packed members or those without content "
                           "show where another stands"
                         : "nothing proves on which side of the content the block stands");
      return true;
    }
    return false;
  }

  void add_alone(length_field const& f, length_field const& g) {
    for (auto const& plan : {block_plan{.before = f}, block_plan{.after = g}}) {
      group alone;
      for (auto const& o : open_) {
        if ((plan.before ? f.of(o.at_front) : g.of(o.at_back)) == o.slack) { alone.push_back(&o); }
      }
      if (!alone.empty()) { take(plan, alone, "blocks on both sides of the content say their lengths"); }
    }
  }

  // Blocks of several lengths that are seldom enough each, but of one kind: they begin alike, or packed contents
  // show for each length on which side it stands.
  void family() {
    constexpr std::size_t most_lengths = 32;
    group all, shown;
    std::set<std::uint64_t> of_packed;
    for (auto const& o : open_) {
      all.push_back(&o);
      if (o.s->packed && o.has_content()) { of_packed.insert(o.slack); }
    }
    auto const n = lengths(all, false);
    if (all.size() < enough || n < 2 || n > most_lengths) { return; }
    auto const least =
        std::min_element(all.begin(), all.end(), [](auto const* a, auto const* b) { return a->slack < b->slack; })[0]
            ->slack;
    auto const none = [](observed const&) { return std::uint64_t{0}; };
    auto const whole = [](observed const& o) { return o.slack; };
    if (auto const front = mark_of_bare(all, least, none)) {
      if (packed_say(all, [&](observed const& o) { return *front ? o.slack : 0; }) == answer::no) { return; }
      take_lengths(all, *front, "members without content show how the blocks begin");
      return;
    }
    for (auto const* o : all) {
      if (of_packed.count(o->slack) != 0) { shown.push_back(o); }
    }
    if (shown.size() < enough || lengths(shown, false) < 2) { return; }
    for (bool const front : {true, false}) {
      auto const said = front ? packed_say(shown, whole) : packed_say(shown, none);
      if (said != answer::yes || !speaks_for_all(shown) || !agrees_with_mark(shown, front, least, none)) { continue; }
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
      for (auto const& o : open_) {
        if (std::find(samples.begin(), samples.end(), o.s) != samples.end()) { of_length.push_back(&o); }
      }
      take({.fixed_before = front ? k : 0, .fixed_after = front ? 0 : k}, of_length, proof);
    }
  }

  void fixed_blocks() {
    std::map<std::uint64_t, std::size_t> count;
    for (auto const& o : open_) { ++count[o.slack]; }
    for (auto const& [k, n] : count) {
      if (n < enough) { continue; }
      group g;
      for (auto const& o : open_) {
        if (o.slack == k) { g.push_back(&o); }
      }
      block_plan plan{.fixed_after = k, .open = true};
      settle_fixed(
          plan, g, [](observed const&) { return std::uint64_t{0}; }, k);
    }
  }

  // `k` bytes that say nothing of themselves stand behind `shift` bytes or behind the content.
  template <typename Shift>
  void settle_fixed(block_plan plan, group const& g, Shift const& shift, std::uint64_t k) {
    auto const at = [&](std::uint64_t j) { return [&shift, j](observed const& o) { return shift(o) + j; }; };
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
      if (!speaks_for_all(g) || (before != 0 && !agrees_with_mark(g, true, before, shift)) ||
          (before != k && !agrees_with_mark(g, false, k - before, at(before)))) {
        break;
      }
      put(before);
      take(plan, g, "packed members decode beside a block of one length");
      return;
    }
    if (auto const front = mark_of_bare(g, k, shift)) {
      put(*front ? k : 0);
      take(plan, g, "members without content show how the block begins");
      return;
    }
    take(plan, g, "nothing proves on which side of the content the block stands");
  }

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
  static mark common(std::vector<head> const& heads, std::uint64_t bytes) {
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

  // Does what the packed members show of the block hold for the plain ones?
  template <typename Shift>
  bool agrees_with_mark(group const& g, bool front, std::uint64_t k, Shift const& shift) {
    auto const block_at = [&](observed const& o) { return bytes_at((front ? o.front() : o.back()) + shift(o)); };
    std::vector<head> heads;
    for (auto const* o : g) {
      if (o->s->packed) { heads.push_back(block_at(*o)); }
    }
    auto const m = common(heads, k);
    return m.strength < enough_mark_bytes ||
           std::all_of(g.begin(), g.end(), [&](auto const* o) { return m.at(block_at(*o)); });
  }

  // True: before; false: behind.
  template <typename Shift>
  std::optional<bool> mark_of_bare(group const& g, std::uint64_t k, Shift const& shift) {
    std::vector<head> heads;
    for (auto const* o : g) {
      if (!o->has_content()) { heads.push_back(bytes_at(o->front() + shift(*o))); }
    }
    auto const m = common(heads, k);
    if (m.strength < enough_mark_bytes) { return std::nullopt; }
    std::size_t front = 0;
    std::size_t back = 0;
    std::size_t full = 0;
    for (auto const* o : g) {
      if (!o->has_content()) { continue; }
      ++full;
      front += m.at(bytes_at(o->front() + shift(*o))) ? 1U : 0U;
      back += m.at(bytes_at(o->back() + shift(*o))) ? 1U : 0U;
    }
    if (front == full && back * 2 < full) { return true; }
    if (back == full && front * 2 < full) { return false; }
    return std::nullopt;
  }

  void any_blocks() {
    group g;
    std::set<std::uint64_t> of_packed;
    std::uint64_t least = ~std::uint64_t{0};
    std::uint64_t most = 0;
    for (auto const& o : open_) {
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
    } else if (auto const front = mark_of_bare(g, least, none)) {
      rules_.blind_side = *front ? block_side::before : block_side::after;
      rules_.blind_least = 0;
      rules_.blind_most = ~std::uint64_t{0};
    }
    proofs_.push_back(rules_.blind_side == block_side::unknown
                          ? "nothing proves on which side of the content blocks of many lengths stand"
                          : "packed members, or those without content, show where blocks of many lengths stand");
  }

  lookahead& ahead_;
  grammar& rules_;
  std::vector<std::string>& proofs_;
  std::vector<observed> open_;  // not yet explained
};

}  // namespace

bool fit_blocks(lookahead& ahead, std::vector<sample> const& samples, grammar& rules,
                std::vector<std::string>& proofs) {
  return fit{ahead, samples, rules, proofs}.run();
}

}  // namespace sysb::backup_by_name
