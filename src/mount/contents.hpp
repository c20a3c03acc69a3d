// SPDX-License-Identifier: Apache-2.0
// The bytes of files, from any thread. Nothing is given out before it was proven: the record's header is the one
// that the catalog was made of, what is packed unpacks to its end, and the image is the one that was mounted.
//
//   up to 1 MiB          read or unpacked whole when it is opened, and kept in the cache if that is worth it
//   larger, not packed   read from the image as it is asked for
//   larger, packed       unpacked once to prove it, in pieces that go to the cache as far as it reaches; after
//                        that a decoder goes on where the reader is, so that no whole file is in memory
#pragma once
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/byte_source.hpp"
#include "core/content_decoder.hpp"
#include "core/image_reader.hpp"
#include "mount/cache.hpp"
#include "mount/tree.hpp"

namespace sysb::mount {

// One line for people; from any thread. Names in it are printable.
using log_line = std::function<void(std::string_view)>;

// What the kernel asks for at once, usually.
inline constexpr std::size_t one_request = 128u << 10;

class contents {
 public:
  // `source` and `reader` of the mounted image; both outlive this. `members`: how many there are.
  contents(byte_source& source, image_reader const& reader, std::uint64_t members, std::uint64_t cache_bytes,
           log_line log);

  // Called by the thread that asks, before it waits: for the medium, for what unpacks, or for another thread.
  void when_slow(std::function<void()> hook) { when_slow_ = std::move(hook); }

  // 0, or the errno that open(2) is to give; then the log has a line, once a member. A small member's content
  // has come with it, whole.
  struct opened {
    int error = 0;
    content_piece whole;
  };
  [[nodiscard]] opened open(node_content const& p);
  // Of a place that was opened; as many bytes as `out` takes and the file has. 0, or an errno.
  [[nodiscard]] int read(node_content const& p, std::uint64_t offset, std::span<std::byte> out, std::size_t& got);
  // All of it; throws fatal_error where open() or read() would fail.
  [[nodiscard]] std::vector<std::byte> whole(node_content const& p, std::uint64_t limit);

  // EIO, and one line in the log, once the image is another one.
  [[nodiscard]] int still_the_image();

 private:
  // What unpacks one large member, as far as it has come.
  struct unpacker {
    std::unique_ptr<content_decoder> decoder;
    std::vector<std::byte> in;
    std::span<std::byte const> rest;  // of `in`
    std::uint64_t member = ~std::uint64_t{0};
    std::uint64_t stored_at = 0;  // stored bytes taken
    std::uint64_t next = 0;       // number of the piece that comes next
    std::uint64_t used = 0;       // when; the longest unused one is taken for another member
    bool busy = false;
  };
  class lease;

  void slow() const {
    if (when_slow_) { when_slow_(); }
  }
  [[nodiscard]] bool read_at_hand(std::uint64_t offset, std::span<std::byte> out) const;
  [[nodiscard]] bool read_stored(std::uint64_t offset, std::span<std::byte> out);
  [[nodiscard]] content_piece small_one(node_content const& p, std::string& why);
  [[nodiscard]] content_piece load(node_content const& p, std::string& why);
  [[nodiscard]] content_piece unpack_small(node_content const& p, std::span<std::byte const> stored, std::string& why);
  [[nodiscard]] bool header_proven(node_content const& p, std::string& why);
  [[nodiscard]] bool unpacks(node_content const& p, std::string& why);
  [[nodiscard]] content_piece piece(node_content const& p, std::uint64_t number);
  [[nodiscard]] content_piece next_piece(unpacker& u, node_content const& p, std::string& why);
  void begin(unpacker& u, node_content const& p) const;
  [[nodiscard]] int refuse(node_content const& p, std::string_view why);
  [[nodiscard]] bool first_time(std::vector<std::atomic<std::uint8_t>>& bits, std::uint64_t member);
  [[nodiscard]] static bool has(std::vector<std::atomic<std::uint8_t>> const& bits, std::uint64_t member);

  byte_source& source_;
  image_reader const& reader_;
  std::optional<byte_source::file_run> run_;
  bool in_memory_ = false;
  std::mutex source_lock_;  // where there is no run
  piece_cache cache_;
  log_line log_;
  std::function<void()> when_slow_;
  std::atomic<bool> changed_{false};
  std::vector<std::atomic<std::uint8_t>> told_, proven_;  // a bit a member
  std::array<std::mutex, 16> work_;                       // one thread unpacks a member, others wait for it

  std::mutex unpackers_lock_;
  std::vector<std::unique_ptr<unpacker>> unpackers_;
  std::uint64_t clock_ = 0;
};

}  // namespace sysb::mount
