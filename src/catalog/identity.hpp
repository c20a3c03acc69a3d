// SPDX-License-Identifier: Apache-2.0
// Which image an index belongs to.
#pragma once
#include <cstdint>
#include <string>

#include "base/digest.hpp"
#include "core/byte_source.hpp"

namespace sysb::index {

struct identity {
  std::uint64_t stream_bytes = 0;
  std::int64_t changed = 0;  // nanoseconds since 1970 of the file; 0: not known
  digest128 samples{};       // of blocks from the first to the last
};

// Only where the source can seek and knows its size; it stands at 0 afterwards.
[[nodiscard]] identity identify(byte_source& source, std::int64_t changed);

// Why `image` is not the one that `kept` was made of; empty when it is. The time does not decide: a
// copy has another one.
[[nodiscard]] std::string difference(identity const& kept, identity const& image);

}  // namespace sysb::index
