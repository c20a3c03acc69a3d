// SPDX-License-Identifier: Apache-2.0
// Where a witness of contents meets the reader: contents that equal a checksum which the image has of them
// prove where contents begin, in an archive whose grammar leaves that open.
#pragma once
#include "core/content_evidence.hpp"
#include "core/image_reader.hpp"

namespace sysb::backup_by_name {

// False where `r` is no reader of this format. The witness outlives the reader, or is taken back with nullptr;
// it is asked while the walk meets a deviation, so it is given before the first next().
bool set_content_evidence(image_reader& r, content_evidence const* witness);

}  // namespace sysb::backup_by_name
