// SPDX-License-Identifier: Apache-2.0
#include "formats/backup_by_name/decode.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/cursor.hpp"
#include "base/text.hpp"

namespace sysb::backup_by_name {
namespace {

constexpr std::uint16_t term(unsigned b) noexcept { return static_cast<std::uint16_t>(b << (b & 7)); }
static_assert(term(0x6b) == 0x6b << 3 && term(0xff) == 0xff << 7 && term(0x20) == 0x20);

std::uint16_t plain_sum(std::span<std::byte const> bytes) noexcept {
  static constexpr auto table = [] {
    std::array<std::uint32_t, 256> t{};
    for (unsigned b = 0; b < 256; ++b) { t[b] = term(b); }
    return t;
  }();
  // Eight bytes a load, two sums that do not wait for each other: 3 GB/s, of headers of 100 bytes.
  unsigned even = 0;
  unsigned odd = 0;
  std::size_t i = 0;
  for (; i + 8 <= bytes.size(); i += 8) {
    std::uint64_t w = 0;
    std::memcpy(&w, bytes.data() + i, 8);
    even += table[w & 0xff] + table[w >> 8 & 0xff] + table[w >> 16 & 0xff] + table[w >> 24 & 0xff];
    odd += table[w >> 32 & 0xff] + table[w >> 40 & 0xff] + table[w >> 48 & 0xff] + table[w >> 56];
  }
  for (; i < bytes.size(); ++i) { even += table[std::to_integer<std::uint8_t>(bytes[i])]; }
  return static_cast<std::uint16_t>(even + odd);
}

void take_name(member_head& m, std::span<std::byte const> header, std::size_t fixed) noexcept {
  auto const area = header.subspan(std::min(fixed, header.size()));
  auto const text = as_text(area);
  auto const nul = text.find('\0');
  m.name = text.substr(0, nul);
  m.name_fits = nul != std::string_view::npos && header.size() == align8(fixed + m.name.size() + 1);
}

// The fields that the records of all families have, by the same names.
template <typename Record>
void take_common(member_head& m, Record const& r) noexcept {
  m.magic = r.prefix.magic;
  m.nlink = r.nlink;
  m.ino = r.ino;
  m.mode = r.mode;
  m.uid = r.uid;
  m.gid = r.gid;
  m.size = r.size;
  m.atime = r.atime;
  m.mtime = r.mtime;
  m.ctime = r.ctime;
}

}  // namespace

std::uint16_t header_checksum(std::span<std::byte const> header) noexcept {
  if (header.size() < 6) { return 0; }
  auto const field = plain_sum(header.subspan(4, 2));
  return static_cast<std::uint16_t>(plain_sum(header) - field);
}

std::uint8_t member_type(family f) noexcept {
  switch (f) {
    case family::name_x: return record_type::name_x;
    case family::rt: return record_type::name_rt;
    case family::ps2: return record_type::name_ps2;
  }
  return record_type::name_x;
}

bool known_magic(std::uint16_t magic) noexcept {
  return magic >= record_magic::plain && magic <= record_magic::last_unknown;
}

bool plausible(record_prefix const& p, header_shape const& f) noexcept {
  if (!f.knows(p.magic)) { return false; }
  if (p.type == record_type::end) { return p.length == 1; }
  return p.type == member_type(f.form) && std::size_t{p.length} * 8 > f.fixed;
}

namespace {

struct header_marks {
  bool length = false, type = false, magic = false, name = false;
};

header_marks marks_of(std::span<std::byte const> at, header_shape const& f) noexcept {
  header_marks marks;
  byte_cursor c{at};
  auto const p = c.take<record_prefix>();
  if (!c.ok()) { return marks; }
  auto const fixed = std::size_t{f.fixed};
  auto const bytes = std::size_t{p.length} * 8;
  marks.length = bytes > fixed;
  marks.type = p.type == record_type::end || p.type == member_type(f.form);
  marks.magic = f.knows(p.magic);
  if (marks.length && bytes <= at.size()) {
    member_head m;
    take_name(m, at.first(bytes), fixed);
    marks.name = m.name_fits && !m.name.empty();
  }
  return marks;
}

}  // namespace

bool looks_like_header(std::span<std::byte const> at, header_shape const& f) noexcept {
  auto const m = marks_of(at, f);
  return int{m.length} + int{m.type} + int{m.magic} + int{m.name} >= 2;
}

bool still_a_header(std::span<std::byte const> at, header_shape const& f) noexcept {
  auto const m = marks_of(at, f);
  return (m.type && m.magic) || (m.name && (m.type || m.magic));
}

bool only_a_prefix(std::span<std::byte const> at, header_shape const& f) noexcept {
  constexpr std::uint32_t known_bits = 0x0287ffff;  // facts 10, Q10
  auto const p = byte_cursor{at}.take<record_prefix>();
  if (!plausible(p, f) || p.type == record_type::end || f.form != family::name_x || marks_of(at, f).name) {
    return false;
  }
  if (at.size() < sizeof(name_x_record)) { return false; }
  auto const mode = std::uint32_t{byte_cursor{at}.take<name_x_record>().mode};
  auto const filled = mode == (mode & 0xff) * 0x01010101u;
  return !filled && (!kind_of(mode) || (mode & ~known_bits) != 0);
}

member_head decode_member(std::span<std::byte const> header, header_shape const& f) noexcept {
  member_head m;
  m.form = f.form;
  m.header_bytes = header.size();
  byte_cursor c{header};
  switch (f.form) {
    case family::name_x: {
      auto const whole = f.fixed >= sizeof(name_x_record);
      std::array<std::byte, sizeof(name_x_record)> padded{};
      if (!whole) { std::copy_n(header.begin(), std::min<std::size_t>(f.fixed, header.size()), padded.begin()); }
      auto r = whole ? c.take<name_x_record>() : byte_cursor{padded}.take<name_x_record>();
      if (!f.has_stored_size()) { r.dsize = r.size; }
      take_common(m, r);
      m.dev = {r.devmaj, r.devmin};
      m.rdev = {r.rdevmaj, r.rdevmin};
      m.dsize = r.dsize;
      m.pad = r.pad;
      break;
    }
    case family::rt: {
      auto const r = c.take<name_rt_record>();
      take_common(m, r);
      m.dev = {0, r.dev};
      m.dsize = r.dsize;
      break;
    }
    case family::ps2: {
      auto const r = c.take<name_ps2_record>();
      take_common(m, r);
      m.dsize = r.size;  // where the stored size stands is not known
      break;
    }
  }
  m.is_packed = f.packed(m.magic) && !(m.size == m.dsize && f.packed_by_sizes(m.magic));
  take_name(m, header, f.fixed);
  return m;
}

bool whole_member_header(std::span<std::byte const> header, header_shape const& f) noexcept {
  auto const p = byte_cursor{header}.take<record_prefix>();
  if (p.type != member_type(f.form) || std::size_t{p.length} * 8 != header.size() || header.size() <= f.fixed ||
      header_checksum(header) != p.checksum) {
    return false;
  }
  auto const m = decode_member(header, f);
  return m.name_fits && !m.name.empty() && kind_of(m.mode);
}

std::optional<entry_kind> kind_of(std::uint32_t mode) noexcept {
  switch (mode & 0170000u) {
    case 0100000: return entry_kind::file;
    case 0040000: return entry_kind::directory;
    case 0120000: return entry_kind::symlink;
    case 0020000: return entry_kind::char_device;
    case 0060000: return entry_kind::block_device;
    case 0010000: return entry_kind::fifo;
    case 0140000: return entry_kind::socket;
    default: return std::nullopt;
  }
}

std::uint64_t word_of(std::span<std::byte const> bytes, bool big_endian) noexcept {
  std::uint64_t v = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    v = v << 8 | std::to_integer<std::uint64_t>(bytes[big_endian ? i : bytes.size() - 1 - i]);
  }
  return v;
}

