// SPDX-License-Identifier: Apache-2.0
// Several images in one file, one behind the end record of the other.
#pragma once
#include <cstdint>
#include <optional>

#include "core/byte_source.hpp"

namespace sysb::registry {

// Where the next image begins, when an image of `source` ended at `end`. The writer never clears its
// buffer: what stands behind an end record is the end of the cluster before, with headers that were
// valid once, and those are not taken for an image. Of a source that cannot seek only the bytes ahead are
// looked at. Its position stays.
[[nodiscard]] std::optional<std::uint64_t> second_image_behind(byte_source& source, std::uint64_t end);

}  // namespace sysb::registry
