// SPDX-License-Identifier: Apache-2.0
#include "formats/backup_by_name/lookahead.hpp"

#include <algorithm>
#include <cstring>

#include "base/cursor.hpp"
#include "base/digest.hpp"
#include "formats/packed/packed.hpp"

namespace sysb::backup_by_name {
namespace {

// Near enough that the bytes are in the window, or will be wanted in it next.
constexpr std::uint64_t near_bytes = 4096;
constexpr std::size_t usual_header = 192;
constexpr std::size_t piece = 64u << 10;

}  // namespace

std::span<std::byte const> lookahead::read(std::uint64_t offset, std::size_t n) {
  auto const ahead = offset - source_->position();
  if (ahead + n <= near_bytes) {
    auto const seen = source_->peek(static_cast<std::size_t>(ahead) + n);
    if (seen.size() <= ahead) { return {}; }
    auto const rest = seen.subspan(static_cast<std::size_t>(ahead));
    return rest.first(std::min(n, rest.size()));
  }
  if (buffer_.size() < n) { buffer_.resize(n); }
  auto const got = source_->probe(offset, std::span{buffer_}.first(n));
  return std::span{buffer_}.first(got);
}

bool lookahead::input_ends_before(std::uint64_t offset, std::size_t n) {
  if (auto const size = source_->size()) { return offset > *size || *size - offset < n; }
  return read(offset + n - 1, 1).empty();
}

lookahead::header lookahead::header_at(std::uint64_t offset) {
  header h;
  auto bytes = read(offset, usual_header);
  byte_cursor c{bytes};
  h.prefix = c.take<record_prefix>();
  if (bytes.size() < sizeof(end_record)) {
    h.state = judged::cut;
    return h;
  }
  if (offset % 8 != phase) { return h; }
  auto const length = std::size_t{h.prefix.length} * 8;
  auto const by_magic = plausible(h.prefix, shape);
  // A magic that nobody knows yet: everything else must be right.
  if (!by_magic && (h.prefix.type != member_type(shape.form) || shape.knows(h.prefix.magic) || length <= shape.fixed)) {
    return h;
  }
  if (bytes.size() < length) { bytes = read(offset, length); }
  if (bytes.size() < length) {
    h.state = judged::cut;
    return h;
  }
  bytes = bytes.first(length);
  if (by_magic ? header_checksum(bytes) != h.prefix.checksum : !whole_member_header(bytes, shape)) { return h; }
  h.state = judged::valid;
  h.bytes = bytes;
  valid_at_ = offset;
  valid_bytes_ = length;
  return h;
}

bool lookahead::sound_record_at(std::uint64_t offset) {
  auto const bytes = read(offset, max_header_bytes);
  byte_cursor c{bytes};
  auto const p = c.take<record_prefix>();
  auto const length = std::size_t{p.length} * 8;
  auto const known = may_be_stepped_over(p.type) ? shape.marks_record(p.magic) : shape.knows(p.magic);
  return c.ok() && length != 0 && length <= bytes.size() && known && header_checksum(bytes.first(length)) == p.checksum;
}

bool lookahead::plausible_at(std::uint64_t offset) {
  byte_cursor c{read(offset, sizeof(end_record))};
  auto const p = c.take<record_prefix>();
  return c.ok() && plausible(p, shape);
}

bool lookahead::resembles_header(std::uint64_t offset) {
  return looks_like_header(read(offset, max_header_bytes), shape);
}

bool lookahead::damaged_header_at(std::uint64_t offset) {
  return still_a_header(read(offset, max_header_bytes), shape);
}

judged lookahead::successor_at(std::uint64_t offset, learning how) {
  auto const state = header_at(offset).state;
  if (state != judged::invalid || shape.form != family::name_x || offset % 8 != phase) { return state; }
  auto const p = byte_cursor{read(offset, sizeof(end_record))}.take<record_prefix>();
  if (!may_be_stepped_over(p.type)) { return state; }
  return sound_record_at(offset) || (how == learning::yes && learn_record_at(offset, p)) ? judged::valid : state;
}

// A record of unknown type with a magic that nobody knows is one where its checksum is right and its length leads to
// a header, or two more of its kind follow. Zeros are no magic: they stand in every header, and of many that are alike some
// have a checksum there by chance.
bool lookahead::learn_record_at(std::uint64_t offset, record_prefix const& p) {
  constexpr std::uint64_t reach = 16u << 20;
  constexpr unsigned more_of_its_kind = 2;
  auto const length = std::size_t{p.length} * 8;
  if (length == 0 || p.magic == 0 || shape.marks_record(p.magic)) { return false; }
  auto const sound = [&](std::span<std::byte const> bytes) {
    auto const here = byte_cursor{bytes}.take<record_prefix>();
    auto const n = std::size_t{here.length} * 8;
    return here.type == p.type && here.magic == p.magic && n != 0 && n <= bytes.size() &&
           header_checksum(bytes.first(n)) == here.checksum;
  };
  if (!sound(read(offset, max_header_bytes))) { return false; }
  auto found = header_at(offset + length).state == judged::valid ? more_of_its_kind : 0u;
  std::vector<std::byte> block(piece + max_header_bytes);
  auto const last = offset + length + (source_->cheap_seek() ? reach : limits_->window_bytes / 2);
  for (auto at = offset + length; at <= last && found < more_of_its_kind; at += piece) {
    auto const got = source_->probe(at, block);
    auto const seen = std::span<std::byte const>{block}.first(got);
    for (std::size_t i = 0; i + sizeof(end_record) <= std::min(got, piece); i += 8) {
      found += sound(seen.subspan(i)) ? 1u : 0u;
    }
    if (got < block.size()) { break; }
  }
  if (found < more_of_its_kind) { return false; }
  shape.learn_record(p.magic);
  return shape.marks_record(p.magic);
}

// The writer's buffer is written whole: after the end stands what stood there one buffer before. Nothing where
// the bytes before are gone.
std::optional<bool> lookahead::stale_copy(std::uint64_t at) {
  constexpr std::uint64_t largest_buffer = 1u << 20;
  constexpr std::uint64_t block = 512;
  auto const h = header_at(at);
  std::vector<std::byte> const wanted{h.bytes.begin(), h.bytes.end()};
  if (passed_.count(table_hash(wanted, 0)) != 0) { return true; }
  auto const position = source_->position();
  auto from = at > largest_buffer ? at - largest_buffer : at % block;
  auto const gone = from < position && !source_->cheap_seek();
  if (gone) { from = position; }
  std::vector<std::byte> before(static_cast<std::size_t>(at - from));
  if (from < position) { source_->seek(from); }
  auto const got = source_->probe(from, before);
  if (from < position) { source_->seek(position); }
  for (std::size_t i = (at - from) % block; i + wanted.size() <= got; i += block) {
    if (std::memcmp(before.data() + i, wanted.data(), wanted.size()) == 0) { return true; }
  }
  return gone ? std::nullopt : std::optional{false};
}

void lookahead::passed(std::span<std::byte const> record) {
  constexpr std::size_t most_passed = 65'536;
  if (passed_.size() == most_passed) { passed_.clear(); }
  passed_.insert(table_hash(record, 0));
}

bool lookahead::holds_record(std::uint64_t from, std::uint64_t to) {
  auto const found = to - from >= shape.fixed ? find_record(from, to - shape.fixed) : std::nullopt;
  return found && header_at(*found).state == judged::valid;
}

bool lookahead::ends_too_early(std::uint64_t offset) {
  auto const after = offset + sizeof(end_record);
  auto const h = header_at(after);
  return h.state == judged::valid && h.prefix.type != record_type::end && stale_copy(after) == false;
}

bool lookahead::ends_inside(std::uint64_t offset) {
  if (ends_too_early(offset)) { return true; }
  constexpr std::uint64_t reach = 1u << 20;
  constexpr unsigned most_copies = 64;
  auto at = offset + sizeof(end_record);
  auto const last = at + reach;
  std::vector<std::byte> block(piece + max_header_bytes);
  unsigned copies = 0;
  for (; at <= last; at += piece) {
    auto const got = source_->probe(at, block);
    for (std::size_t i = 0; i + sizeof(record_prefix) <= std::min(got, piece); i += 8) {
      auto const p = byte_cursor{std::span<std::byte const>{block}.subspan(i)}.take<record_prefix>();
      if (p.type == record_type::volume && p.length * 8u == sizeof(volume_record) && sound_record_at(at + i)) {
        return false;  // another image
      }
      if (p.type != member_type(shape.form) || std::size_t{p.length} * 8 <= shape.fixed) { continue; }
      if (header_at(at + i).state != judged::valid) { continue; }
      auto const copy = stale_copy(at + i);
      if (!copy.value_or(false)) { return true; }
      if (++copies == most_copies) { return false; }
    }
    if (got < block.size()) { break; }
  }
  return false;
}

lookahead::security lookahead::security_at(std::uint64_t offset, std::uint32_t mode) {
  auto out = documented_security(offset, mode);  // the first rule is the documented one
  for (std::size_t i = 1; i < rules.security.size() && (out.state != judged::valid || out.record.failed != 0); ++i) {
    auto other = security_by(rules.security[i], offset, mode);
    other.record.rule = static_cast<std::uint8_t>(i);
    if (other.state == judged::valid && other.record.failed == 0) { return other; }
  }
  return out;
}

// How far after `from` the privilege list of a member with this mode shows itself.
std::optional<std::uint64_t> lookahead::find_privileges(std::uint64_t from, std::uint32_t mode) {
  constexpr std::size_t most_between = 4096;
  auto const bytes = read(from, most_between);
  for (std::size_t i = 0; i + sizeof(pcl_record) <= bytes.size(); i += 4) {
    if (is_privilege_list(bytes.subspan(i), mode)) { return i; }
  }
  return std::nullopt;
}

// Bytes before the head, so many that the lists stand where it says: the access list by its length and the permissions
// of the mode, the privilege list by its own marks.
std::optional<std::uint64_t> lookahead::find_head(security_rule const& rule, std::uint64_t offset, std::uint32_t mode) {
  auto const lists = find_privileges(offset, mode);
  if (!lists) { return std::nullopt; }
  auto const bytes = read(offset, static_cast<std::size_t>(*lists) + sizeof(pcl_record));
  for (std::size_t i = 0; i + rule.head <= *lists; i += 4) {
    auto const lengths = security_lengths(bytes.subspan(i, rule.word_bytes()), rule);
    auto const apart = rule.searched && i + lengths.pcl_at < *lists;
    if ((i + lengths.pcl_at != *lists && !apart) || lengths.acl_bytes < sizeof(acl_record)) { continue; }
    auto const list = bytes.subspan(i + static_cast<std::size_t>(lengths.acl_at));
    auto const length = byte_cursor{list}.take<le32>();
    if (is_access_list(list, mode) && length <= lengths.acl_bytes && lengths.acl_bytes - length < 8) {
      return holds_record(offset, offset + i) ? std::nullopt : std::optional<std::uint64_t>{i};
    }
  }
  return std::nullopt;
}

// What security_by() says of the documented rule: two words of 32 bits, in units of 8 bytes, and the two lists.
lookahead::security lookahead::documented_security(std::uint64_t offset, std::uint32_t mode) {
  security out;
  auto bytes = read(offset, 64);
  if (bytes.size() < sizeof(security_prefix)) {
    out.state = judged::cut;
    return out;
  }
  auto const head = byte_cursor{bytes}.take<security_prefix>();
  auto& s = out.record;
  s.acl_at = sizeof(security_prefix);
  s.acl_bytes = std::uint64_t{head.acl_dwords} * 8;
  s.pcl_at = s.acl_at + s.acl_bytes;
  s.pcl_bytes = std::uint64_t{head.pcl_dwords} * 8;
  s.has_pcl = true;
  s.total = s.pcl_at + s.pcl_bytes;
  if (s.bytes() > limits_->security_bytes + sizeof(security_prefix)) { return out; }
  auto const length = static_cast<std::size_t>(s.bytes());
  if (bytes.size() < length) { bytes = read(offset, length); }
  if (bytes.size() < length) {
    out.state = judged::cut;
    return out;
  }
  check_security(s, bytes, mode);
  out.state = judged::valid;
  return out;
}

lookahead::security lookahead::security_by(security_rule const& rule, std::uint64_t offset, std::uint32_t mode) {
  if (rule.any_preamble || rule.preamble != 0) {
    auto const before = rule.any_preamble ? find_head(rule, offset, mode) : std::optional<std::uint64_t>{rule.preamble};
    security out;
    if (before) {
      out = security_after(rule, offset + *before, mode);
      out.record.move_by(*before);
    }
    return out;
  }
  return security_after(rule, offset, mode);
}

lookahead::security lookahead::security_after(security_rule const& rule, std::uint64_t offset, std::uint32_t mode) {
  security out;
  auto const head = rule.word_bytes();
  auto bytes = read(offset, 64);
  if (bytes.size() < std::max(head, sizeof(security_prefix))) {
    out.state = judged::cut;
    return out;
  }
  out.record = security_lengths(bytes.first(head), rule);
  if (rule.searched && out.record.bytes() <= limits_->security_bytes) {
    auto const words = std::vector<std::byte>{bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(head)};
    auto const lists = find_privileges(offset + out.record.pcl_at, mode);
    if (!lists) { return out; }
    out.record = security_lengths(words, rule, *lists);
    bytes = read(offset, 64);
  }
  if (out.record.bytes() > limits_->security_bytes + rule.head) { return out; }
  auto const length = static_cast<std::size_t>(out.record.bytes());
  if (bytes.size() < length) { bytes = read(offset, length); }
  if (bytes.size() < length) {
    out.state = judged::cut;
    return out;
  }
  check_security(out.record, bytes, mode);
  out.state = judged::valid;
  return out;
}

std::optional<std::uint64_t> lookahead::find_header(std::uint64_t from) {
  std::vector<std::byte> block(piece + max_header_bytes);
  auto const last = from + limits_->opaque_gap_bytes;
  for (auto at = from; at <= last; at += piece) {
    auto const got = source_->probe(at, block);
    for (std::size_t i = 0; i + sizeof(end_record) <= std::min(got, piece); i += 8) {
      if (at + i > last) { return std::nullopt; }
      auto const p = byte_cursor{std::span{block}.subspan(i)}.take<record_prefix>();
      if (!plausible(p, shape)) { continue; }
      if (header_at(at + i).state == judged::valid) { return at + i; }
      if (only_a_prefix(std::span{block}.first(got).subspan(i), shape)) { continue; }
      return std::nullopt;  // a damaged header; what follows it belongs to a member
    }
    if (got < block.size()) { return std::nullopt; }
  }
  return std::nullopt;
}

std::optional<std::uint64_t> lookahead::find_record(std::uint64_t from, std::uint64_t to) {
  std::vector<std::byte> block(piece + max_header_bytes);
  for (auto at = from; at <= to; at += piece) {
    auto const got = source_->probe(at, std::span{block}.first(static_cast<std::size_t>(
                                            std::min<std::uint64_t>(block.size(), to - at + max_header_bytes))));
    for (std::size_t i = 0; i + sizeof(end_record) <= std::min(got, piece); i += 8) {
      if (at + i > to) { return std::nullopt; }
      auto const p = byte_cursor{std::span{block}.subspan(i)}.take<record_prefix>();
      auto const member = p.type == member_type(shape.form) && std::size_t{p.length} * 8 > shape.fixed;
      if (!member && !(shape.marks_record(p.magic) && p.length != 0 && p.type != record_type::volume)) { continue; }
      if (successor_at(at + i) == judged::valid) { return at + i; }
      // Damaged; what follows it belongs to a member.
      if (plausible(p, shape) && !only_a_prefix(std::span{block}.first(got).subspan(i), shape)) { return std::nullopt; }
    }
    if (got < piece + max_header_bytes) { return std::nullopt; }
  }
  return std::nullopt;
}

bool lookahead::unpacks(std::uint64_t start, std::uint64_t stored, std::uint64_t plain) {
  if (!may_become(stored, plain)) { return false; }
  auto const decoder = packed::make_decoder();
  decoder->reset(stored, plain);
  return run(*decoder, start, stored);
}

std::optional<std::uint64_t> lookahead::unpacked_size(std::uint64_t start, std::uint64_t stored) {
  auto const most = stored * 8;  // as may_become() has it
  auto const decoder = packed::make_decoder();
  decoder->reset(stored, most);
  return run(*decoder, start, stored) ? most : decoder->true_size();
}

std::optional<std::uint64_t> lookahead::packed_length(std::uint64_t start, std::uint64_t plain) {
  auto const known = packed_lengths_.find({start, plain});
  if (known != packed_lengths_.end()) { return known->second; }
  constexpr std::uint64_t most_per_byte = 3;  // no code is longer than 24 bits
  constexpr std::size_t most_remembered = 65'536;
  auto const most = plain * most_per_byte + piece;
  // This decoder takes no byte before it needs it.
  auto const decoder = packed::make_reference_decoder();
  decoder->reset(most, plain);
  auto const all = feed(*decoder, start, most);
  std::optional<std::uint64_t> found;
  // It fails where the end mark stands before the end of what it was given; whether that is right is seen here.
  if (all.end != content_decoder::status::need_input && unpacks(start, all.used, plain)) { found = all.used; }
  if (packed_lengths_.size() == most_remembered) { packed_lengths_.clear(); }
  packed_lengths_.emplace(std::pair{start, plain}, found);
  return found;
}

lookahead::fed lookahead::feed(content_decoder& decoder, std::uint64_t start, std::uint64_t most) {
  std::vector<std::byte> in(piece);
  std::vector<std::byte> out(piece);
  std::uint64_t probed = 0;
  std::span<std::byte const> rest;
  for (;;) {
    std::span<std::byte> room{out};
    auto const status = decoder.decode(rest, room);
    if (status == content_decoder::status::need_output) { continue; }
    auto got = std::size_t{0};
    if (status == content_decoder::status::need_input) {
      auto const want = static_cast<std::size_t>(std::min<std::uint64_t>(piece, most - probed));
      got = source_->probe(start + probed, std::span{in}.first(want));
    }
    if (got == 0) { return {status, probed - rest.size()}; }
    probed += got;
    rest = std::span{in}.first(got);
  }
}

bool lookahead::run(content_decoder& decoder, std::uint64_t start, std::uint64_t stored) {
  auto const all = feed(decoder, start, stored);
  return all.end == content_decoder::status::done && all.used == stored;
}

}  // namespace sysb::backup_by_name
