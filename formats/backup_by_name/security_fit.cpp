// SPDX-License-Identifier: Apache-2.0
#include "formats/backup_by_name/security_fit.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <span>

#include "base/text.hpp"

namespace sysb::backup_by_name {
namespace {

using privileges = security_rule::privileges;

constexpr std::size_t most_in_security_fit = 512;
constexpr std::size_t most_rules = 4;
constexpr unsigned usual_words = 4;
constexpr std::size_t looked_at = 8;  // samples that say which rules are worth a try

// The words of a sample's head, as far as the rule has any, and what stands before them.
std::span<std::byte const> words_of(security_rule const& rule, sample const& s, std::uint64_t& before) {
  before = 0;
  if (!rule.any_preamble && rule.preamble == 0) { return std::span{s.head}.first(rule.word_bytes()); }
  auto const longest = s.before_acl.size();
  if (!s.acl_at || *s.acl_at < rule.head || rule.head > longest) { return {}; }
  before = *s.acl_at - rule.head;
  if (rule.any_preamble ? before % 4 != 0 : before != rule.preamble) { return {}; }
  return std::span{s.before_acl}.subspan(longest - rule.head, rule.word_bytes());
}

bool agree_on_list(security_record const& r, sample const& s) {
  if (!s.acl_at) { return r.acl_bytes == 0; }
  return s.acl_at == r.acl_at && s.acl_len <= r.acl_bytes && r.acl_bytes - s.acl_len <= 7;
}

}  // namespace

// Lengths by the rule agree with the marks that were found without it. How many bytes stand between the lists is
// the rule's to say, unless it leaves that to the marks.
bool agrees(security_rule const& rule, sample const& s, security_record& out) {
  std::uint64_t before = 0;
  auto const words = words_of(rule, s, before);
  if (words.empty()) { return false; }
  out = security_lengths(words, rule);
  if (rule.searched && s.pcl_at && *s.pcl_at > out.pcl_at + before) {
    out = security_lengths(words, rule, *s.pcl_at - before - out.pcl_at);
  }
  if (before != 0) { out.move_by(before); }
  if (out.bytes() > s.around() || out.has_pcl != s.pcl_at.has_value()) { return false; }
  if (s.pcl_at &&
      (out.pcl_at != *s.pcl_at || out.pcl_bytes < sizeof(pcl_record) || out.pcl_bytes > 2 * sizeof(pcl_record))) {
    return false;
  }
  return agree_on_list(out, s);
}

namespace {

constexpr std::array<std::uint8_t, 3> widths{4, 2, 8};
constexpr std::array<std::uint8_t, 3> aligns{1, 8, 4};
constexpr std::array<std::uint8_t, 4> units{8, 4, 1, 2};

// Bytes from the first word to the access control list: the words alone, or filled up.
std::vector<std::uint8_t> heads_of(unsigned bytes) {
  std::vector<std::uint8_t> out;
  for (unsigned const head : {bytes, (bytes + 3) / 4 * 4, (bytes + 7) / 8 * 8, (bytes + 15) / 16 * 16}) {
    if (out.empty() || out.back() != head) { out.push_back(static_cast<std::uint8_t>(head)); }
  }
  return out;
}

// Of a rule, what the access control list alone can tell: the words that may be its length, and in which unit.
struct hopeful_head {
  std::uint8_t acl_word, unit, head;
};

// How many words are lengths of further blocks: any where there are few, at most two where there are many.
bool possible(unsigned words, unsigned further) {
  auto const but_lowest = further & (further - 1);
  return words <= usual_words || (but_lowest & (but_lowest - 1)) == 0;
}

// All that may go with these heads.
void add_rules(std::vector<security_rule>& out, security_rule const& start, std::vector<hopeful_head> const& heads) {
  auto const add = [&](security_rule r, std::uint8_t acl_word) {
    for (auto const align : aligns) {
      for (auto const& h : heads) {
        if (h.acl_word != acl_word) { continue; }
        r.align = align;
        r.unit = h.unit;
        r.head = h.head;
        out.push_back(r);
      }
    }
  };
  if (start.words == 1) {
    auto r = start;
    r.pcl_word = 0;
    for (auto const pcl : {privileges::fixed, privileges::counted, privileges::absent}) {
      r.pcl = pcl;
      add(r, 0);
    }
    return;
  }
  for (unsigned acl = 0; acl < start.words; ++acl) {
    for (unsigned further = 0; further < 1u << start.words; ++further) {
      if ((further >> acl & 1) != 0 || !possible(start.words, further)) { continue; }
      auto r = start;
      r.acl_word = static_cast<std::uint8_t>(acl);
      r.further = static_cast<std::uint8_t>(further);
      for (unsigned word = 0; word < start.words; ++word) {
        if (word == acl || (further >> word & 1) != 0) { continue; }
        r.pcl_word = static_cast<std::uint8_t>(word);
        r.lists_first = false;
        add(r, r.acl_word);
        // The same where the word of a further block comes before that of the privilege list, and the block after it.
        if ((further & ((1u << word) - 1)) != 0) {
          r.lists_first = true;
          add(r, r.acl_word);
        }
      }
      r.pcl_word = 0;
      r.lists_first = false;
      for (auto const pcl : {privileges::fixed, privileges::absent}) {
        r.pcl = pcl;
        add(r, r.acl_word);
      }
    }
  }
}

bool list_agrees(security_rule const& rule, sample const& s) {
  std::uint64_t before = 0;
  if (s.acl_at && !rule.any_preamble && *s.acl_at != rule.head) { return false; }
  auto const words = words_of(rule, s, before);
  if (words.empty()) { return false; }
  auto r = security_lengths(words, rule);
  if (before != 0) { r.move_by(before); }
  // What is in it beyond the list may be the privilege list.
  return agree_on_list(r, s) || (rule.words == 1 && s.acl_at == r.acl_at);
}

// Rules that could hold for one of these samples, as far as its access control list tells; simple ones first: the
// documented one, then by the number of words. With bytes before the words, or without.
std::vector<security_rule> likely(std::span<sample* const> some, bool bytes_before) {
  std::vector<security_rule> out;
  if (!bytes_before) { out.emplace_back(); }
  for (bool const big_endian : {false, true}) {
    for (auto const width : widths) {
      for (unsigned words = 1; words <= security_rule::most_words; ++words) {
        security_rule r{.words = static_cast<std::uint8_t>(words), .width = width, .big_endian = big_endian};
        std::vector<hopeful_head> heads;
        for (auto const unit : units) {
          for (auto const head : heads_of(words * width)) {
            for (unsigned acl = 0; acl < words; ++acl) {
              r.acl_word = static_cast<std::uint8_t>(acl);
              r.unit = unit;
              r.head = head;
              r.any_preamble = bytes_before;
              if (std::any_of(some.begin(), some.end(), [&](sample const* s) { return list_agrees(r, *s); })) {
                heads.push_back({r.acl_word, unit, head});
              }
            }
          }
        }
        r.any_preamble = false;
        add_rules(out, r, heads);
      }
    }
  }
  return out;
}

// How well a rule explains samples: how many, and how many of these to their end. A word that says the same in all
// of them may be any number: only one that varies as the records do is the length of a block.
struct explained {
  std::size_t count = 0, exact = 0;
  [[nodiscard]] std::size_t score() const noexcept { return 2 * count + exact; }
};

constexpr std::size_t enough_alike = 2;  // samples whose further blocks have one length

explained explains(security_rule const& rule, std::span<sample* const> samples, std::size_t at_least) {
  explained out;
  auto left = samples.size();
  std::map<std::uint64_t, std::size_t> after_lists;
  for (auto const* s : samples) {
    // What is better already need not be compared to the end.
    if (out.score() + 3 * left-- <= at_least) { break; }
    security_record r;
    if (!agrees(rule, *s, r)) { continue; }
    ++out.count;
    if (r.bytes() != s->around() || (r.has_pcl && r.pcl_bytes != sizeof(pcl_record))) { continue; }
    ++out.exact;
    if (rule.further != 0) { ++after_lists[r.bytes() - (r.has_pcl ? r.pcl_at + r.pcl_bytes : r.acl_at + r.acl_bytes)]; }
  }
  auto const alike = std::count_if(after_lists.begin(), after_lists.end(),
                                   [](auto const& length) { return length.second >= enough_alike; });
  if (rule.further != 0 && alike < 2) { out.exact = 0; }
  return out;
}

using lengths = std::map<std::uint64_t, std::size_t>;  // how many samples have each

// A rule that leaves it to the marks how many bytes stand somewhere, where the samples have several lengths; and the one
// with as many as most of them have.
std::vector<security_rule> by_lengths(security_rule rule, bool security_rule::*any, std::uint16_t security_rule::*bytes,
                                      lengths const& seen) {
  std::vector<security_rule> out;
  auto const most =
      std::max_element(seen.begin(), seen.end(), [](auto const& a, auto const& b) { return a.second < b.second; });
  if (most == seen.end()) { return out; }
  rule.*any = true;
  if (seen.size() > 1) { out.push_back(rule); }
  if (most->first == 0) { return out; }
  rule.*any = false;
  rule.*bytes = static_cast<std::uint16_t>(most->first);
  out.push_back(rule);
  return out;
}

// A rule that leaves it to the marks how many bytes stand before its words.
std::vector<security_rule> with_bytes_before(security_rule const& rule, std::span<sample* const> samples) {
  lengths seen;
  for (auto const* s : samples) {
    security_record r;
    if (agrees(rule, *s, r)) { ++seen[*s->acl_at - rule.head]; }
  }
  return by_lengths(rule, &security_rule::any_preamble, &security_rule::preamble, seen);
}

// The same rule with bytes between the lists.
std::vector<security_rule> with_bytes_between(security_rule rule, std::span<sample* const> samples) {
  rule.searched = true;
  lengths seen;
  for (auto const* s : samples) {
    security_record r;
    if (rule.pcl == privileges::absent || rule.pcl == privileges::counted || !agrees(rule, *s, r)) { continue; }
    std::uint64_t before = 0;
    auto const lists = security_lengths(words_of(rule, *s, before), rule).pcl_at;
    if (*s->pcl_at > before + lists) { ++seen[*s->pcl_at - before - lists]; }
  }
  return by_lengths(rule, &security_rule::searched, &security_rule::between, seen);
}

}  // namespace

void fit_security(std::vector<sample>& samples, grammar& rules, std::vector<std::string>& proofs) {
  std::vector<sample*> open;
  auto const settle = [&](sample& s, security_rule const& rule) {
    security_record r;
    if (!agrees(rule, s, r)) { return false; }
    s.security = r.bytes();
    return true;
  };
  for (auto& s : samples) {
    if (!s.pcl_at && !s.acl_at) { continue; }
    auto const known =
        std::any_of(rules.security.begin(), rules.security.end(), [&](security_rule const& r) { return settle(s, r); });
    if (!known) { open.push_back(&s); }
  }
  while (open.size() >= enough && rules.security.size() < most_rules) {
    security_rule best;
    explained of_best;
    auto const tried = std::span{open}.first(std::min(open.size(), most_in_security_fit));
    auto const consider = [&](security_rule const& rule) {
      auto const now = explains(rule, tried, of_best.score());
      if (now.count < enough || now.score() <= of_best.score()) { return; }
      of_best = now;
      best = rule;
    };
    auto const hopeful = likely(tried.first(std::min(tried.size(), looked_at)), false);
    for (auto const& rule : hopeful) { consider(rule); }
    // Nothing that words count is simpler than bytes that none counts.
    if (of_best.count < tried.size()) {
      for (auto const& rule : hopeful) {
        for (auto const& other : with_bytes_between(rule, tried)) { consider(other); }
      }
    }
    if (of_best.count < tried.size() && tried.front()->acl_at && tried.front()->pcl_at) {
      for (auto rule : likely(tried.first(1), true)) {
        rule.any_preamble = true;
        security_record r;
        if (rule.further != 0 || rule.pcl == privileges::absent) { continue; }
        if (agrees(rule, *tried.front(), r)) {
          for (auto const& other : with_bytes_before(rule, tried)) { consider(other); }
          continue;
        }
        // And bytes between the lists, too.
        for (auto const& apart : with_bytes_between(rule, tried)) {
          for (auto const& other : with_bytes_before(apart, tried)) { consider(other); }
        }
      }
    }
    auto const best_count = of_best.count;
    if (best_count == 0) { return; }
    rules.security.push_back(best);
    proofs.push_back(concat("lists and privilege lists of ", best_count,
                            " records stand where the head of their security record says"));
    open.erase(std::remove_if(open.begin(), open.end(), [&](sample* s) { return settle(*s, best); }), open.end());
  }
}

std::vector<security_rule> with_one_more(security_rule const& rule, std::vector<sample> const& samples) {
  std::vector<security_rule> out;
  if (rule.pcl == privileges::counted) { return out; }
  for (unsigned word = 0; word < security_rule::most_words; ++word) {
    auto const by_word = rule.pcl == privileges::by_word;
    if (word == rule.acl_word || (by_word && word == rule.pcl_word) || (rule.further >> word & 1) != 0) { continue; }
    auto r = rule;
    r.words = static_cast<std::uint8_t>(std::max<unsigned>(rule.words, word + 1));
    auto const heads = heads_of(static_cast<unsigned>(r.word_bytes()));
    if (std::find(heads.begin(), heads.end(), r.head) == heads.end()) { continue; }
    r.further = static_cast<std::uint8_t>(rule.further | 1u << word);
    r.lists_first = rule.lists_first || (by_word && word < rule.pcl_word);
    // A few samples may end at what is no record of the archive.
    constexpr std::size_t few_of = 16;
    std::set<std::uint64_t> seen;
    std::size_t placed = 0;
    std::size_t without_room = 0;
    for (auto const& s : samples) {
      security_record without;
      security_record with;
      if (!agrees(rule, s, without)) { continue; }
      ++placed;
      if (agrees(r, s, with)) {
        seen.insert(with.bytes() - without.bytes());
      } else {
        ++without_room;
      }
    }
    if (without_room * few_of <= placed && seen.size() >= enough_lengths) { out.push_back(r); }
  }
  return out;
}

}  // namespace sysb::backup_by_name
