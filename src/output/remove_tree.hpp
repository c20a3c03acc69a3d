// SPDX-License-Identifier: Apache-2.0
// Removes a directory with all that is in it, by descriptors, following no link.
#pragma once
namespace sysb::output {

// `name` is one component below `parent`. Directories that lost their owner's permissions (the
// modes of a half-written tree) are opened up first. Uses a bounded number of descriptors at any
// depth. Returns 0, or errno of what could not be removed.
[[nodiscard]] int remove_tree(int parent, char const* name) noexcept;

}  // namespace sysb::output
