// SPDX-License-Identifier: Apache-2.0
// What the sinks report.
#pragma once
#include <span>

#include "core/diagnostic.hpp"

namespace sysb::output {

inline constexpr diag_code member_left_out{
    "OUT-001", severity::warning, "member left out: the output format cannot hold it",
    "The output format has no way to store a member of this kind, size, name length or device number "
    "(a socket in a tar, a file of 4 GiB in a cpio). The rest of the output is complete. Choose "
    "another format: pax holds everything but sockets.",
    fault_class::loss};

inline constexpr diag_code unsafe_place{
    "OUT-002", severity::error, "member refused: it would not stand inside the target",
    "A component of the member's name is \"..\", or a parent of it is a symbolic link or not a "
    "directory in the output. Writing it could reach a file outside the target, so it was left out.",
    fault_class::damage};

inline constexpr diag_code replaces_directory{
    "OUT-003", severity::error, "member refused: a directory that is not empty has this name",
    "A later member of another kind has the name of a directory that holds members already. Nothing "
    "replaces such a directory; the later member was left out.",
    fault_class::damage};

inline constexpr diag_code link_without_target{
    "OUT-004", severity::error, "hard link refused: its first name is not in the output",
    "The member is a hard link to a name that was not written (it was left out or refused, or does "
    "not stand before the link), or that cannot be linked to.",
    fault_class::damage};

inline constexpr diag_code owners_not_set{
    "OUT-005", severity::warning, "owners could not be set",
    "Only root may give files away. The members belong to the user who ran the command; the owners of "
    "the image stand in the manifest beside the tree (OUT.mtree).",
    fault_class::loss};

inline constexpr diag_code devices_not_made{
    "OUT-006", severity::warning, "device nodes could not be made",
    "Only root may make device nodes, and some containers and file systems refuse them even to root. "
    "The nodes stand in the manifest beside the tree (OUT.mtree).",
    fault_class::loss};

inline constexpr diag_code attributes_not_in_tree{
    "OUT-007", severity::note, "AIX attributes are not part of a tree",
    "AIX access control lists, privilege lists and the attribute bits of the mode have no place in a "
    "Linux directory tree. They stand in the manifest beside it (OUT.mtree) where one is written; a "
    "pax archive holds them with the members.",
    fault_class::loss};

inline constexpr diag_code file_system_refuses{
    "OUT-008", severity::warning, "member left out: the file system of the target refuses it",
    "The file system cannot hold the member: a component of the name is too long or not allowed, a "
    "symbolic link has no target or one that is too long, or a file is larger than it supports.",
    fault_class::loss};

inline constexpr diag_code nearest_value{
    "OUT-009", severity::note, "values were replaced by the nearest that the format can hold",
    "The output format cannot hold an owner, group or time of some members: an owner or group beyond "
    "its range became 65534, a time the nearest one in range. The loss was reported for each member; "
    "this says what stands in the output instead.",
    fault_class::loss};

inline constexpr diag_code metadata_not_set{
    "OUT-010", severity::warning, "modes or times could not be set",
    "The file system or the system refused to set the permission bits or times of members that were "
    "written. Their content is complete; the manifest (OUT.mtree), where one is written, holds what "
    "they should be.",
    fault_class::loss};

inline constexpr diag_code killed_run_met{
    "OUT-011", severity::note, "a run that was killed left something here",
    "A run that was killed (SIGKILL, loss of power) could not remove its unfinished files. They stand under names of "
    "ours (.sysb-NUMBER.part, .tree) and no living process holds them: `sysb clean DIR` removes them. What such a run "
    "had put in place without the rest (OUT.d without OUT) is taken back by the next run into the same OUT.",
    fault_class::io};

[[nodiscard]] std::span<diag_code const* const> codes() noexcept;

}  // namespace sysb::output
