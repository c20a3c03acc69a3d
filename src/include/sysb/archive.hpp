// SPDX-License-Identifier: Apache-2.0
// An image, opened: members from the first to the last, and their content.
//
//   sysb::registry::image_spec what;
//   what.volumes = {"mksysb.img"};
//   auto image = sysb::registry::open_image(what, {}, findings);
//   sysb::entry e;
//   while (image.reader->next(e)) { std::cout << sysb::printable(e.path) << '\n'; }
//
// open_image() takes off carriers and compression by content, and joins volumes. Sizes and offsets are in bytes,
// times in signed seconds since 1970 (UTC), modes the 32 bits of AIX; entry::size is the plain length and
// entry::stored what it takes in the image. Sizes that an image claims are held against `limits` before memory is taken.
//
// One thread drives a reader. Others may work for it where a `threads` option says so: the result is the
// same for any number of them, and where none can be started the work is done without. Different images may
// be read by different threads at the same time.
#pragma once

#include "core/byte_source.hpp"   // IWYU pragma: export
#include "core/entry.hpp"         // IWYU pragma: export
#include "core/image_format.hpp"  // IWYU pragma: export
#include "core/image_reader.hpp"  // IWYU pragma: export
#include "core/limits.hpp"        // IWYU pragma: export
#include "core/progress.hpp"      // IWYU pragma: export
#include "registry/registry.hpp"  // IWYU pragma: export
#include "sysb/findings.hpp"      // IWYU pragma: export
