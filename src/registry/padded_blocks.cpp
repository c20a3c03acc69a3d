// SPDX-License-Identifier: Apache-2.0
#include "registry/padded_blocks.hpp"

#include <algorithm>
#include <cstring>
#include <span>
#include <utility>
#include <vector>

#include "core/fatal_error.hpp"
#include "core/ledger.hpp"

namespace sysb::registry {

namespace {

constexpr std::size_t sector = 512;  // blocks of tapes and of backup are multiples of it
constexpr std::size_t fewest_blocks = 3;
constexpr std::size_t head_bytes = 1u << 20;
constexpr std::size_t whole_look = byte_source::max_peek;

[[nodiscard]] std::vector<bool> zero_sectors(std::span<std::byte const> head) {
  std::vector<bool> out(head.size() / sector);
  for (std::size_t i = 0; i < out.size(); ++i) {
    auto const s = head.subspan(i * sector, sector);
    out[i] = s[0] == std::byte{0} && std::memcmp(s.data(), s.data() + 1, sector - 1) == 0;
  }
  return out;
}

// Sectors at the end of every block of this length that are zero in all of them.
[[nodiscard]] std::size_t common_zeros(std::vector<bool> const& zero, std::size_t block) {
  auto common = block - 1;
  for (auto end = block; end <= zero.size() && common != 0; end += block) {
    std::size_t here = 0;
    while (here < common && zero[end - 1 - here]) { ++here; }
    common = here;
  }
  return common;
}

// How far the records lead from one to the next, in the first bytes of an image.
struct walked {
  std::uint64_t last = 0;  // where the last header stood that was reached
  bool sound = false;      // to the end record, or to the end of these bytes
};
[[nodiscard]] walked walk(std::vector<std::byte> bytes, image_format const& format, limits const& l) {
  ledger unheard;
  walked out;
  auto const size = bytes.size();
  try {
    auto const source = io::from_memory(std::move(bytes));
    auto const reader = format.open(*source, l, unheard);
    entry e;
    while (reader->next(e)) {
      out.last = e.offset;
      if (e.offset + e.record_bytes >= size) {
        out.sound = true;
        return out;
      }
      if (e.damaged) { return out; }
      reader->skip();
    }
    out.sound = reader->complete();
    if (out.sound) { out.last = reader->end_offset(); }
  } catch (fatal_error const& e) {
    if (e.what_kind() == fatal_error::kind::interrupted) { throw; }
  }
  return out;
}

[[nodiscard]] std::vector<std::byte> taken_out(std::span<std::byte const> head, padded_blocks_found const& p) {
  // Enough to pass some joints, and no more: this is tried often.
  constexpr std::size_t most = 256u << 10;
  std::vector<std::byte> out;
  for (std::size_t at = 0; at < head.size() && (out.size() < most || out.size() < 4 * p.data);
       at += static_cast<std::size_t>(p.block)) {
    auto const n = std::min(head.size() - at, static_cast<std::size_t>(p.data));
    out.insert(out.end(), head.begin() + static_cast<std::ptrdiff_t>(at),
               head.begin() + static_cast<std::ptrdiff_t>(at + n));
  }
  return out;
}

class unpadded_producer final : public io::byte_producer {
 public:
  unpadded_producer(std::unique_ptr<byte_source> whole, padded_blocks_found const& p)
      : whole_{std::move(whole)}, padding_{p} {}

  std::size_t produce(std::span<std::byte> out) override {
    if (in_block_ == padding_.data) {
      if (whole_->skip(padding_.block - padding_.data) != padding_.block - padding_.data) { return 0; }
      in_block_ = 0;
    }
    auto const n = static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), padding_.data - in_block_));
    auto const want = std::min(n, byte_source::max_peek);
    auto const seen = whole_->peek(want);
    auto const got = std::min(seen.size(), want);
    if (got != 0) { std::memcpy(out.data(), seen.data(), got); }
    whole_->consume(got);
    in_block_ += got;
    return got;
  }
  std::uint64_t medium_position() const noexcept override { return whole_->medium_position(); }
  std::optional<std::uint64_t> medium_size() const noexcept override { return whole_->medium_size(); }
  void check_unchanged() const override { whole_->check_unchanged(); }
  bool restartable() const noexcept override { return whole_->seekable(); }
  void restart() override {
    whole_->seek(0);
    in_block_ = 0;
  }

 private:
  std::unique_ptr<byte_source> whole_;
  padded_blocks_found padding_;
  std::uint64_t in_block_ = 0;
};

[[nodiscard]] std::optional<padded_blocks_found> search(std::span<std::byte const> head, image_format const& format,
                                                        limits const& l) {
  auto const zero = zero_sectors(head);
  if (std::find(zero.begin(), zero.end(), true) == zero.end()) { return std::nullopt; }
  std::optional<walked> as_it_is;
  for (std::size_t block = 2; block * fewest_blocks <= zero.size(); ++block) {
    auto const most = common_zeros(zero, block);
    if (most == 0) { continue; }
    if (!as_it_is) {
      as_it_is = walk({head.begin(), head.end()}, format, l);
      if (as_it_is->sound) { return std::nullopt; }
    }
    // Where every block happens to end in zeros of its own, less of it is padding.
    constexpr std::size_t tries = 8;
    for (std::size_t padding = most; padding != 0 && padding + tries > most; --padding) {
      padded_blocks_found const found{.block = block * sector, .data = (block - padding) * sector};
      auto const without = walk(taken_out(head, found), format, l);
      // A joint at least must be passed to a header, and more than was passed with the padding.
      if (without.sound && without.last > as_it_is->last && without.last > found.data) { return found; }
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<padded_blocks_found> find_padding(byte_source& source, image_format const& format, limits const& l) {
  auto head = source.peek(head_bytes);
  head = head.first(std::min(head.size(), head_bytes));
  auto const zero = zero_sectors(head);
  // Nearly every image ends here: a header or text stands where the first padding would be.
  if (std::find(zero.begin(), zero.end(), true) == zero.end()) { return std::nullopt; }
  if (auto const found = search(head, format, l)) { return found; }
  if (head.size() < head_bytes) { return std::nullopt; }
  // Long blocks: fewer than three in the first look.
  auto const last = std::find(zero.rbegin(), zero.rend(), false);
  auto const run = static_cast<std::size_t>(last - zero.rbegin());
  bool const may_be_long = common_zeros(zero, zero.size() / 2) != 0 || run != 0 || zero[zero.size() / 2 - 1];
  if (!may_be_long) { return std::nullopt; }
  auto more = source.peek(whole_look);
  return search(more.first(std::min(more.size(), whole_look)), format, l);
}

std::unique_ptr<byte_source> without_padding(std::unique_ptr<byte_source> source, padded_blocks_found const& p,
                                             io::source_options const& o) {
  return io::from_producer(std::make_unique<unpadded_producer>(std::move(source), p), o);
}

}  // namespace sysb::registry
