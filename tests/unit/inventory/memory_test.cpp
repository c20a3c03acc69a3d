// SPDX-License-Identifier: Apache-2.0
// A large system: what its inventory takes of memory.
#include <doctest/doctest.h>
#include <malloc.h>

#include <cstdint>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bsd_sum.hpp"
#include "base/text.hpp"
#include "formats/aix_archive/aix_archive.hpp"
#include "inventory/diagnostics.hpp"
#include "inventory/verifier.hpp"
#include "support/thinned.hpp"

namespace memory_test {

using namespace sysb;
using inventory::outcome;

namespace {

constexpr std::uint64_t packages = 300, rows = 1000;  // of each package
constexpr std::uint64_t most_kib = 64u << 10;
// Of an image that was made to take memory: rows, what is read at once, and what reading it takes.
constexpr std::uint64_t most_hostile_kib = (64u + 48u) << 10;

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

namespace {

// A verifier that is fed with what no system has.
class hostile final : diagnostic_sink {
 public:
  void report(diagnostic const& d) override {
    bytes_of_findings += d.path.size() + d.detail.size();
    left_out = left_out || d.code == &inventory::too_many_rows;
    unreadable = unreadable || d.code == &inventory::inventory_unreadable;
  }
  void member(entry const& e, std::string_view content) {
    if (v_.wants(e)) { v_.take(e, as_bytes(content)); }
    v_.member(e, e.kind == entry_kind::file ? std::optional<std::uint16_t>{7} : std::nullopt);
    at_ += 512 + content.size();
  }
  void file(std::string path, std::string_view content) {
    auto e = file_of(std::move(path), content.size(), at_);
    e.content = content.empty() ? content_state::none : content_state::here;
    member(e, content);
  }
  void package() { file("./lpp_name", "4 R I p {\na.rte 1.1.1.1 1 N B en_US x\n[\n%\n%\n]\n}\n"); }
  // The only list of a package of its own.
  void list(std::string const& name, std::string text) {
    auto const archive = aix_archive::build({{name, std::move(text)}}, false);
    file(concat("./usr/lpp/p", packages_++, "/liblpp.a"), as_text(archive));
  }
  inventory::report const& finish() { return v_.finish(*this); }

  bool left_out = false, unreadable = false;
  std::uint64_t bytes_of_findings = 0;

