// SPDX-License-Identifier: Apache-2.0
// Bytes to fields, and the tests that fields must pass. Pure: nothing here reads or remembers.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "core/entry.hpp"
#include "formats/backup_by_name/grammar.hpp"
#include "formats/backup_by_name/layout.hpp"

namespace sysb::backup_by_name {

inline constexpr std::size_t max_header_bytes = 255 * 8;

[[nodiscard]] constexpr std::uint64_t align8(std::uint64_t v) noexcept { return (v + 7) & ~std::uint64_t{7}; }

// Sum over the whole header, its checksum field as zero, of b << (b & 7), modulo 2^16.
[[nodiscard]] std::uint16_t header_checksum(std::span<std::byte const> header) noexcept;

[[nodiscard]] std::uint8_t member_type(family f) noexcept;
// Of a type that no document gives to an archive by name of AIX 3.1 and later, and that is no member of a relative.
[[nodiscard]] constexpr bool may_be_stepped_over(std::uint8_t type) noexcept {
  return type > record_type::name_ps2 || type == record_type::ds ||
         (type > record_type::volume && type < record_type::end);
}

[[nodiscard]] bool known_magic(std::uint16_t magic) noexcept;               // 0xea6b .. 0xea6f
[[nodiscard]] constexpr bool settled_magic(std::uint16_t magic) noexcept {  // seen in real archives
  return magic == record_magic::plain || magic == record_magic::packed;
}

// A header that passes every test but that of its magic: type, length, checksum, name, kind of file.
[[nodiscard]] bool whole_member_header(std::span<std::byte const> header, header_shape const& f) noexcept;

// The shape of a successor: member or end record with a known magic and a possible length.
[[nodiscard]] bool plausible(record_prefix const& p, header_shape const& f) noexcept;

// Two of: length, type, magic, a name that ends in the padded area. `at` holds the bytes from
// the place where a header is expected.
[[nodiscard]] bool looks_like_header(std::span<std::byte const> at, header_shape const& f) noexcept;

// A header with one damaged field: type and magic are right, or one of them and the name.
[[nodiscard]] bool still_a_header(std::span<std::byte const> at, header_shape const& f) noexcept;

// Length, type and magic of a member, and neither its name nor its mode: noise has that by chance, once in some
// megabytes. Where one value fills the mode, a header was overwritten.
[[nodiscard]] bool only_a_prefix(std::span<std::byte const> at, header_shape const& f) noexcept;

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
  bool is_packed = false;  // what the magic says

  [[nodiscard]] bool packed() const noexcept { return is_packed; }
  // Names of one file have the same; 0: it has no other name.
  [[nodiscard]] std::uint64_t link_key() const noexcept {
    return nlink > 1 && ino != 0 ? std::uint64_t{ino} << 32 | (dev.major << 16 ^ dev.minor) : 0;
  }
};

// `header` is the whole header: at least f.fixed bytes and a multiple of 8. Fields that a shorter fixed part leaves out
// are 0, and the stored size is the size.
[[nodiscard]] member_head decode_member(std::span<std::byte const> header, header_shape const& f) noexcept;

[[nodiscard]] std::optional<entry_kind> kind_of(std::uint32_t mode) noexcept;

namespace security_check {
inline constexpr std::uint8_t acl_length = 1;  // acl_len > 8*acl_dwords, or more than 7 below it
inline constexpr std::uint8_t pcl_length = 2;  // not 16
inline constexpr std::uint8_t pcl_mode = 4;    // not the header's mode
}  // namespace security_check

struct security_record {
  std::uint64_t acl_at = sizeof(security_prefix);  // from the record's start
  std::uint64_t acl_bytes = 0;                     // 8 * acl_dwords
  std::uint64_t pcl_at = sizeof(security_prefix);
  std::uint64_t pcl_bytes = 0;
  std::uint64_t total = sizeof(security_prefix);
  std::uint32_t acl_len = 0;  // what the list itself says
  std::uint8_t failed = 0;    // security_check bits
  bool has_pcl = true;        // by its rule
  std::uint8_t rule = 0;      // its number in the grammar

  [[nodiscard]] std::uint64_t bytes() const noexcept { return total; }
  void move_by(std::uint64_t bytes) noexcept;  // after so many bytes before the head
};

// At most eight bytes as a number.
[[nodiscard]] std::uint64_t word_of(std::span<std::byte const> bytes, bool big_endian) noexcept;

// Lengths only, from the first bytes: as many as the rule's words have. `between`: bytes between the two lists.
[[nodiscard]] security_record security_lengths(std::span<std::byte const> head, security_rule const& rule,
                                               std::uint64_t between) noexcept;
[[nodiscard]] inline security_record security_lengths(std::span<std::byte const> head,
                                                      security_rule const& rule) noexcept {
  return security_lengths(head, rule, rule.between);
}
// An access list as every one begins: its length, and the permissions of the header again.
[[nodiscard]] bool is_access_list(std::span<std::byte const> at, std::uint32_t mode) noexcept;
// A privilege list as every one is: its length, the header's mode, no privileges.
[[nodiscard]] bool is_privilege_list(std::span<std::byte const> at, std::uint32_t mode) noexcept;
// The self-check; `at` holds at least bytes() bytes from the record's start.
void check_security(security_record& s, std::span<std::byte const> at, std::uint32_t mode) noexcept;

}  // namespace sysb::backup_by_name
