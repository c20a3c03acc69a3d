// SPDX-License-Identifier: Apache-2.0
// What jobs themselves find.
#pragma once
#include <array>
#include <span>

#include "core/diagnostic.hpp"
#include "pipeline/select.hpp"

namespace sysb::jobs {

inline constexpr diag_code no_match{
    "CLI-001", severity::error, "no member matches",
    "A PATTERN selects no member of the image. Patterns are shell globs in which * also matches a slash; "
    "./etc/motd, etc/motd and /etc/motd name the same member, and a directory selects all below it. "
    "List the names with `sysb ls IMAGE`. Nothing is written when a pattern selects nothing.",
    fault_class::io};

inline constexpr diag_code no_content{
    "CLI-002", severity::error, "not a regular file",
    "The member has no content that could be printed: it is a directory, a link, a device or a pipe. "
    "A symbolic link is not followed, because what it names may stand outside the image.",
    fault_class::io};

inline constexpr diag_code verify_differs{
    "CLI-010", severity::error, "the result differs from the plan",
    "With --verify the finished output was read back, and a member is missing, is there although the plan "
    "drops it, or has another kind, size or digest. The output was not put in its place. This points to a "
    "fault of the storage or of sysb: keep the message and try another file system.",
    fault_class::io};

[[nodiscard]] inline std::span<diag_code const* const> codes() noexcept {
  static constexpr std::array<diag_code const*, 3> all{&no_match, &no_content, &verify_differs};
  return all;
}

// One finding for every pattern that selected nothing; true when there was one.
bool report_unmatched(pipeline::selection const& chosen, diagnostic_sink& d);

}  // namespace sysb::jobs
