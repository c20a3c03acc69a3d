// SPDX-License-Identifier: Apache-2.0
// What can be wrong with a cpio archive that an image travels in.
#pragma once
#include "core/diagnostic.hpp"

namespace sysb::cpio {

inline constexpr diag_code damaged{
    "CPI-001", severity::warning, "cpio archive is damaged after the image",
    "The image was found in the cpio archive, and the archive cannot be walked to its end: a header is "
    "damaged or the file is cut short. If the cut is inside the image, its own findings say so. Other images "
    "that may have stood after the place were not seen."};

}  // namespace sysb::cpio
