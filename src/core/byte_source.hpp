// SPDX-License-Identifier: Apache-2.0
// A stream of bytes that is read forward through a window, and at random where it can be.
//
//   peek(n)    at least n bytes at position(), fewer only at the end of input
//   consume(n) moves past bytes that were peeked
//   skip(n)    moves past bytes that nobody wants to see (a seek where the source can)
//   probe()    bytes at any later offset, without moving: the successor-header test
//
// A span from peek() dies at the next call of any member function.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

namespace sysb {

class byte_source {
 public:
  virtual ~byte_source() = default;
  byte_source() = default;
  byte_source(byte_source const&) = delete;
  byte_source& operator=(byte_source const&) = delete;

  // More than `want` may come; `want` is at most max_peek. Throws fatal_error{io, damaged}.
  [[nodiscard]] virtual std::span<std::byte const> peek(std::size_t want) = 0;
  virtual void consume(std::size_t n) = 0;
  // Bytes really skipped; fewer than n only at the end of input.
  virtual std::uint64_t skip(std::uint64_t n) = 0;

  // Copies bytes that stand at absolute `offset` >= position() and returns how many there are
  // (fewer than out.size() only at the end of input). Does not move. A source that cannot seek
  // keeps what it had to read: in its window up to limits::window_bytes, beyond that in a spool
  // file; where no spool is allowed it throws fatal_error{io} whose text names --tmpdir.
  [[nodiscard]] virtual std::size_t probe(std::uint64_t offset, std::span<std::byte> out) = 0;

  [[nodiscard]] virtual std::uint64_t position() const noexcept = 0;
  // Length of the whole source where it is known without reading it.
  [[nodiscard]] virtual std::optional<std::uint64_t> size() const noexcept = 0;

  [[nodiscard]] virtual bool seekable() const noexcept = 0;
  // Only where seekable(); any offset up to the end of input.
  virtual void seek(std::uint64_t offset) = 0;
  // False where a step back means to produce everything before it again (a compressed stream): a
  // second pass is fine there, jumping to and fro is not.
  [[nodiscard]] virtual bool cheap_seek() const noexcept { return seekable(); }

  // The file under this source, where its bytes are a plain run of a file: byte `offset` of the
  // source is byte `base + offset` of `fd`. For kernel-side copies. The descriptor stays ours.
  struct file_run {
    int fd;
    std::uint64_t base;
  };
  [[nodiscard]] virtual std::optional<file_run> file() const noexcept { return std::nullopt; }

  // A second source of the same bytes, for a thread that goes ahead of this one: short reads that it
  // makes need not be made again here. It ends with fatal_error{io} where the bytes are not in memory:
  // two readers at two places of one medium would only keep each other waiting. Nothing where that
  // gains nothing. It may outlive this source; one at a time.
  [[nodiscard]] virtual std::unique_ptr<byte_source> make_forerunner() { return nullptr; }

  // Bytes of the outermost medium read so far, for progress; and its size where known.
  [[nodiscard]] virtual std::uint64_t medium_position() const noexcept { return position(); }
  [[nodiscard]] virtual std::optional<std::uint64_t> medium_size() const noexcept { return size(); }

  // True where the bytes end because the rest is damaged: what stands before the damage is delivered first, peek()
  // and probe() come short there as at an end of input, and only a peek() or skip() that finds nothing more throws
  // the error.
  [[nodiscard]] virtual bool broken() const noexcept { return false; }
  // The length, where it is known by now: size(), or where that is untold the end once it was seen.
  [[nodiscard]] virtual std::optional<std::uint64_t> known_end() const noexcept { return size(); }

  // After a pass: throws fatal_error{io} when the medium changed since it was opened
  // (size, mtime). A source that cannot tell does nothing.
  virtual void check_unchanged() const {}

  static constexpr std::size_t max_peek = 4u << 20;
};

}  // namespace sysb
