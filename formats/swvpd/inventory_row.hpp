// SPDX-License-Identifier: Apache-2.0
// What an inventory stanza says of one file, in values that can be compared.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "formats/swvpd/installp.hpp"

namespace sysb::swvpd {

enum class inventory_type : std::uint8_t { unknown, file, directory, symlink, fifo, character, block };

struct inventory_row {
  inventory_type type = inventory_type::unknown;
  std::optional<std::uint32_t> mode;  // permissions and set-id bits
  std::optional<std::uint64_t> size;
  std::optional<std::uint16_t> sum;
  std::optional<std::uint64_t> blocks;  // of 1024 bytes, beside the sum
  // The row denies itself: a number that is none, a length in blocks that is not that of the size, a word that is known but
  // for one bit, two lines in one. What is left of it is used; the row is no witness against a file.
  bool broken = false;
};

[[nodiscard]] inventory_row to_row(inventory_file const& f);
// "53497    51 ": sum and blocks.
[[nodiscard]] bool parse_checksum(std::string_view text, std::uint16_t& sum, std::uint64_t& blocks) noexcept;

}  // namespace sysb::swvpd
