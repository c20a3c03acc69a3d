// SPDX-License-Identifier: Apache-2.0
// What can be wrong with a compressed stream. Offsets are those of the plain bytes, the texts name
// the place in the compressed ones.
#pragma once
#include "core/diagnostic.hpp"

namespace sysb::compression {

inline constexpr diag_code damaged{
    "CMP-001", severity::error, "compressed data is damaged",
    "The decompressor met data that its format does not allow, or a check value that does not fit. All "
    "plain bytes before the place were read and judged; nothing after it can be read. Copy the file "
    "again from where it came from and compare the copies."};
inline constexpr diag_code truncated{
    "CMP-002", severity::error, "compressed data is cut short",
    "The file ends before the compressed stream does. All plain bytes up to there were read and judged. "
    "The usual cause is a transfer that was interrupted or a file system that was full: compare the "
    "size with that of the original."};
inline constexpr diag_code trailing{
    "CMP-003", severity::warning, "bytes after the compressed data are ignored",
    "The compressed stream ended as it should, and more bytes follow that are neither a further stream "
    "of the same kind nor zero padding. They are not part of the image."};
inline constexpr diag_code expands_too_far{
    "CMP-004", severity::error, "compressed data expands beyond the limit",
    "A few compressed bytes became so many plain ones that the file looks made to exhaust whoever "
    "unpacks it. Real images stay far below the limits. If the file is trusted, raise the limit that the "
    "text names: --ratio-limit N (0: any ratio) or --size-limit SIZE."};
inline constexpr diag_code needs_memory{
    "CMP-005", severity::error, "compressed data needs more memory than is allowed",
    "The stream was written with a window so large that unpacking it takes more memory than the limit. "
    "If the file is trusted and the machine has that memory, raise the limit with --memory-limit SIZE.",
    fault_class::unsupported};

}  // namespace sysb::compression
