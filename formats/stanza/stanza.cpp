// SPDX-License-Identifier: Apache-2.0
// The document: pieces of the original text, one a line, and what they mean.
#include "formats/stanza/stanza.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace sysb::stanza {
namespace {

constexpr std::string_view blanks = " \t\r\n\f\v";

std::string_view trimmed(std::string_view s) noexcept {
  constexpr auto is_blank = [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
  while (!s.empty() && is_blank(s.front())) { s.remove_prefix(1); }
  while (!s.empty() && is_blank(s.back())) { s.remove_suffix(1); }
  return s;
}

void note(std::vector<fault>& faults, fault f) {
  if (faults.size() < max_faults) { faults.push_back(std::move(f)); }
}

// A value is one line.
std::string one_line(std::string_view value) {
  std::string out{value};
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c == '\n' || c == '\r' || c == '\0'; }, ' ');
  return out;
}

std::string_view line_end_of(std::string_view line) noexcept {
  if (line.ends_with("\r\n")) { return "\r\n"; }
  if (line.ends_with('\n')) { return "\n"; }
  return {};
}

}  // namespace

std::span<diag_code const* const> codes() noexcept {
  static constexpr std::array<diag_code const*, 7> all{&no_equals, &field_outside,   &nul_byte,  &line_too_long,
                                                       &too_large, &header_indented, &open_quote};
  return all;
}

bool scanner::next(line& out) noexcept {
  if (at_ >= text_.size()) { return false; }
  auto const end = text_.find('\n', at_);
  auto const next = end == std::string_view::npos ? text_.size() : end + 1;
  out = line{};
  out.raw = text_.substr(at_, next - at_);
  out.offset = at_;
  out.number = ++number_;
  at_ = next;

  if (out.raw.size() > max_line_bytes) {
    out.problem = &line_too_long;
    return true;
  }
  if (out.raw.find('\0') != std::string_view::npos) {
    out.problem = &nul_byte;
    return true;
  }
  auto const content = trimmed(out.raw);
  if (content.empty()) {
    out.what = kind::blank;
    return true;
  }
  if (content.front() == '#' || content.front() == '*') {
    out.what = kind::comment;
    return true;
  }
  bool const at_margin = blanks.find(out.raw.front()) == std::string_view::npos;
  auto const equals = content.find('=');
  // A path may hold an equals sign; any other header has none.
  bool const path_header = at_margin && content.front() == '/';
  if (content.back() == ':' && (equals == std::string_view::npos || path_header)) {
    out.what = kind::header;
    out.name = trimmed(content.substr(0, content.size() - 1));
    if (!at_margin) { out.problem = &header_indented; }
    return true;
  }
  if (equals == std::string_view::npos || trimmed(content.substr(0, equals)).empty()) {
    out.problem = &no_equals;
    return true;
  }
  out.what = kind::field;
  out.name = trimmed(content.substr(0, equals));
  out.value = trimmed(content.substr(equals + 1));
  if (!out.value.empty() && out.value.front() == '"') {
    if (out.value.size() >= 2 && out.value.back() == '"') {
      out.value = out.value.substr(1, out.value.size() - 2);
    } else if (auto const close = out.value.find('"', 1); close != std::string_view::npos) {
      // `name = "wpar1"   # 25 bytes at most`: people put comments after a quoted value.
      auto const rest = trimmed(out.value.substr(close + 1));
      if (rest.starts_with('#')) { out.value = out.value.substr(1, close - 1); }
    } else {
      out.value.remove_prefix(1);
      out.problem = &open_quote;
    }
  }
  return true;
}

std::optional<std::string_view> stanza::find(std::string_view field_name) const noexcept {
  for (auto const& f : fields) {
    if (f.name == field_name) { return f.value; }
  }
  return std::nullopt;
}

std::string_view stanza::get(std::string_view field_name) const noexcept {
  return find(field_name).value_or(std::string_view{});
}

