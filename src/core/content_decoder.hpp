// SPDX-License-Identifier: Apache-2.0
// Turns stored content into plain content, piece by piece. One decoder serves one thread and
// any number of members, one after another.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "core/diagnostic.hpp"
#include "core/pieces.hpp"

namespace sysb {

class content_decoder {
 public:
  enum class status : std::uint8_t {
    need_input,   // `in` is used up and more stored bytes are to come
    need_output,  // `out` is full and more plain bytes are to come
    done,         // the end was reached and every end condition holds
    failed,       // error() says what
  };

  virtual ~content_decoder() = default;
  // A new member of `stored` bytes that becomes `plain` bytes.
  virtual void reset(std::uint64_t stored, std::uint64_t plain) = 0;
  // Takes bytes from the front of `in`, puts bytes to the front of `out`; both spans shrink.
  // Never writes more than `plain` bytes in all.
  [[nodiscard]] virtual status decode(std::span<std::byte const>& in, std::span<std::byte>& out) = 0;

  // After status::failed: which fault, and what was expected and found.
  [[nodiscard]] virtual diag_code const* error() const noexcept = 0;
  [[nodiscard]] virtual std::string error_text() const = 0;
  // After a fault that reaches fault_reach::changed: how many plain bytes the stored content is.
  [[nodiscard]] virtual std::optional<std::uint64_t> true_size() const noexcept { return std::nullopt; }
};

enum class content_end : std::uint8_t {
  proven,  // every end condition holds
  failed,  // the decoder's error() says what
  cut,     // the stored bytes ended before, and the decoder has no word for it
};

// From a decoder that was just reset to the end of the content or its first fault. `room`, not empty, is where pieces of
// plain content stand while `emit` has them.
[[nodiscard]] content_end unpack(content_decoder& decoder, piece_source const& next, std::span<std::byte> room,
                                 piece_target const& emit);

}  // namespace sysb
