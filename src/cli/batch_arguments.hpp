// SPDX-License-Identifier: Apache-2.0
// What the commands of a batch share: -d BATCH, and the options of `wpar` that a plan keeps for later.
#pragma once
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "batch/planner.hpp"
#include "cli/option_table.hpp"

namespace sysb::cli {

class batch_argument {
 public:
  void define(option_table& options);
  void judge() const;  // throws fatal_error{usage}: no -d
  [[nodiscard]] batch::batch_folder folder() const { return batch::batch_folder{path_}; }
  [[nodiscard]] std::string const& given() const noexcept { return path_; }

 private:
  std::string path_;
};

// --rerun-on
class rerun_argument {
 public:
  void define(option_table& options);
  void judge();
  [[nodiscard]] batch::rerun_on value() const noexcept { return value_; }

 private:
  std::string words_;
  batch::rerun_on value_;
};

// The options of `sysb wpar` that a row of a batch may have.
[[nodiscard]] std::vector<batch::known_option> row_options();

// Those options on a command line of their own, for every row.
class common_row_options {
 public:
  void define(option_table& options);
  [[nodiscard]] batch::option_values values() const;

 private:
  struct kept {
    batch::known_option what;
    bool flag = false;
    std::optional<std::string> value;
    std::vector<std::string> list;
  };
  std::deque<kept> kept_;  // options are bound to its elements
};

// As words of a command line, each value joined to its option.
[[nodiscard]] std::vector<std::string> option_words(batch::option_values const& options);
// `threads` 0: its own choice. The command that does a row, without the program's name: `wpar IMAGE -o OUT ... --json`, or `check --for wpar`.
[[nodiscard]] std::vector<std::string> row_command(batch::plan_row const& row, std::string const& out,
                                                   unsigned threads);
// Throws fatal_error{usage} as that command would.
void judge_row(batch::plan_row const& row);
// One look at its headers, or at the index beside it, by the rules of `wpar`.
[[nodiscard]] batch::look_result look_at_row(batch::plan_row const& row, progress& counters);
[[nodiscard]] std::int64_t index_time_of(batch::plan_row const& row);
[[nodiscard]] batch::file_content file_content_of(std::string const& path);

}  // namespace sysb::cli
