// SPDX-License-Identifier: Apache-2.0
#include "formats/backup_by_name/layouts.hpp"

#include <algorithm>

#include "base/cursor.hpp"
#include "base/text.hpp"

namespace sysb::backup_by_name {
namespace {

constexpr std::uint64_t max_target = 4095;
constexpr std::uint64_t high = std::uint64_t{1} << 32;

enum class text_test : std::uint8_t { good, bad, cut };

// Exactly n bytes, none of them NUL.
text_test test_target(lookahead& ahead, std::uint64_t at, std::uint64_t n) {
  if (n == 0 || n > max_target) { return text_test::bad; }
  auto const bytes = as_text(ahead.read(at, static_cast<std::size_t>(n)));
  if (bytes.find('\0') != std::string_view::npos) { return text_test::bad; }
  return bytes.size() == n ? text_test::good : text_test::cut;
}

// Length of the NUL-ended string at `at`; 0: none.
std::uint64_t string_at(lookahead& ahead, std::uint64_t at, bool& cut) {
  auto const bytes = as_text(ahead.read(at, max_target + 1));
  auto const nul = bytes.find('\0');
  if (nul == std::string_view::npos) {
    cut = cut || bytes.size() <= max_target;
    return 0;
  }
  return nul;
}

// A target with a security record that must prove itself after or before it.
void add_proven(lookahead& ahead, candidates& out, std::uint32_t mode, candidate c, bool security_last) {
  auto const s = ahead.security_at(*c.security_at, mode);
  if (s.state == judged::cut) { out.cut = true; }
  if (s.state != judged::valid || s.record.failed != 0) { return; }
  c.security = s.record;
  if (security_last) {
    c.end = *c.security_at + s.record.bytes();
  } else {
    c.data_at = *c.security_at + s.record.bytes();
    c.end = c.data_at + align8(c.data_bytes);
    auto const t = test_target(ahead, c.data_at, c.data_bytes);
    if (t == text_test::bad) { return; }
    if (t == text_test::cut) { c.state = judged::cut; }
  }
  out.add(c);
}

void add_bare_target(lookahead& ahead, candidates& out, std::uint32_t bit, std::uint64_t body, std::uint64_t n) {
  auto const t = test_target(ahead, body, n);
  if (t == text_test::bad) { return; }
  candidate c{.layouts = bit, .data_at = body, .data_bytes = n, .end = body + align8(n)};
  if (t == text_test::cut) { c.state = judged::cut; }
  out.add(c);
}

void enumerate_symlink(lookahead& ahead, candidates& out, member_head const& m, std::uint64_t body) {
  if (m.size != 0) {
    add_bare_target(ahead, out, layout::target, body, m.size);
    add_proven(ahead, out, m.mode, {.layouts = layout::security_target, .security_at = body, .data_bytes = m.size},
               false);
    if (test_target(ahead, body, m.size) == text_test::good) {
      add_proven(ahead, out, m.mode,
                 {.layouts = layout::target_security,
                  .security_at = body + align8(m.size),
                  .data_at = body,
                  .data_bytes = m.size},
                 true);
    }
  }
  // Where a size is recorded, the string is the whole target.
  std::uint64_t length = 0;
  if (m.size == 0) {
    length = string_at(ahead, body, out.cut);
  } else if (test_target(ahead, body, m.size) == text_test::good) {
    auto const last = ahead.read(body + m.size, 1);
    length = !last.empty() && last[0] == std::byte{0} ? m.size : 0;
  }
  if (length != 0) {
    add_proven(ahead, out, m.mode,
               {.layouts = layout::string_security,
                .security_at = body + align8(length + 1),
                .data_at = body,
                .data_bytes = length},
               true);
    if (m.size == 0) {
      out.add({.layouts = layout::string, .data_at = body, .data_bytes = length, .end = body + align8(length + 1)});
    }
  }
  add_bare_target(ahead, out, layout::stored_target, body, m.dsize);
}

void enumerate_file(lookahead& ahead, candidates& out, member_head const& m, std::uint64_t body, bool repeated) {
  auto const s = ahead.security_at(body, m.mode);
  if (repeated) { out.add({.layouts = layout::bare, .data_at = body, .end = body}); }
  if (s.state == judged::cut) {
    out.cut = true;
    return;
  }
  if (s.state == judged::invalid) {
    out.too_long = true;
    return;
  }
  auto const data = body + s.record.bytes();
  auto const add = [&](std::uint32_t bit, std::uint64_t bytes) {
    out.add({.layouts = bit,
             .security_at = body,
             .security = s.record,
             .data_at = data,
             .data_bytes = bytes,
             .end = data + align8(bytes),
             .unpacked = m.packed() ? std::optional<std::uint64_t>{m.size} : std::nullopt});
  };
  if (repeated && s.record.failed == 0) { add(layout::no_data, 0); }
  if (m.packed() && !ahead.shape.has_stored_size()) {
    if (auto const stored = ahead.packed_length(data, m.size)) { add(layout::documented, *stored); }
  } else if (m.packed()) {
    add(layout::documented, m.dsize);
  } else if (m.pad != 0) {
    add(layout::low_size, m.size);
    add(layout::high_dsize, m.dsize + high * m.pad);
    add(layout::high_size, m.size + high * m.pad);
  } else if (m.size == m.dsize) {
    add(layout::documented, m.size);
  } else {
    // Of two lengths that end at one place the stored one is that of the content.
    if (align8(m.size) != align8(m.dsize)) { add(layout::by_size, m.size); }
    add(layout::by_dsize, m.dsize);
  }
}

void enumerate_special(lookahead& ahead, candidates& out, member_head const& m, std::uint64_t body) {
  out.add({.layouts = layout::bare, .data_at = body, .end = body});
  auto const s = ahead.security_at(body, m.mode);
  out.cut = out.cut || s.state == judged::cut;
  if (s.state != judged::valid) { return; }
  auto const end = body + s.record.bytes();
  out.add({.layouts = layout::documented, .security_at = body, .security = s.record, .data_at = end, .end = end});
}

void enumerate_relative(lookahead& ahead, candidates& out, member_head const& m, entry_kind kind, std::uint64_t body) {
  auto const add = [&](std::uint32_t bit, std::uint64_t bytes) {
    out.add({.layouts = bit, .data_at = body, .data_bytes = bytes, .end = body + align8(bytes)});
  };
  switch (kind) {
    case entry_kind::file:
      if (!m.packed()) { add(layout::by_size, m.size); }
      add(layout::by_dsize, m.dsize);
      return;
    case entry_kind::symlink:
      add_bare_target(ahead, out, layout::target, body, m.size);
      add_bare_target(ahead, out, layout::stored_target, body, m.dsize);
      return;
    case entry_kind::directory:
      add(layout::nothing, 0);
      add(layout::by_size, m.size);
      return;
    case entry_kind::char_device:
    case entry_kind::block_device:
    case entry_kind::fifo:
    case entry_kind::socket: add(layout::nothing, 0); return;
  }
}

[[nodiscard]] candidates enumerate_plain(lookahead& ahead, member_head const& m, std::uint64_t at,
                                         circumstances const& c);

// How many bytes the blocks at `at` may take that say their lengths; 0 where the plan has none.
std::vector<std::uint64_t> said_lengths(lookahead& ahead, std::optional<length_field> const& field, unsigned most,
                                        std::optional<length_field> const& last, std::uint64_t at) {
  if (!field) { return {0}; }
  auto const longest = ahead.bounds().opaque_gap_bytes;
  auto const one = [&](length_field const& f, std::uint64_t done) -> std::optional<std::uint64_t> {
    auto const bytes = f.of(ahead.read(at + done, length_field::head_bytes));
    return bytes && *bytes != 0 && *bytes <= longest - done ? std::optional{done + *bytes} : std::nullopt;
  };
  std::vector<std::uint64_t> out;
  std::uint64_t done = 0;
  for (unsigned n = 0; n < most; ++n) {
    auto const next = one(*field, done);
    if (!next) { break; }
    done = *next;
    auto const end = last ? one(*last, done) : next;
    if (end) { out.push_back(*end); }
  }
  return out;
}
std::vector<std::uint64_t> said_before(lookahead& ahead, block_plan const& p, std::uint64_t at) {
  return said_lengths(ahead, p.before, p.before_most, p.before_last, at);
}
std::vector<std::uint64_t> said_after(lookahead& ahead, block_plan const& p, std::uint64_t at) {
  return said_lengths(ahead, p.after, p.after_most, p.after_last, at);
}

// Packed members may prove a block of so many bytes, and the one at `at` be a shorter one that says its length, with
// something else after the content.
template <typename Field>
bool says_less(lookahead& ahead, std::uint64_t at, std::uint64_t bytes, Field field) {
  auto const head = ahead.read(at, length_field::head_bytes);
  return bytes != 0 && std::any_of(ahead.rules.plans.begin(), ahead.rules.plans.end(), [&](block_plan const& other) {
           auto const said = field(other) ? field(other)->of(head) : std::nullopt;
           return said && *said != 0 && *said < bytes;
         });
}

// So may one that fewer members have than make a rule: a length of a block shorter than these `bytes` stands there, in a
// word that contents hardly begin with.
bool begins_with_length(lookahead& ahead, std::uint64_t at, std::uint64_t bytes) {
  auto const head = ahead.read(at, length_field::head_bytes);
  for (std::uint8_t const place : {std::uint8_t{0}, std::uint8_t{4}}) {
    for (std::uint8_t const unit : {std::uint8_t{1}, std::uint8_t{8}}) {
      for (bool const big_endian : {false, true}) {
        auto const said = length_field{.at = place, .unit = unit, .big_endian = big_endian}.of(head);
        if (said && *said != 0 && *said < bytes) { return true; }
      }
    }
  }
  return false;
}

bool begins_with_known_block(lookahead& ahead, std::uint64_t at, std::uint64_t bytes) {
  return says_less(ahead, at, bytes, [](auto const& p) { return p.before; });
}

}  // namespace

bool may_begin_with_block(lookahead& ahead, std::uint64_t at, std::uint64_t bytes) {
  return begins_with_known_block(ahead, at, bytes) || begins_with_length(ahead, at, bytes);
}

namespace {

// Nor is a block in front of the content where a record that no walk passes stands after the content without it.
bool blocks_may_be_others(lookahead& ahead, candidate const& c, block_plan const& plan) {
  if (!plan.before && c.before != 0 &&
      (ahead.foreign_record_at(c.end - c.after - c.before) ||
       begins_with_known_block(ahead, c.data_at - c.before, c.before))) {
    return true;
  }
  // What stands after the content without saying its length may be partly before it: a block that is known, or, as long as
  // nothing explains the lengths of others, one that fewer members have than make a rule.
  if (!plan.after && !plan.before && c.before == 0 &&
      (begins_with_known_block(ahead, c.data_at, c.after) ||
       (ahead.rules.blind_any && begins_with_length(ahead, c.data_at, c.after)))) {
    return true;
  }
  return !plan.after && says_less(ahead, c.end - c.after, c.after, [](auto const& p) { return p.after; });
}

// The same layout with the blocks of `plan` before and after the content.
void expand(lookahead& ahead, candidates& out, candidate c, std::size_t number) {
  auto const& plan = ahead.rules.plans[number];
  c.plan = number;
  if (c.state == judged::cut || (plan.bare_only && c.data_bytes != 0)) { return; }
  c.planned = true;
  auto const symlink = (c.layouts & layout::all_symlinks) != 0;
  auto const content_last = (c.layouts & (layout::target_security | layout::string_security)) == 0;
  for (auto const before : said_before(ahead, plan, c.data_at)) {
    auto moved = c;
    moved.before = before + plan.fixed_before;
    // expand_symlink() looks for the text of a target after a block.
    if (moved.before != 0 && (symlink || !content_last)) { return; }
    moved.data_at += moved.before;
    moved.end += moved.before;
    for (auto const after : said_after(ahead, plan, moved.end + plan.fixed_after_content)) {
      auto one = moved;
      one.after = plan.fixed_after_content + after + plan.fixed_after;
      one.end += one.after;
      one.start_open = one.data_bytes != 0 && (plan.open || blocks_may_be_others(ahead, one, plan));
      out.add(one);
    }
  }
}

// A block before the target: after the header, or after the security record.
void expand_symlink(lookahead& ahead, candidates& out, member_head const& m, std::uint64_t body, std::size_t number,
                    circumstances const& where) {
  auto const& plan = ahead.rules.plans[number];
  if (plan.bare_only) { return; }
  auto const shifted = [&](std::uint64_t start, std::uint32_t bit, std::optional<security_record> const& s) {
    if ((bit & where.symlinks) == 0) { return; }
    for (auto const said : said_before(ahead, plan, start)) {
      auto const before = said + plan.fixed_before + (plan.open ? plan.fixed_after : 0);
      if (before == 0) { continue; }
      candidate c{.layouts = bit, .data_at = start + before, .data_bytes = m.size, .before = before};
      c.planned = true;
      c.plan = number;
      c.start_open = plan.open;
      if (s) {
        c.security_at = body;
        c.security = *s;
      }
      if (test_target(ahead, c.data_at, m.size) != text_test::good) { continue; }
      c.end = c.data_at + align8(m.size);
      for (auto const after : said_after(ahead, plan, c.end + plan.fixed_after_content)) {
        auto one = c;
        one.after = plan.fixed_after_content + after + (plan.open ? 0 : plan.fixed_after);
        one.end += one.after;
        out.add(one);
      }
    }
  };
  shifted(body, layout::target, std::nullopt);
  auto const s = ahead.security_at(body, m.mode);
  if (s.state == judged::valid && s.record.failed == 0) {
    shifted(body + s.record.bytes(), layout::security_target, s.record);
  }
}

}  // namespace

std::string layout_text(std::uint32_t layouts) {
  switch (layouts & (~layouts + 1)) {
    case layout::documented: return "security record, then the data";
    case layout::target: return "target of `size` bytes, no security record";
    case layout::security_target: return "security record, then the target of `size` bytes";
    case layout::target_security: return "target of `size` bytes, then a security record";
    case layout::string_security: return "target ended by NUL, then a security record";
    case layout::stored_target: return "target of `dsize` bytes, no security record";
    case layout::string: return "target ended by NUL, no security record";
    case layout::no_data: return "security record, no data";
    case layout::bare: return "header only";
    case layout::low_size: return "`size` alone counts";
    case layout::high_dsize: return "`pad` is the high half of `dsize`";
    case layout::high_size: return "`pad` is the high half of `size`";
    case layout::more_size: return "`size` holds the low 32 bits, the high ones are not recorded";
    case layout::by_size: return "data of `size` bytes";
    case layout::by_dsize: return "data of `dsize` bytes";
    default: return "no data";
  }
}

void candidates::add(candidate const& c) {
  for (auto& have : list) {
    if (have.start_open == c.start_open && have.end == c.end && have.data_at == c.data_at &&
        have.data_bytes == c.data_bytes && have.security_at == c.security_at) {
      have.layouts |= c.layouts;
      return;
    }
  }
  list.push_back(c);
}

std::optional<std::uint64_t> after_unknown_record(lookahead& ahead, std::uint64_t at) {
  auto const p = byte_cursor{ahead.read(at, sizeof(end_record))}.take<record_prefix>();
  auto const body = at + std::uint64_t{p.length} * 8;
  return ahead.find_record(body, body + ahead.bounds().opaque_gap_bytes);
}

candidates enumerate(lookahead& ahead, member_head const& m, std::uint64_t at, circumstances const& c) {
  auto out = enumerate_plain(ahead, m, at, c);
  if (ahead.rules.plans.empty() || m.form != family::name_x) { return out; }
  // A security record that checks itself is one, and no block after the header.
  auto const proven = std::any_of(out.list.begin(), out.list.end(), [](candidate const& one) {
    return one.security_at && one.security.failed == 0 && one.security.has_pcl;
  });
  if (proven) {
    out.list.erase(std::remove_if(out.list.begin(), out.list.end(),
                                  [](candidate const& one) { return one.layouts == layout::bare; }),
                   out.list.end());
  }
  auto const base = out.list;
  auto const kind = kind_of(m.mode);
  for (std::size_t i = 0; i < ahead.rules.plans.size(); ++i) {
    for (auto const& one : base) { expand(ahead, out, one, i); }
    if (kind == entry_kind::symlink) { expand_symlink(ahead, out, m, at + m.header_bytes, i, c); }
  }
  return out;
}

namespace {

candidates enumerate_plain(lookahead& ahead, member_head const& m, std::uint64_t at, circumstances const& c) {
  candidates out;
  auto const body = at + m.header_bytes;
  auto const kind = kind_of(m.mode);
  if (!kind) {
    // Only to step over it.
    enumerate_special(ahead, out, m, body);
    enumerate_file(ahead, out, m, body, false);
    return out;
  }
  if (m.form != family::name_x) {
    enumerate_relative(ahead, out, m, *kind, body);
    return out;
  }
  switch (*kind) {
    case entry_kind::file: enumerate_file(ahead, out, m, body, c.repeated); break;
    case entry_kind::symlink: {
      enumerate_symlink(ahead, out, m, body);
      // Rule 6: one layout for all; another one is looked at only where that one does not fit.
      auto const fits = [&](candidate const& x) { return (x.layouts & c.symlinks) != 0; };
      if (std::any_of(out.list.begin(), out.list.end(), fits)) {
        out.list.erase(std::remove_if(out.list.begin(), out.list.end(), [&](candidate const& x) { return !fits(x); }),
                       out.list.end());
      }
      break;
    }
    case entry_kind::directory: {
      auto const s = ahead.security_at(body, m.mode);
      out.cut = s.state == judged::cut;
      out.too_long = s.state == judged::invalid;
      auto const end = body + s.record.bytes();
      if (s.state == judged::valid) {
        out.add({.layouts = layout::documented, .security_at = body, .security = s.record, .data_at = end, .end = end});
      }
      break;
    }
    case entry_kind::char_device:
    case entry_kind::block_device:
    case entry_kind::fifo:
    case entry_kind::socket: enumerate_special(ahead, out, m, body); break;
  }
  return out;
}

}  // namespace

candidates enumerate_large(lookahead& ahead, member_head const& m, std::uint64_t at) {
  candidates out;
  auto const body = at + m.header_bytes;
  auto const input = ahead.source().size();
  auto const s = ahead.security_at(body, m.mode);
  if ((!input && !ahead.source().seekable()) || s.state != judged::valid) { return out; }
  for (std::uint64_t k = 1; k <= most_high_size; ++k) {
    candidate c{.layouts = layout::more_size,
                .security_at = body,
                .security = s.record,
                .data_at = body + s.record.bytes(),
                .data_bytes = m.size + k * high};
    c.end = c.data_at + align8(c.data_bytes);
    if (input) {
      if (c.end >= *input) { break; }
    } else {
      c.state = ahead.header_at(c.end).state;
      if (c.state == judged::cut) { break; }
      if (c.state == judged::invalid) { continue; }
    }
    out.add(c);
  }
  return out;
}

}  // namespace sysb::backup_by_name
