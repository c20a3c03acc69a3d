// SPDX-License-Identifier: Apache-2.0
// What batches and trees wrote and read back, and what people changed meanwhile: manifest, plan, results, mtree manifest.
// The first byte says which.
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>

#include "base/os/descriptor.hpp"
#include "batch/manifest.hpp"
#include "batch/state.hpp"
#include "core/fatal_error.hpp"
#include "fuzz.hpp"
#include "output/mtree_reader.hpp"

namespace {

using namespace sysb;
using fuzz::require;

std::size_t lines_of(std::string_view text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + 1;
}

void try_batch(std::string_view text) {
  for (auto const* name : {"m.csv", "m.json", "m.jsonl", "m"}) {
    try {
      for (auto const& row : batch::parse_manifest(text, name)) {
        require(row.line >= 1 && row.line <= lines_of(text), "a row stands on a line of the manifest");
      }
    } catch (fatal_error const& e) {
      require(fuzz::is_clean(e.what()), "what is wrong with a manifest has no controls");
    }
  }
  try {
    auto const line = batch::to_line(batch::parse_row(text, "plan.jsonl, line 1"));
    require(fuzz::is_clean(line, "\n"), "a row is written as valid JSON");
    require(batch::to_line(batch::parse_row(line, "again")) == line, "a row that is read back is the same row");
  } catch (fatal_error const& e) { require(fuzz::is_clean(e.what()), "what is wrong with a plan has no controls"); }
  if (auto const r = batch::parse_result(text)) {
    batch::plan_row row;
    row.volumes = {"/images/a"};
    require(fuzz::is_clean(batch::to_text(*r, row), "\n"), "a result is written as valid JSON");
  }
  static_cast<void>(batch::parse_rerun_on(text));
}

void try_mtree(std::string_view text) {
  unique_fd const file{::memfd_create("manifest", MFD_CLOEXEC)};
  require(file.ok() && ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()), "memfd");
  try {
    output::mtree_reader reader{concat("/proc/self/fd/", std::int64_t{file.get()})};
    entry e;
    std::size_t members = 0;
    while (reader.next(e)) {
      ++members;
      fuzz::require_printable(e.path);
    }
    require(members <= lines_of(text), "a member has a line");
  } catch (fatal_error const& e) { require(fuzz::is_clean(e.what()), "what is wrong with a manifest has no controls"); }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  if (size == 0) { return 0; }
  auto const text = as_text(std::as_bytes(std::span{data + 1, size - 1}));
  fuzz::bounded_work const bound{size, 8u << 20, 4096};
  if (data[0] % 2 == 0) {
    try_batch(text);
  } else {
    try_mtree(text);
  }
  return 0;
}
