// SPDX-License-Identifier: Apache-2.0
// The volume header: is this an archive by name, whose, and of which relative of AIX.
#include <algorithm>
#include <cstring>

#include "base/cursor.hpp"
#include "base/text.hpp"
#include "core/fatal_error.hpp"
#include "formats/backup_by_name/calibration.hpp"
#include "formats/backup_by_name/diagnostics.hpp"
#include "formats/backup_by_name/reader.hpp"

namespace sysb::backup_by_name {
namespace {

using kind = fatal_error::kind;

template <std::size_t N>
std::string bounded(char const (&field)[N]) {
  return {field, static_cast<std::size_t>(std::find(field, field + N, '\0') - field)};
}

bool says_by_name(std::string_view s) noexcept { return s.substr(0, 7) == "by name"; }

}  // namespace

void reader::open_volume() {
  auto const head = source_->peek(sizeof(volume_record));
  auto const v = byte_cursor{head}.take<volume_record>();
  auto const prefix = byte_cursor{head}.take<record_prefix>();
  auto const whole = head.size() >= sizeof(volume_record);
  // Another magic than those that are known must be that of a header that is right in all else.
  auto const magic_fits =
      known_magic(prefix.magic) ||
      (whole && says_by_name(bounded(v.disk)) && header_checksum(head.first(sizeof(volume_record))) == prefix.checksum);
  if (head.size() < 4 || prefix.length != 9 || prefix.type != record_type::volume || !magic_fits ||
      (salvaging() && head.size() < sizeof(volume_record))) {
    if (salvaging()) {
      open_without_volume();
      return;
    }
    throw fatal_error{kind::unsupported, "not an AIX backup: it does not start with a volume header", 0};
  }
  if (head.size() < sizeof(volume_record)) {
    throw fatal_error{kind::damaged, "archive is cut off inside its volume header", head.size()};
  }
  std::copy_n(head.begin(), volume_.size(), volume_.begin());

  auto const sum = header_checksum(volume_);
  auto const sound = sum == v.prefix.checksum;
  if (!sound && v.prefix.checksum == 0 && !salvaging()) {
    throw fatal_error{
        kind::damaged,
        concat("volume header has no checksum (expected 0x", hex(sum, 4), ", found 0): no AIX wrote this archive"), 4};
  }
  about_.format = "backup_by_name";
  about_.variant = "AIX 3.1 and later, by name";
  about_.volume.number = v.volnum;
  unsigned_times_ = (v.date.value() & 0x80000000u) != 0;
  about_.volume.date = v.date;
  about_.volume.disk = bounded(v.disk);
  about_.volume.filesystem = bounded(v.fsname);
  about_.volume.user = bounded(v.user);
  if (sound && !says_by_name(about_.volume.disk)) {
    throw fatal_error{kind::unsupported,
                      concat("backup by inode of ", quoted(about_.volume.disk), " (file system ",
                             quoted(about_.volume.filesystem), "): only backups by name can be read"),
                      20};
  }
  if (!sound) {
    findings_.report(bad_checksum, 4, {},
                     concat("volume header: expected 0x", hex(sum, 4), ", found 0x", hex(v.prefix.checksum, 4)));
  }
  unknown_volume_ = v.prefix.magic != record_magic::plain && v.prefix.magic != record_magic::packed;
  if (!known_magic(v.prefix.magic)) { ahead_.shape.learn(v.prefix.magic, false); }
  if (unknown_volume_) {
    census_.magics[v.prefix.magic] = {.count = 1, .sample = {}};
    about_.variant += concat(", volume magic 0x", hex(v.prefix.magic, 4));
  }
  judge_first_record();

  auto const first = ahead_.header_at(sizeof(volume_record)).state;
  // A number in a header that does not fit its checksum says nothing of a set.
  if (sound && v.volnum > 1) {
    auto const text = concat("volume number ", unsigned{v.volnum.value()});
    if (first != judged::valid && !salvaging()) {
      throw fatal_error{
          kind::damaged,
          concat("this is a later volume of a set (", text, "): give all volumes in order (--volumes A B C)"), 6};
    }
    findings_.report(later_volume, 6, {}, text);
  }
  if (!sound && first != judged::valid && !salvaging()) {
    throw fatal_error{kind::damaged, "volume header is damaged and no valid record follows it", 4};
  }
  if (sound) { resync_.set_volume(v.volnum, v.date); }
  if (salvaging() && (!sound || v.volnum != 1)) { mend_volume_header(); }
  source_->consume(sizeof(volume_record));
  end_ = sizeof(volume_record);
}

// A flipped bit in the type of a by-name member must not turn the archive into another kind.
static bool sound_header(std::span<std::byte const> bytes) noexcept {
  auto const p = byte_cursor{bytes}.take<record_prefix>();
  auto const length = std::size_t{p.length} * 8;
  return length != 0 && length <= bytes.size() && header_checksum(bytes.first(length)) == p.checksum;
}

void reader::judge_first_record() {
  if (calibrate_fixed_part(ahead_, sizeof(volume_record))) {
    learned_fixed_ = concat("fixed part of ", unsigned{ahead_.shape.fixed}, " bytes before the name");
    return;
  }
  auto const bytes = ahead_.read(sizeof(volume_record), sizeof(record_prefix));
  byte_cursor c{bytes};
  auto const first = c.take<record_prefix>();
  if (!c.ok()) { return; }
  switch (first.type) {
    case record_type::name_rt:
      ahead_.shape = family::rt;
      about_.variant = "AIX/RT 2.x, by name";
      break;
    case record_type::name_ps2:
      ahead_.shape = family::ps2;
      about_.variant = "AIX PS/2 1.x, by name";
      break;
    case record_type::findex:
    case record_type::clri:
    case record_type::bits:
    case record_type::inode:
    case record_type::ds:
      if (known_magic(first.magic) && sound_header(ahead_.read(sizeof(volume_record), max_header_bytes))) {
        throw fatal_error{
            kind::unsupported,
            concat("backup by inode (record type ", unsigned{first.type}, "): only backups by name can be read"),
            sizeof(volume_record)};
      }
      return;
    default: return;
  }
  // Only a header that is one may change how everything after it is read.
  if (ahead_.header_at(sizeof(volume_record)).state != judged::valid) {
    ahead_.shape = family::name_x;
    about_.variant = "AIX 3.1 and later, by name";
  }
}

}  // namespace sysb::backup_by_name
