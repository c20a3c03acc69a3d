// SPDX-License-Identifier: Apache-2.0
// The decoder that readers use. In the middle of a stream cursors run by look-up table; where
// input or output is cut, and at the end of the member, a few codes at a time are taken from
// held bits with every check.
#include <algorithm>
#include <array>
#include <cstring>

#include "formats/packed/diagnostics.hpp"
#include "formats/packed/kernel.hpp"
#include "formats/packed/lookup_table.hpp"
#include "formats/packed/packed.hpp"
#include "formats/packed/tree.hpp"

namespace sysb::packed {
namespace {

// Room for what one segment unpacks to.
constexpr std::size_t segment_plain = 32u << 10;
constexpr std::size_t scratch_bytes = segment_plain + segment_plain / 2;
// Shorter segments cost more to start than they save.
constexpr std::size_t min_segment_stored = 384;
constexpr std::size_t first_run_in = 48;
// Loads reach this far after a segment.
constexpr std::size_t load_slack = 16;
// After so many wrong starts in a row the stream is taken as one that does not fall into step.
constexpr unsigned max_misses = 4;
constexpr std::size_t rest_after_misses = 256u << 10;

// A wide table, or one of several codes an entry, pays for itself on long members only; and
// several codes an entry sooner where codes are short. Sizes by measurement (tests/bench).
struct table_shape {
  unsigned width;
  bool several;
};

table_shape shape_for(std::uint64_t plain, bool short_codes) noexcept {
  if (plain < 512) { return {8, false}; }
  if (plain < 1024) { return short_codes ? table_shape{8, true} : table_shape{9, false}; }
  if (plain < 2048) { return {9, true}; }
  if (plain < 6144) { return {10, true}; }
  return {plain < (64u << 10) ? 11u : 12u, true};
}

class table_decoder final : public decoder_base {
 public:
  void reset(std::uint64_t stored, std::uint64_t plain) override {
    state_ = begin(stored, plain) ? state::in_tree : state::failed;
    head_used_ = 0;
    held_ = 0;
    bits_ = 0;
    misses_ = 0;
    resting_ = 0;
    run_in_ = first_run_in;
  }

  [[nodiscard]] status decode(std::span<std::byte const>& in, std::span<std::byte>& out) override {
    auto result = status::done;
    switch (state_) {
      case state::done: return status::done;
      case state::failed: return status::failed;
      case state::in_tree:
        result = read_head(in);
        if (result == status::done) {
          state_ = state::in_codes;
          result = read_codes(in, out);
        }
        break;
      case state::in_codes: result = read_codes(in, out); break;
      case state::after_end: result = count_rest(in); break;
    }
    if (result == status::failed) { state_ = state::failed; }
    if (result == status::done) { state_ = state::done; }
    return result;
  }

 private:
  enum class state : std::uint8_t { in_tree, in_codes, after_end, done, failed };
  using segment_bytes = std::array<std::uint8_t, scratch_bytes>;

  // The part of one call's spans that belongs to the member.
  struct pieces {
    std::uint8_t const* begin;  // of the input
    std::uint8_t const* in;
    std::uint8_t const* in_end;
    std::uint8_t* out;
    std::uint8_t* out_end;

    [[nodiscard]] std::size_t input() const noexcept { return static_cast<std::size_t>(in_end - in); }
    [[nodiscard]] std::size_t room() const noexcept { return static_cast<std::size_t>(out_end - out); }
  };

  [[nodiscard]] std::uint64_t stored_left() const noexcept { return stored_ - taken_; }

  // done: the tree is complete.
  [[nodiscard]] status read_head(std::span<std::byte const>& in) {
    if (head_used_ == 0) {
      auto const limit = std::min<std::uint64_t>(in.size(), stored_);
      auto const tree = read_tree(in.first(static_cast<std::size_t>(limit)), tree_);
      if (tree.complete) {
        take(in, tree.need);
        start_codes();
        return status::done;
      }
    }
    for (;;) {
      auto const tree = read_tree(std::span{head_}.first(head_used_), tree_);
      if (tree.error != nullptr) { return fail(*tree.error); }
      if (tree.complete) {
        start_codes();
        return status::done;
      }
      if (taken_ == stored_) { return fail(cut_short); }
      if (in.empty()) { return status::need_input; }
      auto const n =
          static_cast<std::size_t>(std::min<std::uint64_t>({tree.need - head_used_, in.size(), stored_left()}));
      std::copy_n(in.begin(), n, head_.begin() + static_cast<std::ptrdiff_t>(head_used_));
      head_used_ += n;
      take(in, n);
    }
  }

  void take(std::span<std::byte const>& in, std::size_t n) noexcept {
    in = in.subspan(n);
    taken_ += n;
  }

  void start_codes() noexcept {
    // Bits a plain byte takes, from the code itself: a leaf on level l has a share of 2^-l.
    std::uint32_t weighted = 0;
    for (std::uint32_t l = 1; l <= std::min(tree_.levels, 16u); ++l) { weighted += l * (tree_.count[l] << (16 - l)); }
    bits_per_byte_ = std::max(weighted, 1u << 16) >> 8;
    auto const shape = shape_for(plain_, bits_per_byte_ < 3u << 8);
    table_.build(tree_, shape.width, shape.several);
  }

