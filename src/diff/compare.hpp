// SPDX-License-Identifier: Apache-2.0
// Two sides, member by member: what was added, removed, changed, renamed, and what cannot be told.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "diff/change.hpp"
#include "diff/digests.hpp"
#include "diff/load.hpp"
#include "pipeline/select.hpp"

namespace sysb::diff {

struct compare_options {
  bool exact = false;  // inode numbers, access times, times of directories count, too
  bool ignore_times = false, ignore_inode = false, ignore_devices = false, ignore_logs = false;
  bool config_only = false;
  pipeline::selection const* select = nullptr;  // null: everything
};

// Configuration: what administrators edit.
[[nodiscard]] bool is_config(std::string_view normal) noexcept;
// What grows by itself.
[[nodiscard]] bool is_log(std::string_view normal) noexcept;

struct tally {
  std::uint64_t same = 0, added = 0, removed = 0, changed = 0, metadata_only = 0, suspect = 0, unknown = 0;
  std::uint64_t renamed = 0;  // of the added ones
  std::uint64_t bytes_added = 0, bytes_removed = 0;
  [[nodiscard]] std::uint64_t differences() const noexcept {
    return added + removed + changed + metadata_only + suspect + unknown;
  }
  void count(change const& c) noexcept;
};

class comparison {
 public:
  comparison(loaded_side& before, loaded_side& after, compare_options const& o, side_context const& c);
  ~comparison();

  // Merges, reads the contents that are needed and not known, and finds what was renamed.
  void run();
  // Every difference, by the bytes of its path. The first pass counts.
  using visitor = std::function<void(change const&)>;
  void each(visitor const& visit);
  [[nodiscard]] tally const& counted() const noexcept { return totals_; }
  // Properties that one side alone tells, of those that would have counted.
  [[nodiscard]] std::uint32_t not_compared() const noexcept { return lost_; }

 private:
  struct names_of_one_file;
  struct only_here;
  void merge();
  void pair(member const& a, member const& b);
  void alone(member const& m, bool after);
  void compare_properties(member const& a, member const& b, change& c);
  void compare_links(member const& a, member const& b, change& c);
  void keep(change const& c, std::uint64_t ask_a, std::uint64_t ask_b, member const* a, member const* b);
  [[nodiscard]] bool counts(member const& m) const;
  [[nodiscard]] bool resolve(std::string_view path, std::string_view stored, change& c);
  void ask_for_renamed();
  void match_renamed();

  loaded_side& before_;
  loaded_side& after_;
  compare_options options_;
  side_context context_;
  sorted_spool changes_;  // differences, and what may turn out to be one
  wanted_digests digests_before_, digests_after_;
  std::unique_ptr<names_of_one_file> links_;
  std::unique_ptr<only_here> only_;
  std::uint64_t same_ = 0;
  std::uint32_t lost_ = 0;
  tally totals_;
};

}  // namespace sysb::diff
