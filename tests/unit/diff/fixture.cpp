// SPDX-License-Identifier: Apache-2.0
#include "fixture.hpp"

#include <fstream>
#include <utility>

#include "base/text.hpp"

namespace sysb::diff::testing {

std::string folder::put(std::string const& name, std::span<std::byte const> bytes) const {
  return put(name, as_text(bytes));
}

std::string folder::put(std::string const& name, std::string_view text) const {
  std::filesystem::create_directories(std::filesystem::path{path(name)}.parent_path());
  std::ofstream out{path(name), std::ios::binary};
  out.write(text.data(), static_cast<std::streamsize>(text.size()));
  return path(name);
}

outcome compare(std::string const& a, std::string const& b, compare_options const& o, unsigned threads) {
  outcome out;
  ledger findings{[&](diagnostic const& d) { out.findings.emplace_back(d.code->id); }};
  progress counters;
  side_context const c{
      .bounds = {}, .tmpdir = "/tmp", .findings = &findings, .counters = &counters, .threads = threads};
  auto const open = [&](std::string const& name) {
    side_request r;
    r.volumes = {name};
    r.open_index = [](std::string const&) { return nullptr; };
    return open_side(r, c);
  };
  auto const first = open(a);
  auto const second = open(b);
  loaded_side before{*first, c, true};
  loaded_side after{*second, c, true};
  comparison both{before, after, o, c};
  both.run();
  both.each([&](change const& x) {
    auto line = concat(mark_of(x.what), ' ', x.path);
    for (auto const& f : x.fields) {
      if (x.what != change_kind::added && x.what != change_kind::removed) { line += concat(' ', f.name); }
    }
    if (!x.other.empty()) { line += concat(" = ", x.other); }
    out.lines.push_back(std::move(line));
  });
  out.counted = both.counted();
  out.not_compared = both.not_compared();
  return out;
}

outcome compare(test::image_builder const& a, test::image_builder const& b, compare_options const& o) {
  folder const f;
  return compare(f.put("a.img", a.bytes()), f.put("b.img", b.bytes()), o);
}

}  // namespace sysb::diff::testing
