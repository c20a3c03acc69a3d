// SPDX-License-Identifier: Apache-2.0
// What claims and members together mean; for this folder only. The rules and their reasons stand in
// formats/swvpd/README.md.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/hash_set.hpp"
#include "base/paged_memory.hpp"
#include "base/partitioned_table.hpp"
#include "inventory/verifier.hpp"

namespace sysb::inventory {

class judge {
 public:
  judge(verifier& v, diagnostic_sink& d) : v_{v}, table_{v.collector_.table}, out_{v.report_}, d_{d} {}
  void run();

 private:
  enum class match : std::uint8_t { yes, other_length, other_sum, nothing };
  // A file that differs from the newest claim of a fileset, until it is known what that means.
  struct difference {
    std::uint64_t offset : 48 = 0;
    std::uint64_t same_length : 1 = 0;
    std::uint64_t unexplained : 1 = 0;  // may be damage: an update is ruled out
    std::uint64_t damage : 1 = 0;
    std::uint32_t claim = 0;
  };
  static_assert(sizeof(difference) == 16);

  void gather();
  void gather_asked();
  [[nodiscard]] bool has_row(std::uint64_t key) const;
  void judge_database_sums();
  void judge_path(std::size_t first, std::size_t last);
  outcome judge_fileset(std::size_t first, std::size_t last, seen_member const* seen, bool other_fileset_has_it);
  void row_is_damaged(claim const& c, seen_member const* seen);
  outcome absent(claim const& c);
  outcome not_equal(std::size_t at, seen_member const& seen, match m, bool other_fileset_has_it);
  [[nodiscard]] bool explained_by_update(claim const& c) const;
  [[nodiscard]] match compare(claim const& c, seen_member const& seen) const noexcept;
  [[nodiscard]] bool may_compare(claim const& c) const noexcept;
  [[nodiscard]] bool row_is_at_fault(claim const& c, seen_member const& seen) const noexcept;
  void judge_attributes(claim const& c, seen_member const& seen);
  [[nodiscard]] seen_member const* find(std::uint64_t key) const;
  // The names that a name whose way leads over symbolic links stands for, until `found(name)`.
  template <typename Found>
  void follow_links(claim const& c, Found const& found) const;
  [[nodiscard]] seen_member const* find_through_links(claim const& c) const;
  void judge_regions();
  void report_differences();
  void count(claim& c, outcome o);
  // `more`: after what fileset the claim is of, and where it was read.
  void say(diag_code const& code, claim const& c, std::uint64_t offset, std::string more = {},
           std::optional<severity> level = {});
  [[nodiscard]] std::string about(claim const& c) const;
  void summarise();

  verifier& v_;
  claim_table& table_;
  report& out_;
  diagnostic_sink& d_;
  bool package_ = false;
  hash_set asked_;                                                 // beside the names of rows: what they stand for
  partitioned_table<seen_member> seen_;                            // those of them that the image has
  std::unordered_map<std::uint64_t, std::uint64_t> link_content_;  // link group -> key of the name with content
  paged_list<difference> differences_;
  paged_list<std::uint64_t> equal_at_;  // records of files whose content was proven
  // A name may be long: it is put together when it is told.
  struct listed {
    std::uint64_t offset = 0;
    diag_code const* code = nullptr;
    std::uint32_t claim = 0;
    std::optional<severity> level;
    std::string more;
  };
  std::vector<listed> findings_;
  std::uint64_t not_listed_ = 0;
  std::vector<fileset_state> states_;  // by fileset
};

}  // namespace sysb::inventory
