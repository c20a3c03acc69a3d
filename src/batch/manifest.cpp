// SPDX-License-Identifier: Apache-2.0
#include "batch/manifest.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "batch/json.hpp"
#include "core/fatal_error.hpp"

namespace sysb::batch {

namespace {

[[noreturn]] void refuse(std::string const& name, std::size_t line, std::string_view why) {
  throw fatal_error{fatal_error::kind::usage, concat(sysb::quoted(name), ", line ", line, ": ", why)};
}

std::string scalar_text(json const& value, std::string const& name, std::size_t line, std::string const& column) {
  if (value.is_string()) { return value.get<std::string>(); }
  if (value.is_number()) { return value.dump(); }
  refuse(name, line, concat("column ", sysb::quoted(column), " holds neither text, a number, true nor a list of them"));
}

manifest_row row_of_json(std::string_view text, std::string const& name, std::size_t line) {
  auto const object = parse_object(text);
  if (!object) { refuse(name, line, "not a JSON object"); }
  manifest_row row{line, {}};
  for (auto const& [column, value] : object->items()) {
    if (value.is_null() || (value.is_boolean() && !value.get<bool>())) { continue; }
    // A name that is not UTF-8: COLUMN_hex, as everywhere in the JSON of sysb.
    auto const suffix = std::string_view{"_hex"};
    if (column.size() > suffix.size() && std::string_view{column}.substr(column.size() - 4) == suffix) {
      auto bytes = bytes_of_hex(value.is_string() ? value.get<std::string>() : std::string{});
      if (!bytes) { refuse(name, line, concat("column ", sysb::quoted(column), " is not hexadecimal")); }
      row.fields[column.substr(0, column.size() - 4)] = {std::move(*bytes)};
      continue;
    }
    if (object->contains(concat(column, "_hex"))) { continue; }
    auto& values = row.fields[column];
    if (value.is_boolean()) { continue; }
    if (value.is_array()) {
      for (auto const& item : value) { values.push_back(scalar_text(item, name, line, column)); }
    } else {
      values.push_back(scalar_text(value, name, line, column));
    }
  }
  return row;
}

std::vector<manifest_row> parse_json_lines(std::string_view text, std::string const& name) {
  std::vector<manifest_row> rows;
  for (std::size_t line = 1; !text.empty(); ++line) {
    auto const end = text.find('\n');
    auto const one = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    if (one.find_first_not_of(" \t\r") == std::string_view::npos) { continue; }
    rows.push_back(row_of_json(one, name, line));
  }
  return rows;
}

// Cells of RFC 4180: quotes may hold separators, line feeds and doubled quotes. A TSV has the same rules.
class table_reader {
 public:
  table_reader(std::string_view text, char separator, std::string const& name)
      : text_{text}, separator_{separator}, name_{name} {}

  // False at the end. `line` is where the record began.
  bool next(std::vector<std::string>& cells, std::size_t& line) {
    cells.clear();
    if (text_.empty()) { return false; }
    line = line_;
    for (;;) {
      auto const more = cell(cells.emplace_back());
      if (!more) { return true; }
    }
  }

 private:
  // True where another cell of the record follows.
  bool cell(std::string& out) {
    auto const quoted_cell = !text_.empty() && text_.front() == '"';
    if (quoted_cell) { quoted_text(out); }
    while (!text_.empty()) {
      auto const c = text_.front();
      text_.remove_prefix(1);
      if (c == separator_) { return true; }
      if (c == '\n') {
        ++line_;
        if (!out.empty() && !quoted_cell && out.back() == '\r') { out.pop_back(); }
        return false;
      }
      if (quoted_cell) {
        if (c == '\r') { continue; }
        refuse(name_, line_, "text follows a closing quote");
      }
      out.push_back(c);
    }
    if (!out.empty() && !quoted_cell && out.back() == '\r') { out.pop_back(); }
    return false;
  }

  void quoted_text(std::string& out) {
    auto const began = line_;
    text_.remove_prefix(1);
    while (!text_.empty()) {
      auto const c = text_.front();
      text_.remove_prefix(1);
      if (c == '"') {
        if (text_.empty() || text_.front() != '"') { return; }
        text_.remove_prefix(1);
      }
      if (c == '\n') { ++line_; }
      out.push_back(c);
    }
    refuse(name_, began, "a quote is not closed");
  }

  std::string_view text_;
  char separator_;
  std::string const& name_;
  std::size_t line_ = 1;
};

std::vector<manifest_row> parse_table(std::string_view text, std::string const& name) {
  auto const header_text = text.substr(0, text.find('\n'));
  table_reader table{text, header_text.find('\t') != std::string_view::npos ? '\t' : ',', name};
  std::vector<std::string> header, cells;
  std::size_t line = 0;
  while (header.empty() || (header.size() == 1 && header[0].empty())) {
    if (!table.next(header, line)) { return {}; }
  }
  for (auto& column : header) {
    auto const first = column.find_first_not_of(' ');
    column =
        first == std::string::npos ? std::string{} : column.substr(first, column.find_last_not_of(' ') - first + 1);
    if (column.empty()) { refuse(name, line, "a column without a name"); }
    if (std::count(header.begin(), header.end(), column) > 1) {
      refuse(name, line, concat("column ", sysb::quoted(column), " is named twice"));
    }
  }
  std::vector<manifest_row> rows;
  while (table.next(cells, line)) {
    if (cells.size() == 1 && cells[0].empty()) { continue; }
    if (cells.size() > header.size()) {
      refuse(name, line, concat(cells.size(), " cells, but the header names ", header.size(), " columns"));
    }
    manifest_row row{line, {}};
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (!cells[i].empty()) { row.fields[header[i]] = {cells[i]}; }
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace

std::vector<manifest_row> parse_manifest(std::string_view text, std::string const& name) {
  constexpr std::string_view mark = "\xef\xbb\xbf";  // spreadsheets put a byte order mark in front
  if (text.substr(0, mark.size()) == mark) { text.remove_prefix(mark.size()); }
  auto const first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) { return {}; }
  return text[first] == '{' ? parse_json_lines(text, name) : parse_table(text, name);
}

}  // namespace sysb::batch
