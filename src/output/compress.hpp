// SPDX-License-Identifier: Apache-2.0
// Compressors as stages of an output stream.
#pragma once
#include <memory>

#include "output/fd_writer.hpp"
#include "output/output.hpp"

namespace sysb::output {

// Passes compressed bytes to `down`, and finishes it. `level` -1 is the compressor's default.
// The bytes are the same for any number of threads and any division into pieces.
[[nodiscard]] std::unique_ptr<byte_writer> make_compressor(std::unique_ptr<byte_writer> down, compression c, int level,
                                                           unsigned threads);
[[nodiscard]] std::unique_ptr<byte_writer> make_zstd_writer(std::unique_ptr<byte_writer> down, int level,
                                                            unsigned threads);

}  // namespace sysb::output
