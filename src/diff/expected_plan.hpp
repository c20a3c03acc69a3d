// SPDX-License-Identifier: Apache-2.0
// What a conversion was to change, as its report says: a comparison of the image with what was made of it proves that
// nothing else changed, by another way than the writer's own.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "diff/change.hpp"
#include "diff/sorted_spool.hpp"

namespace sysb::diff {

class expected_plan {
 public:
  // OUT.d/report.json, and dropped.txt beside it, which names every member that was left out; without it the report's
  // counts by subtree do. Throws fatal_error: io where it cannot be read, usage where it is no report.
  expected_plan(std::string const& report, std::string const& tmpdir);
  ~expected_plan();

  // Every change, by path.
  [[nodiscard]] bool expects(change const& c);
  // After the last one. What the plan leaves out and the other side still has.
  struct undone {
    std::uint64_t members = 0;
    std::string first;  // a path, or a subtree
  };
  [[nodiscard]] undone finish();

 private:
  void read_report(std::string const& path);
  [[nodiscard]] bool read_dropped(std::string const& path);
  [[nodiscard]] bool expects_removed(std::string const& path);
  void pass_to(std::string const& path);

  std::set<std::string, std::less<>> replaced_, added_;
  std::optional<std::uint64_t> added_count_;                   // of a report that does not name them
  std::map<std::string, std::int64_t, std::less<>> subtrees_;  // members that are still to be missed
  sorted_spool dropped_;
  std::unique_ptr<sorted_spool::cursor> at_;  // null: by subtree
  bool more_ = false;
  bool met_ = false;  // the one at_ stands on was met
  undone undone_;
};

}  // namespace sysb::diff
