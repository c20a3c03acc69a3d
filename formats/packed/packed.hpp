// SPDX-License-Identifier: Apache-2.0
// Packed content: the Huffman code of pack(1), without its prefix, as members of an AIX backup
// carry it. A packed member proves itself at its end, and both decoders hold it to that.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/content_decoder.hpp"
#include "core/diagnostic.hpp"

namespace sysb::packed {

// The decoder to use: tables, several codes a look-up, several cursors on a long stream.
// Memory is constant (below 1 MiB) whatever the member's size. Input and output may be cut
// anywhere; it is fastest with 64 KiB and more of each, and needs no second call when `in` and
// `out` are the whole member.
[[nodiscard]] std::unique_ptr<content_decoder> make_decoder();

// The same results and the same findings for every input, one bit after the other.
[[nodiscard]] std::unique_ptr<content_decoder> make_reference_decoder();

// Every finding of this part.
[[nodiscard]] std::span<diag_code const* const> codes() noexcept;

// Packed form of `plain`, optimal under the format's limit of 24 levels; nothing for empty
// content, which has no packed form.
[[nodiscard]] std::optional<std::vector<std::byte>> pack(std::span<std::byte const> plain);

// What AIX's writer does: a member is packed only if that saves two blocks of 4096 bytes
// (measured), and only below 2 GiB (documented).
[[nodiscard]] bool worth_packing(std::uint64_t plain, std::uint64_t packed) noexcept;

// No AIX writer packs content of this many bytes; a reader reports codes()' over_limit there.
inline constexpr std::uint64_t writer_limit = std::uint64_t{1} << 31;

}  // namespace sysb::packed
