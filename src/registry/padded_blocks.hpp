// SPDX-License-Identifier: Apache-2.0
// Blocks that `dd conv=sync` padded with zeros to a longer length: recognised by their regularity, believed
// only where records lead one to the next without the padding and do not with it.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>

#include "core/byte_source.hpp"
#include "core/image_format.hpp"
#include "core/limits.hpp"
#include "io/io.hpp"

namespace sysb::registry {

struct padded_blocks_found {
  std::uint64_t block = 0;  // bytes from one block's start to the next
  std::uint64_t data = 0;   // bytes of it that are the medium's
};

// Looks at the first bytes of `source`, which stands at its start and stays there.
[[nodiscard]] std::optional<padded_blocks_found> find_padding(byte_source& source, image_format const& format,
                                                              limits const& l);
[[nodiscard]] std::unique_ptr<byte_source> without_padding(std::unique_ptr<byte_source> source,
                                                           padded_blocks_found const& p, io::source_options const& o);

}  // namespace sysb::registry
