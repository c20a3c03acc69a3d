// SPDX-License-Identifier: Apache-2.0
// What can be wrong with an ISO 9660 file system that an image travels on.
#pragma once
#include "core/diagnostic.hpp"

namespace sysb::iso9660 {

inline constexpr diag_code damaged{
    "ISO-001", severity::warning, "ISO 9660 file system is damaged",
    "The image was found on the disc image, and its directories cannot be read to the end: one is damaged or "
    "the file is cut short. If that touches the image, its own findings say so. Other images that may stand "
    "on the disc were not seen."};

}  // namespace sysb::iso9660
