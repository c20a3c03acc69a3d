// SPDX-License-Identifier: Apache-2.0
// The unpacker on any bytes: the fast decoder, whole and cut into pieces, must end as the one that
// goes bit by bit does; and what the encoder makes must come back.
//
// Input: one byte that chooses, four bytes of plain size or seed, then stored or plain content.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "formats/packed/packed.hpp"

namespace {

using bytes = std::vector<std::byte>;
using sysb::content_decoder;

struct outcome {
  sysb::diag_code const* error = nullptr;
  std::string text;
  bytes made;
  bool operator==(outcome const&) const = default;
};

outcome run(content_decoder& decoder, std::span<std::byte const> stored, std::uint64_t plain, std::size_t most_in,
            std::size_t most_out) {
  std::mt19937 random{static_cast<unsigned>(most_in)};
  outcome o;
  decoder.reset(stored.size(), plain);
  std::size_t in_at = 0;
  for (;;) {
    // Of their own size, so that AddressSanitizer sees a step outside.
    auto const in_size = std::min<std::size_t>(1 + random() % most_in, stored.size() - in_at);
    bytes const in_piece(stored.begin() + static_cast<std::ptrdiff_t>(in_at),
                         stored.begin() + static_cast<std::ptrdiff_t>(in_at + in_size));
    bytes out_piece(1 + random() % most_out);
    std::span<std::byte const> in{in_piece};
    std::span<std::byte> out{out_piece};
    auto const result = decoder.decode(in, out);
    auto const made = static_cast<std::ptrdiff_t>(out_piece.size() - out.size());
    in_at += in_size - in.size();
    o.made.insert(o.made.end(), out_piece.begin(), out_piece.begin() + made);
    if (o.made.size() > plain) { std::abort(); }
    if (result == content_decoder::status::need_input && in_at == stored.size()) { std::abort(); }
    if (result == content_decoder::status::done) { return o; }
    if (result == content_decoder::status::failed) {
      o.error = decoder.error();
      o.text = decoder.error_text();
      if (o.error == nullptr) { std::abort(); }
      return o;
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  if (size < 5) { return 0; }
  static auto const fast = sysb::packed::make_decoder();
  static auto const slow = sysb::packed::make_reference_decoder();
  auto const choice = data[0];
  auto const at = [&](std::size_t i) { return std::uint32_t{data[i]}; };
  auto const number = at(1) | at(2) << 8 | at(3) << 16 | at(4) << 24;
  auto const rest = std::as_bytes(std::span{data + 5, size - 5});

  bytes stored(rest.begin(), rest.end());
  std::uint64_t plain = number % (stored.size() * 8 + 2);
  if (choice % 16 == 1 && !rest.empty()) {
    // Long content from a short input, for the paths that only long content takes.
    std::mt19937 random{number};
    bytes content(number % 120'000 + 1);
    for (auto& b : content) { b = rest[random() % rest.size()]; }
    stored = sysb::packed::pack(content).value();
    plain = content.size();
    auto const whole = run(*fast, stored, plain, ~std::size_t{0} >> 1, plain);
    if (whole.error != nullptr || whole.made != content) { std::abort(); }
    if (choice & 32) { stored[random() % stored.size()] ^= static_cast<std::byte>(1u << random() % 8); }
    if (choice & 64) { plain -= random() % plain; }
  }
  auto const want = run(*slow, stored, plain, stored.size() + 1, plain + 64);
  auto const most = choice & 128 ? std::size_t{300} : std::size_t{40'000};
  if (run(*fast, stored, plain, stored.size() + 1, plain + 64) != want) { std::abort(); }
  if (run(*fast, stored, plain, 1 + number % most, 1 + number / 7 % most) != want) { std::abort(); }
  return 0;
}