bool is_access_list(std::span<std::byte const> at, std::uint32_t mode) noexcept {
  constexpr std::uint32_t longest = 4096;
  byte_cursor c{at};
  auto const a = c.take<acl_record>();
  return c.ok() && a.acl_len >= sizeof(acl_record) && a.acl_len <= longest && a.u_access == (mode >> 6 & 7) &&
         a.g_access == (mode >> 3 & 7) && a.o_access == (mode & 7);
}

bool is_privilege_list(std::span<std::byte const> at, std::uint32_t mode) noexcept {
  byte_cursor c{at};
  auto const p = c.take<pcl_record>();
  return c.ok() && p.pcl_len == sizeof(pcl_record) && p.pcl_mode == mode &&
         std::all_of(std::begin(p.privileges), std::end(p.privileges), [](auto b) { return b == 0; });
}

security_record security_lengths(std::span<std::byte const> head, security_rule const& rule,
                                 std::uint64_t between) noexcept {
  // More is beyond every limit, and would overflow below.
  constexpr std::uint64_t most_length = std::uint64_t{1} << 40;
  security_record s;
  byte_cursor c{head};
  auto const filled = [&](std::uint64_t v) { return (v + rule.align - 1) / rule.align * rule.align; };
  std::array<std::uint64_t, security_rule::most_words> sizes{};
  for (unsigned i = 0; i < rule.words; ++i) {
    sizes[i] = std::min(word_of(c.bytes(rule.width), rule.big_endian), most_length) * rule.unit;
  }
  s.acl_at = rule.head;
  s.acl_bytes = sizes[rule.acl_word];
  auto at = filled(s.acl_at + s.acl_bytes) + between;
  if (rule.pcl == security_rule::privileges::counted) {
    // The list gives its own end; the rest is checked against it.
    s.pcl_bytes = std::min<std::uint64_t>(s.acl_bytes, sizeof(pcl_record));
    s.acl_bytes -= s.pcl_bytes;
    s.pcl_at = at - s.pcl_bytes;
  } else if (rule.pcl == security_rule::privileges::fixed) {
    s.pcl_at = at;
    s.pcl_bytes = sizeof(pcl_record);
    at += s.pcl_bytes;
  }
  auto const privileges = [&] {
    s.pcl_at = at;
    s.pcl_bytes = sizes[rule.pcl_word];
    at = filled(at + s.pcl_bytes);
  };
  auto const by_word = rule.pcl == security_rule::privileges::by_word;
  if (by_word && rule.lists_first) { privileges(); }
  for (unsigned i = 0; i < rule.words; ++i) {
    if (i == rule.acl_word) { continue; }
    if (by_word && i == rule.pcl_word) {
      if (!rule.lists_first) { privileges(); }
    } else if ((rule.further >> i & 1u) != 0) {
      at = filled(at + sizes[i]);
    }
  }
  s.has_pcl = rule.pcl != security_rule::privileges::absent;
  if (!s.has_pcl) { s.pcl_at = at; }
  s.total = align8(at);
  return s;
}

