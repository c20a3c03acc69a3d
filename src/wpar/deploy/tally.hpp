// SPDX-License-Identifier: Apache-2.0
// What became of the members, told one by one while they are written: counts for the report, and the lines of
// two lists that are too long to be kept.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "core/entry.hpp"
#include "core/member_plan.hpp"

namespace sysb::wpar::deploy {

class tally {
 public:
  void add(entry const& e, decision const& what);

  // Lines that `find` prints of what was written, the root included; without what is called lost+found or
  // lies below it, and with one more for every newline in a name.
  [[nodiscard]] std::uint64_t found_lines() const noexcept { return lines_ + 1; }

  struct left_out {
    std::string subtree;  // at most two components
    std::string rule;
    std::uint64_t members = 0;
    std::uint64_t bytes = 0;
  };
  [[nodiscard]] std::vector<left_out> left_out_by_subtree() const;
  [[nodiscard]] std::uint64_t dropped() const noexcept { return dropped_; }
  [[nodiscard]] std::uint64_t with_acl() const noexcept { return acls_; }
  [[nodiscard]] std::uint64_t opaque() const noexcept { return opaque_; }
  [[nodiscard]] std::uint64_t set_id() const noexcept { return set_id_; }

  // What does not stay as it is, by action, reason and place: all of it below one directory, or one member. The files
  // of a shared WPAR's /usr are one group.
  struct group {
    plan_action action = plan_action::drop;
    std::string rule, reason;
    std::string below;  // normal path; of a single member its own
    std::uint64_t members = 0;
    std::uint64_t bytes = 0;
  };
  [[nodiscard]] std::vector<group> groups() const;  // by action, then by place

  struct change {
    std::string path, rule, reason;
  };
  [[nodiscard]] std::vector<change> const& replaced() const noexcept { return replaced_; }
  [[nodiscard]] std::vector<change> const& added() const noexcept { return added_; }

 private:
  void add_to_group(std::string_view path, std::uint64_t bytes, decision const& what);
  using group_key = std::tuple<plan_action, std::string, std::string, std::string>;
  std::map<group_key, group> groups_;
  static constexpr std::size_t max_subtrees = 4096;
  static constexpr std::size_t max_replaced = 1000;
  std::map<std::pair<std::string, std::string>, left_out> subtrees_;
  std::vector<change> replaced_, added_;
  std::uint64_t lines_ = 0, dropped_ = 0, acls_ = 0, opaque_ = 0, set_id_ = 0;
};

// Every byte that is not plain as \0ooo.
void append_escaped(std::string& out, std::string_view bytes);

// One line of dropped.txt: rule, name (escaped, so that one name is one line), reason. Nothing for what is kept.
void append_dropped_line(std::string& out, entry const& e, decision const& what);

// One line of metadata.list: "KIND UID GID MODE NAME ACL", blanks between them; NAME and ACL with every byte that is
// not plain as \0ooo, which printf %b gives back; ACL is what aclput reads, or "-". Nothing for what was
// dropped, and for a name that no script may touch.
void append_metadata_line(std::string& out, entry const& e, decision const& what);
inline constexpr std::string_view metadata_head =
    "# kind uid gid mode name acl; written by sysb, read by restore-metadata.sh\n";
inline constexpr std::string_view metadata_end = "# end\n";

}  // namespace sysb::wpar::deploy
