// SPDX-License-Identifier: Apache-2.0
// The options of one command: bound to variables, parsed by CLI11, printed by --help. One
// table serves all three, so that help and parser cannot disagree.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sysb::cli {

class option_table {
 public:
  // `names` as CLI11 takes them: "-n", "--name", "-n,--name". `meta` stands for the value.
  void flag(std::string names, bool& target, std::string text);
  void text(std::string names, std::string& target, std::string meta, std::string text);
  void optional_text(std::string names, std::optional<std::string>& target, std::string meta, std::string text);
  void choice(std::string names, std::string& target, std::string meta, std::vector<std::string> words,
              std::string text);
  void number(std::string names, std::optional<std::uint64_t>& target, std::string meta, std::uint64_t least,
              std::uint64_t most, std::string text);
  // One value an occurrence.
  void list(std::string names, std::vector<std::string>& target, std::string meta, std::string text);
  // All values up to the next option or "--".
  void run_of_values(std::string names, std::vector<std::string>& target, std::string meta, std::string text);
  void positionals(std::vector<std::string>& target) { positionals_ = &target; }

  // True when --help was asked for. Throws fatal_error{usage}.
  [[nodiscard]] bool parse(std::vector<std::string> const& args) const;

  // What an option is, for those that offer the options of another command as their own.
  enum class takes : std::uint8_t { flag, value, list };
  struct description {
    std::string names, meta, text;
    option_table::takes takes = takes::flag;
    // Its longest name without dashes: "host-level", "T".
    [[nodiscard]] std::string name() const;
  };
  [[nodiscard]] std::vector<description> descriptions() const;

  // The options as --help shows them, at most 80 columns wide.
  [[nodiscard]] std::string help() const;

 private:
  [[nodiscard]] std::string unknown_option(std::vector<std::string> const& args) const;
  enum class row_kind : std::uint8_t { flag, text, optional_text, choice, number, list, run_of_values };
  struct row {
    row_kind kind;
    std::string names, meta, text;
    std::vector<std::string> words;
    std::uint64_t least = 0, most = 0;
    bool* flag_target = nullptr;
    std::string* text_target = nullptr;
    std::optional<std::string>* optional_target = nullptr;
    std::vector<std::string>* list_target = nullptr;
    std::optional<std::uint64_t>* number_target = nullptr;
  };
  std::vector<row> rows_;
  std::vector<std::string>* positionals_ = nullptr;
};

// Words of `text` in lines of at most `columns`, the first after `indent` columns that are
// already used, the others indented by them.
[[nodiscard]] std::string wrapped(std::string_view text, std::size_t indent, std::size_t columns = 80);

}  // namespace sysb::cli
