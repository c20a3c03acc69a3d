// SPDX-License-Identifier: Apache-2.0
// Images that travel compressed: gzip, xz, zstd, bzip2, lz4, lzma, compress (.Z), pack (.z).
#pragma once
#include <span>

#include "core/image_format.hpp"

namespace sysb::compression {

[[nodiscard]] std::span<carrier_format const* const> carriers() noexcept;
[[nodiscard]] std::span<diag_code const* const> codes() noexcept;

}  // namespace sysb::compression
