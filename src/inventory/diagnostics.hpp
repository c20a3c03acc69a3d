// SPDX-License-Identifier: Apache-2.0
// What the software inventory of an image can say against its contents.
#pragma once
#include <span>

#include "core/diagnostic.hpp"

namespace sysb::inventory {

inline constexpr diag_code content_damaged{
    "INV-001", severity::error, "content is not what the software inventory says",
    "The sum or the length of a file differs from the inventory of its fileset, and nothing else explains it. In an "
    "installp package nothing can: the package was made with that inventory. On an installed system files of "
    "different filesets in one region of the image have the recorded length and other content; nobody edits files "
    "that way. Take the image or the package again from its source."};
inline constexpr diag_code content_differs{
    "INV-002", severity::note, "a file was edited or damaged",
    "The file differs from the software inventory, as one that somebody edited does. A changed length is a change "
    "on the system: the header that holds it has a checksum of its own. The same length with other content may be "
    "damage of the image too; compare the file with the system or with another backup."};
inline constexpr diag_code attributes_differ{
    "INV-003", severity::note, "kind, mode, owner or target differ from the software inventory",
    "The record of the member is whole (its header has a checksum), so this was so on the system. Names of owners "
    "are compared where the image has /etc/passwd and /etc/group."};
inline constexpr diag_code file_missing{
    "INV-004", severity::error, "a file of the software inventory is not in the image",
    "In an installp package this is an error: its apply list promises the file. On an installed system it is a note: "
    "files are removed, and backups leave things out."};
inline constexpr diag_code sums_not_believed{
    "INV-005", severity::note, "the sums of the software database are not used",
    "That the checksum of the class inventory is the sum that liblpp.a has is inferred. It is used only where at "
    "least four of five files of the recorded length agree, and there are at least eight of them."};
inline constexpr diag_code inventory_unreadable{
    "INV-006", severity::warning, "a software inventory cannot be read",
    "A liblpp.a or a list in it is damaged: what is left of it is used, and no fileset whose rows may be missing is "
    "called "
    "sound. In an installp package this is an error, for the package is the image."};
inline constexpr diag_code row_damaged{
    "INV-007", severity::warning, "a row of the software inventory is damaged, not the file",
    "The row denies itself, or all of it but one number agrees with the file, so the fault is in the inventory. In "
    "an installp package this is an error, for the package is the image."};
inline constexpr diag_code too_many_rows{
    "INV-008", severity::warning, "the software inventory is larger than any system's",
    "What lies beyond a bound was not compared, and no fileset that it belongs to is called sound. Rows with their "
    "names "
    "take at most 56 MiB (about 500,000 rows), a liblpp.a at most 16 MiB, the classes of the software database at most "
    "48 MiB, a path at most 4,096 bytes."};
inline constexpr diag_code more_files{
    "INV-009", severity::note, "more files differ than are listed",
    "The first hundred are listed, one finding a file; the counts of every fileset hold all of them."};

inline constexpr diag_code no_inventory{
    "INV-010", severity::note, "the image carries no software inventory",
    "Neither an installp package nor an installed system with its software database: contents cannot be held "
    "against an inventory. This is normal for a savevg image of data."};

[[nodiscard]] std::span<diag_code const* const> codes() noexcept;

}  // namespace sysb::inventory
