// SPDX-License-Identifier: Apache-2.0
#include "wpar/profile.hpp"

#include <fnmatch.h>
#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

#include "base/text.hpp"
#include "formats/stanza/stanza.hpp"
#include "wpar/diagnostics.hpp"

namespace sysb::wpar {

namespace {

constexpr std::size_t max_lines = 10'000;
constexpr std::size_t max_pattern = 4096;

// "2027-06-30" as days of the epoch.
std::optional<std::int64_t> day_of(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') { return std::nullopt; }
  auto const number = [&](std::size_t at, std::size_t n) -> std::optional<std::int64_t> {
    std::int64_t out = 0;
    auto const* const end = text.data() + at + n;
    auto const r = std::from_chars(text.data() + at, end, out);
    return r.ec == std::errc{} && r.ptr == end && out >= 0 ? std::optional{out} : std::nullopt;
  };
  auto const year = number(0, 4);
  auto const month = number(5, 2);
  auto const day = number(8, 2);
  if (!year || !month || !day || *month < 1 || *month > 12 || *day < 1) { return std::nullopt; }
  auto const leap = (*year % 4 == 0 && *year % 100 != 0) || *year % 400 == 0;
  constexpr std::int64_t lengths[]{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (*day > lengths[*month - 1] + (*month == 2 && leap ? 1 : 0)) { return std::nullopt; }
  // Days from the civil calendar, with years that begin in March.
  auto const y = *year - (*month <= 2 ? 1 : 0);
  auto const day_of_year = (153 * (*month + (*month > 2 ? -3 : 9)) + 2) / 5 + *day - 1;
  return y * 365 + y / 4 - y / 100 + y / 400 + day_of_year - 719'468;
}

// A pattern that matches the text; of one that is too long, its beginning.
std::string escaped(std::string_view text) {
  std::string out;
  for (auto const c : text) {
    auto const special = std::string_view{"*?[]\\"}.find(c) != std::string_view::npos;
    auto const inside = (static_cast<unsigned char>(c) & 0xc0u) == 0x80;
    if (!inside && out.size() > max_pattern - 8) { return out + '*'; }
    if (special) { out.push_back('\\'); }
    out.push_back(c);
  }
  return out;
}

}  // namespace

profile_parse parse_profile(std::string_view name, std::string_view text, std::int64_t now) {
  std::vector<stanza::fault> faults;
  auto const doc = stanza::document::parse(text, faults);
  profile out{std::string{name}, {}};
  auto const fail = [](std::size_t line, std::string_view what, std::string_view found) {
    return profile_parse{std::nullopt,
                         concat("line ", std::uint64_t{line}, ": expected ", what, ", found ", quoted(found))};
  };
  if (!faults.empty()) {
    return {std::nullopt, concat("line ", std::uint64_t{faults.front().line}, ": ", faults.front().code->title)};
  }
  if (doc.stanzas().size() > max_lines) { return {std::nullopt, "too many stanzas"}; }
  for (auto const& s : doc.stanzas()) {
    profile_line l;
    l.rule = s.name;
    l.number = s.line;
    if (find_rule(l.rule) == nullptr) { return fail(s.line, "the id of a rule, such as V14", s.name); }
    for (auto const& f : s.fields) {
      if (f.name == "pattern") {
        l.pattern = f.value;
      } else if (f.name == "reason") {
        l.reason = f.value;
      } else if (f.name == "until") {
        l.until = f.value;
      } else {
        return fail(f.line, "pattern, reason or until", f.name);
      }
    }
    if (l.pattern.empty() || l.pattern.size() > max_pattern) { return fail(s.line, "a pattern", l.pattern); }
    if (l.reason.empty()) { return fail(s.line, "a reason", l.reason); }
    if (!l.until.empty()) {
      auto const day = day_of(l.until);
      if (!day) { return fail(s.line, "a day such as 2027-06-30", l.until); }
      l.expired = now >= (*day + 1) * 86'400;
    }
    out.lines.push_back(std::move(l));
  }
  return {std::move(out), {}};
}

void apply_profile(assessment& a, profile const& p) {
  a.profile_used.assign(p.lines.size(), false);
  for (auto& r : a.results) {
    if (r.level == severity::error) { continue; }
    auto const text = printable(r.text);
    for (std::size_t i = 0; i < p.lines.size(); ++i) {
      auto const& l = p.lines[i];
      if (l.expired || l.rule != r.id() || ::fnmatch(l.pattern.c_str(), text.c_str(), 0) != 0) { continue; }
      a.profile_used[i] = true;
      if (r.known_for) { continue; }
      r.known_for = l.until.empty() ? l.reason : concat(l.reason, " (until ", l.until, ')');
      r.level = severity::note;
      r.asks = group::passed;
    }
  }
  a.count();
}

void report_profile(profile const& p, std::vector<bool> const& used, diagnostic_sink& d) {
  for (std::size_t i = 0; i < p.lines.size(); ++i) {
    auto const& l = p.lines[i];
    if (!l.expired && i < used.size() && used[i]) { continue; }
    d.report({.code = l.expired ? &profile_expired : &profile_unused,
              .offset = {},
              .path = p.name,
              .detail = concat("line ", std::uint64_t{l.number}, ", ", l.rule,
                               l.expired ? concat(", until ", l.until) : std::string{}, ": ", l.reason),
              .level = {}});
  }
}

bool is_for_profile(rule_result const& r) noexcept { return r.level != severity::error && r.asks != group::passed; }

made_profile make_profile(std::vector<rule_result const*> const& results) {
  made_profile out{
      "# Findings that are known here, for --profile. Keep what somebody has judged, and say why and until when.\n"
      "# pattern is a shell glob: put * for what differs from image to image. Errors are never known.\n"};
  std::set<std::pair<std::string_view, std::string>> seen;
  for (auto const* r : results) {
    if (!is_for_profile(*r)) { continue; }
    auto pattern = escaped(printable(r->text));
    if (!seen.emplace(r->id(), pattern).second || out.findings == max_lines) { continue; }
    ++out.findings;
    out.text += concat("\n", r->id(), ":\n\tpattern = \"", pattern, "\"\n\treason = \"known at this site\"\n",
                       "#\tuntil = \"2030-12-31\"\n");
  }
  return out;
}

}  // namespace sysb::wpar
