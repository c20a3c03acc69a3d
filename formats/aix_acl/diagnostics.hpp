// SPDX-License-Identifier: Apache-2.0
// What can be wrong with an AIXC access control list. The raw bytes are kept in every case.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "core/diagnostic.hpp"

namespace sysb::aix_acl {

inline constexpr diag_code truncated{
    "ACL-001", severity::warning, "access control list is shorter than its fixed part",
    "An AIXC list has 16 bytes before its entries. The raw bytes are kept; owner, group and others are "
    "taken from the mode of the member."};
inline constexpr diag_code bad_length{
    "ACL-002", severity::warning, "access control list has an impossible length",
    "The length that the list states is smaller than its fixed part or larger than the block that holds "
    "it. The raw bytes are kept."};
inline constexpr diag_code bad_entry{
    "ACL-003", severity::warning, "entry of an access control list has an impossible length",
    "An entry has at least 8 bytes and ends inside the list. Entries before it are shown, the raw bytes "
    "are kept."};
inline constexpr diag_code bad_id{
    "ACL-004", severity::warning, "id in an access control list has an impossible length",
    "An id has at least 4 bytes and ends inside its entry. Entries before it are shown, the raw bytes are "
    "kept."};
inline constexpr diag_code unknown_kind{
    "ACL-005", severity::note, "access control list has an entry of an unknown kind",
    "Known kinds are permit, deny and specify, known ids user and group, known rights r, w and x. What is "
    "not known is shown as a number, the raw bytes are kept."};

[[nodiscard]] std::span<diag_code const* const> codes() noexcept;

struct fault {
  diag_code const* code = nullptr;
  std::size_t offset = 0;  // in the list
  std::string detail;
};

// `at`: where the list starts in the by-name stream.
[[nodiscard]] diagnostic to_diagnostic(fault const& f, std::string_view path, std::uint64_t at);

}  // namespace sysb::aix_acl
