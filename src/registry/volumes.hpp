// SPDX-License-Identifier: Apache-2.0
// The volumes of a set, joined to the one stream that they were cut from.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "core/byte_source.hpp"

namespace sysb::registry {

struct volume {
  std::string name;
  std::unique_ptr<byte_source> source;
};

// Volumes with headers of their own lose them from the second on, after number and date were held
// against the first; volumes without are a plain cut. Throws fatal_error{damaged} for a volume that
// is missing, repeated, out of order or from another backup, with its name.
[[nodiscard]] std::unique_ptr<byte_source> join_volumes(std::vector<volume> volumes);

// Both have sound volume headers of one backup, with numbers 1 and 2.
[[nodiscard]] bool is_next_volume(byte_source& first, byte_source& second);
// An end record stands in the last MiB of an image that can seek; behind it only the rest of the
// writer's buffer follows. True also where the source cannot tell.
[[nodiscard]] bool has_end_record(byte_source& image);

}  // namespace sysb::registry
