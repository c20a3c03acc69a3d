// SPDX-License-Identifier: Apache-2.0
#include "cli/option_table.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "cli/words.hpp"
#include "core/fatal_error.hpp"

namespace sysb::cli {

namespace {

// CLI11 takes "[ab,c]" for a list of two words; here it is a pattern. Such words carry a guard
// while it looks at them.
constexpr char bracket_guard = '\x01';

void hide_brackets(std::string& word) {
  if (!word.empty() && (word.front() == '[' || word.front() == bracket_guard)) { word.insert(0, 1, bracket_guard); }
}

void show_brackets(std::string& word) {
  if (!word.empty() && word.front() == bracket_guard) { word.erase(0, 1); }
}

void show_brackets(std::vector<std::string>& words) {
  for (auto& word : words) { show_brackets(word); }
}

}  // namespace

void option_table::flag(std::string names, bool& target, std::string text) {
  row r{row_kind::flag, std::move(names), {}, std::move(text), {}};
  r.flag_target = &target;
  rows_.push_back(std::move(r));
}

void option_table::text(std::string names, std::string& target, std::string meta, std::string text) {
  row r{row_kind::text, std::move(names), std::move(meta), std::move(text), {}};
  r.text_target = &target;
  rows_.push_back(std::move(r));
}

void option_table::optional_text(std::string names, std::optional<std::string>& target, std::string meta,
                                 std::string text) {
  row r{row_kind::optional_text, std::move(names), std::move(meta), std::move(text), {}};
  r.optional_target = &target;
  rows_.push_back(std::move(r));
}

void option_table::choice(std::string names, std::string& target, std::string meta, std::vector<std::string> words,
                          std::string text) {
  row r{row_kind::choice, std::move(names), std::move(meta), std::move(text), std::move(words)};
  r.text_target = &target;
  rows_.push_back(std::move(r));
}

void option_table::number(std::string names, std::optional<std::uint64_t>& target, std::string meta,
                          std::uint64_t least, std::uint64_t most, std::string text) {
  row r{row_kind::number, std::move(names), std::move(meta), std::move(text), {}, least, most};
  r.number_target = &target;
  rows_.push_back(std::move(r));
}

void option_table::list(std::string names, std::vector<std::string>& target, std::string meta, std::string text) {
  row r{row_kind::list, std::move(names), std::move(meta), std::move(text), {}};
  r.list_target = &target;
  rows_.push_back(std::move(r));
}

void option_table::run_of_values(std::string names, std::vector<std::string>& target, std::string meta,
                                 std::string text) {
  row r{row_kind::run_of_values, std::move(names), std::move(meta), std::move(text), {}};
  r.list_target = &target;
  rows_.push_back(std::move(r));
}

bool option_table::parse(std::vector<std::string> const& args) const {
  CLI::App app;
  app.set_help_flag("-h,--help");
  for (auto const& r : rows_) {
    switch (r.kind) {
      case row_kind::flag: app.add_flag(r.names, *r.flag_target); break;
      case row_kind::text: app.add_option(r.names, *r.text_target); break;
      case row_kind::optional_text: app.add_option(r.names, *r.optional_target); break;
      case row_kind::choice: app.add_option(r.names, *r.text_target)->check(CLI::IsMember(r.words)); break;
      case row_kind::number: app.add_option(r.names, *r.number_target)->check(CLI::Range(r.least, r.most)); break;
      // CLI11 gives a list every word that follows; one value an occurrence keeps IMAGE apart.
      case row_kind::list: app.add_option(r.names, *r.list_target)->allow_extra_args(false); break;
      case row_kind::run_of_values: app.add_option(r.names, *r.list_target)->expected(1, -1); break;
    }
  }
  if (positionals_ != nullptr) { app.add_option("words", *positionals_)->expected(0, -1); }
  std::vector<std::string> reversed(args.rbegin(), args.rend());  // as CLI11 wants them
  for (auto& word : reversed) { hide_brackets(word); }
  try {
    app.parse(std::move(reversed));
  } catch (CLI::CallForHelp const&) { return true; } catch (CLI::ParseError const& e) {
    std::string text = e.what();
    text.erase(std::remove(text.begin(), text.end(), bracket_guard), text.end());
    auto unknown = unknown_option(args);
    throw fatal_error{fatal_error::kind::usage, unknown.empty() ? printable(text) : std::move(unknown)};
  }
  for (auto const& r : rows_) {
    if (r.text_target != nullptr) { show_brackets(*r.text_target); }
    if (r.optional_target != nullptr && *r.optional_target) { show_brackets(**r.optional_target); }
    if (r.list_target != nullptr) { show_brackets(*r.list_target); }
  }
  if (positionals_ != nullptr) { show_brackets(*positionals_); }
  return false;
}

// Why a parse failed, where it was an option that there is not; empty: it was something else.
std::string option_table::unknown_option(std::vector<std::string> const& args) const {
  std::vector<std::string> names{"-h", "--help"};
  for (auto const& r : rows_) {
    for (std::size_t at = 0; at < r.names.size();) {
      auto const comma = std::min(r.names.find(',', at), r.names.size());
      names.push_back(r.names.substr(at, comma - at));
      at = comma + 1;
    }
  }
  for (auto const& word : args) {
    if (word == "--") { break; }
    if (word.size() < 2 || word.front() != '-') { continue; }
    auto const two = word.compare(0, 2, "--") == 0;
    auto const name = two ? word.substr(0, word.find('=')) : word.substr(0, 2);
    if (std::find(names.begin(), names.end(), name) != names.end()) { continue; }
    std::vector<std::string_view> const known{names.begin(), names.end()};
    auto const near = two ? nearest(name, known) : std::string_view{};
    return concat("no such option: ", printable(name),
                  near.empty() ? std::string{} : concat("; did you mean ", near, '?'));
  }
  return {};
}

std::string option_table::description::name() const {
  auto const last = std::string_view{names}.substr(names.rfind(',') == std::string::npos ? 0 : names.rfind(',') + 1);
  return std::string{last.substr(last.find_first_not_of('-'))};
}

std::vector<option_table::description> option_table::descriptions() const {
  std::vector<description> out;
  for (auto const& r : rows_) {
    auto const how = r.kind == row_kind::flag                                        ? takes::flag
                     : r.kind == row_kind::list || r.kind == row_kind::run_of_values ? takes::list
                                                                                     : takes::value;
    out.push_back({r.names, r.meta, r.text, how});
  }
  return out;
}

std::string wrapped(std::string_view text, std::size_t indent, std::size_t columns) {
  std::string out;
  auto used = indent;
  while (!text.empty()) {
    auto const space = text.find(' ');
    auto const word = text.substr(0, space);
    text = space == std::string_view::npos ? std::string_view{} : text.substr(space + 1);
    if (word.empty()) { continue; }
    if (used > indent && used + 1 + word.size() > columns) {
      out += concat('\n', std::string(indent, ' '));
      used = indent;
    }
    if (used > indent) {
      out.push_back(' ');
      ++used;
    }
    out += word;
    used += word.size();
  }
  return out;
}

std::string option_table::help() const {
  constexpr std::size_t text_column = 26;
  std::string out;
  auto const print = [&](std::string const& names, std::string const& meta, std::string const& text) {
    std::string head = "  ";
    if (names.compare(0, 2, "--") == 0) { head += "    "; }
    auto const comma = names.find(',');
    head += comma == std::string::npos ? names : concat(names.substr(0, comma), ", ", names.substr(comma + 1));
    if (!meta.empty()) { head += concat(' ', meta); }
    out += head;
    if (head.size() + 2 > text_column) {
      out += concat('\n', std::string(text_column, ' '));
    } else {
      out += std::string(text_column - head.size(), ' ');
    }
    out += concat(wrapped(text, text_column), '\n');
  };
  for (auto const& r : rows_) { print(r.names, r.meta, r.text); }
  print("-h,--help", "", "this text");
  return out;
}

}  // namespace sysb::cli
