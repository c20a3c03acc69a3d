// SPDX-License-Identifier: Apache-2.0
// The LZW code of compress(1), version 3 and later. Codes stand least significant bit first and grow
// from 9 bits to the width that the header names. They were written in groups of eight: where the
// width changes, or the table is cleared, the rest of a group is waste.
#include <algorithm>
#include <array>
#include <cstring>

#include "formats/compression/layout.hpp"
#include "formats/compression/stream_decoder.hpp"

namespace sysb::compression {

namespace {

constexpr std::uint32_t clear_code = 256;
constexpr unsigned first_width = 9;
constexpr unsigned widest = 16;
constexpr std::uint32_t none = ~0u;

class lzw_decoder final : public stream_decoder {
 public:
  void start() override {
    have_ = 0;
    held_ = 0;
    held_bits_ = 0;
    waste_bits_ = 0;
    pending_ = text_.size();
    error_ = nullptr;
  }

  step decode(std::span<std::byte const>& in, std::span<std::byte>& out) override {
    while (have_ < sizeof(header_)) {
      if (in.empty()) { return step::more; }
      std::memcpy(reinterpret_cast<std::byte*>(&header_) + have_++, in.data(), 1);
      in = in.subspan(1);
      if (have_ == sizeof(header_) && !begin()) { return step::failed; }
    }
    for (;;) {
      deliver(out);
      if (out.empty() || pending_ != text_.size()) { return step::more; }
      std::uint32_t code = 0;
      if (!next_code(in, code)) { return step::more; }
      if (!take(code)) { return step::failed; }
    }
  }

  // There is no end mark: the stream ends where the input does.
  bool may_end() const noexcept override { return have_ == sizeof(header_) && pending_ == text_.size(); }
  std::string error_text() const override { return error_ == nullptr ? "cannot be unpacked" : error_; }

 private:
  [[nodiscard]] bool begin() noexcept {
    max_width_ = header_.flags & compress_header::width_mask;
    clears_ = (header_.flags & compress_header::block_mode) != 0;
    if (max_width_ < first_width || max_width_ > widest) {
      error_ = "code width is not 9 to 16 bits";
      return false;
    }
    clear();
    return true;
  }

  void clear() noexcept {
    width_ = first_width;
    section_bits_ = 0;
    free_ = clears_ ? clear_code + 1 : clear_code;
    previous_ = none;
  }

  // The rest of a group of eight codes carries nothing.
  void end_section() noexcept {
    auto const group = std::uint64_t{width_} * 8;
    waste_bits_ = (group - section_bits_ % group) % group;
    section_bits_ = 0;
  }

  [[nodiscard]] bool next_code(std::span<std::byte const>& in, std::uint32_t& code) noexcept {
    if (free_ >= 1u << width_ && width_ < max_width_) {
      end_section();
      ++width_;
    }
    for (;;) {
      auto const waste = static_cast<unsigned>(std::min<std::uint64_t>(waste_bits_, held_bits_));
      held_ >>= waste;
      held_bits_ -= waste;
      waste_bits_ -= waste;
      if (waste_bits_ == 0 && held_bits_ >= width_) { break; }
      if (in.empty()) { return false; }
      held_ |= std::to_integer<std::uint64_t>(in.front()) << held_bits_;
      held_bits_ += 8;
      in = in.subspan(1);
    }
    code = static_cast<std::uint32_t>(held_ & ((1u << width_) - 1));
    held_ >>= width_;
    held_bits_ -= width_;
    section_bits_ += width_;
    return true;
  }

  // Writes the text of a code, back to front, to the end of text_.
  [[nodiscard]] bool take(std::uint32_t code) noexcept {
    if (clears_ && code == clear_code) {
      end_section();
      clear();
      return true;
    }
    if (previous_ == none ? code >= clear_code : code > free_) {
      error_ = "a code that the table does not hold";
      return false;
    }
    auto walk = code;
    if (previous_ != none && code == free_) {
      text_[--pending_] = first_byte_;
      walk = previous_;
    }
    while (walk >= clear_code) {
      text_[--pending_] = suffix_[walk];
      walk = prefix_[walk];
    }
    first_byte_ = static_cast<std::byte>(walk);
    text_[--pending_] = first_byte_;
    if (previous_ != none && free_ < 1u << max_width_) {
      prefix_[free_] = static_cast<std::uint16_t>(previous_);
      suffix_[free_] = first_byte_;
      ++free_;
    }
    previous_ = code;
    return true;
  }

  void deliver(std::span<std::byte>& out) noexcept {
    auto const n = std::min(out.size(), text_.size() - pending_);
    if (n != 0) { std::memcpy(out.data(), text_.data() + pending_, n); }
    out = out.subspan(n);
    pending_ += n;
  }

  compress_header header_{};
  std::size_t have_ = 0;  // of the header
  unsigned max_width_ = 0;
  bool clears_ = false;
  unsigned width_ = first_width;
  std::uint64_t section_bits_ = 0;  // since the width was last set
  std::uint64_t waste_bits_ = 0;
  std::uint64_t held_ = 0;
  unsigned held_bits_ = 0;
  std::uint32_t free_ = 0;
  std::uint32_t previous_ = none;
  std::byte first_byte_{};
  std::array<std::uint16_t, 1u << widest> prefix_{};
  std::array<std::byte, 1u << widest> suffix_{};
  std::array<std::byte, (1u << widest) + 1> text_{};
  std::size_t pending_ = text_.size();  // where undelivered text begins
  char const* error_ = nullptr;
};

}  // namespace

std::unique_ptr<stream_decoder> make_compress(limits const&) { return std::make_unique<lzw_decoder>(); }

}  // namespace sysb::compression
