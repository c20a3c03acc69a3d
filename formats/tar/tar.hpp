// SPDX-License-Identifier: Apache-2.0
// tar archives with an image inside, as `backupios -file DIR` of a VIOS makes (nim_resources.tar).
#pragma once
#include "core/image_format.hpp"

namespace sysb::tar {

[[nodiscard]] carrier_format const& carrier() noexcept;

}  // namespace sysb::tar
