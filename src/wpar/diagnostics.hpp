// SPDX-License-Identifier: Apache-2.0
// Findings of this folder that are not deployment rules.
#pragma once
#include "core/diagnostic.hpp"

namespace sysb::wpar {

inline constexpr diag_code spec_not_understood{
    "WPR-001", severity::warning, "WPAR specification file: a value is not understood",
    "Of a specification file (-f) the general and copy_controls stanzas are read. A value that must be yes "
    "or no, or "
    "a line that is no field, is not; it is ignored. What the command line says wins in any case.",
    fault_class::unfit};
inline constexpr diag_code spec_nothing_used{"WPR-002", severity::note,
                                             "WPAR specification file: nothing in it concerns the copy",
                                             "The file has neither a general nor a copy_controls stanza. "
                                             "mkwpar -f may still want it on AIX for the other "
                                             "stanzas; sysb does not read them.",
                                             fault_class::unfit};
inline constexpr diag_code preserve_wpars_ignored{
    "WPR-003", severity::note, "preserve_wpars is ignored for an image",
    "IBM documents that mkwpar -T preserve_wpars counts for a copy of the running system only and is ignored "
    "for a "
    "backup image. File systems of other WPARs are left out of the result.",
    fault_class::unfit};
inline constexpr diag_code keep_outside{"WPR-004", severity::warning, "--keep names nothing below /usr or /opt",
                                        "--keep PATH keeps a file system below /usr or /opt in a shared "
                                        "WPAR. This one lies elsewhere, is /usr or /opt "
                                        "itself, or has no member in the image: it changes nothing.",
                                        fault_class::unfit};
inline constexpr diag_code keep_ignored{
    "WPR-005", severity::note, "--keep has no effect on a private WPAR",
    "A private WPAR keeps everything below /usr and /opt; there is nothing for --keep to save.", fault_class::unfit};
inline constexpr diag_code keep_no_file_system{
    "WPR-006", severity::warning, "--keep names a directory that is no file system of its own",
    "In a shared WPAR the host's /usr and /opt are mounted over the mount points. Files below them can be "
    "seen only "
    "where they stand in a file system of their own that is mounted afterwards.",
    fault_class::unfit};
inline constexpr diag_code class_kept{
    "WPR-007", severity::warning, "a customized device class is not emptied",
    "The class fails its self-check, so nobody can tell how its empty form looks. It stays as it is and "
    "holds device "
    "data of the source; remove the objects on AIX with odmdelete, or let mkwpar -t -B build the WPAR.",
    fault_class::unfit};
inline constexpr diag_code member_unread{"WPR-008", severity::warning, "a member that rules read could not be read",
                                         "It is larger than the limit, or its packed content does not "
                                         "decode. The rules that need it do not decide.",
                                         fault_class::unfit};
inline constexpr diag_code base_not_usable{
    "WPR-009", severity::warning, "the base directory of a WPAR of the source is a directory of the system itself",
    "A WPAR definition or an entry of /etc/filesystems names a base directory that holds parts of the "
    "system. "
    "Leaving it out would destroy the copy: it stays.",
    fault_class::unfit};
inline constexpr diag_code counts_partial{"WPR-010", severity::note, "not every directory is counted by itself",
                                          "The table of directories has a fixed size. Members of directories "
                                          "beyond it count for their parents only; "
                                          "sizes of file systems mounted there are too small.",
                                          fault_class::unfit};
inline constexpr diag_code private_not_removed{"WPR-011", severity::warning, "files of a private fileset stay",
                                               "The fileset is proven to be private, but which files are its "
                                               "own alone is not: the owners of every installed fileset must be "
                                               "known, from the inventory class or from its liblpp.a, or a file "
                                               "could have a second one. Nothing of it is removed.",
                                               fault_class::unfit};
inline constexpr diag_code media_unread{"WPR-012", severity::warning,
                                        "installation media: a file is neither a .toc nor an lpp_name",
                                        "--media wants a folder with .toc or lpp_name files. This one has no "
                                        "line that either of them begins with.",
                                        fault_class::unfit};
inline constexpr diag_code profile_unused{"WPR-013", severity::note, "a line of the profile knows no finding",
                                          "Nothing that was found has the rule and the pattern of this line: what it "
                                          "was written for is gone, or is said in other words now. Take the line "
                                          "out, or write it anew with sysb check --write-profile.",
                                          fault_class::unfit};
inline constexpr diag_code profile_expired{"WPR-014", severity::warning, "a line of the profile is out of date",
                                           "The day in `until` has passed, so that what the line knows is shown "
                                           "again. Look at it once more, and give the line a new day or take it out.",
                                           fault_class::unfit};

}  // namespace sysb::wpar
