// SPDX-License-Identifier: Apache-2.0
// A file without a name: whatever ends the process, nothing of it is left.
#pragma once
#include <string>

#include "base/os/descriptor.hpp"

namespace sysb {

// Readable and writable for its owner alone, in `folder` below `dirfd` (AT_FDCWD: the working
// directory). Without a descriptor errno says why.
[[nodiscard]] unique_fd make_temporary_file(int dirfd, std::string const& folder) noexcept;
[[nodiscard]] unique_fd make_temporary_file(std::string const& folder) noexcept;

}  // namespace sysb
