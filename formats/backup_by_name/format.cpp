// SPDX-License-Identifier: Apache-2.0
// What this folder registers.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <optional>
#include <vector>

#include "base/cursor.hpp"
#include "base/text.hpp"
#include "formats/backup_by_name/backup_by_name.hpp"
#include "formats/backup_by_name/diagnostics.hpp"
#include "formats/backup_by_name/reader.hpp"
#include "formats/backup_by_name/stray_records.hpp"

namespace sysb::backup_by_name {
namespace {

class by_name_format final : public image_format {
 public:
  std::string_view id() const noexcept override { return "backup_by_name"; }
  std::string_view title() const noexcept override {
    return "AIX backup by name (mksysb, savevg, savewpar, installp packages)";
  }
  unsigned bid(std::span<std::byte const> head) const noexcept override {
    // The first four bytes decide; what is cut or damaged after them is the reader's to say.
    constexpr std::size_t tell_tale = 4;
    if (head.size() < tell_tale) { return 0; }
    record_prefix p{};
    std::memcpy(&p, head.data(), std::min(head.size(), sizeof p));
    if (p.length != 9 || p.type != record_type::volume) { return 0; }
    auto const known = known_magic(p.magic);
    if (head.size() < sizeof(volume_record)) { return known ? 29 : 0; }  // 8 + 8 + 13 bits
    auto const sound = header_checksum(head.first(sizeof(volume_record))) == p.checksum;
    if (known) { return sound ? 45 : 29; }
    // A magic that nobody knows: checksum and label must say what it is.
    constexpr std::string_view label = "by name";
    auto const disk = as_text(head.subspan(offsetof(volume_record, disk), label.size()));
    return sound && disk == label ? 44 : 0;
  }
  std::unique_ptr<image_reader> open(byte_source& source, limits const& l, diagnostic_sink& findings,
                                     on_damage how) const override {
    return std::make_unique<reader>(source, l, findings, how);
  }
  std::optional<volume_mark> volume_of(std::span<std::byte const> head) const noexcept override {
    constexpr unsigned with_checksum = 40;
    auto const bits = bid(head);
    if (head.size() < sizeof(volume_record) || bits == 0) { return std::nullopt; }
    auto const v = byte_cursor{head}.take<volume_record>();
    return volume_mark{
        .number = v.volnum, .date = v.date, .header_bytes = sizeof(volume_record), .proven = bits >= with_checksum};
  }
  // An end record stands in the last MiB; after it only the rest of the writer's buffer follows.
  bool ends_in(byte_source& image) const override {
    constexpr std::uint64_t searched = 1u << 20;
    auto const size = image.size();
    if (!size || !image.seekable()) { return true; }
    // Records stand at multiples of eight.
    auto const from = (*size - std::min(*size, searched)) / 8 * 8;
    std::vector<std::byte> tail(static_cast<std::size_t>(*size - from));
    tail.resize(image.probe(from, tail));
    for (std::size_t at = 0; at + 8 <= tail.size(); at += 8) {
      auto const record = std::span<std::byte const>{tail}.subspan(at, 8);
      auto const p = byte_cursor{record}.take<record_prefix>();
      if (p.length == 1 && p.type == record_type::end && known_magic(p.magic) &&
          header_checksum(record) == p.checksum) {
        return true;
      }
    }
    return false;
  }
  std::optional<std::uint64_t> image_after(byte_source& source, std::uint64_t end) const override {
    return next_image(source, end);
  }
  std::size_t displaced_records(std::span<std::byte const> some, std::uint64_t base) const noexcept override {
    return displaced_headers(some, base);
  }
  std::optional<records_found> records_in(std::span<std::byte const> some) const override {
    return records_without_start(some);
  }
  bool record_at(std::span<std::byte const> some) const noexcept override { return member_record_at(some); }
  walk_fault fault_of(diag_code const& code) const noexcept override {
    if (&code == &truncated) { return walk_fault::cut; }
    if (&code == &later_volume) { return walk_fault::goes_on; }
    static constexpr std::array lost{&lost_sync, &damaged_header,    &bad_checksum,
                                     &no_layout, &security_unproven, &security_too_long};
    return std::find(lost.begin(), lost.end(), &code) != lost.end() ? walk_fault::lost : walk_fault::none;
  }
  bool finds_lost_start() const noexcept override { return true; }
  std::span<diag_code const* const> codes() const noexcept override { return backup_by_name::codes(); }
};

}  // namespace

image_format const& format() {
  static by_name_format const the_format;
  return the_format;
}

output_kind const& bff_output_kind() {
  static constexpr output_kind kind{
      .id = "bff",
      .title = "AIX backup by name",
      .holds = {.max_size = 0xffffffff,
                .max_path = max_header_bytes - sizeof(name_x_record) - 3,  // "./" and NUL
                .max_target = 4095,
                .min_mtime = -0x80000000ll,
                .max_mtime = 0x7fffffff,
                .nlink_ino = true},
  };
  return kind;
}

std::span<diag_code const* const> codes() {
  static constexpr std::array all{
      &truncated,         &lost_sync,           &bad_checksum,      &damaged_header,     &security_unproven,
      &security_too_long, &later_volume,        &volume_inside,     &ambiguous,          &second_symlink_layout,
      &no_layout,         &link_mismatch,       &packed_sizes,      &content_refused,    &empty_name,
      &far_end,           &unknown_kind,        &link_layout_lost,  &name_area,          &packed_kind,
      &packed_large,      &unknown_magic,       &unknown_record,    &opaque_bytes,       &unknown_variant,
      &learned_grammar,   &bytes_skipped,       &member_incomplete, &volume_lost,        &too_many_gaps,
      &salvaged,          &stored_size,         &link_sizes,        &more_of_same,       &security_proven_by_content,
      &pad_set,           &symlink_layout_used, &link_layout_used,  &device_layout_used, &large_layout_used,
      &relative_used,     &link_data_later,     &privileges_set,    &other_length};
  return all;
}

}  // namespace sysb::backup_by_name
