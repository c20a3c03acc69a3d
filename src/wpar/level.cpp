// SPDX-License-Identifier: Apache-2.0
#include "wpar/level.hpp"

#include <algorithm>
#include <vector>

#include "base/number.hpp"
#include "base/text.hpp"

namespace sysb::wpar {

namespace {

bool is_blank(char c) noexcept { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

std::string_view trimmed(std::string_view s) noexcept {
  while (!s.empty() && is_blank(s.front())) { s.remove_prefix(1); }
  while (!s.empty() && is_blank(s.back())) { s.remove_suffix(1); }
  return s;
}

// A field of at most five digits; signs and blanks are no number.
std::optional<std::uint32_t> number(std::string_view s) noexcept {
  return s.size() > 5 ? std::nullopt : whole_number<std::uint32_t>(s);
}

// The pieces between separators; an empty result where there are more than `most`.
std::vector<std::string_view> split(std::string_view s, char at, std::size_t most) {
  std::vector<std::string_view> out;
  while (true) {
    auto const p = s.find(at);
    out.push_back(s.substr(0, p));
    if (out.size() > most) { return {}; }
    if (p == std::string_view::npos) { return out; }
    s.remove_prefix(p + 1);
  }
}

std::optional<level> parse_vrmf(std::string_view s) {
  auto const parts = split(s, '.', 4);
  if (parts.size() < 2) { return std::nullopt; }
  level out;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    auto const v = number(parts[i]);
    if (!v) { return std::nullopt; }
    out.fields[i] = *v;
  }
  out.known = static_cast<std::uint32_t>(parts.size());
  out.notation = level_notation::vrmf;
  return out;
}

bool before_5_1(std::uint32_t version, std::uint32_t release) noexcept {
  return version < 5 || (version == 5 && release < 1);
}
bool is_5x(std::uint32_t version) noexcept { return version == 5; }

// "7200-05-03-2148": four digits are version, release, modification and fix; then the
// technology level, the service pack and the week it was built in.
std::optional<level> parse_technology(std::string_view s) {
  auto const parts = split(s, '-', 4);
  if (parts.size() < 2 || parts[0].size() != 4) { return std::nullopt; }
  level out;
  for (std::size_t i = 0; i < 4; ++i) {
    auto const v = number(parts[0].substr(i, 1));
    if (!v) { return std::nullopt; }
    out.fields[i] = *v;
  }
  auto const tl = parts[1].size() == 2 ? number(parts[1]) : std::nullopt;
  if (!tl) { return std::nullopt; }
  if (parts.size() >= 3) {
    out.service_pack = parts[2].size() == 2 ? number(parts[2]) : std::nullopt;
    if (!out.service_pack) { return std::nullopt; }
  }
  if (parts.size() == 4 && (parts[3].size() != 4 || !number(parts[3]))) { return std::nullopt; }
  if (is_5x(out.fields[0])) {
    out.fields[3] = *tl * 10;
  } else if (!before_5_1(out.fields[0], out.fields[1])) {
    out.fields[2] = *tl;
  }
  out.notation = level_notation::technology;
  return out;
}

std::string version_text(std::uint32_t v, std::uint32_t r) { return concat(v, '.', r); }

host_verdict by_version(version_release source, version_release host, std::string const& what) {
  auto const older = source.version != host.version ? source.version < host.version : source.release < host.release;
  if (older) {
    return {host_action::migwpar,
            concat(what,
                   ": an older release than the host's; the system copy page names syncwpar, the messages "
                   "of syncroot name migwpar: try migwpar, needs confirmation on AIX")};
  }
  return {host_action::too_new, concat(what, ": newer than the host, its programs cannot run there")};
}

}  // namespace

std::optional<std::uint32_t> level::technology_level() const noexcept {
  if (before_5_1(fields[0], fields[1]) || known < 3) { return std::nullopt; }
  if (!is_5x(fields[0]) || fields[2] != 0) { return fields[2]; }
  return known < 4 ? std::nullopt : std::optional{fields[3] / 10};
}

std::string level::technology_text() const {
  auto const tl = technology_level();
  if (!tl) { return vrmf_text(); }
  auto const two = concat(*tl);
  return concat(fields[0], fields[1], "00-", two.size() < 2 ? "0" : "", two);
}

std::string level::vrmf_text() const {
  auto out = concat(fields[0]);
  for (std::size_t i = 1; i < known && i < fields.size(); ++i) { out += concat('.', fields[i]); }
  return out;
}

std::optional<level> parse_level(std::string_view text) {
  text = trimmed(text);
  auto out = text.find('-') != std::string_view::npos ? parse_technology(text) : parse_vrmf(text);
  if (out) { out->text = std::string{text}; }
  return out;
}

int compare_fields(level const& a, level const& b) noexcept {
  for (std::size_t i = 0; i < std::min({a.known, b.known, 4u}); ++i) {
    if (a.fields[i] != b.fields[i]) { return a.fields[i] < b.fields[i] ? -1 : 1; }
  }
  return 0;
}

std::optional<version_release> parse_uname_info(std::string_view text) {
  std::vector<std::string_view> words;
  while (true) {
    text = trimmed(text);
    if (text.empty() || words.size() > 8) { break; }
    std::size_t n = 0;
    while (n < text.size() && !is_blank(text[n])) { ++n; }
    words.push_back(text.substr(0, n));
    text.remove_prefix(n);
  }
  if (words.size() < 4 || words[0] != "AIX") { return std::nullopt; }
  auto const release = number(words[2]);
  auto const version = number(words[3]);
  if (!release || !version) { return std::nullopt; }
  return version_release{*version, *release};
}

std::optional<bool> at_least_minimum(level const& l) noexcept {
  level const floor{.fields = {4, 3, 3, 0}};
  auto const order = compare_fields(l, floor);
  if (order == 0 && l.known < 3) { return std::nullopt; }
  return order >= 0;
}

std::optional<bool> at_least_minimum(version_release v) noexcept {
  if (v.version == 4 && v.release == 3) { return std::nullopt; }
  return v.version > 4 || (v.version == 4 && v.release > 3);
}

bool contradict(level const& a, level const& b) noexcept {
  if (a.version() != b.version() || a.release() != b.release()) { return true; }
  if (a.known < 3 || b.known < 3) { return false; }
  if (a.version() > 5) { return a.technology_level() != b.technology_level(); }
  if (a.version() == 5 && (a.known < 4 || b.known < 4)) { return false; }
  // From some level of 5.3 on filesets count the technology level in the third field, OSLEVEL in
  // the fourth: only values that agree in the third can be held against each other.
  if (a.version() == 5) { return a.fields[2] == b.fields[2] && a.technology_level() != b.technology_level(); }
  return a.fields[2] != b.fields[2];
}

std::string_view to_text(host_action a) noexcept {
  switch (a) {
    case host_action::none: return "none";
    case host_action::syncwpar: return "syncwpar";
    case host_action::migwpar: return "migwpar";
    case host_action::too_new: return "too_new";
    case host_action::unknown: return "unknown";
  }
  return "unknown";
}

host_verdict judge_host(level const& source, level const& host) {
  auto const what = concat("image ", source.text.empty() ? source.vrmf_text() : source.text, ", host ", host.text);
  if (source.version() != host.version() || source.release() != host.release()) {
    return by_version({source.version(), source.release()}, {host.version(), host.release()}, what);
  }
  auto const a = source.technology_level();
  auto const b = host.technology_level();
  if (before_5_1(source.version(), source.release())) {
    auto const order = compare_fields(source, host);
    if (order < 0) { return {host_action::syncwpar, concat(what, ": older than the host")}; }
    if (order > 0) { return {host_action::too_new, concat(what, ": newer than the host")}; }
    if (source.known == host.known) { return {host_action::none, concat(what, ": the same level")}; }
    return {host_action::unknown, concat(what, ": the same level as far as both are known")};
  }
  if (!a || !b) {
    return {host_action::unknown, concat(what, ": the same release; the technology level of the ",
                                         !a && !b ? "two"
                                         : a      ? "host"
                                                  : "image",
                                         " is not told: syncwpar where it differs")};
  }
  if (*a < *b) {
    return {host_action::syncwpar, concat(what, ": the host is at a later technology level (", source.technology_text(),
                                          " and ", host.technology_text(), ')')};
  }
  if (*a > *b) {
    return {host_action::too_new, concat(what, ": the image is at a later technology level (", source.technology_text(),
                                         " and ", host.technology_text(), ')')};
  }
  auto const fix_of = [](level const& l) -> std::optional<std::uint32_t> {
    if (l.notation == level_notation::technology) { return l.service_pack; }
    if (l.known < 4) { return std::nullopt; }
    return is_5x(l.version()) && l.fields[2] == 0 ? l.fields[3] % 10 : l.fields[3];
  };
  auto const fix_a = fix_of(source);
  auto const fix_b = fix_of(host);
  if (source.notation != host.notation || !fix_a || !fix_b) {
    return {host_action::unknown, concat(what, ": the same technology level (", host.technology_text(),
                                         "), the service pack is unknown: syncwpar where it differs")};
  }
  if (*fix_a < *fix_b) { return {host_action::syncwpar, concat(what, ": the host has a later service pack or fix")}; }
  if (*fix_a > *fix_b) { return {host_action::too_new, concat(what, ": the image has a later service pack or fix")}; }
  return {host_action::none, concat(what, ": the same level")};
}

host_verdict judge_host(version_release source, level const& host) {
  auto const what = concat("image ", version_text(source.version, source.release), " (UNAME_INFO), host ", host.text);
  if (source.version != host.version() || source.release != host.release()) {
    return by_version(source, {host.version(), host.release()}, what);
  }
  return {host_action::unknown, concat(what, ": the same release, the technology level is unknown")};
}

}  // namespace sysb::wpar
