// SPDX-License-Identifier: Apache-2.0
// What can be wrong with a tape file that an image travels in.
#pragma once
#include "core/diagnostic.hpp"

namespace sysb::tape {

inline constexpr diag_code damaged{
    "TAP-001", severity::error, "tape file is damaged or cut short",
    "The lengths that stand around the blocks of a tape file contradict each other, a block is marked as "
    "read with errors or does not unpack, or the file ends inside one. All bytes before the place were read "
    "and judged."};
inline constexpr diag_code damaged_elsewhere{
    "TAP-002", severity::warning, "tape file is damaged outside the image",
    "The image was found on the tape, and the tape file cannot be walked to its end. Tape files after the "
    "place were not seen."};

}  // namespace sysb::tape
