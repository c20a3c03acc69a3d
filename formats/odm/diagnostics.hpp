// SPDX-License-Identifier: Apache-2.0
// What can be wrong with an ODM object class file.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "core/diagnostic.hpp"

namespace sysb::odm {

inline constexpr diag_code not_a_class{
    "ODM-001", severity::warning, "not an ODM object class file",
    "An ODM class file begins with 0x000dcfac and repeats it at offset 0x0c. The member stays as it is "
    "and nothing is read from it."};
inline constexpr diag_code bad_structure{
    "ODM-002", severity::warning, "ODM class: the class structure contradicts itself",
    "An offset, a count or a size of the class structure or of its descriptor table does not fit the "
    "others. Nothing is read from the class and it is not emptied."};
inline constexpr diag_code name_differs{
    "ODM-003", severity::warning, "ODM class: the class name is not the file name",
    "An ODM class file names its class, which is also the name of the file. The class is read, not "
    "emptied."};
inline constexpr diag_code records_cut{
    "ODM-004", severity::warning, "ODM class: the records run past the end of the file",
    "The file holds fewer bytes than its object count needs: it is cut or damaged. Nothing is read from "
    "it."};
inline constexpr diag_code tail_not_zero{
    "ODM-005", severity::warning, "ODM class: bytes after the records are not zero",
    "In every known class file the space after the last record is zero. How AIX marks deleted records is "
    "not public, so the class is read, but not emptied."};
inline constexpr diag_code odd_size{"ODM-006", severity::note, "ODM class: the file size is not a multiple of 4096",
                                    "Known class files are a multiple of 4096 bytes. The class is used all the same."};
inline constexpr diag_code suspect_record{
    "ODM-007", severity::warning, "ODM class: records that may be deleted",
    "A live record carries its own position as its id. How AIX marks a deleted record is not public; "
    "records that deviate are listed and neither used nor dropped silently."};
inline constexpr diag_code type_contradiction{
    "ODM-008", severity::warning, "ODM class: field types contradict the record layout",
    "The type of a field is learned from the space it takes in the record. Here two fields of one type, "
    "or a type and its space, contradict each other; nothing is read from the class."};
inline constexpr diag_code bad_text{
    "ODM-009", severity::warning, "ODM class: a text field holds bytes that are no text",
    "A CHAR field must be printable up to its NUL. The record's other fields are used; the class is not "
    "emptied."};
inline constexpr diag_code no_calibration{
    "ODM-010", severity::note, "ODM class: the .vc side file could not be calibrated",
    "Where a VCHAR slot points to in the side file is not public. It is learned from the data and "
    "accepted only when at least 99 percent of the slots hit the start of a text and one reading alone "
    "does; otherwise the texts are not used."};

[[nodiscard]] std::span<diag_code const* const> codes() noexcept;

struct fault {
  diag_code const* code = nullptr;
  std::uint64_t offset = 0;  // in the class file
  std::string detail;
};

}  // namespace sysb::odm
