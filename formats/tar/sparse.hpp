// SPDX-License-Identifier: Apache-2.0
// Members that GNU tar and bsdtar store without their holes, in all four forms of GNU tar.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/byte_source.hpp"
#include "io/members.hpp"

namespace sysb::tar {

// Where the pieces of a member's content belong.
struct sparse_map {
  struct piece {
    std::uint64_t at = 0;
    std::uint64_t length = 0;
  };
  std::vector<piece> pieces;
  std::uint64_t stored_in_front = 0;  // bytes of the map itself, before the content
};

inline constexpr std::size_t most_pieces = 1u << 20;

// Old form: four pieces in the header, the others in blocks after it, which `next_block` gives. Nothing
// where the map is damaged, too long or cut.
[[nodiscard]] std::optional<sparse_map> old_map(std::span<std::byte const> header_block, byte_source& s,
                                                std::uint64_t after_header);
// pax 0.1: "AT,LENGTH,AT,LENGTH..."
[[nodiscard]] std::optional<sparse_map> listed_map(std::string_view text);
// pax 1.0: lines of decimal numbers in front of the content: their count, then AT and LENGTH of each.
[[nodiscard]] std::optional<sparse_map> leading_map(byte_source& s, std::uint64_t at, std::uint64_t stored);

// The runs of a member of `size` bytes whose content begins at `offset` and is `stored` bytes long;
// nothing where the map does not fit.
[[nodiscard]] std::optional<std::vector<io::member_run>> runs_of(sparse_map const& map, std::uint64_t offset,
                                                                 std::uint64_t stored, std::uint64_t size);

}  // namespace sysb::tar
