// SPDX-License-Identifier: Apache-2.0
// Short reads that one source of a file made for another one of the same file that comes after it.
// One thread puts, one takes; what finds no room is forgotten and read again.
#pragma once
#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>

namespace sysb::io {

class forerun {
 public:
  forerun() : blocks_{std::make_unique_for_overwrite<block[]>(most_blocks)} {}

  static constexpr std::size_t longest_read = 4u << 10;

  // Offsets rise from call to call.
  void put(std::uint64_t offset, std::span<std::byte const> bytes) noexcept {
    if (bytes.size() > longest_read) { return; }
    auto const taken = taken_.load(std::memory_order_acquire);
    auto at = put_.load(std::memory_order_relaxed);
    for (; !bytes.empty() && at - taken < most_blocks; ++at) {
      auto& b = blocks_[at % most_blocks];
      auto const n = std::min(bytes.size(), b.bytes.size());
      b.offset = offset;
      b.size = n;
      std::memcpy(b.bytes.data(), bytes.data(), n);
      bytes = bytes.subspan(n);
      offset += n;
    }
    put_.store(at, std::memory_order_release);
  }

  // Copies from `offset` on what is there of `want` bytes, or a little more; 0: nothing. Blocks before
  // it are given up.
  [[nodiscard]] std::size_t take(std::uint64_t offset, std::span<std::byte> out, std::size_t want) noexcept {
    auto const put = put_.load(std::memory_order_acquire);
    auto at = taken_.load(std::memory_order_relaxed);
    while (at != put && blocks_[at % most_blocks].end() <= offset) { ++at; }
    taken_.store(at, std::memory_order_release);
    if (at == put) { return 0; }
    auto const& b = blocks_[at % most_blocks];
    if (b.offset > offset) { return 0; }
    auto const from = static_cast<std::size_t>(offset - b.offset);
    // All of a block would come from another core's cache, where nearly always one header is wanted.
    auto const n = std::min({out.size(), b.size - from, std::max(want, usual_want)});
    std::memcpy(out.data(), b.bytes.data() + from, n);
    if (at + 1 != put) {
      auto const* const next = reinterpret_cast<std::byte const*>(&blocks_[(at + 1) % most_blocks]);
      for (std::size_t i = 0; i < usual_want + 64; i += 64) { __builtin_prefetch(next + i); }
    }
    return n;
  }

 private:
  struct block {
    std::uint64_t offset;
    std::size_t size;
    std::array<std::byte, 1u << 10> bytes;
    [[nodiscard]] std::uint64_t end() const noexcept { return offset + size; }
  };
  static constexpr std::size_t most_blocks = 1024;  // 1 MiB
  static constexpr std::size_t usual_want = 320;    // header, security record and target of nearly all

  std::unique_ptr<block[]> blocks_;
  // Counted on without end; each is written by one thread.
  alignas(64) std::atomic<std::size_t> put_{0};
  alignas(64) std::atomic<std::size_t> taken_{0};
};

}  // namespace sysb::io
