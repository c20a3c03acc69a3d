// SPDX-License-Identifier: Apache-2.0
// What can be wrong with an AIX archive (liblpp.a and libraries).
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "core/diagnostic.hpp"

namespace sysb::aix_archive {

inline constexpr diag_code not_an_archive{
    "AAR-001", severity::warning, "not an AIX archive",
    "An AIX archive begins with <aiaff> (small format) or <bigaf> (big format). The member is kept as it "
    "is, what it would have told is not used."};
inline constexpr diag_code bad_head{"AAR-002", severity::warning, "AIX archive: the file header is damaged",
                                    "An offset of the archive's file header is no number or lies outside the archive."};
inline constexpr diag_code bad_member{
    "AAR-003", severity::warning, "AIX archive: a member header is damaged",
    "A field of a member header is no number, or its closing mark is missing. Members before it are used."};
inline constexpr diag_code member_outside{
    "AAR-004", severity::warning, "AIX archive: a member lies outside the archive",
    "A member's header, name or content runs past the end of the archive: it is cut or damaged. Members "
    "before it are used."};
inline constexpr diag_code bad_chain{
    "AAR-005", severity::warning, "AIX archive: the chain of members is damaged",
    "The chain comes back to a member it has passed, has members that overlap, or ends before the last "
    "member. Members before the fault are used."};

inline constexpr diag_code table_differs{
    "AAR-006", severity::warning, "AIX archive: the member table is not that of the members",
    "At the end of an archive a table repeats how many members there are, where they begin and what they are called. "
    "It "
    "and the members' own headers tell different things, so one of them is damaged. The members are used as their "
    "headers tell."};

[[nodiscard]] std::span<diag_code const* const> codes() noexcept;

struct fault {
  diag_code const* code = nullptr;
  std::uint64_t offset = 0;  // in the archive
  std::string detail;
};

[[nodiscard]] diagnostic to_diagnostic(fault const& f, std::string_view path);

}  // namespace sysb::aix_archive
