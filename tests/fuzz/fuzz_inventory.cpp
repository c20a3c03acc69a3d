// SPDX-License-Identifier: Apache-2.0
// Inventories made of any bytes: liblpp.a, the lists in it, lpp_name and the classes of the software database.
// Nothing may crash; what is named must be a path that was given, and the counts must add up.
//
// Input: one byte that chooses what the rest is.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/bsd_sum.hpp"
#include "base/text.hpp"
#include "formats/aix_archive/aix_archive.hpp"
#include "inventory/verifier.hpp"

namespace {

using namespace sysb;

struct nowhere final : diagnostic_sink {
  void report(diagnostic const& d) override { static_cast<void>(d.text()); }
};

void member(inventory::verifier& v, std::string path, std::span<std::byte const> content) {
  entry e;
  e.path = std::move(path);
  e.size = e.stored = content.size();
  e.content = content.empty() ? content_state::none : content_state::here;
  if (v.wants(e)) { v.take(e, content); }
  v.member(e, bsd_sum_by_bytes(0, content));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  if (size == 0) { return 0; }
  auto const rest = std::as_bytes(std::span{data + 1, size - 1});
  bool const package = (data[0] & 0x80) != 0;
  inventory::verifier v{limits{}};
  if (package) { member(v, "./lpp_name", as_bytes("4 R I p {\na.rte 1.1.1.1 1 N B en_US x\n[\n%\n%\n]\n}\n")); }
  auto const lists = [&](std::string_view suffix) {
    auto const archive =
        aix_archive::build({{concat("a.rte", suffix), std::string{as_text(rest)}}}, (data[0] & 0x40) != 0);
    member(v, "./usr/lpp/p/liblpp.a", archive);
  };
  auto const half = rest.size() / 2;
  switch (data[0] & 0x0f) {
    case 0: member(v, "./usr/lpp/p/liblpp.a", rest); break;
    case 1: lists(".inventory"); break;
    case 2: lists(".al"); break;
    case 3: lists(".cfgfiles"); break;
    case 4: member(v, "./lpp_name", rest); break;
    case 5: member(v, "./usr/lib/objrepos/lpp", rest); break;
    case 6:
      member(v, "./usr/lib/objrepos/lpp", rest.first(half));
      member(v, "./usr/lib/objrepos/inventory", rest.subspan(half));
      break;
    case 7: member(v, "./etc/passwd", rest); break;
    default: member(v, "./usr/lpp/p/inst_root/liblpp.a", rest); break;
  }
  member(v, "./usr/bin/a", as_bytes("a file"));
  nowhere d;
  auto const& r = v.finish(d);
  std::uint64_t rows = 0;
  for (auto const& f : r.filesets) {
    std::uint64_t of_fileset = 0;
    for (auto const n : f.files) { of_fileset += n; }
    if (v.files_of(f.name, [](auto const&) {}) != of_fileset) { std::abort(); }
    rows += of_fileset;
  }
  std::uint64_t total = 0;
  for (auto const n : r.files) { total += n; }
  if (rows != total) { std::abort(); }
  return 0;
}
