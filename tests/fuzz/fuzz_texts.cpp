// SPDX-License-Identifier: Apache-2.0
// Texts that people or AIX wrote: image.data and its like, installp's lists, host file, specification, profile. The first
// byte says which.
#include <algorithm>

#include "formats/stanza/stanza.hpp"
#include "formats/swvpd/installp.hpp"
#include "formats/swvpd/inventory_row.hpp"
#include "formats/swvpd/swvpd.hpp"
#include "fuzz.hpp"
#include "wpar/deploy/host.hpp"
#include "wpar/level.hpp"
#include "wpar/profile.hpp"
#include "wpar/request.hpp"

namespace {

using namespace sysb;
using fuzz::require;

std::size_t lines_of(std::string_view text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + 1;
}

void try_stanza(std::string_view text) {
  stanza::scanner scan{text};
  stanza::scanner::line line;
  std::size_t at = 0;
  while (scan.next(line)) {
    require(line.offset == at, "lines follow each other");
    require(line.raw == text.substr(at, line.raw.size()), "a line is what stands there");
    at += line.raw.size();
  }
  require(at == text.size(), "lines are all of the text");
  std::vector<stanza::fault> faults;
  auto doc = stanza::document::parse(text, faults);
  require(doc.to_text() == text, "a text that is not changed stays as it is");
  require(faults.size() <= stanza::max_faults, "faults are bounded");
  auto const& all = doc.stanzas();
  if (all.empty()) { return; }
  auto const victim = text.size() % all.size();
  doc.set(victim, "FS_SIZE", "4711");
  require(doc.stanzas()[victim].get("FS_SIZE") == "4711", "a field that was set is there");
  auto const count = all.size();
  std::vector<stanza::fault> again;
  require(stanza::document::parse(doc.to_text(), again).stanzas().size() == count, "setting a field adds no stanza");
  doc.remove(victim);
  require(doc.stanzas().size() == count - 1, "one stanza is gone");
}

void try_installp(std::string_view text) {
  std::vector<swvpd::fault> faults;
  auto const show = [](swvpd::package const& p) {
    for (auto const& f : p.filesets) { fuzz::require_printable(f.name); }
  };
  if (auto const p = swvpd::parse_lpp_name(text, faults)) { show(*p); }
  for (auto const& entry : swvpd::parse_toc(text, faults)) { show(entry.what); }
  std::size_t rows = 0;
  swvpd::parse_inventory(text, faults, [&](swvpd::inventory_file const& f) {
    ++rows;
    auto const row = swvpd::to_row(f);
    require(!row.sum || row.blocks.has_value() || row.broken || !f.checksum.empty(), "a sum has its text");
  });
  require(rows <= lines_of(text), "a stanza has a line");
  (void)swvpd::parse_apply_list(
      text, faults, [](std::string_view path) { require(!path.empty() && path.front() == '/', "paths are absolute"); });
  for (auto const& name : swvpd::parse_fileset_list(text)) { require(!name.empty(), "filesets have names"); }
  for (auto const& f : faults) { require(f.code != nullptr, "a fault has a code"); }
}

void try_settings(std::string_view text) {
  auto const p = wpar::parse_profile("known.txt", text, 1'700'000'000);
  require(p.value.has_value() == p.error.empty(), "a profile, or why there is none");
  require(fuzz::is_clean(p.error), "what is wrong with a profile has no controls");
  auto const h = wpar::deploy::parse_host(text);
  require(h.host.has_value() == h.error.empty(), "a host, or why there is none");
  require(fuzz::is_clean(h.error), "what is wrong with a host file has no controls");
  wpar::request r;
  fuzz::quiet d;
  wpar::apply_spec(r, "spec", text, d);
  if (auto const l = wpar::parse_level(text)) {
    auto const again = wpar::parse_level(l->vrmf_text());
    require(l->notation != wpar::level_notation::vrmf || (again && wpar::compare_fields(*l, *again) == 0),
            "a level that is written is the same level");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  if (size == 0) { return 0; }
  auto const text = as_text(std::as_bytes(std::span{data + 1, size - 1}));
  fuzz::bounded_work const bound{size, 8u << 20, 4096};
  switch (data[0] % 3) {
    case 0: try_stanza(text); break;
    case 1: try_installp(text); break;
    default: try_settings(text); break;
  }
  return 0;
}