  [[nodiscard]] status read_codes(std::span<std::byte const>& in, std::span<std::byte>& out) {
    pieces p{};
    p.begin = p.in = reinterpret_cast<std::uint8_t const*>(in.data());
    p.in_end = p.in + std::min<std::uint64_t>(in.size(), stored_left());
    p.out = reinterpret_cast<std::uint8_t*>(out.data());
    p.out_end = p.out + std::min<std::uint64_t>(out.size(), plain_ - made_);
    auto const* const out_begin = p.out;
    auto const taken_before = taken_;
    auto const made_before = made_;

    auto result = step::again;
    while (result == step::again) {
      run_fast(p);
      made_ = made_before + static_cast<std::size_t>(p.out - out_begin);
      taken_ = taken_before + static_cast<std::size_t>(p.in - p.begin);
      result = run_careful(p);
      made_ = made_before + static_cast<std::size_t>(p.out - out_begin);
      taken_ = taken_before + static_cast<std::size_t>(p.in - p.begin);
    }
    in = in.subspan(static_cast<std::size_t>(p.in - p.begin));
    out = out.subspan(static_cast<std::size_t>(p.out - out_begin));
    switch (result) {
      case step::again: break;
      case step::no_room: return status::need_output;
      case step::no_input: return taken_ == stored_ ? fail(cut_short) : status::need_input;
      case step::too_long: state_ = state::after_end; return count_rest(in);
      case step::end_mark:
        // Whole bytes that were held and not used are not taken.
        taken_ -= bits_ / 8;
        return judge_end(bits_ % 8 == 0 ? 0 : static_cast<std::uint32_t>(held_ >> (64 - bits_ % 8)));
    }
    return fail(bad_tree);
  }

  // After the recorded size codes are only counted: where the end mark stands tells a file that grew.
  [[nodiscard]] status count_rest(std::span<std::byte const>& in) {
    for (;;) {
      std::size_t used = 0;
      while (bits_ <= 56 && used < in.size() && taken_ < stored_) {
        held_ |= std::to_integer<std::uint64_t>(in[used++]) << (56 - bits_);
        bits_ += 8;
        ++taken_;
      }
      in = in.subspan(used);
      auto const one = decode_one(held_, bits_, tree_);
      if (one.bits == 0) { return taken_ == stored_ ? fail(end_missing) : status::need_input; }
      held_ <<= one.bits;
      bits_ -= one.bits;
      if (one.end_mark) {
        taken_ -= bits_ / 8;
        return judge_end(bits_ % 8 == 0 ? 0 : static_cast<std::uint32_t>(held_ >> (64 - bits_ % 8)));
      }
      ++made_;
    }
  }

  void run_fast(pieces& p) {
    if (p.input() < 2 * load_slack || p.room() < 2 * load_slack) { return; }
    // The cursors need their place in this call's input; held bits of an earlier call go first.
    if (bits_ > static_cast<std::size_t>(p.in - p.begin) * 8) { return; }
    auto const back = (bits_ + 7) / 8;
    bit_position at{p.in - back, static_cast<unsigned>(back * 8 - bits_)};
    while (run_segments(p, at)) {}
    auto const most = resting_ != 0 ? std::min(resting_, p.input()) : p.input();
    cursor one{at, p.in_end - p.input() + most, p.out, p.out_end};
    run_cursors(&one, 1, table_, tree_);
    if (resting_ != 0) { resting_ -= std::min(resting_, static_cast<std::size_t>(one.at.byte - at.byte) + 1); }
    p.out = one.out;
    p.in = one.at.byte;
    held_ = 0;
    bits_ = 0;
    if (one.at.bit != 0) {
      bits_ = 8 - one.at.bit;
      held_ = static_cast<std::uint64_t>(*p.in++) << (56 + one.at.bit);
    }
  }

