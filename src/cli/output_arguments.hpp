// SPDX-License-Identifier: Apache-2.0
// The OUT of a command line and the options that go with it.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cli/option_table.hpp"
#include "cli/session.hpp"
#include "jobs/jobs.hpp"
#include "jobs/output.hpp"

namespace sysb::cli {

class output_arguments {
 public:
  void define(option_table& options);
  // Throws fatal_error{usage}: no OUT, an unknown suffix, words that do not go together.
  void judge();
  // For `extract`: always a tree.
  void judge_tree(std::string directory);
  void define_sparse(option_table& options);
  void define_overwrite(option_table& options, std::string text);
  void define_on_loss(option_table& options);

  // What was asked for; `out` is standard output.
  [[nodiscard]] jobs::output_request request(int out) const;
  [[nodiscard]] output_kind const& kind() const noexcept { return *to_.kind; }
  [[nodiscard]] std::string const& given() const noexcept { return out_; }

 private:
  void judge_compression(std::string_view suffix_format, output::compression suffix);
  std::string out_, format_, compress_, on_loss_ = "report";
  std::optional<std::uint64_t> level_;
  bool overwrite_ = false;
  bool sparse_ = false;
  jobs::output_request to_;
};

// The beginning of the sentence that ends a write: the output, its size and the time it took.
[[nodiscard]] std::string written_text(session const& s, jobs::output_request const& to, jobs::outcome const& done);
// The same with the number of members, where there is an output.
void say_copied(session& s, jobs::output_request const& to, jobs::outcome const& done);

}  // namespace sysb::cli
