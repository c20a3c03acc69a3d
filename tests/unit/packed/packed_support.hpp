// SPDX-License-Identifier: Apache-2.0
// Runs a decoder over a whole member, in one piece or in pieces, and makes content to pack.
#pragma once
#include <algorithm>
#include <bit>
#include <cstdint>
#include <initializer_list>
#include <ostream>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "formats/packed/packed.hpp"

namespace packed_test {

using bytes = std::vector<std::byte>;
using sysb::content_decoder;

inline bytes of(std::initializer_list<unsigned> values) {
  bytes out;
  for (auto const v : values) { out.push_back(static_cast<std::byte>(v)); }
  return out;
}

inline bytes of_text(std::string_view s) {
  auto const b = std::as_bytes(std::span{s.data(), s.size()});
  return {b.begin(), b.end()};
}

// How a member ended.
struct outcome {
  std::string id;  // "done", "need input", or the finding's id
  std::string text;
  bytes made;
  bool operator==(outcome const&) const = default;
};

inline std::ostream& operator<<(std::ostream& to, outcome const& o) {
  return to << o.id << " (" << o.text << ") after " << o.made.size() << " bytes";
}

// Feeds `stored`, of which `claimed` bytes are said to be there, and takes `plain` bytes;
// `next_in` and `next_out` say how much of each a call may have. Every piece is a buffer of its
// own: what stands before or after it is not the decoder's to read, and the sanitizer sees it.
template <typename Cut>
outcome run(content_decoder& decoder, std::span<std::byte const> stored, std::uint64_t claimed, std::uint64_t plain,
            Cut next_in, Cut next_out) {
  using status = content_decoder::status;
  decoder.reset(claimed, plain);
  // More room than the member may use, so that a byte too many shows.
  auto const limit = static_cast<std::size_t>(std::min<std::uint64_t>(plain, stored.size() * 8));
  bytes made;
  std::size_t in_at = 0;
  for (int idle = 0; idle < 200;) {
    auto const in_size = std::min<std::size_t>(next_in(), stored.size() - in_at);
    auto const piece = stored.subspan(in_at, in_size);
    bytes const in_piece(piece.begin(), piece.end());
    bytes out_piece(std::min<std::size_t>(next_out(), limit + 16 - std::min(limit, made.size())));
    std::span<std::byte const> in{in_piece};
    std::span<std::byte> out{out_piece};
    auto const result = decoder.decode(in, out);
    auto const put = out_piece.size() - out.size();
    in_at += in_size - in.size();
    made.insert(made.end(), out_piece.begin(), out_piece.begin() + static_cast<std::ptrdiff_t>(put));
    if (made.size() > plain) { return {"wrote too much", {}, made}; }
    if (result == status::done) { return {"done", decoder.error_text(), made}; }
    if (result == status::failed) { return {std::string{decoder.error()->id}, decoder.error_text(), made}; }
    if (result == status::need_input && in_at == stored.size()) { return {"need input", {}, made}; }
    idle = in_size == in.size() && put == 0 ? idle + 1 : 0;
  }
  return {"stands still", {}, {}};
}

inline outcome run_whole(content_decoder& decoder, std::span<std::byte const> stored, std::uint64_t plain) {
  auto const all = [] { return ~std::size_t{0}; };
  return run(decoder, stored, stored.size(), plain, all, all);
}

// Pieces of 0 to `most` bytes, the same ones for the same seed.
inline outcome run_cut(content_decoder& decoder, std::span<std::byte const> stored, std::uint64_t plain, unsigned seed,
                       std::size_t most_in, std::size_t most_out) {
  std::mt19937 random{seed};
  struct cut {
    std::mt19937* random;
    std::size_t most;
    std::size_t operator()() const { return (*random)() % (most + 1); }
  };
  return run(decoder, stored, stored.size(), plain, cut{&random, most_in}, cut{&random, most_out});
}

inline bytes random_from(std::string_view alphabet, std::size_t size, unsigned seed) {
  std::mt19937 random{seed};
  bytes out(size);
  for (auto& b : out) { b = static_cast<std::byte>(alphabet[random() % alphabet.size()]); }
  return out;
}

inline bytes english(std::size_t size, unsigned seed = 1) {
  return random_from("      eeeettttaaaooooiiinnnsshhrrddlcumwfgypbvk.,\nxqjz01AB", size, seed);
}

// A few frequent bytes and a long tail, all 256: codes from 2 to about 16 bits.
inline bytes skewed(std::size_t size, unsigned seed = 2) {
  std::mt19937 random{seed};
  bytes out(size);
  for (auto& b : out) {
    auto const r = static_cast<unsigned>(random());
    auto const half = static_cast<unsigned>(std::countr_zero(r | 0x8000u));
    b = static_cast<std::byte>(((r >> 20) & ((1u << (half / 2)) - 1)) * 7 + half * 13);
  }
  for (std::size_t i = 0; i < 256 && i < size; ++i) { out[i * (size / 256 + 1) % size] = static_cast<std::byte>(i); }
  return out;
}

// Each byte more frequent than all but the one before it together: the deepest tree for its size,
// one level a symbol. (With 1, 1, 2, 3 and the end mark's 1 there would be ties, and flatter trees.)
inline bytes fibonacci(std::size_t symbols) {
  bytes out;
  std::size_t a = 1;
  std::size_t b = 2;
  for (std::size_t s = 0; s < symbols; ++s) {
    out.insert(out.end(), a, static_cast<std::byte>(s * 9));
    auto const c = a + b;
    a = b;
    b = c;
  }
  std::shuffle(out.begin(), out.end(), std::mt19937{5});
  return out;
}

}  // namespace packed_test