 private:
  inventory::verifier v_{limits{}};
  std::uint64_t at_ = 512, packages_ = 0;
};

// What `make` feeds must stay within the bound; true where something was left out, and said.
template <typename Make>
bool bounded(std::string_view what, Make const& make) {
  if (!forget_peak()) {
    MESSAGE("not measured: " << what);
    hostile h;
    make(h);
    (void)h.finish();
    return h.left_out || h.unreadable;
  }
  auto const before = kib_of("VmRSS:");
  hostile h;
  make(h);
  auto const& r = h.finish();
  auto const taken = kib_of("VmHWM:") - before;
  MESSAGE(what << ": " << taken / 1024 << " MiB");
  CAPTURE(what);
  CHECK(taken <= most_hostile_kib);
  if (h.left_out) { CHECK(r.count(inventory::state::sound) == 0); }
  return h.left_out || h.unreadable;
}

std::string row(std::string_view path) {
  return concat(path, ":\n\ttype = FILE\n\tsize = 1\n\tchecksum = \"00001 1\"\n");
}

}  // namespace

TEST_CASE("rows, names and lists that no system has take bounded memory, and what is left out is told") {
  if (test::sanitized) {
    MESSAGE("skipped: a sanitizer has memory of its own");
    return;
  }
  CHECK(bounded("names of 64 KB", [](hostile& h) {
    for (int k = 0; k < 2; ++k) {
      std::string text;
      for (int i = 0; i < 150; ++i) { text += row(concat('/', std::string(60'000, 'n'), k, '-', i)); }
      h.list("a.rte.inventory", std::move(text));
    }
  }));
  CHECK(bounded("names of 4 KB in directories of their own", [](hostile& h) {
    for (int k = 0; k < 6; ++k) {
      std::string text;
      for (int i = 0; i < 2500; ++i) { text += row(concat('/', std::string(4000, 'n'), k, '-', i, "/b")); }
      h.list("a.rte.inventory", std::move(text));
    }
  }));
  CHECK(bounded("many rows for one path", [](hostile& h) {
    for (int k = 0; k < 3; ++k) {
      std::string text;
      for (int i = 0; i < 270'000; ++i) { text += "/a:\n\tsize=5\n\tchecksum=1 1\n"; }
      h.list("a.rte.inventory", std::move(text));
    }
    h.file("./a", "other");
  }));
  CHECK(bounded("missing files of a package in one long directory", [](hostile& h) {
          h.package();
          auto const directory = concat('/', std::string(4000, 'd'), '/');
          for (int k = 0; k < 5; ++k) {
            std::string text;
            for (int i = 0; i < 3000; ++i) { text += row(concat(directory, k, '-', i)); }
            h.list("a.rte.inventory", std::move(text));
          }
        }) == false);
  CHECK(bounded("many filesets", [](hostile& h) {
    for (int k = 0; k < 2; ++k) {
      std::vector<aix_archive::new_member> lists;
      for (int i = 0; i < 60'000; ++i) { lists.push_back({concat(k, '-', i, ".inventory"), "/a:\n\tsize=1\n"}); }
      auto const archive = aix_archive::build(lists, false);
      lists = {};
      h.file(concat("./usr/lpp/many", k, "/liblpp.a"), as_text(archive));
    }
  }));
  CHECK(bounded("many owners", [](hostile& h) {
    for (int k = 0; k < 3; ++k) {
      std::string text;
      for (int i = 0; i < 10'000; ++i) {
        text += concat("/a:\n\towner = ", std::string(1000, 'o'), k, '-', i, "\n\tsize=1\n");
      }
      h.list("a.rte.inventory", std::move(text));
    }
  }));
  CHECK(bounded("accounts and links", [](hostile& h) {
    std::string text;
    for (int i = 0; i < 150'000; ++i) { text += concat("name-", i, ":!:", i, ":1::/:\n"); }
    h.file("./etc/passwd", text);
    for (int i = 0; i < 60'000; ++i) {
      entry e;
      e.kind = entry_kind::symlink;
      e.path = concat("./usr/links/number-", i);
      e.target = std::string(1000, 't');
      h.member(e, {});
    }
    h.list("a.rte.inventory", row("/a"));
  }));
  CHECK(bounded("long apply and configuration lists", [](hostile& h) {
    std::string text;
    for (int i = 0; i < 1'200'000; ++i) { text += concat('/', i, '\n'); }
    auto const archive = aix_archive::build({{"a.rte.al", text}, {"a.rte.inventory", row("/1")}}, false);
    h.file("./usr/lpp/p/liblpp.a", as_text(archive));
    h.list("a.rte.cfgfiles", std::move(text));
  }));
  CHECK(bounded("an archive larger than any", [](hostile& h) {
    h.list("a.rte.inventory", row("/a") + std::string(17u << 20, '\n'));
    h.file("./a", "x");
  }));
  CHECK(bounded("archives of nothing but members, nested", [](hostile& h) {
    std::vector<aix_archive::new_member> inner;
    for (int i = 0; i < 80'000; ++i) { inner.push_back({"m", ""}); }
    auto const archive = aix_archive::build(inner, false);
    inner = {};
    h.file("./usr/lpp/p/liblpp.a", as_text(archive));
    h.list("liblpp.a", std::string{as_text(archive)});
  }));
  CHECK(bounded("classes larger than any", [](hostile& h) {
    for (auto const* const name : {"lpp", "product", "inventory", "inventory.vc"}) {
      for (auto const* const where : {"usr/lib", "etc", "usr/share/lib"}) {
        h.file(concat("./", where, "/objrepos/", name), std::string(9u << 20, '\1'));
      }
    }
  }));
}

}  // namespace memory_test
