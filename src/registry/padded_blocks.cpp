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

constexpr std::size_t sector = 512;
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
  std::uint64_t end = 0;   // of its record
  bool sound = false;      // to the end record, or to the end of these bytes
};
// Where the image goes on after these bytes, the record that they cut is no fault of its.
constexpr std::uint64_t header_and_lists = 4096;
enum class after : std::uint8_t { nothing, more };
[[nodiscard]] walked walk(std::span<std::byte const> bytes, after what_follows, image_format const& format,
                          limits const& l) {
  ledger unheard;
  walked out;
  auto const size = bytes.size();
  try {
    auto const source = io::view_memory(bytes);
    auto const reader = format.open(*source, l, unheard);
    entry e;
    while (reader->next(e)) {
      out.last = e.offset;
      out.end = e.offset + e.record_bytes;
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
  out.sound = out.sound || (what_follows == after::more && out.end + header_and_lists >= size);
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

// Zero bytes in a row that end with each byte.
[[nodiscard]] std::vector<std::uint32_t> zero_runs(std::span<std::byte const> head) {
  std::vector<std::uint32_t> out(head.size());
  std::uint32_t run = 0;
  for (std::size_t i = 0; i < out.size(); ++i) { out[i] = run = head[i] == std::byte{0} ? run + 1 : 0; }
  return out;
}

// Lengths of the data that leave at most `padding` of each block: where all blocks happen to end in zeros of their own, the
// next rounder ones.
[[nodiscard]] std::vector<std::uint64_t> data_lengths(std::uint64_t block, std::uint64_t padding) {
  std::vector<std::uint64_t> out;
  for (std::uint64_t const unit : {1u, 8u, 100u, 512u, 1000u, 1024u, 4096u, 10240u}) {
    auto const data = (block - padding + unit - 1) / unit * unit;
    if (data < block && (out.empty() || out.back() != data)) { out.push_back(data); }
  }
  return out;
}

// `head` is not sound as it is: up to the record at `raw.last` nothing was put in, and something was before what follows
// it. So the first block's data end there, which leaves few lengths.
[[nodiscard]] std::optional<padded_blocks_found> search(std::span<std::byte const> head, walked const& raw,
                                                        std::size_t fewest_blocks, image_format const& format,
                                                        limits const& l) {
  constexpr std::size_t most_likely = 256;
  constexpr std::size_t most_others = 8;
  auto const last_end = raw.end + header_and_lists;
  auto const proves = [&](padded_blocks_found const& p) {
    auto const without = walk(taken_out(head, p), after::nothing, format, l);
    // A joint at least must be passed to a header, and more than was passed with the padding.
    return without.sound && without.last > raw.last && without.last > p.data;
  };
  // Records stand where the last one would end without the padding.
  auto const likely = [&](padded_blocks_found const& p) {
    constexpr std::size_t looked_at = 2048;  // no header is longer
    std::vector<std::byte> some;
    for (auto at = raw.end; some.size() < looked_at;) {
      auto const from = at / p.data * p.block + at % p.data;
      auto const n = p.data - at % p.data;
      if (from + n > head.size()) { break; }
      auto const piece = head.subspan(static_cast<std::size_t>(from), static_cast<std::size_t>(n));
      some.insert(some.end(), piece.begin(),
                  piece.begin() + static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(n, looked_at)));
      at += n;
    }
    return format.record_at(some);
  };
  auto const runs = zero_runs(head);
  std::size_t walks = 0;
  std::vector<padded_blocks_found> others;
  for (auto block = static_cast<std::size_t>(raw.last) + 2; block * fewest_blocks <= head.size(); ++block) {
    auto const least =
        std::max<std::size_t>(1, block - std::min<std::size_t>(block, static_cast<std::size_t>(last_end)));
    std::size_t padding = block - 1;
    for (auto end = block; end <= head.size() && padding >= least; end += block) {
      padding = std::min<std::size_t>(padding, runs[end - 1]);
    }
    if (padding < least) { continue; }
    for (auto const data : data_lengths(block, padding)) {
      if (data <= raw.last || data > last_end) { continue; }
      padded_blocks_found const found{.block = block, .data = data};
      if (likely(found)) {
        if (proves(found)) { return found; }
        if (++walks == most_likely) { return std::nullopt; }
      } else if (others.size() < most_others) {
        others.push_back(found);
      }
    }
  }
  auto const found = std::find_if(others.begin(), others.end(), proves);
  return found == others.end() ? std::nullopt : std::optional{*found};
}

}  // namespace

std::optional<padded_blocks_found> find_padding(byte_source& source, image_format const& format, limits const& l) {
  constexpr std::size_t first_bytes = 256u << 10;
  constexpr std::size_t fewest_long_blocks = 2;
  auto const look = [&](std::size_t most) {
    auto const seen = source.peek(most);
    return seen.first(std::min(seen.size(), most));
  };
  auto const as_it_is = [&](std::span<std::byte const> some, after what_follows) {
    return walk(some, what_follows, format, l);
  };
  auto head = look(head_bytes);
  auto raw = as_it_is(head.first(std::min(head.size(), first_bytes)),
                      head.size() > first_bytes ? after::more : after::nothing);
  if (raw.sound && head.size() > first_bytes) {
    // Longer blocks. Nearly every image ends here: a header or text stands where the first padding would be.
    auto const zero = zero_sectors(head);
    if (std::find(zero.begin(), zero.end(), true) == zero.end()) { return std::nullopt; }
    bool regular = zero.back();
    for (std::size_t block = 2; block * fewest_blocks <= zero.size() && !regular; ++block) {
      regular = common_zeros(zero, block) != 0;
    }
    regular = regular || common_zeros(zero, zero.size() / 2) != 0 || zero[zero.size() / 2 - 1];
    if (!regular) { return std::nullopt; }
    raw = as_it_is(head, head.size() == head_bytes ? after::more : after::nothing);
  }
  if (!raw.sound) {
    if (auto const found = search(head, raw, fewest_blocks, format, l)) { return found; }
  }
  if (head.size() < head_bytes) { return std::nullopt; }
  // Long blocks: fewer than three in the first look.
  head = look(whole_look);
  if (raw.sound) { raw = as_it_is(head, head.size() == whole_look ? after::more : after::nothing); }
  return raw.sound ? std::nullopt : search(head, raw, fewest_long_blocks, format, l);
}

std::unique_ptr<byte_source> without_padding(std::unique_ptr<byte_source> source, padded_blocks_found const& p,
                                             io::source_options const& o) {
  return io::from_producer(std::make_unique<unpadded_producer>(std::move(source), p), o);
}

}  // namespace sysb::registry
