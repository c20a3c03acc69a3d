// SPDX-License-Identifier: Apache-2.0
// A large system: what its inventory takes of memory.
#include <doctest/doctest.h>
#include <malloc.h>

#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

#include "base/bsd_sum.hpp"
#include "base/text.hpp"
#include "formats/aix_archive/aix_archive.hpp"
#include "inventory/verifier.hpp"
#include "support/thinned.hpp"

using namespace sysb;
using inventory::outcome;

namespace {

constexpr std::uint64_t packages = 300, rows = 1000;  // of each package
constexpr std::uint64_t most_kib = 64u << 10;

// VmRSS or VmHWM of this process.
std::uint64_t kib_of(std::string_view field) {
  std::ifstream file{"/proc/self/status"};
  for (std::string line; std::getline(file, line);) {
    if (line.rfind(field, 0) == 0) { return std::stoull(line.substr(field.size() + 1)); }
  }
  return 0;
}

// From here on VmHWM is the peak of what comes. False where the kernel does not let us.
bool forget_peak() {
  ::malloc_trim(0);
  std::ofstream file{"/proc/self/clear_refs"};
  file << '5' << std::flush;
  return file.good();
}

entry file_of(std::string path, std::uint64_t size, std::uint64_t offset) {
  entry e;
  e.path = std::move(path);
  e.mode = 0100644;
  e.size = e.stored = size;
  e.offset = offset;
  e.content = content_state::here;
  return e;
}

std::string name_of(std::uint64_t package, std::uint64_t row) {
  return concat("usr/share/package-", package, "/part-", row / 50, "/a-file-with-a-usual-name-", row);
}

}  // namespace

TEST_CASE("three hundred thousand rows of inventory take at most 64 MiB") {
  if (test::sanitized) {
    MESSAGE("skipped: a sanitizer has memory of its own");
    return;
  }
  if (!forget_peak()) {
    MESSAGE("skipped: /proc/self/clear_refs cannot be written");
    return;
  }
  auto const before = kib_of("VmRSS:");
  struct nowhere final : diagnostic_sink {
    void report(diagnostic const&) override {}
  } d;
  inventory::verifier v{limits{}};
  std::uint64_t at = 512;
  auto const take = [&](entry const& e, std::span<std::byte const> content) {
    if (v.wants(e)) { v.take(e, content); }
    v.member(e, bsd_sum_by_bytes(0, content));
    at += 512 + content.size();
  };
  auto const content = std::string{"some content\n"};
  auto const sum = std::uint64_t{bsd_sum_by_bytes(0, as_bytes(content))};
  for (std::uint64_t p = 0; p < packages; ++p) {
    std::string text;
    for (std::uint64_t r = 0; r < rows; ++r) {
      text += concat('/', name_of(p, r), ":\n\towner = root\n\tgroup = system\n\tmode = 644\n\ttype = FILE\n\tsize = ",
                     std::uint64_t{content.size()}, "\n\tchecksum = \"", sum, "    1 \"\n\n");
    }
    auto const list = aix_archive::build({{concat("package-", p, ".rte.inventory"), std::move(text)}}, false);
    take(file_of(concat("./usr/lpp/package-", p, "/liblpp.a"), list.size(), at), list);
    for (std::uint64_t r = 0; r < rows; ++r) {
      take(file_of(concat("./", name_of(p, r)), content.size(), at), as_bytes(content));
    }
  }
  auto const& result = v.finish(d);
  CHECK(result.count(outcome::equal) == packages * rows);
  auto const taken = kib_of("VmHWM:") - before;
  MESSAGE("300,000 rows: " << taken / 1024 << " MiB");
  CHECK(taken <= most_kib);
}
