// SPDX-License-Identifier: Apache-2.0
#include "formats/backup_by_name/calibration.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <span>
#include <utility>

#include "base/cursor.hpp"
#include "base/text.hpp"
#include "formats/backup_by_name/block_fit.hpp"
#include "formats/backup_by_name/layouts.hpp"
#include "formats/backup_by_name/sampling.hpp"
#include "formats/backup_by_name/sums.hpp"

namespace sysb::backup_by_name {
namespace {

constexpr std::size_t most_in_security_fit = 512;
constexpr std::size_t most_verified = 4096;
constexpr std::size_t most_rules = 4;
constexpr unsigned usual_words = 4;
constexpr std::size_t most_told = 32;  // packed contents that are tried

using privileges = security_rule::privileges;

template <std::size_t N>
constexpr std::array<std::uint8_t, N> bytes_of(std::uint8_t const (&of)[N]) noexcept {
  return std::to_array(of);
}

// Simple ones first: the documented one, then by the number of words.
std::vector<security_rule> const& rules_to_try() {
  static auto const all = [] {
    std::vector<security_rule> out{security_rule{}};
    auto const with_heads = [&](security_rule r) {
      auto const bytes = static_cast<unsigned>(r.word_bytes());
      for (auto const align : bytes_of({1, 8, 4})) {
        for (auto const unit : bytes_of({8, 4, 1, 2})) {
          auto last = 0u;
          for (unsigned const head : {bytes, (bytes + 3) / 4 * 4, (bytes + 7) / 8 * 8, (bytes + 15) / 16 * 16}) {
            if (head == last) { continue; }
            last = head;
            r.align = align;
            r.unit = unit;
            r.head = static_cast<std::uint8_t>(head);
            out.push_back(r);
          }
        }
      }
    };
    // How many words are lengths of further blocks: any where there are few, at most one where there are many.
    auto const possible = [](unsigned words, unsigned further) {
      return words <= usual_words || (further & (further - 1)) == 0;
    };
    auto const with_words = [&](std::uint8_t width, bool big_endian) {
      for (unsigned words = 1; words <= security_rule::most_words; ++words) {
        auto const n = static_cast<std::uint8_t>(words);
        if (words == 1) {
          for (auto const pcl : {privileges::fixed, privileges::counted, privileges::absent}) {
            with_heads({.words = n, .width = width, .big_endian = big_endian, .pcl = pcl, .pcl_word = 0});
          }
          continue;
        }
        for (unsigned acl = 0; acl < (words <= usual_words ? 2u : 1u); ++acl) {
          for (unsigned further = 0; further < 1u << words; ++further) {
            if ((further >> acl & 1) != 0 || !possible(words, further)) { continue; }
            security_rule r{.words = n,
                            .acl_word = static_cast<std::uint8_t>(acl),
                            .width = width,
                            .big_endian = big_endian,
                            .further = static_cast<std::uint8_t>(further)};
            for (unsigned word = 0; word < std::min(words, usual_words); ++word) {
              if (word == acl || (further >> word & 1) != 0) { continue; }
              r.pcl_word = static_cast<std::uint8_t>(word);
              with_heads(r);
            }
            r.pcl_word = 0;
            for (auto const pcl : {privileges::fixed, privileges::absent}) {
              r.pcl = pcl;
              with_heads(r);
            }
          }
        }
      }
    };
    for (bool const big_endian : {false, true}) {
      for (auto const width : bytes_of({4, 2, 8})) { with_words(width, big_endian); }
    }
    return out;
  }();
  return all;
}

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

// Rules that could hold for one of the first samples, as far as its access list tells.
std::vector<security_rule const*> likely(std::span<sample* const> samples) {
  constexpr std::size_t looked_at = 8;
  auto const some = samples.first(std::min(samples.size(), looked_at));
  std::vector<security_rule const*> out;
  for (auto const& rule : rules_to_try()) {
    if (std::any_of(some.begin(), some.end(), [&](sample const* s) {
          return agree_on_list(security_lengths(std::span{s->head}.first(rule.word_bytes()), rule), *s);
        })) {
      out.push_back(&rule);
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
  std::map<std::uint64_t, std::size_t> behind_lists;
  for (auto const* s : samples) {
    // What is better already need not be compared to the end.
    if (out.score() + 3 * left-- <= at_least) { break; }
    security_record r;
    if (!agrees(rule, *s, r)) { continue; }
    ++out.count;
    if (r.bytes() != s->around() || (r.has_pcl && r.pcl_bytes != sizeof(pcl_record))) { continue; }
    ++out.exact;
    if (rule.further != 0) {
      ++behind_lists[r.bytes() - (r.has_pcl ? r.pcl_at + r.pcl_bytes : r.acl_at + r.acl_bytes)];
    }
  }
  auto const alike = std::count_if(behind_lists.begin(), behind_lists.end(),
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

// The same rule with bytes before its words.
std::vector<security_rule> with_bytes_before(security_rule rule, std::span<sample* const> samples) {
  rule.any_preamble = true;
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
    auto const lists = security_lengths(std::span{s->head}.first(rule.word_bytes()), rule).pcl_at;
    if (*s->pcl_at > lists) { ++seen[*s->pcl_at - lists]; }
  }
  return by_lengths(rule, &security_rule::searched, &security_rule::between, seen);
}

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
    auto const hopeful = likely(tried);
    for (auto const* rule : hopeful) { consider(*rule); }
    // Nothing that words count is simpler than bytes that none counts.
    if (of_best.count < tried.size()) {
      for (auto const* rule : hopeful) {
        for (auto const& other : with_bytes_between(*rule, tried)) { consider(other); }
      }
    }
    if (of_best.count < tried.size() && tried.front()->acl_at && tried.front()->pcl_at) {
      for (auto const& rule : rules_to_try()) {
        auto alone = rule;
        alone.any_preamble = true;
        security_record r;
        if (rule.further != 0 || rule.pcl == privileges::absent || !agrees(alone, *tried.front(), r)) { continue; }
        for (auto const& other : with_bytes_before(rule, tried)) { consider(other); }
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

// A record that the documented grammar does not place, or whose lists stand elsewhere than it says. It wins every tie:
// lists of which nothing else is known are a variant.
bool deviates(lookahead& ahead, sample const& s) {
  security_record r;
  if (s.acl_at && s.pcl_at && !agrees({}, s, r)) { return true; }
  if (s.kind != entry_kind::symlink) {
    return security_lengths(std::span{s.head}.first(sizeof(security_prefix)), {}).bytes() != s.around();
  }
  auto const h = ahead.header_at(s.at);
  if (h.state != judged::valid) { return false; }
  std::vector<std::byte> const header{h.bytes.begin(), h.bytes.end()};
  auto const all = enumerate(ahead, decode_member(header, ahead.shape), s.at, {});
  return std::none_of(all.list.begin(), all.list.end(), [&](candidate const& c) { return c.end == s.end; });
}

// What the rules say of the samples that they are made from.
struct verdict {
  bool contradicted = false;  // a record ends elsewhere by them
  std::size_t unplaced = 0;   // they say nothing of so many: each is refused where the walk meets it
};

verdict try_rules(lookahead& ahead, std::vector<sample> const& samples) {
  chain_budget budget;
  verdict out;
  std::size_t told = 0;
  std::size_t against = 0;
  for (std::size_t i = 0; i < std::min(samples.size(), most_verified); ++i) {
    auto const& s = samples[i];
    auto const h = ahead.header_at(s.at);
    if (h.state != judged::valid) { return {.contradicted = true}; }
    std::vector<std::byte> const header{h.bytes.begin(), h.bytes.end()};
    auto const m = decode_member(header, ahead.shape);
    circumstances const where{.repeated = s.repeated};
    auto const c = choose(ahead, enumerate(ahead, m, s.at, where), where, 0, budget);
    if (c.what == choice::result::one && c.taken.end != s.end) { return {.contradicted = true}; }
    if (m.packed() && s.packed && c.what == choice::result::one && !c.taken.start_open &&
        c.taken.data_bytes == s.stored && lookahead::may_become(s.stored, s.size) && s.stored != 0 &&
        told < most_told) {
      ++told;
      against += ahead.unpacks(c.taken.data_at, s.stored, s.size) ? 0u : 1u;
    }
    out.unplaced += c.what == choice::result::one ? 0u : 1u;
  }
  out.contradicted = against * 2 > told;
  return out;
}

}  // namespace

std::optional<calibrated> calibrate(lookahead& ahead, std::uint64_t at) {
  // A content may hold what looks like the next record. What the first fit says shows which is which.
  constexpr unsigned most_rounds = 3;
  // Records that nothing explains are damage of theirs, as long as they are few.
  constexpr std::size_t few_of = 16;
  auto const known = ahead.rules;
  std::optional<calibrated> out;
  std::size_t least = ~std::size_t{0};
  for (unsigned round = 0; round < most_rounds && least != 0; ++round) {
    auto samples = take_samples(ahead, at);
    ahead.rules = known;
    calibrated now{.rules = known, .proofs = {}};
    if (samples.size() < enough ||
        std::none_of(samples.begin(), samples.end(), [&](sample const& s) { return deviates(ahead, s); })) {
      break;
    }
    fit_security(samples, now.rules, now.proofs);
    if (!fit_blocks(ahead, samples, now.rules, now.proofs) && now.rules.security == known.security) { break; }
    ahead.rules = now.rules;
    auto const tried = try_rules(ahead, samples);
    if (!tried.contradicted && tried.unplaced * few_of <= samples.size() && tried.unplaced < least) {
      least = tried.unplaced;
      out = std::move(now);
    }
  }
  ahead.rules = known;
  if (out) { settle_by_sums(ahead, at, out->rules, out->proofs); }
  return out;
}

bool sizes_tell_packed(lookahead& ahead, std::uint64_t at, std::uint16_t magic) {
  struct trials {
    std::size_t tried = 0, unpacked = 0;
  };
  trials equal;
  trials different;
  chain_budget budget;
  for (auto const& s : take_samples(ahead, at)) {
    if (s.kind != entry_kind::file || s.stored < 2 || s.repeated) { continue; }
    auto const h = ahead.header_at(s.at);
    if (h.state != judged::valid || h.prefix.magic != magic) { continue; }
    auto& these = s.packed ? different : equal;
    if (these.tried == most_told) { continue; }
    std::vector<std::byte> const header{h.bytes.begin(), h.bytes.end()};
    auto const c = choose(ahead, enumerate(ahead, decode_member(header, ahead.shape), s.at, {}), {}, 0, budget);
    if (c.what != choice::result::one || c.taken.start_open) { continue; }
    ++these.tried;
    these.unpacked += ahead.unpacks(c.taken.data_at, s.stored, s.size) ? 1u : 0u;
  }
  return magic == record_magic::packed ? equal.tried >= enough && equal.unpacked == 0 : different.unpacked >= enough;
}

static bool ends_behind(lookahead& ahead, std::vector<sample> const& samples) {
  auto const h = ahead.header_at(samples.back().end);
  return h.state == judged::valid && h.prefix.type == record_type::end;
}

bool calibrate_fixed_part(lookahead& ahead, std::uint64_t first) {
  constexpr std::size_t least_fixed = offsetof(name_x_record, dsize);  // every field up to the devices
  constexpr std::array fields_at_end{offsetof(name_x_record, dsize), offsetof(name_x_record, pad)};
  auto const bytes = ahead.read(first, max_header_bytes);
  auto const p = byte_cursor{bytes}.take<record_prefix>();
  auto const length = std::size_t{p.length} * 8;
  if (ahead.shape.form != family::name_x || p.type != record_type::name_x || length <= least_fixed ||
      length > bytes.size() || header_checksum(bytes.first(length)) != p.checksum) {
    return false;
  }
  auto const usual = [](std::string_view name) {
    return name == "." || name.substr(0, 2) == "./" || name.substr(0, 1) == "/";
  };
  std::vector<std::byte> const header{bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(length)};
  auto const documented = decode_member(header, header_shape{});
  // Of a shorter fixed part the last field holds how the name begins.
  auto const begins_in_field = std::any_of(fields_at_end.begin(), fields_at_end.end(), [&](std::size_t at) {
    return header[at] == std::byte{'.'} && header[at + 1] == std::byte{'/'};
  });
  auto const all_usual = [&](std::vector<sample> const& samples) {
    return std::all_of(samples.begin(), samples.end(), [&](sample const& s) { return usual(s.path); });
  };
  // A slash may be one of other bytes before the name.
  if (documented.name_fits && usual(documented.name) && !begins_in_field &&
      (documented.name.front() == '.' || all_usual(take_samples(ahead, first)))) {
    return false;
  }
  auto const tried = [&](bool only_usual) {
    for (std::size_t fixed = least_fixed; fixed < length; fixed += 4) {
      if (fixed == sizeof(name_x_record) || (fixed < sizeof(name_x_record) && !only_usual)) { continue; }
      auto shape = ahead.shape;
      shape.fixed = static_cast<std::uint16_t>(fixed);
      auto const m = decode_member(header, shape);
      if (!m.name_fits || m.name.empty() || (only_usual && !usual(m.name))) { continue; }
      auto const before = std::exchange(ahead.shape, shape);
      auto const samples = take_samples(ahead, first);
      auto const all = std::all_of(samples.begin(), samples.end(), [&](sample const& s) {
        auto const h = ahead.header_at(s.at);
        if (h.state != judged::valid) { return false; }
        auto const d = decode_member(h.bytes, shape);
        return d.name_fits && !d.name.empty() && (!only_usual || usual(d.name));
      });
      // Of a smaller archive all records are told by their names alone, where these begin as names do.
      if (all && (samples.size() >= enough || (only_usual && samples.size() >= 2 && ends_behind(ahead, samples)))) {
        return true;
      }
      ahead.shape = before;
    }
    return false;
  };
  if (tried(true)) { return true; }
  return !documented.name_fits && tried(false);
}

}  // namespace sysb::backup_by_name
