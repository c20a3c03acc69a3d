// SPDX-License-Identifier: Apache-2.0
#include "wpar/deploy/host.hpp"

#include <algorithm>

#include "base/number.hpp"
#include "base/text.hpp"

namespace sysb::wpar::deploy {

namespace {

constexpr std::size_t max_of_a_kind = 20'000;

std::string_view take_word(std::string_view& rest) {
  auto const first = rest.find_first_not_of(" \t");
  if (first == std::string_view::npos) {
    rest = {};
    return {};
  }
  rest.remove_prefix(first);
  auto const end = std::min(rest.find_first_of(" \t"), rest.size());
  auto const word = rest.substr(0, end);
  rest.remove_prefix(end);
  return word;
}

std::optional<std::uint64_t> megabytes(std::string_view v) {
  auto const out = whole_number(v);
  return out > 1ull << 40 ? std::nullopt : out;
}

// Package:Fileset:Level:State:...
void take_fileset(host_facts& h, std::string_view line) {
  std::string_view field[3];
  for (auto& f : field) {
    auto const colon = line.find(':');
    f = line.substr(0, colon);
    line = colon == std::string_view::npos ? std::string_view{} : line.substr(colon + 1);
  }
  auto const l = parse_level(field[2]);
  if (field[1].empty() || !l || h.filesets.size() >= max_of_a_kind) { return; }
  auto& kept = h.filesets.try_emplace(std::string{field[1]}, *l).first->second;
  if (compare_fields(kept, *l) < 0) { kept = *l; }
}

class parser {
 public:
  host_parse run(std::string_view text) {
    std::uint64_t n = 0;
    while (!text.empty() && out_.error.empty() && !ended_) {
      auto const nl = text.find('\n');
      auto line = text.substr(0, nl);
      text = nl == std::string_view::npos ? std::string_view{} : text.substr(nl + 1);
      if (!line.empty() && line.back() == '\r') { line.remove_suffix(1); }
      take(++n, line);
    }
    if (out_.error.empty() && n == 0) { out_.error = "it is empty"; }
    if (out_.error.empty() && !ended_) { out_.error = concat("line ", n, ": expected \"end\": the file is cut"); }
    if (out_.error.empty() && !level_) { out_.error = "it has no line \"oslevel\""; }
    if (out_.error.empty()) {
      h_.running = *level_;
      out_.host = std::move(h_);
    }
    return std::move(out_);
  }

 private:
  void take(std::uint64_t n, std::string_view line) {
    if (n == 1) {
      if (line != "sysb-host 1") {
        out_.error = concat("line 1: expected \"sysb-host 1\", found ", quoted(line.substr(0, 40)),
                            ": not what collect-host.sh prints");
      }
      return;
    }
    auto rest = line;
    auto const word = take_word(rest);
    auto const fail = [&](std::string_view expected) {
      out_.error = concat("line ", n, ", ", word, ": expected ", expected, ", found ", quoted(line.substr(0, 80)));
    };
    if (word == "end") {
      ended_ = true;
    } else if (word == "oslevel") {
      level_ = parse_level(take_word(rest));
      if (!level_) { fail("a level such as 7200-05-03-2148"); }
    } else if (word == "vg") {
      auto const name = take_word(rest);
      auto const size = megabytes(take_word(rest));
      auto const free = megabytes(take_word(rest));
      if (name.empty() || !size || *size == 0 || *size > 131'072 || !free) {
        fail("name, size of a partition in MB, free partitions");
      } else if (h_.groups.size() < max_of_a_kind) {
        h_.groups.push_back({std::string{name}, *size, *free});
      }
    } else if (word == "wpar") {
      auto const name = take_word(rest);
      if (!name.empty() && h_.wpars.size() < max_of_a_kind) { h_.wpars.insert(std::string{name}); }
    } else if (word == "failed") {
      if (h_.failed.size() < max_of_a_kind) { h_.failed.insert(std::string{take_word(rest)}); }
    } else if (word == "tool") {
      auto const name = take_word(rest);
      if (h_.tools.size() < max_of_a_kind) { h_.tools[std::string{name}] = std::string{take_word(rest)}; }
    } else if (word == "fileset") {
      rest.remove_prefix(std::min<std::size_t>(1, rest.size()));
      take_fileset(h_, rest);
    } else if (word == "mkwpar") {
      if (h_.mkwpar_usage.size() < 4096) { h_.mkwpar_usage += concat(rest.substr(0, 1024), "\n"); }
    } else if (word == "pax") {
      auto const result = take_word(rest);
      if (result == "ok" || result == "fails") { h_.pax_ok = result == "ok"; }
    }
  }

  host_facts h_;
  host_parse out_;
  std::optional<level> level_;
  bool ended_ = false;
};

}  // namespace

host_group const* host_facts::find_group(std::string_view name) const noexcept {
  for (auto const& g : groups) {
    if (g.name == name) { return &g; }
  }
  return nullptr;
}

host_parse parse_host(std::string_view text) { return parser{}.run(text); }

fileset_comparison compare_with_host(facts const& f, host_facts const& h) {
  fileset_comparison out;
  for (auto const& x : f.swvpd.filesets) {
    if (x.part != fileset_part::root) { continue; }
    auto const mine = parse_level(x.level);
    auto const theirs = h.filesets.find(x.name);
    if (theirs == h.filesets.end()) {
      out.not_on_host.push_back(concat(printable(x.name), ' ', printable(x.level)));
      continue;
    }
    if (!mine) { continue; }
    auto const order = compare_fields(*mine, theirs->second);
    auto const both = concat(printable(x.name), ' ', printable(x.level), " -> ", theirs->second.vrmf_text());
    if (order == 0) {
      ++out.same;
    } else if (order < 0) {
      out.to_update.push_back(both);
    } else {
      out.newer.push_back(both);
    }
  }
  return out;
}

}  // namespace sysb::wpar::deploy
