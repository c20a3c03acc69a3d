// SPDX-License-Identifier: Apache-2.0
#include "formats/backup_by_name/stray_records.hpp"

#include <algorithm>
#include <cstring>
#include <span>
#include <vector>

#include "base/cursor.hpp"
#include "base/text.hpp"
#include "formats/backup_by_name/decode.hpp"
#include "formats/backup_by_name/layout.hpp"

namespace sysb::backup_by_name {

namespace {

constexpr std::uint64_t block = 512;
// The rest of a cluster is all that stands between two images; no writer's is longer.
constexpr std::uint64_t searched = 4u << 20;
constexpr std::uint64_t searched_ahead = 1u << 20;  // where the source can only look into its window
constexpr std::uint64_t most_zeros = 256u << 20;    // a medium may fill the rest of a longer block

[[nodiscard]] bool is_volume(std::span<std::byte const> at) {
  if (at.size() < sizeof(volume_record)) { return false; }
  auto const head = at.first(sizeof(volume_record));
  auto const v = byte_cursor{head}.take<volume_record>();
  return v.prefix.length == 9 && v.prefix.type == record_type::volume && header_checksum(head) == v.prefix.checksum &&
         std::string_view{v.disk, sizeof v.disk}.substr(0, 7) == "by name";
}

// A first record with a valid header, or the end: one volume header alone is not an image.
[[nodiscard]] bool has_first_record(std::span<std::byte const> at) {
  at = at.subspan(sizeof(volume_record));
  byte_cursor c{at};
  auto const p = c.take<record_prefix>();
  auto const length = std::size_t{p.length} * 8;
  return c.ok() && p.magic != 0 && length != 0 && length <= at.size() &&
         header_checksum(at.first(length)) == p.checksum;
}

[[nodiscard]] bool is_image(std::span<std::byte const> at) { return is_volume(at) && has_first_record(at); }

[[nodiscard]] std::size_t leading_zeros(std::span<std::byte const> some) noexcept {
  auto const first = std::find_if(some.begin(), some.end(), [](std::byte b) { return b != std::byte{0}; });
  return static_cast<std::size_t>(first - some.begin());
}

// Zero bytes from `from` on, as far as anything but zeros, the end of the source, or `most`.
struct run_of_zeros {
  std::uint64_t length = 0;
  bool to_the_end = false;
};
[[nodiscard]] run_of_zeros zeros_from(byte_source& source, std::uint64_t from, std::uint64_t most) {
  std::vector<std::byte> some(static_cast<std::size_t>(std::min<std::uint64_t>(most, 64u << 10)));
  run_of_zeros out;
  while (out.length < most) {
    auto const want = static_cast<std::size_t>(std::min<std::uint64_t>(some.size(), most - out.length));
    auto const there = std::span{some}.first(source.probe(from + out.length, std::span{some}.first(want)));
    auto const zeros = leading_zeros(there);
    out.length += zeros;
    if (zeros != there.size()) { return out; }
    if (there.size() < want) { break; }
  }
  out.to_the_end = true;
  return out;
}

// Everything from the end record to the end of the file repeats what stands one cluster before it.
[[nodiscard]] bool is_stale(byte_source& source, std::uint64_t end, std::uint64_t size,
                            std::span<std::byte const> rest) {
  if (rest.size() != size - end) { return false; }  // longer than a cluster
  std::vector<std::byte> before(rest.size());
  for (auto cluster = rest.size() / block * block + block; cluster <= searched && cluster <= end; cluster += block) {
    if (size % cluster != 0) { continue; }
    source.seek(end - cluster);
    if (source.probe(end - cluster, before) == before.size() &&
        std::memcmp(before.data(), rest.data(), rest.size()) == 0) {
      return true;
    }
  }
  return false;
}

}  // namespace

std::optional<std::uint64_t> next_image(byte_source& source, std::uint64_t end) {
  auto const here = source.position();
  if (!source.seekable() && end < here) { return std::nullopt; }
  auto const size = source.size();
  if (size && *size <= end + sizeof(volume_record)) { return std::nullopt; }
  auto most = source.seekable() ? searched : searched_ahead;
  if (size) { most = std::min(most, *size - end); }
  if (source.seekable()) { source.seek(end); }
  std::optional<std::uint64_t> found;
  std::vector<std::byte> rest;
  auto const far = size && source.cheap_seek();
  auto const zeros = zeros_from(source, end, far ? std::min(searched + most_zeros, *size - end) : most);
  if (!zeros.to_the_end && zeros.length >= most) {
    // Nothing but zeros, and farther than anything else is looked for.
    rest.resize(sizeof(volume_record) + max_header_bytes);
    rest.resize(source.probe(end + zeros.length, rest));
    if (is_image(rest)) { found = end + zeros.length; }
  } else if (!zeros.to_the_end) {
    rest.resize(static_cast<std::size_t>(most));
    rest.resize(source.probe(end, rest));
    auto const all = std::span<std::byte const>{rest};
    // Two that were joined stand where the first one ends, wherever that is, or after nothing but zeros.
    if (is_image(all.subspan(static_cast<std::size_t>(zeros.length)))) { found = end + zeros.length; }
    for (auto at = (end + block - 1) / block * block; at < end + rest.size() && !found; at += block) {
      if (is_image(all.subspan(static_cast<std::size_t>(at - end)))) { found = at; }
    }
  }
  if (found && size && source.seekable() && is_stale(source, end, *size, rest)) { found.reset(); }
  if (source.seekable()) { source.seek(here); }
  return found;
}

std::size_t displaced_headers(std::span<std::byte const> some, std::uint64_t base) noexcept {
  // Where headers stand at their places again, those before belong to an archive inside a content.
  constexpr std::size_t enough_in_place = 2;
  std::size_t found = 0;
  std::size_t in_place = 0;  // in a row, at the end
  for (std::size_t i = 2; i + 2 < some.size(); ++i) {
    // The high byte of every magic is 0xea.
    if (some[i + 1] != std::byte{0xea}) { continue; }
    auto const at = some.subspan(i - 2);
    byte_cursor c{at};
    auto const p = c.take<record_prefix>();
    auto const length = std::size_t{p.length} * 8;
    if (!c.ok() || p.type != record_type::name_x || !known_magic(p.magic)) { continue; }
    if (length < sizeof(name_x_record) + 8 || length > at.size()) { continue; }
    if (header_checksum(at.first(length)) != p.checksum) { continue; }
    auto const displaced = (base + i - 2) % 8 != 0;
    found += displaced ? 1U : 0U;
    in_place = displaced ? 0 : in_place + 1;
  }
  return in_place < enough_in_place ? found : 0;
}

bool member_record_at(std::span<std::byte const> some) noexcept {
  byte_cursor c{some};
  auto const p = c.take<record_prefix>();
  auto const length = std::size_t{p.length} * 8;
  return c.ok() && p.type == record_type::name_x && known_magic(p.magic) && length >= sizeof(name_x_record) + 8 &&
         length <= some.size() && header_checksum(some.first(length)) == p.checksum;
}

std::optional<image_format::records_found> records_without_start(std::span<std::byte const> some) {
  constexpr std::size_t enough = 2;
  std::optional<image_format::records_found> out;
  std::size_t found = 0;
  for (std::size_t i = 2; i + 2 < some.size() && found < enough; ++i) {
    if (some[i + 1] != std::byte{0xea}) { continue; }
    auto const at = some.subspan(i - 2);
    if (is_volume(at) && found == 0) {
      out = {.first = i - 2 + sizeof(volume_record), .header = i - 2};
      continue;
    }
    if (!member_record_at(at)) { continue; }
    if (found++ == 0 && !(out && out->first == i - 2)) { out = {.first = i - 2, .header = {}}; }
  }
  return found == enough ? out : std::nullopt;
}

}  // namespace sysb::backup_by_name
