// SPDX-License-Identifier: Apache-2.0
// What can be wrong with, or worth knowing about, a by-name archive.
#pragma once
#include <span>

#include "core/diagnostic.hpp"

namespace sysb::backup_by_name {

inline constexpr diag_code truncated{
    "BBN-001", severity::error, "archive is cut off before its end record",
    "The input ended where more of the archive was expected; the offset is that of the first missing "
    "byte. The transfer was incomplete, the medium was full, or this is one volume of a set whose other "
    "volumes were not given (--volumes A B C)."};
inline constexpr diag_code lost_sync{
    "BBN-002", severity::error, "no record header where one is expected",
    "Every member is followed by the header of the next record. Where one was due stand bytes that are "
    "no header, so the lengths of the member before it, or the bytes themselves, are damaged. The walk "
    "stops: what follows cannot be told from the contents of files without guessing. Read the image from "
    "its medium again; where that is not possible, `extract --salvage` and `convert --salvage` take what "
    "can still be told apart."};
inline constexpr diag_code bad_checksum{
    "BBN-003", severity::error, "record header checksum does not match",
    "The header of a record does not fit its own checksum: a name, a size, an owner or a mode is "
    "damaged. The member is walked over only if a valid header stands where it would end, and is never "
    "trusted."};
inline constexpr diag_code damaged_header{
    "BBN-004", severity::error, "record header is damaged",
    "Bytes that look like a record header stand where one is expected, but length, type, magic and "
    "checksum do not fit together, and the record cannot be walked over. The walk stops here; the member "
    "and all that follow are not listed. Read the image from its medium again; where that is not "
    "possible, `extract --salvage` and `convert --salvage` take what can still be told apart."};
inline constexpr diag_code security_unproven{
    "BBN-005",
    severity::error,
    "security record does not check itself",
    "Between header and content stands a record with the access control list and the privilege list. Its "
    "lengths and its copy of the mode must agree with each other and with the header; here they do not, "
    "so where the content starts is not proven. The content may be shifted and must not be used.",
    fault_class::damage,
    false,
    fault_reach::content};
inline constexpr diag_code security_too_long{
    "BBN-006", severity::error, "security record is impossibly long",
    "Access control list and privilege list of a member together take at most 128 KiB. The lengths found "
    "are larger, so they are damaged and the end of the member is not known. The walk stops here."};
inline constexpr diag_code later_volume{
    "BBN-007", severity::error, "this is a later volume of a set",
    "The volume header has a number larger than 1: the archive began on another volume. Give all volumes "
    "in order (--volumes A B C)."};
inline constexpr diag_code volume_inside{
    "BBN-008", severity::error, "a volume header stands where a member is expected",
    "The header of a volume stands inside the archive: files of a set were joined as they are, or two "
    "archives. Give the volumes of a set one by one (--volumes A B C), so that their headers are checked "
    "and taken out."};
inline constexpr diag_code ambiguous{
    "BBN-009", severity::error, "layout of a record is ambiguous",
    "No public document settles how this kind of record is laid out. Several layouts end at a valid "
    "header, and following the records after them does not decide. Taking one would be a guess, so the "
    "walk stops."};
inline constexpr diag_code second_symlink_layout{
    "BBN-010", severity::error, "symbolic link has another layout than those before it",
    "All symbolic links of one archive are written in one way. This one fits only another layout than "
    "the earlier ones, so one of them was misread or the archive is damaged."};
inline constexpr diag_code no_layout{
    "BBN-011", severity::error, "no known layout of this record fits",
    "For this kind of record several layouts are possible. None of them ends at a valid header, so the "
    "record or what follows it is damaged, or it is written in a way nobody has described. The walk "
    "stops here."};
inline constexpr diag_code link_mismatch{
    "BBN-012",
    severity::error,
    "hard link without data does not match the name that has the data",
    "A record repeats the inode of an earlier one and has no data. It is another name of that file only "
    "if type, mode, owner, group and time of change agree. They do not, so its content is not known: it "
    "is neither linked nor written as an empty file.",
    fault_class::damage,
    false,
    fault_reach::changed};
inline constexpr diag_code packed_sizes{
    "BBN-013",
    severity::error,
    "sizes of a packed member are impossible",
    "A packed member has at least 2 stored bytes, and no byte can become more than 8. The sizes recorded "
    "break that, so the header is damaged; the content is refused.",
    fault_class::damage,
    false,
    fault_reach::content};
inline constexpr diag_code content_refused{
    "BBN-014",
    severity::error,
    "where the content of a member starts is not proven",
    "The record has a part that nobody has described, and nothing proves at which byte the content "
    "begins or how long it is. The member is listed, its content is not given out.",
    fault_class::damage,
    false,
    fault_reach::content};
inline constexpr diag_code empty_name{"BBN-015", severity::error, "member has no name",
                                      "The name field of the record starts with a NUL byte. The member is left out."};
inline constexpr diag_code far_end{
    "BBN-016", severity::error, "much input follows the end record",
    "A layout that no document describes was used, and the end record found through it has more than 1 "
    "MiB after it. It may be the end record of an archive inside a member: the listing may be wrong."};
inline constexpr diag_code unknown_kind{
    "BBN-017", severity::error, "member is of no known file type",
    "The file type bits of the mode are none of file, directory, symbolic link, device, FIFO and socket. "
    "The member is left out."};
inline constexpr diag_code link_layout_lost{
    "BBN-018", severity::error, "links of one file cannot be told apart from what follows",
    "A record of a file with several names was read by random access, and no valid header stands after "
    "its data. Read the image from its start, where the names before it are known."};

inline constexpr diag_code name_area{
    "BBN-020", severity::warning, "name field has an unusual length",
    "Every writer known pads a name with its NUL to the next 8 bytes and no further. This one did not; "
    "the name is taken up to its first NUL."};
inline constexpr diag_code packed_kind{"BBN-021", severity::warning,
                                       "packed mark on a member that is not a regular file",
                                       "Only regular files are packed. The mark is ignored."};
inline constexpr diag_code packed_large{
    "BBN-022", severity::warning, "packed member of 2 GiB or more",
    "AIX does not pack files of 2 GiB and more. The member is read as it is recorded; its end test "
    "decides whether the content is sound."};
inline constexpr diag_code unknown_magic{
    "BBN-023", severity::warning, "records with a magic number that no document describes",
    "The magic number of these records is not that of plain (0xea6b) or packed (0xea6c) members. They "
    "are read like plain ones, and each is taken only where a valid header follows. Please report such "
    "an image: it settles the question for everybody."};
inline constexpr diag_code unknown_record{
    "BBN-024", severity::warning, "newer record type skipped",
    "A record with a valid checksum is of a type that this program does not know. It was stepped over; "
    "what it says is lost."};
inline constexpr diag_code opaque_bytes{
    "BBN-025", severity::warning, "unknown blocks inside records",
    "Between the known parts of a record and the next valid header stand bytes that nobody has described "
    "(extended attributes are the likely content). They are kept by an unchanged copy of the record and "
    "lost by every other output."};
inline constexpr diag_code bytes_skipped{
    "BBN-050", severity::error, "bytes skipped: no records here",
    "With --salvage: no record of the archive was found in these bytes, so they were passed over up to "
    "the next place where records lead one to the next. Members whose headers stood here are lost. "
    "Records of an archive inside a member are not taken for members."};
inline constexpr diag_code member_incomplete{
    "BBN-051",
    severity::error,
    "member is incomplete",
    "With --salvage: the header of the member is sound, but its content is cut, or no header stands where "
    "it should end, so that nothing proves that these are the bytes that were saved. The member is left "
    "out, or kept under a marked name (--keep-partial).",
    fault_class::damage,
    false,
    fault_reach::content};
inline constexpr diag_code volume_lost{
    "BBN-052", severity::error, "volume header is damaged or missing",
    "With --salvage: the image does not begin with a sound volume header. Date and user of the backup "
    "are not known; the members were searched for."};
inline constexpr diag_code too_many_gaps{
    "BBN-053", severity::error, "too many gaps: the rest was not searched",
    "With --salvage at most 65,536 damaged places are passed over. What stands after the last one is "
    "not read."};
inline constexpr diag_code salvaged{
    "BBN-054", severity::warning, "what salvage had to skip",
    "With --salvage: the number of damaged places in the whole image, the bytes skipped there, and the "
    "members that are incomplete. What was written is only what the image still holds."};
inline constexpr diag_code other_length{
    "BBN-060",
    severity::error,
    "stored content has another length than recorded",
    "A sound header stands after the stored content, so where it ends is certain; but the record gives another "
    "size. There are two causes: the file changed while it was saved (its size was noted before its content was "
    "read), or a length in the record is damaged. Only another copy of the file tells which. `--accept-changed` "
    "takes the content as it was stored, with its own length.",
    fault_class::damage,
    false,
    fault_reach::changed};
inline constexpr diag_code unknown_variant{
    "BBN-026", severity::warning, "unknown variant of the security record",
    "All members of one kind carry a security record that deviates in the same way from that of every "
    "archive known. That is a variant of the format and not damage: the contents were taken. Please "
    "report the bytes shown."};
inline constexpr diag_code learned_grammar{
    "BBN-027", severity::warning, "the archive has a grammar of its own",
    "The records of this archive deviate in a regular way from what is documented. The grammar was fitted "
    "to the image: every record sampled leads exactly to the next one, at least eight show each deviation, "
    "and where contents begin is proven as the finding says. A member for which that stayed open is named "
    "as an error of its own, and no byte of its content is given out. Please report such an image: it settles the "
    "question for everybody."};
inline constexpr diag_code stored_size{
    "BBN-028", severity::warning, "size and stored size of a plain file differ",
    "A file that is not packed is stored with its own size. Here the record gives two sizes; the one "
    "after which a valid header stands is taken."};
inline constexpr diag_code link_sizes{
    "BBN-029", severity::warning, "names of one inode have different sizes or data",
    "Two members carry the same device and inode number and claim several links, but differ in size or "
    "metadata. The file changed while it was saved, or the number was used again; both are kept as files "
    "of their own."};
inline constexpr diag_code more_of_same{"BBN-030", severity::warning, "more findings of one kind",
                                        "A kind of warning came so often that the rest is only counted."};
inline constexpr diag_code security_proven_by_content{
    "BBN-031", severity::warning, "security record deviates, content proven by its end test",
    "The security record of a packed member does not check itself, but the packed data after it ends "
    "exactly where it must. Access control list and privilege list of this member may be damaged."};

inline constexpr diag_code pad_set{
    "BBN-039", severity::note, "unused field of a member header is set",
    "The last field of the header is 0 in every archive known, and may be the high half of the size of "
    "large files. In this member it has a value without a meaning; it is ignored."};
inline constexpr diag_code symlink_layout_used{
    "BBN-040", severity::note, "layout of symbolic links in this image",
    "No public document says how symbolic links are laid out; the image itself decides. This is what it "
    "showed."};
inline constexpr diag_code link_layout_used{
    "BBN-041", severity::note, "layout of repeated hard links in this image",
    "No public document says how the further names of a file are laid out; the image itself decides. "
    "This is what it showed."};
inline constexpr diag_code device_layout_used{
    "BBN-042", severity::note, "layout of devices, FIFOs and sockets in this image",
    "No public document says how special files are laid out; the image itself decides. This is what it "
    "showed."};
inline constexpr diag_code large_layout_used{
    "BBN-043", severity::note, "layout of files of 4 GiB and more in this image",
    "No public document says how the size of such files is recorded; the image itself decides. This is "
    "what it showed."};
inline constexpr diag_code relative_used{
    "BBN-044", severity::note, "archive of an older relative of AIX",
    "The members are in the form of AIX/RT 2.x or AIX PS/2 1.x. That form is known from descriptions "
    "only; every member is taken only where a valid header follows."};
inline constexpr diag_code link_data_later{
    "BBN-045", severity::note, "data of linked files stands with a later name",
    "The first name of these files is recorded with size 0, and a later name of the same inode with the "
    "same metadata has the data."};
inline constexpr diag_code privileges_set{
    "BBN-046", severity::note, "privilege list of a member is not empty",
    "After the access control list stands a privilege list, empty in every archive known. This one has "
    "bits set; nobody has described them. The raw bytes are kept."};

}  // namespace sysb::backup_by_name