void security_record::move_by(std::uint64_t bytes) noexcept {
  acl_at += bytes;
  pcl_at += bytes;
  total = align8(total + bytes);
}

void check_security(security_record& s, std::span<std::byte const> at, std::uint32_t mode) noexcept {
  auto const part = [&](std::uint64_t from, std::uint64_t n) {
    return from <= at.size() && at.size() - from >= n
               ? at.subspan(static_cast<std::size_t>(from), static_cast<std::size_t>(n))
               : std::span<std::byte const>{};
  };
  auto const acl = part(s.acl_at, s.acl_bytes);
  auto const pcl = part(s.pcl_at, s.pcl_bytes);
  s.failed = 0;
  if (acl.size() >= 4) {
    s.acl_len = byte_cursor{acl}.take<le32>();
    if (s.acl_len > acl.size() || acl.size() - s.acl_len > 7) { s.failed |= security_check::acl_length; }
  } else {
    s.failed |= security_check::acl_length;
  }
  if (!s.has_pcl) { return; }
  byte_cursor p{pcl};
  auto const head = p.take<pcl_record>();
  if (pcl.size() != sizeof(pcl_record) || head.pcl_len != sizeof(pcl_record)) {
    s.failed |= security_check::pcl_length;
  }
  if (!p.ok() || head.pcl_mode != mode) { s.failed |= security_check::pcl_mode; }
}

}  // namespace sysb::backup_by_name
