// SPDX-License-Identifier: Apache-2.0
// What the sources of this folder share and nobody else sees.
#pragma once
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>

#include "base/byte_block.hpp"
#include "core/byte_source.hpp"
#include "core/fatal_error.hpp"
#include "core/progress.hpp"
#include "io/descriptor.hpp"
#include "io/io.hpp"

namespace sysb::io {

inline void require_peek_size(std::size_t want) {
  if (want > byte_source::max_peek) {
    throw fatal_error{fatal_error::kind::internal, "a window larger than max_peek was asked for"};
  }
}

// Bytes that a stream is asked for at once.
inline constexpr std::size_t stream_piece = 256u << 10;

// Bytes in memory that grow at the back and shrink at the front.
class window_buffer {
 public:
  [[nodiscard]] std::span<std::byte const> bytes() const noexcept { return {store_.data() + begin_, end_ - begin_}; }
  [[nodiscard]] std::size_t size() const noexcept { return end_ - begin_; }
  void drop(std::size_t n) noexcept {
    begin_ += n;
    if (begin_ == end_) { begin_ = end_ = 0; }
  }
  void clear() noexcept { begin_ = end_ = 0; }
  // Room for `n` more bytes after the last; spans from bytes() die.
  [[nodiscard]] std::span<std::byte> room(std::size_t n);
  void added(std::size_t n) noexcept { end_ += n; }

 private:
  byte_block store_;
  std::size_t capacity_ = 0;  // no more is used, even of a block that is larger: what is read should stay in the cache
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

struct file_facts {
  std::string name;           // for messages
  std::uint64_t base = 0;     // offset of the source's first byte in the file
  std::uint64_t size = 0;     // of the source
  bool compare = true;        // check_unchanged() means something
  std::exception_ptr damage;  // what stands after the last byte, if not the end of input
};
[[nodiscard]] std::unique_ptr<byte_source> make_file_source(unique_fd fd, file_facts facts, progress const* counters);
[[nodiscard]] std::unique_ptr<byte_source> make_device_source(unique_fd fd, std::string const& name,
                                                              source_options const& o);
// A source that only goes forward, whatever the producer could.
[[nodiscard]] std::unique_ptr<byte_source> make_stream_source(std::unique_ptr<byte_producer> producer,
                                                              source_options const& o);
[[nodiscard]] std::unique_ptr<byte_producer> make_descriptor_producer(unique_fd fd, std::string name,
                                                                      progress const* counters);

}  // namespace sysb::io
