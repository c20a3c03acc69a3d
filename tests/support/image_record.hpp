// SPDX-License-Identifier: Apache-2.0
// Records of a by-name image as bytes, written straight from the published field tables. Test code
// only, and on purpose without a line shared with formats/backup_by_name: when both agree, two
// readings of the same tables agree.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sysb::test {

using bytes = std::vector<std::byte>;

[[nodiscard]] bytes to_bytes(std::string_view text);
void append(bytes& out, std::span<std::byte const> more);
void append(bytes& out, std::string_view more);
void put_u8(bytes& out, std::uint32_t v);
void put_le16(bytes& out, std::uint32_t v);
void put_le32(bytes& out, std::uint32_t v);
void put_be16(bytes& out, std::uint32_t v);
void put_be32(bytes& out, std::uint32_t v);
void pad_to(bytes& out, std::size_t unit, std::byte with = std::byte{0});
[[nodiscard]] std::uint64_t round_up(std::uint64_t v, std::uint64_t unit);

// Sum of b << (b & 7) over the header, bytes 4 and 5 taken as zero, 16 bits.
[[nodiscard]] std::uint16_t header_checksum(std::span<std::byte const> header);

namespace record_type {
inline constexpr std::uint8_t volume = 0;
inline constexpr std::uint8_t bits = 3;
inline constexpr std::uint8_t end = 7;
inline constexpr std::uint8_t inode = 8;
inline constexpr std::uint8_t name_rt = 9;
inline constexpr std::uint8_t name_x = 11;
inline constexpr std::uint8_t name_ps2 = 12;
}  // namespace record_type

namespace record_magic {
inline constexpr std::uint16_t plain = 0xea6b;
inline constexpr std::uint16_t packed = 0xea6c;
inline constexpr std::uint16_t xix = 0xea6d;
inline constexpr std::uint16_t unknown_6f = 0xea6f;
}  // namespace record_magic

namespace mode_bits {
inline constexpr std::uint32_t fifo = 0010000;
inline constexpr std::uint32_t char_device = 0020000;
inline constexpr std::uint32_t directory = 0040000;
inline constexpr std::uint32_t block_device = 0060000;
inline constexpr std::uint32_t file = 0100000;
inline constexpr std::uint32_t symlink = 0120000;
inline constexpr std::uint32_t socket = 0140000;
inline constexpr std::uint32_t type_mask = 0170000;
inline constexpr std::uint32_t journalled = 0x00010000;  // every real directory has it
inline constexpr std::uint32_t extended_acl = 0x02000000;
}  // namespace mode_bits

struct device {
  std::uint32_t major = 0;
  std::uint32_t minor = 0;
};

// Overrides that make any header wrong in one place; the checksum is computed after all others.
struct header_overrides {
  std::optional<std::uint8_t> length;
  std::optional<std::uint8_t> type;
  std::optional<std::uint16_t> magic;
  std::optional<std::uint16_t> checksum;
};

struct volume_fields {
  std::uint32_t number = 1;
  std::uint32_t date = 1357002000;          // 2013-01-01 01:00:00 UTC
  std::optional<std::uint32_t> level_date;  // same as date in by-name images
  std::uint32_t capacity = 0x7fffffff;
  std::string disk = "by name";
  std::string filesystem = "by name";
  std::string user = "root";
  std::uint32_t increment = 100;
  std::uint32_t pad = 0;
  header_overrides header;
};
[[nodiscard]] bytes volume_header(volume_fields const& f);

struct name_fields {
  std::uint8_t type = record_type::name_x;
  std::uint16_t magic = record_magic::plain;
  std::uint32_t nlink = 1;
  std::uint32_t ino = 0;
  std::uint32_t mode = mode_bits::file | 0644;
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::uint32_t size = 0;
  std::uint32_t atime = 0;
  std::uint32_t mtime = 0;
  std::uint32_t ctime = 0;
  device dev = {10, 8};
  device rdev;
  std::uint32_t dsize = 0;
  std::uint32_t pad = 0;
  std::string name;
  bytes name_padding;  // stale bytes after the terminating NUL; zeros where it is shorter
  header_overrides header;
};
// Types 9, 11 and 12; any other type gets the layout of 11.
[[nodiscard]] bytes name_header(name_fields const& f);

[[nodiscard]] bytes end_record(std::array<std::uint8_t, 2> stale, header_overrides const& header);

enum class ace_kind : std::uint8_t { permit = 1, deny = 2, specify = 3 };
enum class id_kind : std::uint8_t { user = 1, group = 2 };

struct ace_id {
  id_kind kind = id_kind::user;
  std::uint32_t id = 0;
};
struct ace {
  ace_kind kind = ace_kind::permit;
  std::uint16_t access = 0;  // r 4, w 2, x 1
  std::vector<ace_id> ids;
};

struct acl_fields {
  std::uint32_t mode = 0;      // attribute bits; full mode with some writers
  std::uint16_t reserved = 0;  // uninitialised in real images
  std::uint16_t owner = 6;
  std::uint16_t group = 4;
  std::uint16_t others = 4;
  std::vector<ace> entries;
};
[[nodiscard]] bytes acl(acl_fields const& f);
[[nodiscard]] bytes pcl(std::uint32_t mode);
// Both, after their two counts of 8-byte words.
[[nodiscard]] bytes security_record(std::span<std::byte const> acl, std::span<std::byte const> pcl);
// The counts as given, whatever the body really is.
[[nodiscard]] bytes security_record(std::uint32_t acl_words, std::uint32_t pcl_words, std::span<std::byte const> body);

}  // namespace sysb::test
