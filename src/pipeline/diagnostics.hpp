// SPDX-License-Identifier: Apache-2.0
// Findings of the pipeline: names that cannot be written safely (SEL), hard links (LNK), and
// what an output cannot hold (LOS).
#pragma once
#include <span>

#include "core/diagnostic.hpp"

namespace sysb::pipeline {

inline constexpr diag_code name_has_dotdot{
    "SEL-001", severity::error, "member refused: its name has a '..' component",
    "A name with a '..' component could be unpacked outside the target directory. AIX's backup "
    "does not write such names unless its list held them. The member is left out of every output; "
    "read it with `sysb cat`.",
    fault_class::refused};
inline constexpr diag_code parent_not_directory{
    "SEL-002", severity::error, "member refused: its parent is not a directory in the image",
    "The image says that a component of this name is a symbolic link or a file. Unpacking the member "
    "would follow that link out of the target, or fail. It is left out of every output.",
    fault_class::refused};
inline constexpr diag_code replaces_directory{
    "SEL-003", severity::error, "member refused: it would replace a directory that is not empty",
    "A name comes twice: first as a directory with members below it, later as something else. "
    "Replacing the directory would lose them, so the later member is left out.",
    fault_class::refused};
inline constexpr diag_code absolute_names{
    "SEL-004", severity::warning, "absolute names: the leading slash is dropped in the output",
    "Images made by mksysb hold names that begin with './'. This one holds absolute names; outputs "
    "hold them without the slash, so that they unpack below the target.",
    fault_class::damage};
inline constexpr diag_code names_twice{
    "SEL-005", severity::warning, "names that come more than once",
    "The image holds several members of one name. As `restore` does, the later one replaces the "
    "earlier in trees and in the output of `wpar`; `convert` writes both in image order.",
    fault_class::damage};
inline constexpr diag_code root_not_directory{"SEL-006", severity::error,
                                              "member refused: the root of the archive is not a directory here",
                                              "A member named './' or '/' must be a directory.", fault_class::refused};

inline constexpr diag_code link_outside{
    "SEL-007", severity::error, "member refused: it is a hard link to a name that was refused",
    "Its content stands under a name that cannot be written safely. The member has no content of its own.",
    fault_class::refused};

inline constexpr diag_code link_metadata_differs{
    "LNK-001",
    severity::error,
    "a name without content shares an inode number with a file of other metadata",
    "Hard links share one inode, so mode, owner, group and modification time must agree. This name has "
    "no content of its own and does not agree with the name that has: it is neither taken for a link nor "
    "for an empty file.",
    fault_class::damage,
    false,
    fault_reach::changed};
inline constexpr diag_code link_sizes_differ{
    "LNK-002", severity::warning, "names of one inode number have different sizes: kept as separate files",
    "Inode number, device and link count say that the names are hard links, their sizes say that they are "
    "not. The file may have grown while the backup ran. Each name keeps its own content.",
    fault_class::damage};
inline constexpr diag_code link_content_differs{
    "LNK-003",
    severity::error,
    "hard links with different content",
    "Two names of one inode carry their own copies of the data, with equal size and metadata, but the copies "
    "differ. Linking them would lose one.",
    fault_class::damage,
    false,
    fault_reach::changed};
inline constexpr diag_code link_content_missing{"LNK-004",
                                                severity::error,
                                                "a hard link whose content is nowhere in the image",
                                                "The record holds no data and no other name of its inode does.",
                                                fault_class::damage,
                                                false,
                                                fault_reach::content};
inline constexpr diag_code link_group_too_wide{
    "LNK-005", severity::error, "the content of a hard link comes too late in the stream",
    "An empty member turned out to be a link to content that came much later, after the empty file had been "
    "written. Give the image as a file and select members, so that it can be read twice.",
    fault_class::damage};

inline constexpr diag_code link_content_passed{
    "LNK-006", severity::error, "the content of a hard link has passed by, and the input cannot be read again",
    "The name that held the content was replaced by a later member before this further name of the same file "
    "came. Its content must be read a second time, which a pipe does not allow: give the image as a file.",
    fault_class::io};

inline constexpr diag_code inode_used_again{
    "LNK-007", severity::error, "names of one inode number differ, and there are more of them than links",
    "With --accept-changed the later of two names of one file is taken where they differ. Here the image has more "
    "names of the inode number than its link count allows: the number was used again while the backup ran, and "
    "which names belong together is not known.",
    fault_class::damage};

inline constexpr diag_code loss_member{
    "LOS-001", severity::warning, "members that the output format cannot hold were left out",
    "The chosen format has no way to store the member at all (a socket in a tar, a file above the size "
    "limit, a name that is too long). Choose pax, or --on-loss stop.",
    fault_class::loss};
inline constexpr diag_code loss_owner{"LOS-002", severity::warning,
                                      "owner or group numbers that the output format cannot hold became 65534",
                                      "ustar stores ids up to 2097151. Choose pax or gnutar.", fault_class::loss};
inline constexpr diag_code loss_mtime{
    "LOS-003", severity::warning, "modification times that the output format cannot hold were moved into its range",
    "Only pax stores times before 1970; other archives get the nearest time that they hold.", fault_class::loss};
inline constexpr diag_code loss_acl{
    "LOS-004", severity::warning, "access control lists that the output format cannot hold",
    "Extended AIXC entries and privilege lists travel in pax archives, .bff images and manifests.", fault_class::loss};
inline constexpr diag_code loss_aix_mode{
    "LOS-005", severity::note, "AIX mode bits above the permissions that the output format cannot hold",
    "AIX keeps 32 bits of mode; the upper ones mark journalled directories and the like. AIX sets them "
    "again when files are created. They travel in pax archives and .bff images.",
    fault_class::loss};
inline constexpr diag_code loss_times{
    "LOS-006", severity::note, "access or change times that the output format cannot hold",
    "Only pax stores access and change times of members; other archives go without them.", fault_class::loss};
inline constexpr diag_code loss_device{"LOS-007", severity::warning,
                                       "device numbers that the output format cannot hold: members left out",
                                       "AIX device numbers may have 16 bits and more on each side.", fault_class::loss};

[[nodiscard]] std::span<diag_code const* const> codes() noexcept;

}  // namespace sysb::pipeline
