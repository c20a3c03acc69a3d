// SPDX-License-Identifier: Apache-2.0
// Where symbolic links may lead: looking at an image never reads a file of the host.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "mount/tree.hpp"

namespace sysb::mount {

enum class link_policy : std::uint8_t {
  inside,  // absolute targets lead to the same place in the mount; what leads out of it is refused
  raw,     // as stored, wherever that leads
  block,   // absolute targets are refused, too
};

// What readlink(2) gives for the link at `path` (normal); nothing: EPERM.
[[nodiscard]] std::optional<std::string> shown_target(tree const& t, std::string_view path, std::string_view target,
                                                      link_policy how);

}  // namespace sysb::mount
