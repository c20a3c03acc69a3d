// SPDX-License-Identifier: Apache-2.0
// The volumes of a set, joined to the one stream that they were cut from.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "core/byte_source.hpp"
#include "core/image_format.hpp"
#include "registry/registry.hpp"

namespace sysb::registry {

struct volume {
  std::string name;
  std::unique_ptr<byte_source> source;
};

// Volumes with headers of their own lose them from the second on, after number and date were held
// against the first; volumes without are a plain cut. Throws fatal_error{damaged} for a volume that
// is missing, repeated, out of order or from another backup, with its name.
[[nodiscard]] std::unique_ptr<byte_source> join_volumes(std::vector<volume> volumes, format_table formats);

// Both have sound volume headers of one backup, with numbers 1 and 2.
[[nodiscard]] bool is_next_volume(image_format const& format, byte_source& first, byte_source& second);

}  // namespace sysb::registry
