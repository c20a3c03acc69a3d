// SPDX-License-Identifier: Apache-2.0
// The work on one member's content: stored bytes in, plain bytes out, digested on the way.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bsd_sum.hpp"
#include "base/scratch_buffer.hpp"
#include "core/byte_source.hpp"
#include "core/content_decoder.hpp"
#include "core/entry_sink.hpp"

namespace sysb::pipeline {

// What one thread keeps from member to member.
struct content_tools {
  std::unique_ptr<content_decoder> decoder;
  digester digest;
  bsd_sum sum;
  scratch_buffer in, out;  // read and decode buffers, at most 1 MiB each
};

inline constexpr std::size_t piece_bytes = 256u << 10;
inline constexpr std::size_t digested_at_once_bytes = 8u << 10;  // anything from 4 to 16 KiB measured the same
inline constexpr std::uint64_t copied_at_once = 64u << 20;       // by the kernel, between looks for a signal
inline constexpr std::size_t kept_at_once_bytes = 16u << 20;     // room that is made on the word of a header
inline constexpr std::size_t small_member_bytes = 1u << 20;      // plain size of a member that travels whole

struct content_request {
  std::uint64_t stored = 0;
  std::uint64_t plain = 0;
  bool packed = false;
  bool digest = false;
  bool sum = false;   // the BSD sum of the plain content
  bool keep = false;  // all of the plain content stays in the outcome
  // Salvage: this many bytes are wanted, of content that is damaged after them.
  std::optional<std::uint64_t> only_first;

  std::optional<std::uint64_t> stored_there;  // fewer stored bytes than there should be

  [[nodiscard]] std::uint64_t wanted() const noexcept { return only_first.value_or(plain); }
};

struct content_outcome {
  content_result result;
  diag_code const* fault = nullptr;  // null: every byte came and every end condition holds
  std::string fault_text;
  std::optional<std::uint64_t> true_size;  // content_decoder::true_size()
  std::vector<std::byte> kept;             // content_request::keep
};

// All of `bytes` at once, which stay the caller's.
[[nodiscard]] piece_source one_piece(std::span<std::byte const> bytes);

// Runs to the end of the content or to its first fault. Never delivers more than `plain` bytes.
[[nodiscard]] content_outcome run_content(content_request const& r, content_tools& tools, piece_source const& next,
                                          piece_target const& emit);

// Pieces of a run of a file, by pread(2); fewer bytes only where the file ends.
class file_pieces {
 public:
  file_pieces(byte_source::file_run run, std::uint64_t offset, std::uint64_t length, scratch_buffer& buffer);
  [[nodiscard]] std::span<std::byte const> next();

 private:
  byte_source::file_run run_;
  std::uint64_t offset_, left_;
  std::span<std::byte> buffer_;
};

}  // namespace sysb::pipeline
