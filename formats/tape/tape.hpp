// SPDX-License-Identifier: Apache-2.0
// Tapes as files (SIMH .tap, AWS and HET) with an image in one of the tape's files.
#pragma once
#include <span>

#include "core/image_format.hpp"

namespace sysb::tape {

[[nodiscard]] std::span<carrier_format const* const> carriers() noexcept;
[[nodiscard]] std::span<diag_code const* const> codes() noexcept;

}  // namespace sysb::tape
