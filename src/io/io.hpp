// SPDX-License-Identifier: Apache-2.0
// Byte sources over files, pipes, memory and several volumes, and the spool.
// read(2), never mmap: an I/O error is an error, not a signal.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/byte_source.hpp"
#include "core/limits.hpp"
#include "core/progress.hpp"

namespace sysb::io {

struct source_options {
  // Folder for the spool of a source that cannot seek. Empty: spooling is an error that names
  // --tmpdir. The spool is 0600 and unlinked as soon as it is open.
  std::string tmpdir;
  progress* counters = nullptr;  // polled for interruption while reading and spooling; may be null
  std::uint64_t window_bytes = limits{}.window_bytes;  // look-ahead kept in memory, not in the spool
};

// A regular file, a block device, or anything else that open(2) gives; "-" is standard input.
// A descriptor that cannot seek becomes a pipe source. Throws fatal_error{io}.
[[nodiscard]] std::unique_ptr<byte_source> open_file(std::string const& path, source_options const& o);
// Takes ownership of `fd`.
[[nodiscard]] std::unique_ptr<byte_source> open_descriptor(int fd, source_options const& o);
[[nodiscard]] std::unique_ptr<byte_source> from_memory(std::vector<std::byte> bytes);
// Bytes that stay the caller's, and there as long as the source.
[[nodiscard]] std::unique_ptr<byte_source> view_memory(std::span<std::byte const> bytes);
// One after another, as one stream; seekable when all are and all sizes are known.
[[nodiscard]] std::unique_ptr<byte_source> concatenate(std::vector<std::unique_ptr<byte_source>> parts);
// Bytes [base, base+length) of `whole` as a source of its own (seekable when `whole` is).
[[nodiscard]] std::unique_ptr<byte_source> slice(std::unique_ptr<byte_source> whole, std::uint64_t base,
                                                 std::uint64_t length);

// Anything that produces bytes forward only (a decompressor, an archive member). Gives windowing,
// probing and spooling to it, so that a producer is a few lines. When produce() throws
// fatal_error{damaged}, the bytes that came before are delivered first: peek() and probe() come
// short there as at the end of input, and the error is thrown where nothing more is left.
class byte_producer {
 public:
  virtual ~byte_producer() = default;
  // Fills the front of `out`; 0 at the end of input only. Throws fatal_error.
  [[nodiscard]] virtual std::size_t produce(std::span<std::byte> out) = 0;
  [[nodiscard]] virtual std::uint64_t medium_position() const noexcept { return 0; }
  [[nodiscard]] virtual std::optional<std::uint64_t> medium_size() const noexcept { return std::nullopt; }
  virtual void check_unchanged() const {}
  // True where restart() is possible: the next byte is the first again, and the same ones follow.
  [[nodiscard]] virtual bool restartable() const noexcept { return false; }
  virtual void restart() {}
};
// Seekable where the producer can restart: a step back then costs a restart, and where such steps
// add up to several times the stream's length it is spooled.
[[nodiscard]] std::unique_ptr<byte_source> from_producer(std::unique_ptr<byte_producer> producer,
                                                         source_options const& o);

// A source that can seek, at whatever cost: `source` itself where it can, else all of it spooled to an
// unlinked file in o.tmpdir (phase "spool" of the counters).
[[nodiscard]] std::unique_ptr<byte_source> make_seekable(std::unique_ptr<byte_source> source, source_options const& o);

}  // namespace sysb::io