std::vector<std::string_view> stanza::find_all(std::string_view field_name) const {
  std::vector<std::string_view> out;
  for (auto const& f : fields) {
    if (f.name == field_name) { out.emplace_back(f.value); }
  }
  return out;
}

std::string_view document::keep(std::string text) { return texts_.emplace_back(std::move(text)); }

document document::parse(std::string_view source, std::vector<fault>& faults) {
  document out;
  auto const text = out.keep(std::string{source});
  auto usable = text.substr(0, max_document_bytes);
  if (usable.size() < text.size()) { usable = usable.substr(0, usable.rfind('\n') + 1); }
  scanner lines{usable};
  scanner::line l;
  std::size_t used = 0;
  // Lines without meaning share a piece, blank ones another, because removal of a stanza takes
  // the blank lines after it along; headers and fields can be changed singly.
  enum class group { single, blank, dead };
  auto last = group::single;
  auto const add_piece = [&](std::string_view raw, group g) {
    if (g == group::single || g != last) {
      out.pieces_.push_back(raw);
    } else {  // what stands after one another in the text is one
      out.pieces_.back() = {out.pieces_.back().data(), out.pieces_.back().size() + raw.size()};
    }
    last = g;
  };
  while (lines.next(l)) {
    if (out.pieces_.size() >= max_document_pieces) { break; }
    used = l.offset + l.raw.size();
    if (l.problem != nullptr) {
      std::string detail;
      if (l.problem == &no_equals) { detail = quoted(trimmed(l.raw).substr(0, 60)); }
      note(faults, {l.problem, l.number, std::move(detail)});
    }
    switch (l.what) {
      case scanner::kind::header:
        add_piece(l.raw, group::single);
        out.stanzas_.push_back({l.name, l.number, {}});
        out.places_.push_back({out.pieces_.size() - 1, out.pieces_.size() - 1, {}});
        continue;
      case scanner::kind::field:
        if (out.stanzas_.empty()) {
          note(faults, {&field_outside, l.number, quoted(l.name.substr(0, 60))});
          break;
        }
        add_piece(l.raw, group::single);
        out.stanzas_.back().fields.push_back({l.name, l.value, l.number});
        out.places_.back().last = out.pieces_.size() - 1;
        out.places_.back().fields.push_back(out.pieces_.size() - 1);
        continue;
      case scanner::kind::blank: add_piece(l.raw, group::blank); continue;
      case scanner::kind::comment:
      case scanner::kind::other: break;
    }
    add_piece(l.raw, group::dead);
  }
  if (used < text.size()) {
    note(faults, {&too_large, 0, concat("used ", std::uint64_t{used}, " of ", std::uint64_t{text.size()}, " bytes")});
    add_piece(text.substr(used), group::single);
  }
  return out;
}

stanza const* document::find(std::string_view name) const noexcept {
  auto const at = std::find_if(stanzas_.begin(), stanzas_.end(), [&](auto const& s) { return s.name == name; });
  return at == stanzas_.end() ? nullptr : &*at;
}

std::vector<std::size_t> document::find_all(std::string_view name) const {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < stanzas_.size(); ++i) {
    if (stanzas_[i].name == name) { out.push_back(i); }
  }
  return out;
}

void document::remove(std::size_t index) {
  // Pieces are emptied, not erased: the places of other stanzas stay valid.
  auto const& p = places_.at(index);
  for (auto i = p.header; i <= p.last; ++i) { pieces_[i] = {}; }
  // As far as its own blank lines go: what was emptied before need not be passed again.
  for (auto i = p.last + 1; i < pieces_.size() && !pieces_[i].empty() && trimmed(pieces_[i]).empty(); ++i) {
    pieces_[i] = {};
  }
  places_.erase(places_.begin() + static_cast<std::ptrdiff_t>(index));
  stanzas_.erase(stanzas_.begin() + static_cast<std::ptrdiff_t>(index));
}

