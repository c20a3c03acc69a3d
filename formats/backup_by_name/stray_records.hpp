// SPDX-License-Identifier: Apache-2.0
// Records where no walk comes to: after the end of an image, and beside their places.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "core/byte_source.hpp"
#include "core/image_format.hpp"

namespace sysb::backup_by_name {

// Where the next image begins, when an image of `source` ended at `end`. The writer never clears its
// buffer: what stands after an end record is the end of the cluster before, with headers that were
// valid once, and those are not taken for an image. Of a source that cannot seek only the bytes ahead are
// looked at. Its position stays.
[[nodiscard]] std::optional<std::uint64_t> next_image(byte_source& source, std::uint64_t end);

// Member headers whose checksum is right and that stand where none can: not at a multiple of eight.
[[nodiscard]] std::size_t displaced_headers(std::span<std::byte const> some, std::uint64_t base) noexcept;

// A sound header of a member begins `some`.
[[nodiscard]] bool member_record_at(std::span<std::byte const> some) noexcept;

// Two member headers or more that are sound: of an image that does not begin where these bytes do.
[[nodiscard]] std::optional<image_format::records_found> records_without_start(std::span<std::byte const> some);

}  // namespace sysb::backup_by_name
