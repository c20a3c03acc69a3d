// SPDX-License-Identifier: Apache-2.0
// cpio archives with an image inside.
#pragma once
#include "core/image_format.hpp"

namespace sysb::cpio {

[[nodiscard]] carrier_format const& carrier() noexcept;

}  // namespace sysb::cpio
