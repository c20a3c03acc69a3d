// SPDX-License-Identifier: Apache-2.0
#include "diff/content.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include "base/text.hpp"
#include "diff/line_diff.hpp"
#include "formats/odm/odm.hpp"
#include "formats/stanza/stanza.hpp"

namespace sysb::diff {

namespace {

constexpr std::size_t context_lines = 3;

using lines = std::vector<std::string_view>;

lines split(std::string_view text) {
  lines out;
  while (!text.empty()) {
    auto const end = text.find('\n');
    out.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return out;
}

[[nodiscard]] bool is_text(std::span<std::byte const> bytes) noexcept {
  return std::find(bytes.begin(), bytes.end(), std::byte{0}) == bytes.end();
}

std::string range(std::size_t from, std::size_t to) {
  auto const count = std::uint64_t{to - from};
  auto const first = std::uint64_t{count == 0 ? from : from + 1};
  return count == 1 ? concat(first) : concat(first, ',', count);
}

// Hunks with the lines around them, as diff -u prints them.
void put_unified(lines const& a, lines const& b, std::vector<content_line>& out) {
  auto const hunks = compare_lines(a, b);
  for (std::size_t i = 0; i < hunks.size();) {
    auto last = i;
    while (last + 1 < hunks.size() && hunks[last + 1].a - hunks[last].a_end <= 2 * context_lines) { ++last; }
    auto const before = std::min(context_lines, hunks[i].a);
    auto const after = std::min(context_lines, a.size() - hunks[last].a_end);
    out.push_back({'@', concat("@@ -", range(hunks[i].a - before, hunks[last].a_end + after), " +",
                               range(hunks[i].b - before, hunks[last].b_end + after), " @@")});
    auto at = hunks[i].a - before;
    for (; i <= last; ++i) {
      for (; at < hunks[i].a; ++at) { out.push_back({' ', std::string{a[at]}}); }
      for (; at < hunks[i].a_end; ++at) { out.push_back({'-', std::string{a[at]}}); }
      for (auto j = hunks[i].b; j < hunks[i].b_end; ++j) { out.push_back({'+', std::string{b[j]}}); }
    }
    for (auto const end = at + after; at < end; ++at) { out.push_back({' ', std::string{a[at]}}); }
  }
}

void put_changed(lines const& a, lines const& b, std::vector<content_line>& out) {
  for (auto const& h : compare_lines(a, b)) {
    for (auto i = h.a; i < h.a_end; ++i) { out.push_back({'-', std::string{a[i]}}); }
    for (auto i = h.b; i < h.b_end; ++i) { out.push_back({'+', std::string{b[i]}}); }
  }
}

lines views(std::vector<std::string> const& of) { return {of.begin(), of.end()}; }

// --- ODM -------------------------------------------------------------------------------------

std::string value_of(odm::record const& r, odm::descriptor const& d) {
  if (auto const text = r.text(d)) { return quoted(*text); }
  if (auto const n = r.integer(d)) { return d.kind == odm::slot_kind::vchar ? concat("text at ", *n) : concat(*n); }
  return "?";
}

std::optional<std::vector<std::string>> rows(std::string_view name, std::span<std::byte const> bytes) {
  std::vector<odm::fault> faults;
  auto const c = odm::class_view::parse(bytes, name, faults);
  if (!c) { return std::nullopt; }
  std::vector<std::string> out;
  out.reserve(c->count());
  for (std::uint32_t i = 0; i < c->count(); ++i) {
    auto const r = c->at(i);
    auto line = std::string{r.suspect() ? "(perhaps deleted)" : ""};
    for (auto const& d : c->descriptors()) {
      line += concat(line.empty() ? "" : " ", printable(d.name), '=', value_of(r, d));
    }
    out.push_back(std::move(line));
  }
  return out;
}

// --- stanzas ---------------------------------------------------------------------------------

// Every line is one that a stanza file has, and some are fields of stanzas.
[[nodiscard]] bool is_stanza_file(std::string_view text) {
  stanza::scanner s{text};
  stanza::scanner::line line;
  std::size_t headers = 0;
  std::size_t fields = 0;
  while (s.next(line)) {
    switch (line.what) {
      case stanza::scanner::kind::header: ++headers; break;
      case stanza::scanner::kind::field:
        if (headers == 0) { return false; }
        ++fields;
        break;
      case stanza::scanner::kind::comment:
      case stanza::scanner::kind::blank: break;
      case stanza::scanner::kind::other: return false;
    }
  }
  return headers != 0 && fields != 0;
}

using stanzas = std::map<std::pair<std::string, std::size_t>, std::vector<std::string>>;

// By name, and by number where a name comes again: the order of stanzas means nothing, nor that of the attributes of
// one. An attribute that comes again keeps its place among those of its name.
stanzas read_stanzas(std::string_view text) {
  std::vector<stanza::fault> faults;
  auto const doc = stanza::document::parse(text, faults);
  stanzas out;
  std::map<std::string_view, std::size_t> seen;
  for (auto const& s : doc.stanzas()) {
    auto& fields = out[{std::string{s.name}, seen[s.name]++}];
    auto sorted = s.fields;
    std::stable_sort(sorted.begin(), sorted.end(), [](auto const& x, auto const& y) { return x.name < y.name; });
    for (auto const& f : sorted) { fields.push_back(concat(f.name, " = ", f.value)); }
  }
  return out;
}

void put_stanzas(stanzas const& a, stanzas const& b, std::vector<content_line>& out) {
  std::vector<std::string> const none;
  auto x = a.begin();
  auto y = b.begin();
  while (x != a.end() || y != b.end()) {
    auto const order = x == a.end() ? 1 : y == b.end() ? -1 : x->first < y->first ? -1 : y->first < x->first ? 1 : 0;
    auto const& key = order <= 0 ? x->first : y->first;
    auto const& old = order <= 0 ? x->second : none;
    auto const& now = order >= 0 ? y->second : none;
    if (order != 0 || old != now) {
      auto const word = order < 0 ? " removed" : order > 0 ? " added" : "";
      auto const again = key.second == 0 ? std::string{} : concat(" (number ", std::uint64_t{key.second + 1}, ')');
      out.push_back({'@', concat("@@ stanza ", key.first, again, word, " @@")});
      put_changed(views(old), views(now), out);
    }
    if (order <= 0) { ++x; }
    if (order >= 0) { ++y; }
  }
}

std::uint64_t first_difference(std::span<std::byte const> a, std::span<std::byte const> b) {
  auto const end = std::min(a.size(), b.size());
  return static_cast<std::uint64_t>(
      std::mismatch(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(end), b.begin()).first - a.begin());
}

}  // namespace

std::string_view to_text(content_form f) noexcept {
  switch (f) {
    case content_form::text: return "text";
    case content_form::odm: return "odm";
    case content_form::stanza: return "stanza";
    case content_form::binary: return "binary";
  }
  return "";
}

content_change compare_contents(std::string_view path, std::span<std::byte const> before,
                                std::span<std::byte const> after) {
  content_change out;
  out.same = std::equal(before.begin(), before.end(), after.begin(), after.end());
  auto const name = path.substr(path.rfind('/') + 1);
  if (odm::is_class(before) || odm::is_class(after)) {
    auto const a = before.empty() ? std::vector<std::string>{} : rows(name, before);
    auto const b = after.empty() ? std::vector<std::string>{} : rows(name, after);
    if (a && b) {
      out.form = content_form::odm;
      put_changed(views(*a), views(*b), out.lines);
      if (!out.same && out.lines.empty()) { out.lines.push_back({'@', "the rows are the same, other bytes differ"}); }
      return out;
    }
  }
  if (!is_text(before) || !is_text(after)) {
    out.form = content_form::binary;
    if (!out.same) {
      out.lines.push_back({'@', concat("contents differ from byte 0x", hex(first_difference(before, after)), " on: ",
                                       std::uint64_t{before.size()}, " and ", std::uint64_t{after.size()}, " bytes")});
    }
    return out;
  }
  auto const a = as_text(before);
  auto const b = as_text(after);
  if ((a.empty() || is_stanza_file(a)) && (b.empty() || is_stanza_file(b)) && !(a.empty() && b.empty())) {
    put_stanzas(read_stanzas(a), read_stanzas(b), out.lines);
    if (!out.lines.empty() || out.same) {
      out.form = content_form::stanza;
      return out;
    }
  }
  // Comments and order of a stanza file show here only.
  put_unified(split(a), split(b), out.lines);
  if (!a.empty() && !b.empty() && (a.back() == '\n') != (b.back() == '\n')) {
    out.lines.push_back({'@', concat("\\ no newline at the end of the ", a.back() == '\n' ? "second" : "first")});
  }
  return out;
}

}  // namespace sysb::diff
