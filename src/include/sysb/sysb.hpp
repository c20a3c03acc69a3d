// SPDX-License-Identifier: Apache-2.0
// The library in one include. Compile and link with `pkg-config --cflags --libs sysb`.
//
//   struct to_stderr : sysb::diagnostic_sink {
//     void report(sysb::diagnostic const& d) override { std::cerr << d.text() << '\n'; }
//   } findings;
//   auto image = sysb::registry::open_image({.volumes = {"mksysb.img"}}, {}, findings);
//   sysb::entry e;
//   while (image.reader->next(e)) { std::cout << sysb::printable(e.path) << '\n'; }
//
// Names, units and errors are documented in the headers below. Everything throws
// sysb::fatal_error and nothing else of its own; findings go to the diagnostic_sink.
// Nothing prints, exits, or changes the locale, the umask or the working directory.
#pragma once

#include "base/digest.hpp"        // IWYU pragma: export
#include "base/text.hpp"          // IWYU pragma: export
#include "core/diagnostic.hpp"    // IWYU pragma: export
#include "core/entry.hpp"         // IWYU pragma: export
#include "core/entry_sink.hpp"    // IWYU pragma: export
#include "core/fatal_error.hpp"   // IWYU pragma: export
#include "core/image_reader.hpp"  // IWYU pragma: export
#include "core/limits.hpp"        // IWYU pragma: export
#include "core/member_plan.hpp"   // IWYU pragma: export
#include "core/output_kind.hpp"   // IWYU pragma: export
#include "core/progress.hpp"      // IWYU pragma: export
#include "output/output.hpp"      // IWYU pragma: export
#include "pipeline/pipeline.hpp"  // IWYU pragma: export
#include "pipeline/select.hpp"    // IWYU pragma: export
#include "registry/registry.hpp"  // IWYU pragma: export
#include "wpar/plan.hpp"          // IWYU pragma: export
#include "wpar/rules.hpp"         // IWYU pragma: export
#include "wpar/side_files.hpp"    // IWYU pragma: export
#include "wpar/survey.hpp"        // IWYU pragma: export
