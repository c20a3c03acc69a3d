// SPDX-License-Identifier: Apache-2.0
// The table of compressed carriers: how each is told, and its opening.
#include "formats/compression/compression.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <initializer_list>

#include "base/cursor.hpp"
#include "base/endian.hpp"
#include "formats/compression/diagnostics.hpp"
#include "formats/compression/layout.hpp"
#include "formats/compression/stream_decoder.hpp"

namespace sysb::compression {

namespace {

using head_bytes = std::span<std::byte const>;

[[nodiscard]] bool starts(head_bytes head, std::initializer_list<unsigned> magic) noexcept {
  return head.size() >= magic.size() &&
         std::equal(magic.begin(), magic.end(), head.begin(),
                    [](unsigned m, std::byte b) { return m == std::to_integer<unsigned>(b); });
}

[[nodiscard]] unsigned at(head_bytes head, std::size_t i) noexcept {
  return i < head.size() ? std::to_integer<unsigned>(head[i]) : 0;
}

unsigned bid_gzip(head_bytes head) noexcept {
  constexpr unsigned reserved_flags = 0xe0;
  return starts(head, {0x1f, 0x8b, 8}) && (at(head, 3) & reserved_flags) == 0 ? 27 : 0;
}

unsigned bid_xz(head_bytes head) noexcept { return starts(head, {0xfd, '7', 'z', 'X', 'Z', 0}) ? 48 : 0; }

// A skippable frame may stand first; zstd and lz4 share its magic, so what follows it must show.
unsigned bid_zstd(head_bytes head) noexcept {
  if (starts(head, {0x28, 0xb5, 0x2f, 0xfd})) { return 32; }
  auto const tail = head.subspan(std::min<std::size_t>(1, head.size()));
  if ((at(head, 0) & 0xf0) != 0x50 || !starts(tail, {0x2a, 0x4d, 0x18})) { return 0; }
  byte_cursor c{head};
  (void)c.take<le32>();
  auto const length = c.take<le32>().value();
  if (!c.ok()) { return 0; }
  if (length > c.left()) { return head.size() <= 16 ? 28 : 0; }  // between frames only 16 bytes show
  return starts(head.last(static_cast<std::size_t>(c.left() - length)), {0x28, 0xb5, 0x2f, 0xfd}) ? 60 : 28;
}

unsigned bid_bzip2(head_bytes head) noexcept {
  if (!starts(head, {'B', 'Z', 'h'}) || at(head, 3) < '1' || at(head, 3) > '9') { return 0; }
  auto const rest = head.subspan(4);
  auto const block = starts(rest, {0x31, 0x41, 0x59, 0x26, 0x53, 0x59});
  auto const end = starts(rest, {0x17, 0x72, 0x45, 0x38, 0x50, 0x90});
  return block || end ? 76 : 0;
}

unsigned bid_lz4(head_bytes head) noexcept { return starts(head, {0x04, 0x22, 0x4d, 0x18}) ? 32 : 0; }

// No magic: the usual properties, a dictionary of 2^n or 2^n + 2^(n-1) bytes, a size that is
// unknown or below 1 TiB, and the zero that every range coder begins with.
unsigned bid_lzma(head_bytes head) noexcept {
  byte_cursor c{head};
  auto const properties = c.bytes(1);
  auto const dictionary = c.take<le32>().value();
  auto const size = c.take<le64>().value();
  auto const first = c.bytes(1);
  if (!c.ok() || at(properties, 0) != 0x5d || at(first, 0) != 0) { return 0; }
  auto const base = std::bit_floor(dictionary);
  if (dictionary < (1u << 12) || (dictionary != base && dictionary != base + base / 2)) { return 0; }
  if (size != ~std::uint64_t{0} && size >= std::uint64_t{1} << 40) { return 0; }
  return 58;
}

unsigned bid_compress(head_bytes head) noexcept {
  auto const bits = at(head, 2) & compress_header::width_mask;
  auto const reserved = at(head, 2) & ~(compress_header::width_mask | compress_header::block_mode);
  return starts(head, {0x1f, 0x9d}) && reserved == 0 && bits >= 9 && bits <= 16 ? 23 : 0;
}

// The leaf counts after the prefix must make a complete tree.
unsigned bid_pack(head_bytes head) noexcept {
  byte_cursor c{head};
  auto const prefix = c.take<pack_prefix>();
  auto const levels = at(c.bytes(1), 0);
  auto const counts = c.bytes(levels);
  if (!c.ok() || !starts(head, {0x1f, 0x1e}) || levels == 0 || levels > 24) { return 0; }
  std::uint64_t weight = 0;  // in units of the deepest level
  for (std::size_t l = 1; l <= levels; ++l) {
    auto const leaves = at(counts, l - 1) + (l == levels ? 2 : 0);
    weight += std::uint64_t{leaves} << (levels - l);
  }
  return weight == std::uint64_t{1} << levels && prefix.plain_size != 0 ? 40 : 0;
}

constexpr std::array<stream_kind, 8> kinds{{
    {"gzip", "gzip", bid_gzip, make_gzip, true},
    {"xz", "xz", bid_xz, make_xz, true},
    {"zstd", "Zstandard", bid_zstd, make_zstd, true},
    {"bzip2", "bzip2", bid_bzip2, make_bzip2, true},
    {"lz4", "LZ4 frame", bid_lz4, make_lz4, true},
    {"lzma", "LZMA alone", bid_lzma, make_lzma, false},
    {"compress", "compress (.Z)", bid_compress, make_compress, false},
    {"pack", "pack (.z)", bid_pack, make_pack, false},
}};

class carrier final : public carrier_format {
 public:
  explicit constexpr carrier(stream_kind const& kind) noexcept : kind_{&kind} {}
  std::string_view id() const noexcept override { return kind_->id; }
  std::string_view title() const noexcept override { return kind_->title; }
  unsigned bid(head_bytes head) const noexcept override { return kind_->bid(head); }
  std::unique_ptr<byte_source> open(std::unique_ptr<byte_source> source, limits const& l, request const& r,
                                    diagnostic_sink& findings) const override {
    auto producer = make_stream_producer(std::move(source), *kind_, l, findings);
    io::source_options const o{.tmpdir = r.tmpdir, .counters = r.counters, .window_bytes = l.window_bytes};
    return io::from_producer(std::move(producer), o);
  }
  std::span<diag_code const* const> codes() const noexcept override { return compression::codes(); }

 private:
  stream_kind const* kind_;
};

}  // namespace

std::span<carrier_format const* const> carriers() noexcept {
  static std::array<carrier, kinds.size()> const all{carrier{kinds[0]}, carrier{kinds[1]}, carrier{kinds[2]},
                                                     carrier{kinds[3]}, carrier{kinds[4]}, carrier{kinds[5]},
                                                     carrier{kinds[6]}, carrier{kinds[7]}};
  static auto const pointers = [] {
    std::array<carrier_format const*, kinds.size()> out{};
    for (std::size_t i = 0; i < out.size(); ++i) { out[i] = &all[i]; }
    return out;
  }();
  return pointers;
}

std::span<diag_code const* const> codes() noexcept {
  static constexpr std::array<diag_code const*, 5> all{&damaged, &truncated, &trailing, &expands_too_far,
                                                       &needs_memory};
  return all;
}

}  // namespace sysb::compression
