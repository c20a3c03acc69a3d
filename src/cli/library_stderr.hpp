// SPDX-License-Identifier: Apache-2.0
// The command's own stderr takes messages of libraries out of what is written there.
#pragma once

namespace sysb::cli {

// Changes the process's `stderr`, once and for good: for main() alone. Does nothing with a C library whose
// `stderr` cannot be set.
void keep_library_messages() noexcept;

}  // namespace sysb::cli
