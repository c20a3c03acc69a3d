// SPDX-License-Identifier: Apache-2.0
// A whole mksysb tape read into one stream, its file marks lost: boot image, image of mkinsttape,
// dummy table of contents, backup, one after the other in blocks of 512 bytes.
#pragma once
#include <cstdint>
#include <optional>

#include "core/image_format.hpp"

namespace sysb::tape {

// Where the backup begins: at the block after the dummy table of contents. Reads `source` forward,
// up to `most` bytes, and leaves it before or at that place; nothing when there is no such place.
// `judge` tells the first bytes of an image.
[[nodiscard]] std::optional<std::uint64_t> find_backup(
    byte_source& source, std::uint64_t most,
    std::function<carrier_format::request::content(std::span<std::byte const> head)> const& judge);

// Tells itself only where the table of contents stands in the first bytes; after a boot image
// find_backup() has to look for it.
[[nodiscard]] carrier_format const& stream_carrier() noexcept;

}  // namespace sysb::tape
