// SPDX-License-Identifier: Apache-2.0
// How members are found in the name table: the keys, and what a value means.
#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/digest.hpp"
#include "base/text.hpp"
#include "catalog/layout.hpp"
#include "core/entry.hpp"

namespace sysb::index {

[[nodiscard]] inline std::uint64_t name_key(std::string_view normal, std::uint64_t seed) noexcept {
  return table_hash(as_bytes(normal), seed);
}

// Members that may be names of one file, as the rest of the program groups them.
[[nodiscard]] inline bool may_be_linked(entry const& e) noexcept {
  return e.kind == entry_kind::file && e.nlink > 1 && e.ino != 0;
}
[[nodiscard]] inline bool has_data(entry const& e) noexcept { return e.content == content_state::here && e.size != 0; }
// Not the key of any name: the seed is another one.
[[nodiscard]] inline std::uint64_t link_key(entry const& e, std::uint64_t seed) noexcept {
  std::array<le32, 3> const id{le32{e.dev.major}, le32{e.dev.minor}, le32{e.ino}};
  return table_hash(std::as_bytes(std::span{id}), ~seed);
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
