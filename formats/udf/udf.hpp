// SPDX-License-Identifier: Apache-2.0
// DVD images with a UDF file system and an image on it.
#pragma once
#include "core/image_format.hpp"

namespace sysb::udf {

[[nodiscard]] carrier_format const& carrier() noexcept;

}  // namespace sysb::udf
