// SPDX-License-Identifier: Apache-2.0
// What `oslevel -s` counts: a service pack is there when every installed fileset that its keyword names in the class
// `fix` is at the level it names, or later.
#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "base/text.hpp"
#include "formats/odm/odm.hpp"
#include "formats/swvpd/swvpd.hpp"
#include "wpar/survey_parts.hpp"

namespace sysb::wpar {

namespace {

bool all_digits(std::string_view s) noexcept {
  return std::all_of(s.begin(), s.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// "72-05-032148_SP": version and release, technology level, service pack and week.
std::string level_of_keyword(std::string_view word) {
  if (word.size() != 15 || word[2] != '-' || word[5] != '-' || word.substr(12) != "_SP") { return {}; }
  auto const digits = {word.substr(0, 2), word.substr(3, 2), word.substr(6, 6)};
  if (!std::all_of(digits.begin(), digits.end(), all_digits)) { return {}; }
  return concat(word.substr(0, 2), "00-", word.substr(3, 2), '-', word.substr(6, 2), '-', word.substr(8, 4));
}

struct needed {
  std::string_view fileset;
  swvpd::vrmf level;
};

// One line of the field `filesets`: "bos.rte.libc:7.2.5.103".
std::optional<needed> read_needed(std::string_view line) {
  auto const colon = line.find(':');
  if (colon == 0 || colon == std::string_view::npos) { return std::nullopt; }
  auto const level = swvpd::parse_vrmf(line.substr(colon + 1));
  if (!level || line.substr(0, colon).find_first_of(" \t/") != std::string_view::npos) { return std::nullopt; }
  return needed{line.substr(0, colon), *level};
}

std::string_view next_line(std::string_view& text) {
  auto const end = text.find('\n');
  auto const line = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  return line;
}

bool is_fileset_list(std::string_view text) {
  auto rest = text;
  return read_needed(next_line(rest)).has_value();
}

}  // namespace

void find_service_packs(swvpd_facts& f, std::span<std::byte const> fix, std::span<std::byte const> texts) {
  if (fix.empty() || f.filesets.empty()) { return; }
  std::vector<odm::fault> faults;
  auto const c = odm::class_view::parse(fix, "fix", faults);
  if (!c) { return; }
  auto const* const name = c->find("name");
  auto const* const filesets = c->find("filesets");
  if (name == nullptr || filesets == nullptr) { return; }
  std::optional<odm::calibration> place;
  if (filesets->kind == odm::slot_kind::vchar) {
    place = odm::calibrate(*c, *filesets, texts, is_fileset_list, faults);
    if (!place) { return; }
  }
  std::map<std::string_view, swvpd::vrmf> installed;
  for (auto const& x : f.filesets) {
    auto const level = swvpd::parse_vrmf(x.level);
    if (!level || x.broken) { continue; }
    auto& known = installed.try_emplace(x.name, *level).first->second;
    known = std::max(known, *level);
  }
  std::map<std::string, service_pack> found;  // by level
  std::map<std::string, bool> whole;
  for (std::uint32_t i = 0; i < c->count(); ++i) {
    auto const r = c->at(i);
    auto const word = r.text(*name);
    if (r.suspect() || !word) { continue; }
    auto level = level_of_keyword(*word);
    if (level.empty()) { continue; }
    auto list = place ? odm::vchar_text(r, *filesets, texts, *place) : r.text(*filesets);
    // A list that cannot be read proves nothing.
    auto& complete = whole.try_emplace(level, true).first->second;
    auto& pack = found.try_emplace(level, service_pack{std::string{*word}, level, 0}).first->second;
    if (!list) {
      complete = false;
      continue;
    }
    while (!list->empty()) {
      auto const line = next_line(*list);
      if (line.find_first_not_of(" \t") == std::string_view::npos) { continue; }
      auto const want = read_needed(line);
      if (!want) {
        complete = false;
        break;
      }
      auto const have = installed.find(want->fileset);
      if (have == installed.end()) { continue; }
      ++pack.filesets;
      if (have->second < want->level) { complete = false; }
    }
  }
  for (auto& [level, pack] : found) {
    if (whole[level] && pack.filesets != 0) { f.service_packs.push_back(std::move(pack)); }
  }
}

}  // namespace sysb::wpar
