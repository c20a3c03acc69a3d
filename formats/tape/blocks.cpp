// SPDX-License-Identifier: Apache-2.0
// The two forms of tape files, block by block.
#include "formats/tape/blocks.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "base/cursor.hpp"
#include "base/text.hpp"
#include "formats/tape/layout.hpp"

namespace sysb::tape {

namespace {

template <typename T>
[[nodiscard]] std::optional<T> read_at(byte_source& s, std::uint64_t at) {
  std::array<std::byte, sizeof(T)> raw{};
  if (s.probe(at, raw) != raw.size()) { return std::nullopt; }
  return byte_cursor{raw}.take<T>();
}

template <typename T>
[[nodiscard]] std::optional<T> seen_at(std::span<std::byte const> head, std::size_t at) noexcept {
  if (at > head.size() || head.size() - at < sizeof(T)) { return std::nullopt; }
  return byte_cursor{head.subspan(at)}.take<T>();
}

[[nodiscard]] chunk broken(std::uint64_t at, std::string text) {
  return {.what = chunk::kind::broken, .problem = concat(text, " at byte 0x", hex(at), " of the tape file")};
}

// True where a tape file begins that is an image by itself: the one thing on most tapes.
[[nodiscard]] bool volume_at(std::span<std::byte const> head, std::size_t at) noexcept {
  return head.size() >= at + 4 && as_text(head.subspan(at, 2)) == std::string_view{"\x09\0", 2} &&
         head[at + 3] == std::byte{0xea};
}

// The first bytes of a zlib stream (RFC 1950: a check of both) or of a bzip2 stream.
[[nodiscard]] bool packed_at(aws_header const& h, std::span<std::byte const> head) noexcept {
  auto const data = head.subspan(std::min(head.size(), sizeof(aws_header)));
  if (data.size() < 4) { return false; }
  if ((h.flags & aws_flag::compressed) == aws_flag::bzip2) { return as_text(data.first(3)) == "BZh"; }
  auto const method = std::to_integer<unsigned>(data[0]);
  return (method & 0x0f) == 8 && (method * 256 + std::to_integer<unsigned>(data[1])) % 31 == 0;
}

}  // namespace

chunk step_simh(byte_source& s, std::uint64_t at) {
  for (;;) {
    auto const word = read_at<simh_word>(s, at);
    // Writers need not mark the end of the medium.
    if (!word) { return {.what = chunk::kind::end, .next = at, .problem = {}}; }
    auto const value = word->length.value();
    if (value == simh_gap) {
      at += sizeof(simh_word);
      continue;
    }
    if (value == simh_end) { return {.what = chunk::kind::end, .next = at, .problem = {}}; }
    if (value == simh_mark) { return {.what = chunk::kind::mark, .next = at + sizeof(simh_word), .problem = {}}; }
    if ((value & simh_bad) != 0) { return broken(at, "a block that was read with errors"); }
    if (value > simh_longest) { return broken(at, concat("impossible block length 0x", hex(value))); }
    auto const data_at = at + sizeof(simh_word);
    auto const after = data_at + value + value % 2;
    auto const again = read_at<simh_word>(s, after);
    if (!again) {
      // What is there of the block is still delivered; the next step tells of the cut.
      auto const length = s.size().value_or(data_at);
      auto const left = length > data_at ? std::min<std::uint64_t>(length - data_at, value) : 0;
      if (left == 0) { return broken(at, "the file ends inside a block"); }
      return {.what = chunk::kind::data,
              .data_at = data_at,
              .size = static_cast<std::uint32_t>(left),
              .next = ~std::uint64_t{0},
              .problem = {}};
    }
    if (again->length != value) {
      return broken(after,
                    concat("block length ", value, " before the block and ", again->length.value(), " after it"));
    }
    return {
        .what = chunk::kind::data, .data_at = data_at, .size = value, .next = after + sizeof(simh_word), .problem = {}};
  }
}

chunk step_aws(byte_source& s, std::uint64_t at) {
  auto const h = read_at<aws_header>(s, at);
  if (!h) { return {.what = chunk::kind::end, .next = at, .problem = {}}; }
  auto const next = at + sizeof(aws_header) + h->length;
  if ((h->flags & aws_flag::mark) != 0) {
    if (h->length != 0) { return broken(at, "a tape mark with content"); }
    return {.what = chunk::kind::mark, .next = next, .problem = {}};
  }
  constexpr unsigned known = aws_flag::begins | aws_flag::ends | aws_flag::compressed;
  if ((h->flags & ~known) != 0 || h->length == 0) { return broken(at, "no block header"); }
  auto const method = h->flags & aws_flag::compressed;
  if (method == aws_flag::compressed || (h->flags_2 & aws_flag_2::bus_tech) != 0) {
    return broken(at, "a block compressed in a way that cannot be read");
  }
  auto const data_at = at + sizeof(aws_header);
  chunk out{.what = chunk::kind::data,
            .data_at = data_at,
            .size = h->length,
            .method = method == aws_flag::zlib    ? packing::zlib
                      : method == aws_flag::bzip2 ? packing::bzip2
                                                  : packing::none,
            .begins = (h->flags & aws_flag::begins) != 0,
            .ends = (h->flags & aws_flag::ends) != 0,
            .next = next,
            .problem = {}};
  auto const length = s.size().value_or(next);
  if (length < next) {
    auto const left = length > data_at ? length - data_at : 0;
    if (left == 0) { return broken(at, "the file ends inside a block"); }
    out.size = static_cast<std::uint32_t>(left);
    out.next = ~std::uint64_t{0};
    return out;
  }
  auto const following = read_at<aws_header>(s, next);
  if (following && following->previous_length != h->length) {
    return broken(next, concat("block of ", h->length.value(), " bytes, called ", following->previous_length.value(),
                               " by the next header"));
  }
  return out;
}

unsigned bid_simh(std::span<std::byte const> head) noexcept {
  auto const word = seen_at<simh_word>(head, 0);
  if (!word || word->length == 0 || word->length > simh_longest) { return 0; }
  auto const length = word->length.value();
  auto const again = seen_at<simh_word>(head, sizeof(simh_word) + length + length % 2);
  if (again) { return again->length == length ? 40 : 0; }
  return volume_at(head, sizeof(simh_word)) ? 32 : 0;
}

unsigned bid_aws(std::span<std::byte const> head) noexcept {
  auto const h = seen_at<aws_header>(head, 0);
  constexpr unsigned known = aws_flag::begins | aws_flag::ends | aws_flag::compressed;
  if (!h || h->length == 0 || h->previous_length != 0 || (h->flags & aws_flag::begins) == 0) { return 0; }
  if ((h->flags & ~known) != 0) { return 0; }
  auto const following = seen_at<aws_header>(head, sizeof(aws_header) + h->length);
  if (!following && (h->flags & aws_flag::compressed) != 0) { return packed_at(*h, head) ? 36 : 0; }
  if (!following) { return volume_at(head, sizeof(aws_header)) ? 36 : 0; }
  return following->previous_length == h->length ? 44 : 0;
}

}  // namespace sysb::tape
