// SPDX-License-Identifier: Apache-2.0
// What is found about the index of an image.
#pragma once
#include <array>
#include <span>

#include "core/diagnostic.hpp"

namespace sysb::index {

inline constexpr diag_code foreign_index{
    "IDX-001", severity::warning, "the index was made of another image and is not used",
    "The index keeps the length of the image and a digest of blocks all over it, and they differ: the image "
    "was made anew or changed since, or the index was put beside another one. The image was walked as if "
    "there were no index. Make it anew with `sysb index --overwrite IMAGE`, or remove it.",
    fault_class::io};
inline constexpr diag_code damaged_index{
    "IDX-002", severity::warning, "the index is damaged or no index, and is not used",
    "The file has another form than that of an index, is cut, or a checksum in it does not match. The image "
    "was walked as if there were no index, so what was printed is whole. Make it anew with `sysb index "
    "--overwrite IMAGE`, or remove it.",
    fault_class::io};
inline constexpr diag_code other_version{
    "IDX-003", severity::warning, "the index was written by another version of sysb and is not used",
    "Its form, or a finding that it keeps, is not known to this program. The image was walked as if there "
    "were no index. Make it anew with `sysb index --overwrite IMAGE`.",
    fault_class::io};
inline constexpr diag_code not_seekable{
    "IDX-004", severity::warning, "the index is not used: the image can only be read from its start",
    "The image is compressed, or a pipe: nothing in it can be reached without reading all that stands "
    "before. Unpack it to a file to use an index, or say --no-index.",
    fault_class::io};
inline constexpr diag_code time_differs{
    "IDX-005", severity::note, "the image has another time than when its index was made",
    "Length and samples of the image are those that the index keeps, so it was most likely copied or "
    "touched, and the index is used. Every record that is read through it is compared with the image.",
    fault_class::io};
inline constexpr diag_code record_differs{
    "IDX-006", severity::error, "the image does not hold the record that the index names",
    "The header of the member is not the one the index was made of, although length and samples of the image "
    "are: the image was changed in place since, or is damaged. Nothing of the member was given out. `sysb "
    "check` tells whether the image is sound; --no-index reads it without the index.",
    fault_class::damage};
inline constexpr diag_code content_differs{
    "IDX-007", severity::error, "content differs from the digest in the index",
    "The content of the member is not the one that was read when the index was made. Where nobody changed "
    "the image on purpose, its medium has lost bits: plain content has no checksum of its own, so nothing "
    "else tells. Read the image from another copy.",
    fault_class::damage};
inline constexpr diag_code not_in_index{
    "IDX-008", severity::error, "the index does not know this member",
    "The image holds a member with content at a place where the index has none: it was changed since the "
    "index was made, or is damaged before this place.",
    fault_class::damage};
inline constexpr diag_code not_in_image{
    "IDX-009", severity::error, "a member of the index is not in the image",
    "The index knows a member with content that the image does not hold at its place: the image was changed "
    "since the index was made, or is damaged before this place.",
    fault_class::damage};

inline constexpr diag_code length_differs{
    "IDX-010", severity::error, "the image has another length than its index was made of",
    "The image was cut, or grew, or was made anew since; or the index is that of another image. Its contents "
    "were not compared with the index.",
    fault_class::damage};

[[nodiscard]] inline std::span<diag_code const* const> codes() noexcept {
  static constexpr std::array<diag_code const*, 10> all{
      &foreign_index,  &damaged_index,   &other_version, &not_seekable, &time_differs,
      &record_differs, &content_differs, &not_in_index,  &not_in_image, &length_differs};
  return all;
}

}  // namespace sysb::index
