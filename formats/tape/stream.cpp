// SPDX-License-Identifier: Apache-2.0
// The backup in a tape without file marks. No header tells where one of the tape's files ends and the
// next begins: the text of the dummy table of contents does, at a block boundary, and counts only where
// a volume header follows it.
#include "formats/tape/stream.hpp"

#include <algorithm>
#include <string>

#include "base/text.hpp"
#include "core/fatal_error.hpp"
#include "io/io.hpp"

namespace sysb::tape {

namespace {

using content = carrier_format::request::content;
using judge_function = std::function<content(std::span<std::byte const> head)>;

constexpr std::size_t block = 512;
// The table of contents is one block; a copy may have padded it with zeros to the size of its own.
constexpr std::size_t farthest = 512u << 10;
constexpr std::size_t window = 2u << 20;
constexpr std::size_t header_bytes = 72;
constexpr std::string_view toc_text = "DUMMY TAPE TOC";

// The image after a table of contents at `toc`, both offsets in `seen`. Anything but zeros between them
// makes it no such table: programs in the boot image may hold the text.
template <typename Judge>
[[nodiscard]] std::optional<std::size_t> image_after(std::span<std::byte const> seen, std::size_t toc,
                                                     Judge const& judge) {
  auto const last = std::min(seen.size(), toc + block + farthest);
  for (auto at = toc + block; at + header_bytes <= last; at += block) {
    auto const head = seen.subspan(at, std::min<std::size_t>(4096, seen.size() - at));
    if (judge(head) == content::image) { return at; }
    auto const here = head.first(std::min(head.size(), block));
    if (!std::all_of(here.begin(), here.end(), [](std::byte b) { return b == std::byte{0}; })) { break; }
  }
  return std::nullopt;
}

// The first block of `seen`, of those that begin before `end`, that is such a table with an image
// after it. `seen` begins at a block boundary.
template <typename Judge>
[[nodiscard]] std::optional<std::size_t> search(std::span<std::byte const> seen, std::size_t end, Judge const& judge) {
  auto const text = as_text(seen);
  for (std::size_t from = 0;;) {
    auto const found = text.find(toc_text, from);
    if (found == std::string_view::npos || found >= end) { return std::nullopt; }
    auto const toc = found / block * block;
    auto const whole = found + toc_text.size() <= toc + block;
    if (auto const at = whole ? image_after(seen, toc, judge) : std::nullopt) { return at; }
    from = found + 1;
  }
}

class carrier final : public carrier_format {
 public:
  std::string_view id() const noexcept override { return "tape_stream"; }
  std::string_view title() const noexcept override { return "whole mksysb tape in one stream, without file marks"; }
  unsigned bid(std::span<std::byte const> head) const noexcept override {
    // The caller judges what stands after; here a volume header's first bytes must do.
    auto const volume = [](std::span<std::byte const> b) {
      return b.size() > 3 && b[0] == std::byte{9} && b[1] == std::byte{0} && b[3] == std::byte{0xea} ? content::image
                                                                                                     : content::unknown;
    };
    return search(head, head.size(), volume) ? 16 : 0;
  }
  std::unique_ptr<byte_source> open(std::unique_ptr<byte_source> source, limits const& l, request const& r,
                                    diagnostic_sink&) const override {
    auto const at = find_backup(*source, l.tape_search_bytes, r.judge);
    if (!at) {
      throw fatal_error{fatal_error::kind::unsupported, "a dummy tape table of contents without a backup after it", 0};
    }
    return io::slice(std::move(source), *at, ~std::uint64_t{0});
  }
};

}  // namespace

std::optional<std::uint64_t> find_backup(byte_source& source, std::uint64_t most, judge_function const& judge) {
  if (!judge) { return std::nullopt; }
  for (;;) {
    auto const begin = source.position();
    auto seen = source.peek(window);
    auto const enough = seen.size() >= window;
    // Windows overlap by what must stand after a table of contents, so that each is judged whole.
    auto const end = enough ? (seen.size() - (farthest + 2 * block)) / block * block : seen.size();
    if (auto const at = search(seen, end, judge)) { return begin + *at; }
    if (!enough || begin + end >= most) { return std::nullopt; }
    source.consume(end);
  }
}

carrier_format const& stream_carrier() noexcept {
  static carrier const the_carrier;
  return the_carrier;
}

}  // namespace sysb::tape
