// SPDX-License-Identifier: Apache-2.0
// A comparison as people read it, and as JSON: first what changed as a system, then paths by file system and fileset.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "cli/json_lines.hpp"
#include "cli/streams.hpp"
#include "diff/compare.hpp"
#include "diff/load.hpp"
#include "diff/system_changes.hpp"

namespace sysb::cli {

[[nodiscard]] std::string side_line(char letter, diff::loaded_side const& s);
void print_side_object(json_lines& json, std::string_view which, diff::loaded_side const& s);

[[nodiscard]] std::string system_text(std::vector<diff::system_change> const& changes);
[[nodiscard]] std::string filesets_text(std::vector<diff::fileset_change> const& changes);
void print_system_objects(json_lines& json, std::vector<diff::system_change> const& changes);
void print_fileset_objects(json_lines& json, std::vector<diff::fileset_change> const& changes);

// "M ./etc/motd  size 12 -> 15, mtime ..."
[[nodiscard]] std::string change_line(diff::change const& c);
void print_change_object(json_lines& json, diff::change const& c, std::string_view fileset, bool expected_known,
                         bool expected);
[[nodiscard]] std::string totals_text(diff::tally const& t);

// Lines under headings, however many there are: by file system and fileset, then by path or by size.
class grouped_changes {
 public:
  grouped_changes(std::string const& tmpdir, bool by_size, bool counts_only);
  void add(diff::change const& c, std::string_view file_system, std::string_view fileset, std::string_view remark);
  void print(text_writer& out);

 private:
  struct counts {
    std::uint64_t by_mark[7] = {};
    std::uint64_t more = 0, less = 0;
  };
  [[nodiscard]] std::string heading(std::string_view key) const;

  diff::sorted_spool lines_;
  bool by_size_, counts_only_;
  bool filesets_ = false;
};

// The mount point that a path lies in; "" is the root.
[[nodiscard]] std::string_view file_system_of(diff::system_facts const& facts, std::string_view normal);

}  // namespace sysb::cli
