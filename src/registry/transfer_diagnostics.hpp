// SPDX-License-Identifier: Apache-2.0
// What happens to images on their way, each told by its content and with the way out.
#pragma once
#include "core/diagnostic.hpp"

namespace sysb::registry {

inline constexpr diag_code text_mode_added{
    "XFR-001", severity::warning, "carriage returns were added on the way",
    "Every line feed in the bytes looked at has a carriage return before it: the file was transferred in text "
    "(ASCII) mode by a system that ends lines so. Transfer it again in binary mode. Where that is not possible, "
    "LC_ALL=C sed 's/\\r$//' IMAGE >FIXED takes them out again; `sysb check` then tells whether nothing else "
    "was changed."};
inline constexpr diag_code text_mode_stripped{
    "XFR-002", severity::warning, "carriage returns were taken out on the way",
    "Record headers stand at places where none can stand, and no carriage return is left before a line feed, or "
    "none at all: the file was transferred in text (ASCII) mode. What was taken out cannot be put back. Transfer it "
    "again in binary mode."};
inline constexpr diag_code bytes_swapped{
    "XFR-003", severity::error, "the bytes are swapped",
    "Put back in order, the first bytes are those of an image or of something an image is carried in. Copies made with "
    "`dd conv=swab`, and tapes read through some drivers, are swapped in pairs; dd if=IMAGE of=FIXED conv=swab puts "
    "them back.",
    fault_class::unsupported};
inline constexpr diag_code padded_blocks{
    "XFR-004", severity::warning, "blocks of the medium were padded on the way",
    "The image was copied with a block size larger than that of its medium and `dd conv=sync`, which fills every "
    "block with zeros. The padding is regular: records lead one to the next when it is left out, and do not with it. "
    "It was left out, nothing of the image is missing. A copy with the right block size avoids it."};
inline constexpr diag_code cut_at_limit{
    "XFR-005", severity::warning, "the file ends at a limit of file sizes",
    "The image is cut off, and its length is one that limits have: 2 GiB less one byte or one block where large files "
    "are not enabled or not supported, 4 GiB on FAT, 1 GiB less one block by the default of `fsize` in "
    "/etc/security/limits of AIX, a whole number of MiB by `ulimit -f` or a quota. The rest was never written. Make "
    "or copy the image again where larger files are allowed (ulimit -f unlimited; a file system with large files)."};
inline constexpr diag_code encrypted{
    "XFR-006", severity::error, "the file is encrypted",
    "The first bytes are those of a program that encrypts. Decrypt it first; the plain image can be read from a pipe: "
    "openssl enc -d ... -in IMAGE | sysb check -, gpg -d IMAGE | sysb check -, age -d IMAGE | sysb check -. "
    "AIX writes no such files: someone protected this one on its way.",
    fault_class::unsupported};
inline constexpr diag_code second_image{
    "XFR-007", severity::warning, "a second image stands after the end record",
    "After the end record of the image begins another one with a volume header of its own: two images were "
    "joined into one file. Only the first was read. --member 2 reads the second, --member 3 a third. The rest of "
    "a block after an end record, which writers leave as it was, is not taken for an image."};
inline constexpr diag_code installation_file{
    "XFR-008", severity::warning, "this looks like the second file of a mksysb tape, not like the backup",
    "A mksysb tape has four files: a boot image, the files that an installation needs (with ./tapeblksz), a dummy "
    "table of contents, and the backup of the volume group. This image has ./tapeblksz and no ./etc/passwd: it is the "
    "second. The system is in the fourth: mt fsf 3, then read with the block size that ./tapeblksz tells."};
inline constexpr diag_code pieces_beside{
    "XFR-009", severity::warning, "the image may be one piece of several",
    "Files whose names differ only in a number or in the letters of `split` stand beside the one given, and what "
    "they begin with fits pieces of one image. Give all of them in order with --volumes; they are checked and "
    "joined."};
inline constexpr diag_code bytes_displaced{
    "XFR-010", severity::warning, "bytes were lost or added on the way",
    "Everything in an image stands at multiples of eight bytes. Sound record headers were found beside them: bytes "
    "before them were lost or added, as by a transfer that was not in binary mode or by a bad copy. Copy the image "
    "again from its medium, and compare checksums."};
inline constexpr diag_code other_start{
    "XFR-011", severity::error, "the file does not begin as an image does",
    "Sound records of an image stand in the first bytes, but the volume header that an image begins with is damaged, "
    "missing or not the first thing. Where it is missing, --salvage reads the members that are whole. Where something "
    "stands before it, as lines of a transfer program or empty blocks, tail -c +N IMAGE | sysb check - reads on from "
    "byte N, "
    "which is counted from 1.",
    fault_class::unsupported};

}  // namespace sysb::registry
