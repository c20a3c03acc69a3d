// SPDX-License-Identifier: Apache-2.0
// What can be wrong with a UDF file system that an image travels on.
#pragma once
#include "core/diagnostic.hpp"

namespace sysb::udf {

inline constexpr diag_code damaged{
    "UDF-001", severity::warning, "UDF file system is damaged",
    "The image was found on the disc image, and its directories cannot be read to the end. If the damage "
    "touches the image, its own findings say so. Other images that may stand on the disc were not seen."};

inline constexpr diag_code library_error{
    "UDF-002", severity::warning, "the UDF file system has a fault",
    "libudfread, which reads the file system, met something on the disc image that it cannot read: the "
    "detail is its own message, with the number of the block (lba) where it names one. A file that it "
    "concerns may be missing among those that are seen. If the damage touches the image, its own "
    "findings say so."};

}  // namespace sysb::udf
