// SPDX-License-Identifier: Apache-2.0
// The walk over records: the header checksum by itself, and a whole pass over headers in memory.
#include <benchmark/benchmark.h>

#include <cstddef>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "core/diagnostic.hpp"
#include "core/image_format.hpp"
#include "formats/backup_by_name/backup_by_name.hpp"
#include "formats/backup_by_name/decode.hpp"
#include "io/io.hpp"

namespace {

using namespace sysb;

struct unheard final : diagnostic_sink {
  void report(diagnostic const&) override {}
};

// Names as long as those of a system, contents of `size` bytes.
std::vector<std::byte> image_of(std::size_t members, std::size_t size) {
  std::vector<std::byte> out;
  backup_by_name::writer w{[&](std::span<std::byte const> b) { out.insert(out.end(), b.begin(), b.end()); }};
  w.volume({.number = 1, .date = 1'700'000'000, .disk = "by name", .filesystem = "by name", .user = "root"});
  std::vector<std::byte> const content(size, std::byte{'x'});
  for (std::size_t i = 0; i < members; ++i) {
    entry e;
    e.path = concat("./usr/lib/objrepos/directory/of/some/depth/member-", i);
    e.kind = entry_kind::file;
    e.mode = 0100644;
    e.nlink = 1;
    e.size = size;
    w.begin_member(e, size, false);
    w.data(content);
    w.end_member();
  }
  w.finish();
  return out;
}

void checksum(benchmark::State& state) {
  std::vector<std::byte> header(static_cast<std::size_t>(state.range(0)));
  for (std::size_t i = 0; i < header.size(); ++i) { header[i] = static_cast<std::byte>(i * 37); }
  for (auto _ : state) { benchmark::DoNotOptimize(backup_by_name::header_checksum(header)); }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(checksum)->Arg(80)->Arg(104)->Arg(160)->Arg(2040);

// Opening included; per member: checksum, layout, successor.
void walk(benchmark::State& state) {
  constexpr std::size_t members = 10'000;
  auto const bytes = image_of(members, static_cast<std::size_t>(state.range(0)));
  unheard findings;
  for (auto _ : state) {
    state.PauseTiming();
    auto source = io::from_memory(bytes);
    state.ResumeTiming();
    auto const reader = backup_by_name::format().open(*source, limits{}, findings);
    entry e;
    std::size_t seen = 0;
    while (reader->next(e)) {
      ++seen;
      reader->skip();
    }
    if (seen != members) { state.SkipWithError("members are missing"); }
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(members));
}
BENCHMARK(walk)->Arg(0)->Arg(500)->Arg(4000)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
