// SPDX-License-Identifier: Apache-2.0
// One step over a tape file: a block or a part of one, a mark, or the end.
#pragma once
#include <cstdint>
#include <string>

#include "core/byte_source.hpp"

namespace sysb::tape {

enum class packing : std::uint8_t { none, zlib, bzip2 };  // of a block in a HET file

struct chunk {
  enum class kind : std::uint8_t { data, mark, end, broken };
  kind what = kind::end;
  std::uint64_t data_at = 0;
  std::uint32_t size = 0;
  packing method = packing::none;
  bool begins = true;  // a block; where not, it is a further part of one
  bool ends = true;
  std::uint64_t next = 0;  // where the next step begins
  std::string problem;     // of kind::broken
};

using step_function = chunk (*)(byte_source& s, std::uint64_t at);

[[nodiscard]] chunk step_simh(byte_source& s, std::uint64_t at);
[[nodiscard]] chunk step_aws(byte_source& s, std::uint64_t at);
// Verified bits in the first bytes.
[[nodiscard]] unsigned bid_simh(std::span<std::byte const> head) noexcept;
[[nodiscard]] unsigned bid_aws(std::span<std::byte const> head) noexcept;

}  // namespace sysb::tape
