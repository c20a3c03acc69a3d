// SPDX-License-Identifier: Apache-2.0
// What a comparison finds beside differences.
#pragma once
#include <array>
#include <span>

#include "core/diagnostic.hpp"

namespace sysb::diff {

inline constexpr diag_code tree_unreadable{
    "DIF-001", severity::error, "a file or directory of the tree cannot be read",
    "The comparison needs what stands there and may not read it. Its content counts as unknown, not as the same; of a "
    "directory nothing below it is known. Run it as the owner of the tree, or as root.",
    fault_class::io};
inline constexpr diag_code record_gone{
    "DIF-002", severity::error, "the image does not hold the member any more that was read before",
    "The walk over the image met this member, and it was not found again when its content was needed: the image "
    "changed meanwhile.",
    fault_class::io};
inline constexpr diag_code not_compared{
    "DIF-003", severity::note, "not compared, because one side does not tell it",
    "A tree has no access control lists, a ustar archive no upper mode bits, an index without digests no contents. "
    "What only one side tells is no difference, and no proof that there is none.",
    fault_class::io};
inline constexpr diag_code taken_as_carrier{
    "DIF-004", severity::note, "the archive holds one image, and that is compared",
    "A tar or cpio archive that sysb did not mark as its own and that holds exactly one image is taken for what the "
    "image travels in, as everywhere. The archive itself can be compared once it is unpacked.",
    fault_class::io};
inline constexpr diag_code plan_not_done{
    "DIF-005", severity::warning, "the plan was not carried out",
    "The report of --expect-plan says that members were left out, and the other side still has some of them; or it "
    "belongs to another conversion.",
    fault_class::unfit};
inline constexpr diag_code no_system_files{
    "DIF-006", severity::note, "what the system is was not compared: contents are not at hand",
    "Level, filesets, file systems and accounts are read from a few members. An index or a manifest alone has no "
    "contents. Give the image instead of its index.",
    fault_class::io};

[[nodiscard]] inline std::span<diag_code const* const> codes() noexcept {
  static constexpr std::array<diag_code const*, 6> all{&tree_unreadable,  &record_gone,   &not_compared,
                                                       &taken_as_carrier, &plan_not_done, &no_system_files};
  return all;
}

}  // namespace sysb::diff
