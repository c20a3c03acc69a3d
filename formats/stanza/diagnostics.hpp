// SPDX-License-Identifier: Apache-2.0
// What can be wrong with a stanza file. None of it stops the parser.
#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "core/diagnostic.hpp"

namespace sysb::stanza {

inline constexpr diag_code no_equals{
    "STZ-001", severity::warning, "stanza file: a line is neither a header nor a field",
    "A line of a stanza file must be a comment, blank, a header that ends with a colon, or a field with "
    "an equals sign. AIX's own readers skip or refuse such a line; it is kept as it is and ignored here."};
inline constexpr diag_code field_outside{
    "STZ-002", severity::warning, "stanza file: a field stands before the first stanza header",
    "A field belongs to the header above it, and there is none. The line is kept and its value is not "
    "used."};
inline constexpr diag_code nul_byte{
    "STZ-003", severity::warning, "stanza file: NUL bytes inside",
    "A stanza file is text. NUL bytes point to a damaged member or to a file of another kind; the lines "
    "that have them are kept and not used."};
inline constexpr diag_code line_too_long{
    "STZ-004", severity::warning, "stanza file: a line is too long",
    "No known stanza file has lines of this length. The line is kept and not used."};
inline constexpr diag_code too_large{
    "STZ-005", severity::warning, "stanza file: too large or too many fields",
    "The file is larger than any stanza file can reasonably be. What lies after the limit is kept and "
    "not used."};
inline constexpr diag_code header_indented{
    "STZ-006", severity::note, "stanza file: a stanza header is indented",
    "AIX writes headers at the start of a line. An indented line that ends with a colon and has no equals "
    "sign is taken as a header."};
inline constexpr diag_code open_quote{
    "STZ-007", severity::warning, "stanza file: a quoted value has no closing quote",
    "The value begins with a double quote that nothing closes on its line. It is taken to the end of the "
    "line, without the quote."};

[[nodiscard]] std::span<diag_code const* const> codes() noexcept;

struct fault {
  diag_code const* code = nullptr;
  std::size_t line = 0;  // from 1
  std::string detail;
};

}  // namespace sysb::stanza
