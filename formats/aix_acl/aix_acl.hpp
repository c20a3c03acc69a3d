// SPDX-License-Identifier: Apache-2.0
// AIXC access control lists: bytes to entries, entries to the text that aclget prints, and
// back to bytes for generated members.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "formats/aix_acl/diagnostics.hpp"
#include "formats/aix_acl/layout.hpp"

namespace sysb::aix_acl {

enum class ace_kind : std::uint8_t { unknown = 0, permit = 1, deny = 2, specify = 3 };

inline constexpr std::uint16_t id_user = 1;
inline constexpr std::uint16_t id_group = 2;

struct ace_id {
  std::uint16_t type = 0;           // id_user, id_group, or a number nobody knows
  std::optional<std::uint32_t> id;  // where the data is 4 bytes
  std::vector<std::byte> data;      // as in the list
};

struct ace {
  ace_kind kind = ace_kind::unknown;
  std::uint16_t access = 0;  // rwx = 4, 2, 1
  std::vector<ace_id> ids;   // all of them must match
};

struct decoded {
  std::uint32_t mode = 0;  // acl_mode
  std::uint16_t u_access = 0;
  std::uint16_t g_access = 0;
  std::uint16_t o_access = 0;
  bool extended = false;  // the list has bytes beyond its fixed part
  bool enabled = false;   // S_IXACL: AIX applies the extended entries
  std::vector<ace> entries;
  std::optional<fault> broken;   // entries hold what stands before the fault
  std::optional<fault> unknown;  // a kind, id or right that is shown as a number
};

// An empty span is a list that is not there: nothing extended, nothing broken.
[[nodiscard]] decoded decode(std::span<std::byte const> acl);

// The extended entries only, one a line, no newline at the end: "permit rw- g:214". A list
// that is not enabled begins with a line "disabled". Empty where there is nothing extended.
[[nodiscard]] std::string to_text(decoded const& acl);

// All of it, as aclget prints it, with numeric ids.
[[nodiscard]] std::string to_aclget_text(decoded const& acl, std::uint32_t uid, std::uint32_t gid);

// What a record's security blocks must fulfil to prove that they stand where they were read:
// acl_len fits the block to within 7 bytes, the privilege list is 16 long and repeats the mode.
[[nodiscard]] bool proves_itself(std::span<std::byte const> acl, std::span<std::byte const> pcl,
                                 std::uint32_t header_mode) noexcept;

// The privilege list holds more than AIX writes: worth a note, never decoded.
[[nodiscard]] bool has_privileges(std::span<std::byte const> pcl) noexcept;

// For generated members: a list with no extended entries, in the form of newer writers.
[[nodiscard]] std::array<std::byte, 16> plain_acl(std::uint32_t mode) noexcept;
[[nodiscard]] std::array<std::byte, 16> plain_pcl(std::uint32_t mode) noexcept;
// The inverse of decode for lists that are not broken, padded with zeros to 8 bytes.
[[nodiscard]] std::vector<std::byte> encode(decoded const& acl);

}  // namespace sysb::aix_acl
