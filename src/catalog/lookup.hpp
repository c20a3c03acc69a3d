// SPDX-License-Identifier: Apache-2.0
// How members are found in the name table: the keys, and what a value means.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>

#include "base/digest.hpp"
#include "base/text.hpp"
#include "catalog/side_file.hpp"
#include "core/entry.hpp"
#include "core/link_identity.hpp"

namespace sysb::index {

[[nodiscard]] inline std::uint64_t name_key(std::string_view normal, std::uint64_t seed) noexcept {
  return table_hash(as_bytes(normal), seed);
}

// Not the key of any name: the seed is another one.
[[nodiscard]] inline std::uint64_t link_key(link_identity const& i, std::uint64_t seed) noexcept {
  return i.inode_hash(~seed);
}

// A member by its block and its number in it.
[[nodiscard]] constexpr std::uint64_t place_of(std::uint64_t block, std::uint32_t slot) noexcept {
  return block * members_a_block + slot;
}

[[nodiscard]] inline std::uint64_t block_checksum(block_record const& head,
                                                  std::span<std::byte const> members) noexcept {
  auto const of_head = table_hash(std::as_bytes(std::span{&head, 1}).subspan(sizeof(le64)), 0);
  return table_hash(members, of_head);
}

}  // namespace sysb::index