void document::set(std::size_t index, std::string_view field_name, std::string_view new_value) {
  auto const value = keep(one_line(new_value));
  auto& s = stanzas_.at(index);
  auto& p = places_.at(index);
  auto const at = std::find_if(s.fields.begin(), s.fields.end(), [&](auto const& f) { return f.name == field_name; });
  if (at != s.fields.end()) {
    auto& text = pieces_[p.fields[static_cast<std::size_t>(at - s.fields.begin())]];
    // The end first: `find_first_not_of` below must not run into the next line.
    auto const end = line_end_of(text);
    auto const equals = text.find('=');
    auto from = text.find_first_not_of(" \t", equals + 1);
    if (from == text.npos || from + end.size() >= text.size()) { from = text.size() - end.size(); }
    bool const in_quotes = from < text.size() && text[from] == '"';
    auto const quote = in_quotes ? std::string_view{"\""} : std::string_view{};
    text = keep(concat(text.substr(0, from), quote, value, quote, end));
    at->value = value;
    return;
  }
  // In the style of the last field; after a bare header as mkszfile writes.
  auto& last = pieces_[p.last];
  std::string indent = "\t";
  std::string glue = "= ";
  bool in_quotes = false;
  if (!p.fields.empty()) {
    auto const name_at = last.find_first_not_of(blanks);
    auto const equals = last.find('=');
    auto const name_end = last.find_last_not_of(blanks, equals - 1) + 1;
    auto const value_at = std::min(last.find_first_not_of(" \t", equals + 1), last.size());
    indent = last.substr(0, name_at);
    glue = last.substr(name_end, value_at - name_end);
    in_quotes = value_at < last.size() && last[value_at] == '"';
  }
  auto end = line_end_of(last);
  if (end.empty()) {
    last = keep(concat(last, '\n'));
    end = line_end_of(last);
  }
  auto const quote = in_quotes ? std::string_view{"\""} : std::string_view{};
  auto const line = keep(concat(indent, field_name, glue, quote, value, quote, end));
  pieces_.insert(pieces_.begin() + static_cast<std::ptrdiff_t>(p.last) + 1, line);
  for (auto& other : places_) {
    if (other.header > p.last) {
      ++other.header;
      ++other.last;
      for (auto& f : other.fields) { ++f; }
    }
  }
  ++p.last;
  p.fields.push_back(p.last);
  s.fields.push_back({keep(std::string{field_name}), value, 0});
}

std::size_t document::add(std::string_view name, std::vector<std::pair<std::string, std::string>> const& fields) {
  std::string before;
  for (auto i = pieces_.rbegin(); i != pieces_.rend(); ++i) {
    if (i->empty()) { continue; }
    if (!i->ends_with('\n')) { before += '\n'; }
    if (!trimmed(*i).empty()) { before += '\n'; }
    break;
  }
  if (!before.empty()) { pieces_.push_back(keep(before)); }
  pieces_.push_back(keep(concat(name, ":\n")));
  stanzas_.push_back({keep(std::string{name}), 0, {}});
  places_.push_back({pieces_.size() - 1, pieces_.size() - 1, {}});
  for (auto const& [field_name, new_value] : fields) {
    auto const value = keep(one_line(new_value));
    pieces_.push_back(keep(concat("\t", field_name, "= ", value, "\n")));
    stanzas_.back().fields.push_back({keep(field_name), value, 0});
    places_.back().last = pieces_.size() - 1;
    places_.back().fields.push_back(pieces_.size() - 1);
  }
  return stanzas_.size() - 1;
}

std::string document::to_text() const {
  std::size_t size = 0;
  for (auto const& p : pieces_) { size += p.size(); }
  std::string out;
  out.reserve(size);
  for (auto const& p : pieces_) { out += p; }
  return out;
}

}  // namespace sysb::stanza
