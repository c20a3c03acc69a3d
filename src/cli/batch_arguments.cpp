// SPDX-License-Identifier: Apache-2.0
#include "cli/batch_arguments.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "base/text.hpp"
#include "batch/files.hpp"
#include "cli/command.hpp"
#include "core/fatal_error.hpp"

namespace sysb::cli {

namespace {

// What is the batch's own to decide, or makes no sense for a job that nobody looks at.
constexpr std::array<std::string_view, 10> not_of_rows{"output",  "report",  "dry-run", "quick",    "all",
                                                       "volumes", "threads", "index",   "no-index", "verify-only"};

batch::known_option known_of(option_table::description const& d) {
  using form = batch::known_option::form;
  auto const takes = d.takes == option_table::takes::flag   ? form::flag
                     : d.takes == option_table::takes::list ? form::list
                                                            : form::value;
  return {d.name(), takes, d.meta == "FILE" || d.meta == "DIR" || d.meta == "SPEC"};
}

std::vector<option_table::description> wpar_options() {
  auto const wpar = wpar_entry.make();
  option_table table;
  wpar->define(table);
  auto all = table.descriptions();
  all.erase(std::remove_if(all.begin(), all.end(),
                           [](auto const& d) {
                             return std::find(not_of_rows.begin(), not_of_rows.end(), d.name()) != not_of_rows.end();
                           }),
            all.end());
  return all;
}

}  // namespace

std::vector<std::string> option_words(batch::option_values const& options) {
  std::vector<std::string> words;
  for (auto const& [name, values] : options) {
    auto const option = concat(name.size() == 1 ? "-" : "--", name);
    if (values.empty()) { words.push_back(option); }
    for (auto const& v : values) {
      // Joined, so that a value that begins with a dash stays a value.
      if (name.size() == 1) {
        words.push_back(option);
        words.push_back(v);
      } else {
        words.push_back(concat(option, '=', v));
      }
    }
  }
  return words;
}

void batch_argument::define(option_table& options) {
  options.text("-d,--batch", path_, "BATCH", "the folder of the batch: its plan, and a folder for every job");
}

void batch_argument::judge() const {
  if (path_.empty()) { usage("no batch given: -d BATCH"); }
}

void rerun_argument::define(option_table& options) {
  options.text(
      "--rerun-on", words_, "WHAT",
      "which changes make a finished job pending again, with commas between them: input, options, version; default "
      "input,options");
}

void rerun_argument::judge() {
  if (words_.empty()) { return; }
  auto const when = batch::parse_rerun_on(words_);
  if (!when) { usage(concat("--rerun-on ", quoted(words_), ": known are input, options and version")); }
  value_ = *when;
}

std::vector<batch::known_option> row_options() {
  std::vector<batch::known_option> out;
  for (auto const& d : wpar_options()) { out.push_back(known_of(d)); }
  return out;
}

void common_row_options::define(option_table& options) {
  for (auto const& d : wpar_options()) {
    auto& k = kept_.emplace_back();
    k.what = known_of(d);
    switch (k.what.takes) {
      case batch::known_option::form::flag: options.flag(d.names, k.flag, d.text); break;
      case batch::known_option::form::value: options.optional_text(d.names, k.value, d.meta, d.text); break;
      case batch::known_option::form::list: options.list(d.names, k.list, d.meta, d.text); break;
    }
  }
}

batch::option_values common_row_options::values() const {
  batch::option_values out;
  for (auto const& k : kept_) {
    if (k.flag) { out[k.what.name] = {}; }
    std::vector<std::string> values = k.list;
    if (k.value) { values.push_back(*k.value); }
    if (values.empty()) { continue; }
    if (k.what.path) {
      for (auto& v : values) { v = batch::absolute_path(v); }
    }
    out[k.what.name] = std::move(values);
  }
  return out;
}

std::vector<std::string> row_command(batch::plan_row const& row, std::string const& out, unsigned threads) {
  std::vector<std::string> words;
  if (row.out.empty()) {
    words = {"check", "--for", "wpar"};
  } else {
    words = {"wpar", concat("--output=", out)};
  }
  for (auto& word : option_words(row.options)) { words.push_back(std::move(word)); }
  words.emplace_back("--json");
  if (threads != 0) { words.push_back(concat("--threads=", threads)); }
  if (row.volumes.size() > 1) {
    words.emplace_back("--volumes");
    words.insert(words.end(), row.volumes.begin(), row.volumes.end());
  } else {
    words.emplace_back("--");
    words.push_back(row.image_path());
  }
  return words;
}

void judge_row(batch::plan_row const& row) {
  auto const& entry = row.out.empty() ? check_entry : wpar_entry;
  auto const command = entry.make();
  option_table table;
  bool json = false;
  command->define(table);
  table.flag("--json", json, "");
  auto words = row_command(row, row.out, 0);
  words.erase(words.begin());
  static_cast<void>(table.parse(words));
  command->judge();
}

}  // namespace sysb::cli