  // Several cursors on one stretch: the first from `at`, the others from guessed places, into
  // scratch. Codes like these fall back into step within a few symbols, so each of the others
  // starts a little earlier and throws that away. What a cursor made is taken when the one
  // before it came to the very bit that it started from. True: some progress, worth asking again.
  [[nodiscard]] bool run_segments(pieces& p, bit_position& at) {
    constexpr auto least = static_cast<std::ptrdiff_t>(2 * min_segment_stored + load_slack);
    if (resting_ != 0 || p.in_end - at.byte < least) { return false; }
    auto const input = static_cast<std::size_t>(p.in_end - at.byte) - load_slack;
    auto const room = p.room() - p.room() / 8;
    // In stored bytes: what the whole stretch may be for room, and one segment for scratch.
    auto const by_room = std::uint64_t{room} * bits_per_byte_ >> 11;
    auto const by_scratch = std::uint64_t{segment_plain} * bits_per_byte_ >> 11;
    auto const stretch = std::min<std::uint64_t>(input, by_room);
    auto const n = static_cast<unsigned>(std::min<std::uint64_t>(max_cursors, stretch / min_segment_stored));
    if (n < 2) { return false; }
    auto const segment = static_cast<std::size_t>(std::min(stretch / n, by_scratch));
    if (!scratch_) { scratch_ = std::make_unique<segment_bytes[]>(max_cursors - 1); }

    std::array<cursor, max_cursors> c{};
    std::array<bit_position, max_cursors> start{};
    c[0] = {at, at.byte + segment, p.out, p.out_end};
    for (unsigned k = 1; k < n; ++k) {
      auto const* const begin = at.byte + segment * k;
      auto* const scratch = scratch_[k - 1].data();
      c[k] = {{begin - run_in_, 0}, begin + segment, scratch, scratch + scratch_bytes};
      // An end mark seen from a wrong start means nothing.
      while (step_to(c[k], begin, table_, tree_) == stop::end_mark) {
        c[k].at.byte += (c[k].at.bit + 1) / 8;
        c[k].at.bit = (c[k].at.bit + 1) % 8;
      }
      start[k] = c[k].at;
      c[k].out = scratch;
    }
    run_cursors(c.data(), n, table_, tree_);
    auto const before = at;
    auto const* const out_before = p.out;
    for (unsigned k = 0; k < n; ++k) {
      run_cursors(&c[k], 1, table_, tree_);
      auto const end = step_to(c[k], before.byte + segment * (k + 1), table_, tree_);
      if (k == 0) {
        p.out = c[0].out;
      } else {
        auto const made = static_cast<std::size_t>(c[k].out - scratch_[k - 1].data());
        if (start[k] != at) {
          missed();
          break;
        }
        misses_ = 0;
        if (made > p.room()) { break; }
        std::memcpy(p.out, scratch_[k - 1].data(), made);
        p.out += made;
      }
      at = c[k].at;
      if (end != stop::reached) { break; }
    }
    auto const used = static_cast<std::size_t>(at.byte - before.byte);
    learn_ratio(used, static_cast<std::size_t>(p.out - out_before));
    return used >= segment;
  }

  void missed() noexcept {
    if (++misses_ == max_misses) {
      resting_ = rest_after_misses;
      misses_ = 0;
    }
    run_in_ = std::min<std::size_t>(run_in_ * 2, min_segment_stored / 2);
  }

  void learn_ratio(std::size_t stored, std::size_t plain) noexcept {
    if (plain >= 1024) {
      bits_per_byte_ = static_cast<std::uint32_t>(
          std::clamp<std::uint64_t>((std::uint64_t{stored} << 11) / plain, 1u << 8, 24u << 8));
    }
  }

  enum class step : std::uint8_t { again, no_room, no_input, too_long, end_mark };

  // Tops up the held bits and takes codes from them, to the last that is whole.
  [[nodiscard]] step run_careful(pieces& p) noexcept {
    while (bits_ <= 56 && p.in != p.in_end) {
      held_ |= static_cast<std::uint64_t>(*p.in++) << (56 - bits_);
      bits_ += 8;
    }
    auto const all_plain = plain_ - made_ == p.room();
    auto const shift = 64 - table_.width();
    for (;;) {
      if (p.out == p.out_end && !all_plain) { return step::no_room; }
      auto const entry = table_.entries()[held_ >> shift];
      auto const bits = lookup_entry::bits(entry);
      auto const count = lookup_entry::count(entry);
      if (entry != 0 && bits <= bits_ && count <= p.room()) {
        for (unsigned i = 0; i < count; ++i) { *p.out++ = static_cast<std::uint8_t>(entry >> (8 * i)); }
        held_ <<= bits;
        bits_ -= bits;
      } else {
        auto const one = decode_one(held_, bits_, tree_);
        if (one.bits == 0) { break; }
        if (one.end_mark) {
          held_ <<= one.bits;
          bits_ -= one.bits;
          return step::end_mark;
        }
        if (p.out == p.out_end) { return step::too_long; }
        *p.out++ = one.symbol;
        held_ <<= one.bits;
        bits_ -= one.bits;
      }
    }
    return p.in == p.in_end ? step::no_input : step::again;
  }

  state state_ = state::failed;
  unsigned bits_ = 0;  // of held_, from the top, not yet used; the others are zero
  std::uint64_t held_ = 0;
  unsigned misses_ = 0;
  std::size_t resting_ = 0;  // stored bytes to go with one cursor
  std::size_t run_in_ = first_run_in;
  std::uint32_t bits_per_byte_ = 0;  // in 1/256
  std::size_t head_used_ = 0;
  std::array<std::byte, max_tree_bytes> head_{};
  code_tree tree_;
  lookup_table table_;
  std::unique_ptr<segment_bytes[]> scratch_;  // made for the first long member
};

static_assert(sizeof(table_decoder) + (max_cursors - 1) * scratch_bytes <= 512u << 10);

}  // namespace

std::unique_ptr<content_decoder> make_decoder() { return std::make_unique<table_decoder>(); }

}  // namespace sysb::packed
