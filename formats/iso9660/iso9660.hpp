// SPDX-License-Identifier: Apache-2.0
// CD and DVD images (mkcd, mkdvd, mksysb_iso) with an image on them.
#pragma once
#include "core/image_format.hpp"

namespace sysb::iso9660 {

[[nodiscard]] carrier_format const& carrier() noexcept;

}  // namespace sysb::iso9660
