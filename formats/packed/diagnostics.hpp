// SPDX-License-Identifier: Apache-2.0
// What can be wrong with packed content.
#pragma once
#include "core/diagnostic.hpp"

namespace sysb::packed {

inline constexpr diag_code end_early{
    "PCK-001",
    severity::error,
    "packed content ends before its recorded size",
    "The end mark of a packed member came before as many bytes were unpacked as the member's header "
    "records. A bit of the packed data or of the size in the header is damaged; nothing of the member's "
    "content can be trusted. Read the image from its medium again.",
    fault_class::damage,
    false,
    fault_reach::content};
inline constexpr diag_code end_missing{
    "PCK-002",
    severity::error,
    "packed content goes on after its recorded size",
    "As many bytes were unpacked as the member's header records, and the code that follows is not the end "
    "mark. A bit of the packed data or of the size in the header is damaged; nothing of the member's "
    "content can be trusted. Read the image from its medium again.",
    fault_class::damage,
    false,
    fault_reach::content};
inline constexpr diag_code bytes_left{
    "PCK-003",
    severity::error,
    "packed content ends before the last of its stored bytes",
    "The end mark of a packed member stands in its last stored byte; here bytes follow it. A bit of the "
    "packed data or of the stored size in the header is damaged. Read the image from its medium again.",
    fault_class::damage,
    false,
    fault_reach::content};
inline constexpr diag_code bits_left{
    "PCK-004",
    severity::error,
    "bits after the end mark of packed content are not zero",
    "The bits that fill the last byte of a packed member after its end mark are zero in every archive "
    "known. Here one is set, so the last byte, and perhaps more, is damaged. Read the image from its "
    "medium again.",
    fault_class::damage,
    false,
    fault_reach::content};
inline constexpr diag_code cut_short{
    "PCK-005",
    severity::error,
    "packed content is cut short",
    "The stored bytes of a packed member are used up and its end mark was not seen. The stored size in "
    "the header, or the packed data, is damaged. Read the image from its medium again.",
    fault_class::damage,
    false,
    fault_reach::content};
inline constexpr diag_code bad_level_count{
    "PCK-006",
    severity::error,
    "code tree of packed content has an impossible number of levels",
    "Packed content begins with the number of levels of its code tree, from 1 to 24. Another number "
    "stands there: this is not packed content, or its first byte is damaged.",
    fault_class::damage,
    false,
    fault_reach::content};
inline constexpr diag_code too_many_symbols{
    "PCK-007",
    severity::error,
    "code tree of packed content has too many leaves",
    "A code tree has at most 257 leaves: one for every byte value and one for the end mark. The leaf "
    "counts at the start of this packed content add up to more, so they are damaged.",
    fault_class::damage,
    false,
    fault_reach::content};
inline constexpr diag_code bad_tree{
    "PCK-008",
    severity::error,
    "code tree of packed content is not a complete tree",
    "The leaf counts at the start of packed content must make a complete binary tree: every inner node "
    "has two children. These do not, so they are damaged, and no bit after them has a meaning.",
    fault_class::damage,
    false,
    fault_reach::content};
inline constexpr diag_code impossible_sizes{
    "PCK-009",
    severity::error,
    "sizes of packed content cannot be true",
    "A byte takes at least one bit when it is packed, and packed content has at least two bytes. The "
    "sizes in the member's header contradict that: the header is damaged or made up. Nothing was "
    "unpacked.",
    fault_class::damage,
    false,
    fault_reach::content};
inline constexpr diag_code other_length{
    "PCK-011",
    severity::error,
    "packed content is whole and has another length than recorded",
    "The end mark of a packed member stands exactly at the end of its stored bytes, as in sound content, but the "
    "number of bytes that come out is not the size that the header records. There are two causes: the file "
    "changed while it was saved (its size was noted before its content was packed), or a bit of the packed data "
    "is damaged: such codes fall back into step after a fault. Only another copy of the file tells which. "
    "`--accept-changed` takes the content as it was stored, with its own length.",
    fault_class::damage,
    false,
    fault_reach::changed};
inline constexpr diag_code over_limit{
    "PCK-010", severity::warning, "packed content is larger than AIX packs",
    "The backup command packs files below 2 GiB only. Larger packed content was not written by it, or "
    "its size is damaged; the content is judged by its end mark like any other."};

}  // namespace sysb::packed
