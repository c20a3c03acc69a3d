// SPDX-License-Identifier: Apache-2.0
#include "formats/backup_by_name/lookahead.hpp"

#include <algorithm>
#include <cstring>

#include "base/cursor.hpp"
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
  if (!plausible(h.prefix, form) || offset % 8 != phase) { return h; }
  auto const length = std::size_t{h.prefix.length} * 8;
  if (bytes.size() < length) { bytes = read(offset, length); }
  if (bytes.size() < length) {
    h.state = judged::cut;
    return h;
  }
  bytes = bytes.first(length);
  if (header_checksum(bytes) != h.prefix.checksum) { return h; }
  h.state = judged::valid;
  h.bytes = bytes;
  return h;
}

bool lookahead::sound_record_at(std::uint64_t offset) {
  auto const bytes = read(offset, max_header_bytes);
  byte_cursor c{bytes};
  auto const p = c.take<record_prefix>();
  auto const length = std::size_t{p.length} * 8;
  return c.ok() && length != 0 && length <= bytes.size() && known_magic(p.magic) &&
         header_checksum(bytes.first(length)) == p.checksum;
}

bool lookahead::plausible_at(std::uint64_t offset) {
  byte_cursor c{read(offset, sizeof(end_record))};
  auto const p = c.take<record_prefix>();
  return c.ok() && plausible(p, form);
}

bool lookahead::resembles_header(std::uint64_t offset) {
  return looks_like_header(read(offset, max_header_bytes), form);
}

bool lookahead::damaged_header_at(std::uint64_t offset) { return still_a_header(read(offset, max_header_bytes), form); }

lookahead::security lookahead::security_at(std::uint64_t offset, std::uint32_t mode) {
  security out;
  auto bytes = read(offset, 64);
  byte_cursor c{bytes};
  auto const prefix = c.take<security_prefix>();
  if (!c.ok()) {
    out.state = judged::cut;
    return out;
  }
  out.record = security_lengths(prefix);
  if (out.record.acl_bytes + out.record.pcl_bytes > limits_->security_bytes) { return out; }
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
      if (!plausible(p, form)) { continue; }
      if (header_at(at + i).state == judged::valid) { return at + i; }
      return std::nullopt;  // a damaged header; what follows it belongs to a member
    }
    if (got < block.size()) { return std::nullopt; }
  }
  return std::nullopt;
}

bool lookahead::unpacks(std::uint64_t start, std::uint64_t stored, std::uint64_t plain) {
  auto const decoder = packed::make_decoder();
  decoder->reset(stored, plain);
  std::vector<std::byte> in(piece);
  std::vector<std::byte> out(piece);
  std::uint64_t fed = 0;
  std::span<std::byte const> rest;
  for (;;) {
    std::span<std::byte> room{out};
    switch (decoder->decode(rest, room)) {
      case content_decoder::status::need_input: {
        if (fed == stored || !rest.empty()) { return false; }
        auto const want = static_cast<std::size_t>(std::min<std::uint64_t>(piece, stored - fed));
        auto const got = source_->probe(start + fed, std::span{in}.first(want));
        if (got != want) { return false; }
        fed += got;
        rest = std::span{in}.first(got);
        break;
      }
      case content_decoder::status::need_output: break;
      case content_decoder::status::done: return fed == stored && rest.empty();
      case content_decoder::status::failed: return false;
    }
  }
}

}  // namespace sysb::backup_by_name
