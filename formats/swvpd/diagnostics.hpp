// SPDX-License-Identifier: Apache-2.0
// What can be wrong with the software vital product data and with installp metadata.
#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "core/diagnostic.hpp"

namespace sysb::swvpd {

inline constexpr diag_code class_unusable{
    "SWV-001", severity::warning, "software database: a class cannot be read",
    "A class of the software vital product data fails its self-check or lacks a field; what it would have "
    "told is not used."};
inline constexpr diag_code suspect_rows{
    "SWV-002", severity::warning, "software database: records that may be deleted",
    "Records of the software database deviate from live ones. They are listed as suspect and do not count "
    "for the level of bos.rte; no file is removed on their account."};
inline constexpr diag_code join_fails{
    "SWV-003", severity::warning, "software database: the classes do not match each other",
    "A record refers to a fileset that its own repository does not have. Such records are not used."};
inline constexpr diag_code no_ownership{
    "SWV-004", severity::note, "software database: file ownership is not known",
    "The paths of the inventory class stand in a side file whose layout is not public, and they could not "
    "be calibrated here. Ownership then comes from the liblpp.a archives, or not at all."};
inline constexpr diag_code bad_lpp_name{
    "SWV-005", severity::warning, "installp metadata: lpp_name or .toc cannot be read",
    "The text does not follow the published form of lpp_name. What stands before the fault is used."};
inline constexpr diag_code bad_inventory{
    "SWV-006", severity::warning, "installp metadata: an inventory list has lines that cannot be read",
    "A stanza of an .inventory member has no path, or a line is no field. The others are used."};

[[nodiscard]] std::span<diag_code const* const> codes() noexcept;

struct fault {
  diag_code const* code = nullptr;
  std::size_t line = 0;  // of a text, 0 where it does not apply
  std::string detail;
};

[[nodiscard]] diagnostic to_diagnostic(fault const& f, std::string_view path);

}  // namespace sysb::swvpd
