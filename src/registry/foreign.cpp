// SPDX-License-Identifier: Apache-2.0
// Formats that are given by mistake, told by their magic numbers.
#include "registry/foreign.hpp"

#include <algorithm>
#include <array>

#include "base/cursor.hpp"
#include "base/endian.hpp"
#include "base/text.hpp"

namespace sysb::registry {

namespace {

using namespace std::string_view_literals;

// Beside archive_marks.
constexpr std::array<magic_mark, 34> table{{
    {0,
     "\x7f"
     "ELF"sv,
     "an ELF program or library"},
    {0, "PK\3\4"sv, "a zip archive"},
    {0, "PK\5\6"sv, "an empty zip archive"},
    {0, "\xed\xab\xee\xdb"sv, "an RPM package"},
    {0, "7z\xbc\xaf\x27\x1c"sv, "a 7-Zip archive"},
    {0, "Rar!\x1a\x07"sv, "a RAR archive"},
    {0, "hsqs"sv, "a SquashFS file system"},
    {0, "<aiaff>\n"sv, "an AIX library archive (small format)"},
    {0, "<bigaf>\n"sv, "an AIX library archive (big format)"},
    {0, "!<arch>\n"sv, "a library archive or a Debian package"},
    {0, "\x1f\xa0"sv, "a file packed by compress -H (LZH), which cannot be read"},
    {0, "LZIP"sv, "an lzip file, which cannot be read: unpack it first"},
    {0, "\x89LZO"sv, "an lzop file, which cannot be read: unpack it first"},
    {0, "\2\x21\x4c\x18"sv, "an lz4 file of the legacy form, which cannot be read: unpack it first"},
    {0, "\x71\xc7"sv, "a cpio archive (binary)"},
    {0, "\xc7\x71"sv, "a cpio archive (binary)"},
    {32769, "BEA01"sv, "a UDF file system"},
    {0, "\xa3\x01"sv, "a file signed or packed by gpg: gpg -d IMAGE | sysb check -"},
    {0, "\xa3\x02"sv, "a file signed or packed by gpg: gpg -d IMAGE | sysb check -"},
    {0, "\xa3\x03"sv, "a file signed or packed by gpg: gpg -d IMAGE | sysb check -"},
    {0, "-----BEGIN PGP SIGNED"sv, "a file signed by gpg (armored): gpg -d IMAGE | sysb check -"},
    {0, "QFI\xfb"sv, "a QCOW2 disk image"},
    {0, "KDMV"sv, "a VMDK disk image"},
    {0, "conectix"sv, "a VHD disk image"},
    {0, "%PDF-"sv, "a PDF document"},
    {0, "<!DOCTYPE"sv, "a web page (a download that failed?)"},
    {0, "<!doctype"sv, "a web page (a download that failed?)"},
    {0, "<html"sv, "a web page (a download that failed?)"},
    {0, "<HTML"sv, "a web page (a download that failed?)"},
    {0, "<?xml"sv, "an XML document"},
    {0, "\xc9\xc2\xd4\xc1"sv, "a disk with an AIX boot record"},
    {0, "_LVM"sv, "an AIX logical volume manager record"},
    {0, "\x01\xdf"sv, "an AIX program (XCOFF)"},
    {0, "\x01\xf7"sv, "an AIX program (XCOFF, 64 bit)"},
}};

// The i-node dumps of AIX 3 and later are those of BSD, big-endian, with magics of their own.
[[nodiscard]] std::string_view dump_name(std::span<std::byte const> head) noexcept {
  constexpr std::size_t magic_at = 24;
  byte_cursor c{head};
  (void)c.bytes(magic_at);
  auto const magic = c.take<be32>().value();
  if (!c.ok()) { return {}; }
  if (magic == 60011 || magic == 60012) {
    return "an AIX backup by i-node (a file system dump): only backups by name can be read";
  }
  byte_cursor little{head};
  (void)little.bytes(magic_at);
  auto const swapped = little.take<le32>().value();
  return swapped == 60011 || swapped == 60012 ? "a BSD file system dump" : std::string_view{};
}

[[nodiscard]] bool is_text(std::span<std::byte const> head) noexcept {
  auto const some = head.first(std::min<std::size_t>(head.size(), 512));
  return std::all_of(some.begin(), some.end(), [](std::byte b) {
    auto const c = std::to_integer<unsigned>(b);
    return (c >= 0x20 && c != 0x7f) || c == '\t' || c == '\n' || c == '\r' || c == '\f';
  });
}

}  // namespace

std::string_view name_by_magic(std::span<std::byte const> head, std::span<magic_mark const> marks) noexcept {
  auto const text = as_text(head);
  auto const found = std::find_if(marks.begin(), marks.end(), [&](magic_mark const& m) {
    return text.size() >= m.offset && text.substr(m.offset, m.bytes.size()) == m.bytes;
  });
  return found == marks.end() ? std::string_view{} : found->name;
}

std::string_view foreign_name(std::span<std::byte const> head) noexcept {
  if (head.empty()) { return "an empty file"; }
  if (auto const dump = dump_name(head); !dump.empty()) { return dump; }
  if (auto const archive = name_by_magic(head, archive_marks); !archive.empty()) { return archive; }
  if (auto const known = name_by_magic(head, table); !known.empty()) { return known; }
  auto const zero = [](std::byte b) { return b == std::byte{0}; };
  if (std::all_of(head.begin(), head.end(), zero)) { return "a run of zero bytes"; }
  auto const start = as_text(head.first(std::min<std::size_t>(head.size(), 512)));
  if (start.find("DUMMY TAPE TOC") != std::string_view::npos) {
    return "the dummy table of contents of a mksysb tape (the backup is the next tape file)";
  }
  return is_text(head) ? "a text file" : std::string_view{};
}

bool may_be_boot_image(std::span<std::byte const> head) noexcept {
  auto const name = foreign_name(head);
  // Boot images hold these, and how one begins on a tape is not documented.
  constexpr std::array<std::string_view, 5> inside{"an ELF", "an AIX program", "a disk with", "a run of zero",
                                                   "the dummy table"};
  return name.empty() || std::any_of(inside.begin(), inside.end(),
                                     [&](std::string_view start) { return name.substr(0, start.size()) == start; });
}

}  // namespace sysb::registry
