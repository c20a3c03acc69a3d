// SPDX-License-Identifier: Apache-2.0
// The unpacker: plain bytes a second by size of member and kind of content, beside the decoder
// that goes bit by bit. The code knows nothing of the order of bytes, so the text is drawn from
// letter frequencies; the binary is this program, or the file that SYSB_BENCH_FILE names.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "formats/packed/packed.hpp"

namespace {

using bytes = std::vector<std::byte>;

bytes file_bytes() {
  auto const* const named = std::getenv("SYSB_BENCH_FILE");
  std::ifstream in{named != nullptr ? named : "/proc/self/exe", std::ios::binary};
  std::string const all{std::istreambuf_iterator<char>{in}, {}};
  auto const view = std::as_bytes(std::span{all});
  return {view.begin(), view.end()};
}

bytes text_bytes(std::size_t size) {
  constexpr std::string_view letters =
      "                  eeeeeeeeeeeetttttttttaaaaaaaaooooooooiiiiiiinnnnnnnsssssshhhhhhrrrrrr"
      "ddddllllcccuuummmwwffggyyppbbvk\n\n,.jxqz;:'-()0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_/=\"";
  std::mt19937 random{7};
  bytes out(size);
  for (auto& b : out) { b = static_cast<std::byte>(letters[random() % letters.size()]); }
  return out;
}

// Mostly one byte: what sparse files and zeroed sections look like.
bytes sparse_bytes(std::size_t size) {
  std::mt19937 random{9};
  bytes out(size);
  for (auto& b : out) { b = random() % 16 == 0 ? static_cast<std::byte>(random() % 64) : std::byte{0}; }
  return out;
}

enum content : int { binary, text, sparse };

bytes make_content(int kind, std::size_t size) {
  if (kind == text) { return text_bytes(size); }
  if (kind == sparse) { return sparse_bytes(size); }
  auto const file = file_bytes();
  // From its middle on and around: the start of a program is headers and names.
  bytes out(size);
  for (std::size_t i = 0; i < size; ++i) { out[i] = file[(file.size() / 4 + i) % file.size()]; }
  return out;
}

void decode(benchmark::State& run, sysb::content_decoder& decoder, std::size_t piece) {
  auto const plain = make_content(static_cast<int>(run.range(0)), static_cast<std::size_t>(run.range(1)));
  auto const packed = sysb::packed::pack(plain).value();
  bytes made(plain.size());
  for (auto _ : run) {
    decoder.reset(packed.size(), plain.size());
    std::size_t in_at = 0;
    std::size_t out_at = 0;
    auto result = sysb::content_decoder::status::need_input;
    while (result == sysb::content_decoder::status::need_input ||
           result == sysb::content_decoder::status::need_output) {
      auto in = std::span<std::byte const>{packed}.subspan(in_at, std::min(piece, packed.size() - in_at));
      auto out = std::span{made}.subspan(out_at, std::min(piece, made.size() - out_at));
      auto const in_size = in.size();
      auto const out_size = out.size();
      result = decoder.decode(in, out);
      in_at += in_size - in.size();
      out_at += out_size - out.size();
    }
    if (result != sysb::content_decoder::status::done) {
      run.SkipWithError("content does not decode");
      break;
    }
    benchmark::ClobberMemory();
  }
  if (made != plain) { run.SkipWithError("decoded content differs"); }
  run.SetBytesProcessed(static_cast<std::int64_t>(run.iterations()) * run.range(1));
}

void fast(benchmark::State& run) { decode(run, *sysb::packed::make_decoder(), std::size_t{1} << 30); }
void fast_in_pieces_of_64k(benchmark::State& run) { decode(run, *sysb::packed::make_decoder(), 64u << 10); }
void bit_by_bit(benchmark::State& run) { decode(run, *sysb::packed::make_reference_decoder(), std::size_t{1} << 30); }

void sizes(benchmark::internal::Benchmark* b) {
  b->ArgNames({"kind", "plain"});
  for (auto const size : {213, 601, 1400, 2900, 5700, 31000, 65536, 149000, 1 << 20, 8 << 20}) {
    for (auto const kind : {binary, text, sparse}) { b->Args({kind, size}); }
  }
}

BENCHMARK(fast)->Apply(sizes);
BENCHMARK(fast_in_pieces_of_64k)->ArgNames({"kind", "plain"})->Args({binary, 8 << 20})->Args({text, 8 << 20});
BENCHMARK(bit_by_bit)->Apply(sizes);

void encode(benchmark::State& run) {
  auto const plain = make_content(static_cast<int>(run.range(0)), static_cast<std::size_t>(run.range(1)));
  for (auto _ : run) { benchmark::DoNotOptimize(sysb::packed::pack(plain)); }
  run.SetBytesProcessed(static_cast<std::int64_t>(run.iterations()) * run.range(1));
}
BENCHMARK(encode)->ArgNames({"kind", "plain"})->Args({binary, 31000})->Args({binary, 1 << 20})->Args({text, 1 << 20});

}  // namespace

BENCHMARK_MAIN();
