// SPDX-License-Identifier: Apache-2.0
// The library in one include. Compile and link with `pkg-config --cflags --libs sysb`; docs/example has whole
// programs.
//
// It is a guest in the process: it prints nothing, ends nothing, and changes neither locale (but for the
// time of a call, on its own thread), umask, signals, standard streams nor working directory. A program that
// writes to pipes ignores SIGPIPE by itself. What libudfread says of a damaged UDF disc goes to stderr, as
// in every program that uses it.
#pragma once

#include "sysb/archive.hpp"   // IWYU pragma: export
#include "sysb/catalog.hpp"   // IWYU pragma: export
#include "sysb/findings.hpp"  // IWYU pragma: export
#include "sysb/jobs.hpp"      // IWYU pragma: export
#include "sysb/outputs.hpp"   // IWYU pragma: export
#include "sysb/version.hpp"   // IWYU pragma: export
#include "sysb/wpar.hpp"      // IWYU pragma: export
