// SPDX-License-Identifier: Apache-2.0
#include "formats/backup_by_name/calibration.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/cursor.hpp"
#include "base/text.hpp"
#include "formats/backup_by_name/block_fit.hpp"
#include "formats/backup_by_name/layouts.hpp"
#include "formats/backup_by_name/sampling.hpp"
#include "formats/backup_by_name/security_fit.hpp"
#include "formats/backup_by_name/sums.hpp"

namespace sysb::backup_by_name {
namespace {

constexpr std::size_t most_verified = 4096;
constexpr std::size_t most_told = 32;  // packed contents that are tried
constexpr std::size_t few_of = 16;     // one of so many is few

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
    circumstances const where{.repeated = s.repeated, .trial = true};
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

bool leaves_open(grammar const& rules) {
  return (rules.blind_any && rules.blind_side == block_side::unknown) ||
         std::any_of(rules.plans.begin(), rules.plans.end(), [](block_plan const& p) { return p.open; });
}

// Lengths that nothing explains may be those of two blocks together, one on each side. Then as many bytes as one block has
// may be two, too.
void doubt_lengths(grammar& rules) {
  if (!rules.blind_any || rules.blind_side != block_side::unknown) { return; }
  for (auto& p : rules.plans) {
    if (!p.before && !p.after && !p.bare_only) { p.open = true; }
  }
}

// What no block explains may begin with one that a further word of the security record counts.
std::optional<calibrated> with_a_further_word(lookahead& ahead, std::vector<sample> const& samples,
                                              calibrated const& fitted, grammar const& known) {
  std::vector<security_rule> rules;
  auto const add_of = [&](security_rule const& base) {
    for (auto const& rule : with_one_more(base, samples)) { rules.push_back(rule); }
  };
  add_of(fitted.rules.security.back());
  if (auto plain = fitted.rules.security.back(); plain.any_preamble) {
    plain.any_preamble = false;
    add_of(plain);
  }
  std::optional<calibrated> out;
  for (auto const& rule : rules) {
    auto moved = samples;
    for (auto& s : moved) {
      security_record r;
      if (agrees(rule, s, r)) { s.security = r.bytes(); }
    }
    calibrated now{.rules = known, .proofs = {}};
    now.rules.security = fitted.rules.security;
    now.rules.security.back() = rule;
    if (!fit_blocks(ahead, moved, now.rules, now.proofs) || leaves_open(now.rules)) { continue; }
    now.proofs.insert(now.proofs.begin(),
                      "a word at the head of security records counts what stands before the blocks");
    auto const before = std::exchange(ahead.rules, now.rules);
    auto const tried = try_rules(ahead, samples);
    ahead.rules = before;
    if (!tried.contradicted) { return now; }
    if (!out) { out = std::move(now); }
  }
  return out;
}

}  // namespace

std::optional<calibrated> calibrate(lookahead& ahead, std::uint64_t at) {
  // A content may hold what looks like the next record. What the first fit says shows which is which.
  constexpr unsigned most_rounds = 3;
  // Records that nothing explains are damage of theirs, as long as they are few; where lists stand where the head of their
  // record says, some more may have blocks that too few samples show.
  constexpr std::size_t some_of = 4;
  auto const known = ahead.rules;
  std::optional<calibrated> out;
  std::size_t least = ~std::size_t{0};
  auto const consider = [&](calibrated const& one, std::vector<sample> const& samples) {
    auto const tried = try_rules(ahead, samples);
    auto const by_marks = one.rules.plans.empty() && !one.rules.blind_any;
    if (!tried.contradicted && tried.unplaced * (by_marks ? some_of : few_of) <= samples.size() &&
        tried.unplaced < least) {
      least = tried.unplaced;
      out = one;
    }
  };
  std::optional<calibrated> last;
  for (unsigned round = 0; round < most_rounds && least != 0; ++round) {
    auto samples = take_samples(ahead, at);
    // By the rules of the round before the samples may be other ones, for which these rules hold.
    if (last && samples.size() >= enough) { consider(*last, samples); }
    if (least == 0) { break; }
    ahead.rules = known;
    calibrated now{.rules = known, .proofs = {}};
    if (samples.size() < enough ||
        std::none_of(samples.begin(), samples.end(), [&](sample const& s) { return deviates(ahead, s); })) {
      break;
    }
    fit_security(samples, now.rules, now.proofs);
    if (!fit_blocks(ahead, samples, now.rules, now.proofs) && now.rules.security == known.security) { break; }
    if (leaves_open(now.rules)) {
      if (auto other = with_a_further_word(ahead, samples, now, known)) { now = std::move(*other); }
    }
    ahead.rules = now.rules;
    consider(now, samples);
    last = std::move(now);
  }
  ahead.rules = known;
  if (out) {
    settle_by_sums(ahead, at, out->rules, out->proofs);
    doubt_lengths(out->rules);
  }
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

bool magic_means_packed(lookahead& ahead, std::uint64_t at, std::uint16_t magic) {
  auto const before = ahead.shape;
  ahead.shape.learn(magic, true);
  std::size_t unpacked = 0;
  auto const samples = take_samples(ahead, at);
  auto const agree = std::all_of(samples.begin(), samples.end(), [&](sample const& s) {
    auto const h = ahead.header_at(s.at);
    if (s.kind != entry_kind::file || s.size == 0 || h.state != judged::valid || h.prefix.magic != magic) {
      return true;
    }
    ++unpacked;
    return ahead.unpacks(s.body + s.security, s.stored, s.size);
  });
  ahead.shape = before;
  return agree && unpacked >= enough;
}

static bool end_record_follows(lookahead& ahead, std::vector<sample> const& samples) {
  auto const h = ahead.header_at(samples.back().end);
  return h.state == judged::valid && h.prefix.type == record_type::end;
}

namespace {

// A name as AIX's own lists have it.
bool usual(std::string_view name) { return name == "." || name.substr(0, 2) == "./" || name.substr(0, 1) == "/"; }

// The search for the number of bytes before the name, from the first record on.
class fixed_part_search {
 public:
  fixed_part_search(lookahead& ahead, std::uint64_t first, std::vector<std::byte> header)
      : ahead_{ahead}, first_{first}, header_{std::move(header)}, documented_{decode_member(header_, header_shape{})} {
    // Of a shorter fixed part the last fields hold how the name begins.
    for (auto at = least_fixed; at < sizeof(name_x_record) && at + 1 < header_.size(); ++at) {
      begins_in_field_ = begins_in_field_ || (header_[at] == std::byte{'.'} &&
                                              (header_[at + 1] == std::byte{'/'} || header_[at + 1] == std::byte{0}));
    }
  }

  bool run() {
    // A slash may be one of other bytes before the name.
    if (documented_.name_fits && usual(documented_.name) && !begins_in_field_ &&
        (documented_.name.front() == '.' ||
         all([](member_head const& m) { return usual(m.name); }, header_shape{}).hold)) {
      return false;
    }
    return tried(true) || (!documented_.name_fits && tried(false));
  }

  static constexpr std::size_t least_fixed = offsetof(name_x_record, devmaj);  // every field up to the times

 private:
  struct trial {
    bool hold = false;    // all records
    bool most = false;    // all but a few: where the image is damaged, those of an archive inside a content come in
    bool enough = false;  // of them
    bool to_end = false;  // fewer, but all that the archive has
  };
  template <typename Test>
  trial all(Test const& test, header_shape const& shape) {
    auto const before = std::exchange(ahead_.shape, shape);
    auto const samples = take_samples(ahead_, first_);
    trial out{.enough = samples.size() >= enough};
    auto const misses = std::count_if(samples.begin(), samples.end(), [&](sample const& s) {
      auto const h = ahead_.header_at(s.at);
      return h.state != judged::valid || !test(decode_member(h.bytes, shape));
    });
    out.hold = misses == 0;
    out.most = static_cast<std::size_t>(misses) * few_of <= samples.size();
    out.to_end = samples.size() >= 2 && end_record_follows(ahead_, samples);
    ahead_.shape = before;
    return out;
  }

  // Text in every record that fills its field, though it does not begin as names of a whole system do.
  bool documented_holds() {
    if (!documented_holds_) {
      auto shape = ahead_.shape;
      shape.fixed = sizeof(name_x_record);
      documented_holds_ =
          documented_.name_fits && !begins_in_field_ &&
          all([](member_head const& m) { return m.name_fits && !m.name.empty() && is_clean(m.name); }, shape).hold;
    }
    return *documented_holds_;
  }

  static bool is_clean(std::string_view name) {
    return std::all_of(name.begin(), name.end(), [](char c) {
      auto const u = static_cast<unsigned char>(c);
      return u >= 0x20 && u < 0x7f;
    });
  }

  bool tried(bool only_usual) {
    for (auto fixed = least_fixed; fixed < header_.size(); ++fixed) {
      if (fixed == sizeof(name_x_record) || (fixed < sizeof(name_x_record) && !only_usual)) { continue; }
      // Nothing but how names begin tells one byte from the next.
      if (fixed % 4 != 0 && !only_usual) { continue; }
      auto shape = ahead_.shape;
      shape.fixed = static_cast<std::uint16_t>(fixed);
      auto const m = decode_member(header_, shape);
      if (!m.name_fits || m.name.empty() || (only_usual && !usual(m.name))) { continue; }
      if (only_usual && documented_holds()) { return false; }
      auto const fits =
          all([&](member_head const& d) { return d.name_fits && !d.name.empty() && (!only_usual || usual(d.name)); },
              shape);
      // Of a smaller archive all records are told by their names alone, where these begin as names do.
      if ((fits.hold && (fits.enough || (only_usual && fits.to_end))) || (only_usual && fits.enough && fits.most)) {
        ahead_.shape = shape;
        return true;
      }
    }
    return false;
  }

  lookahead& ahead_;
  std::uint64_t first_;
  std::vector<std::byte> header_;
  member_head documented_;
  bool begins_in_field_ = false;
  std::optional<bool> documented_holds_;
};

}  // namespace

bool calibrate_fixed_part(lookahead& ahead, std::uint64_t first) {
  // Records of unknown type may stand before the first member.
  constexpr unsigned most_before = 64;
  for (unsigned n = 0; n < most_before && ahead.shape.form == family::name_x; ++n) {
    auto const p = byte_cursor{ahead.read(first, sizeof(end_record))}.take<record_prefix>();
    if (!may_be_stepped_over(p.type) || ahead.successor_at(first) != judged::valid) { break; }
    auto const next = after_unknown_record(ahead, first);
    if (!next) { break; }
    first = *next;
  }
  auto const bytes = ahead.read(first, max_header_bytes);
  auto const p = byte_cursor{bytes}.take<record_prefix>();
  auto const length = std::size_t{p.length} * 8;
  if (ahead.shape.form != family::name_x || p.type != record_type::name_x || length <= fixed_part_search::least_fixed ||
      length > bytes.size() || header_checksum(bytes.first(length)) != p.checksum) {
    return false;
  }
  return fixed_part_search{ahead, first, {bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(length)}}.run();
}

}  // namespace sysb::backup_by_name
