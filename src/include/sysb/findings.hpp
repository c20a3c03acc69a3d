// SPDX-License-Identifier: Apache-2.0
// What is told, and what is thrown.
//
// What an image shows is a finding: it goes to the diagnostic_sink that the caller passes, in image order,
// from the thread that drives the reader, and stops nobody. A ledger is such a sink: it counts, too. The
// `offset` of a finding counts bytes from 0 at the start of the by-name stream, after every carrier and compression
// was taken off; its `path` has the raw bytes of the image, which are not UTF-8 for certain: printable() makes text
// of them that is safe to show. Findings of one code and place come once. Ids ("BBN-003", "V12") mean the same for
// ever; registry::all_codes() lists them.
//
// sysb::fatal_error is thrown when nothing more can be read or written, and is the only exception of this
// library besides std::bad_alloc.
#pragma once

#include "base/text.hpp"         // IWYU pragma: export
#include "core/diagnostic.hpp"   // IWYU pragma: export
#include "core/fatal_error.hpp"  // IWYU pragma: export
#include "core/ledger.hpp"       // IWYU pragma: export
