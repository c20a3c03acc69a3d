// SPDX-License-Identifier: Apache-2.0
// What the tests of carriers share: the real tools of the system, and reading a source to its end.
#pragma once
#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "core/diagnostic.hpp"
#include "core/fatal_error.hpp"
#include "core/image_format.hpp"
#include "io/io.hpp"
#include "unit/io/scratch.hpp"

namespace carrier_test {

using bytes = std::vector<std::byte>;

struct finding_list final : sysb::diagnostic_sink {
  void report(sysb::diagnostic const& d) override {
    ids.emplace_back(d.code->id);
    texts.push_back(d.text());
  }
  std::vector<std::string> ids;
  std::vector<std::string> texts;
};

[[nodiscard]] inline bytes read_file(std::string const& path) {
  std::ifstream in{path, std::ios::binary};
  std::string const text{std::istreambuf_iterator<char>{in}, {}};
  auto const view = std::as_bytes(std::span{text.data(), text.size()});
  return {view.begin(), view.end()};
}

// Runs a command line in the folder; false when it fails or the tool is not installed.
[[nodiscard]] inline bool run(scratch::folder const& f, std::string const& command) {
  auto const line = "cd '" + f.path() + "' && { " + command + "; } >log 2>&1";
  return std::system(line.c_str()) == 0;
}

[[nodiscard]] inline bool has_tool(std::string const& name) {
  if (std::system(("command -v " + name + " >/dev/null 2>&1").c_str()) == 0) { return true; }
  MESSAGE("skipped: no " << name);
  return false;
}

struct outcome {
  bytes content;
  std::string error;  // empty: the end of input was reached
  sysb::fatal_error::kind kind = sysb::fatal_error::kind::internal;
  finding_list findings;
};

// Everything that a carrier gives out of `source`.
[[nodiscard]] inline outcome unwrap(sysb::carrier_format const& c, std::unique_ptr<sysb::byte_source> source,
                                    sysb::limits const& l = {}, sysb::carrier_format::request const& r = {}) {
  outcome out;
  try {
    auto const inner = c.open(std::move(source), l, r, out.findings);
    for (auto p = inner->peek(1000); !p.empty(); p = inner->peek(1000)) {
      out.content.insert(out.content.end(), p.begin(), p.end());
      inner->consume(p.size());
    }
  } catch (sysb::fatal_error const& e) {
    out.error = e.what();
    out.kind = e.what_kind();
  }
  return out;
}

// Bytes that compress to about a third: text-like runs and noise.
[[nodiscard]] inline bytes mixed(std::size_t size, unsigned seed) {
  auto out = scratch::pattern(size, seed);
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (i / 512 % 3 != 0) { out[i] = static_cast<std::byte>('a' + i % 7); }
  }
  return out;
}

[[nodiscard]] inline bool is_prefix(bytes const& part, bytes const& whole) {
  return part.size() <= whole.size() && std::equal(part.begin(), part.end(), whole.begin());
}

}  // namespace carrier_test
