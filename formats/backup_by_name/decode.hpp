// SPDX-License-Identifier: Apache-2.0
// Bytes to fields, and the tests that fields must pass. Pure: nothing here reads or remembers.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "core/entry.hpp"
#include "formats/backup_by_name/layout.hpp"

namespace sysb::backup_by_name {

inline constexpr std::size_t max_header_bytes = 255 * 8;

[[nodiscard]] constexpr std::uint64_t align8(std::uint64_t v) noexcept { return (v + 7) & ~std::uint64_t{7}; }

// Sum over the whole header, its checksum field as zero, of b << (b & 7), modulo 2^16.
[[nodiscard]] std::uint16_t header_checksum(std::span<std::byte const> header) noexcept;

// Which member records an archive is made of. The first record decides.
enum class family : std::uint8_t { name_x, rt, ps2 };
[[nodiscard]] std::uint8_t member_type(family f) noexcept;
[[nodiscard]] std::size_t fixed_bytes(family f) noexcept;

[[nodiscard]] bool known_magic(std::uint16_t magic) noexcept;  // 0xea6b .. 0xea6f

// The shape of a successor: member or end record with a known magic and a possible length.
[[nodiscard]] bool plausible(record_prefix const& p, family f) noexcept;

// Two of: length, type, magic, a name that ends in the padded area. `at` holds the bytes from
// the place where a header is expected.
[[nodiscard]] bool looks_like_header(std::span<std::byte const> at, family f) noexcept;

// A header with one damaged field: type and magic are right, or one of them and the name.
[[nodiscard]] bool still_a_header(std::span<std::byte const> at, family f) noexcept;

struct member_head {
  family form = family::name_x;
  std::uint64_t header_bytes = 0;
  std::uint16_t magic = 0;
  std::uint32_t nlink = 0, ino = 0, mode = 0, uid = 0, gid = 0;
  std::uint32_t size = 0, dsize = 0, pad = 0;
  std::uint32_t atime = 0, mtime = 0, ctime = 0;
  device_number dev, rdev;
  std::string_view name;   // up to the first NUL; lives as long as the header bytes
  bool name_fits = false;  // the area is exactly the name with its NUL, padded to 8

  [[nodiscard]] bool packed() const noexcept { return magic == record_magic::packed; }
};

// `header` is the whole header: at least fixed_bytes(f) and a multiple of 8.
[[nodiscard]] member_head decode_member(std::span<std::byte const> header, family f) noexcept;

[[nodiscard]] std::optional<entry_kind> kind_of(std::uint32_t mode) noexcept;

namespace security_check {
inline constexpr std::uint8_t acl_length = 1;  // acl_len > 8*acl_dwords, or more than 7 below it
inline constexpr std::uint8_t pcl_length = 2;  // not 16
inline constexpr std::uint8_t pcl_mode = 4;    // not the header's mode
}  // namespace security_check

struct security_record {
  std::uint64_t acl_bytes = 0;  // 8 * acl_dwords
  std::uint64_t pcl_bytes = 0;
  std::uint32_t acl_len = 0;  // what the list itself says
  std::uint8_t failed = 0;    // security_check bits

  [[nodiscard]] std::uint64_t bytes() const noexcept { return sizeof(security_prefix) + acl_bytes + pcl_bytes; }
};

// Lengths only, from the first 8 bytes.
[[nodiscard]] security_record security_lengths(security_prefix const& p) noexcept;
// The self-check; `at` holds at least bytes() bytes from the record's start.
void check_security(security_record& s, std::span<std::byte const> at, std::uint32_t mode) noexcept;

}  // namespace sysb::backup_by_name
