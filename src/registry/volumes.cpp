// SPDX-License-Identifier: Apache-2.0
// How by-name sets are cut is documented for their headers only: every volume begins with one. A
// file that was cut to fit a medium has none. The volumes themselves tell which it is.
#include "registry/volumes.hpp"

#include <algorithm>
#include <optional>

#include "base/cursor.hpp"
#include "base/text.hpp"
#include "core/fatal_error.hpp"
#include "formats/backup_by_name/backup_by_name.hpp"
#include "formats/backup_by_name/decode.hpp"
#include "formats/backup_by_name/layout.hpp"
#include "io/io.hpp"

namespace sysb::registry {

namespace {

using backup_by_name::volume_record;

// Only a header whose checksum is right counts: the bytes of a plain cut begin anyhow.
[[nodiscard]] std::optional<volume_record> header_of(byte_source& s) {
  constexpr unsigned with_checksum = 40;
  auto head = s.peek(sizeof(volume_record));
  if (head.size() < sizeof(volume_record)) { return std::nullopt; }
  head = head.first(sizeof(volume_record));
  if (backup_by_name::format().bid(head) < with_checksum) { return std::nullopt; }
  return byte_cursor{head}.take<volume_record>();
}

[[noreturn]] void refuse(volume const& v, std::string text) {
  throw fatal_error{fatal_error::kind::damaged, std::move(text), 0, v.name};
}

void hold_against(volume_record const& first, volume_record const& here, std::size_t place, volume const& v) {
  auto const expected = std::uint32_t{first.volnum} + static_cast<std::uint32_t>(place);
  if (here.date != first.date) {
    refuse(v, concat("this volume is of another backup (made ", utc_time(here.date), ", the first volume ",
                     utc_time(first.date), ")"));
  }
  auto const found = std::uint32_t{here.volnum};
  if (found == expected) { return; }
  auto const numbers = concat("expected volume ", expected, ", found volume ", found);
  if (found < expected) { refuse(v, concat("a volume is repeated or out of order (", numbers, ")")); }
  refuse(v, concat("a volume is missing or out of order (", numbers, ")"));
}

}  // namespace

std::unique_ptr<byte_source> join_volumes(std::vector<volume> volumes) {
  std::vector<std::unique_ptr<byte_source>> parts;
  auto const first = header_of(*volumes.front().source);
  if (first && first->volnum != 1) {
    refuse(volumes.front(), concat("the first volume given is number ", unsigned{first->volnum.value()},
                                   " of its set: volume 1 is missing"));
  }
  std::optional<bool> headed;
  for (std::size_t i = 0; i < volumes.size(); ++i) {
    auto& v = volumes[i];
    auto const header = first && i != 0 ? header_of(*v.source) : std::nullopt;
    if (i != 0) {
      if (headed && *headed != header.has_value()) {
        refuse(v, header ? "this volume has a header, and the one before it has none"
                         : "this volume has no header, and the one before it has one");
      }
      headed = header.has_value();
    }
    if (header) {
      hold_against(*first, *header, i, v);
      parts.push_back(io::slice(std::move(v.source), sizeof(volume_record), ~std::uint64_t{0}));
    } else {
      parts.push_back(std::move(v.source));
    }
  }
  return io::concatenate(std::move(parts));
}

bool is_next_volume(byte_source& first, byte_source& second) {
  auto const one = header_of(first);
  auto const two = header_of(second);
  return one && two && one->volnum == 1 && two->volnum == 2 && one->date == two->date;
}

bool has_end_record(byte_source& image) {
  constexpr std::uint64_t searched = 1u << 20;
  auto const size = image.size();
  if (!size || !image.seekable()) { return true; }
  // Records stand at multiples of eight.
  auto const from = (*size - std::min(*size, searched)) / 8 * 8;
  std::vector<std::byte> tail(static_cast<std::size_t>(*size - from));
  tail.resize(image.probe(from, tail));
  for (std::size_t at = 0; at + 8 <= tail.size(); at += 8) {
    auto const record = std::span<std::byte const>{tail}.subspan(at, 8);
    auto const p = byte_cursor{record}.take<backup_by_name::record_prefix>();
    if (p.length == 1 && p.type == backup_by_name::record_type::end && backup_by_name::known_magic(p.magic) &&
        backup_by_name::header_checksum(record) == p.checksum) {
      return true;
    }
  }
  return false;
}

}  // namespace sysb::registry
