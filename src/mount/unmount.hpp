// SPDX-License-Identifier: Apache-2.0
// The end of a mount, from outside.
#pragma once
#include <string>

#include "core/progress.hpp"

namespace sysb::mount {

// Unmounts `directory`, which must be a mount of ours, and waits until the process that served it has ended.
// `lazy`: takes it out of the tree now, whoever uses it, and waits for nobody. Throws fatal_error{io}.
void unmount(std::string const& directory, bool lazy, progress const& counters);

}  // namespace sysb::mount
