// SPDX-License-Identifier: Apache-2.0
// Samples with bytes beside their security record and content that no plan explains yet, and what packed members and
// members without content say of where a block of theirs stands.
#pragma once
#include <array>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "formats/backup_by_name/grammar.hpp"
#include "formats/backup_by_name/sampling.hpp"

namespace sysb::backup_by_name {

// A sample with slack, and the bytes where a block of its own would begin.
struct observed {
  using head = std::array<std::byte, length_field::head_bytes>;

  sample const* s = nullptr;
  std::uint64_t slack = 0;
  head at_front{}, at_back{};

  [[nodiscard]] bool has_content() const noexcept { return s->stored != 0; }
  [[nodiscard]] std::uint64_t front() const noexcept { return s->body + s->security; }
  [[nodiscard]] std::uint64_t back() const noexcept { return front() + align8(s->stored); }
};

class open_records {
 public:
  using group = std::vector<observed const*>;
  using shift = std::function<std::uint64_t(observed const&)>;  // bytes after the front

  open_records(lookahead& ahead, std::vector<sample> const& samples, grammar& rules, std::vector<std::string>& proofs);

  [[nodiscard]] std::vector<observed> const& list() const noexcept { return open_; }
  [[nodiscard]] grammar const& rules() const noexcept { return rules_; }
  [[nodiscard]] observed::head bytes_at(std::uint64_t at);
  [[nodiscard]] std::vector<std::byte> bytes(std::uint64_t at, std::size_t n);

  // Whom the plan explains is not looked at again.
  void take(block_plan const& plan, group const& g, std::string proof);

  [[nodiscard]] static std::size_t contents(group const& g);
  [[nodiscard]] static std::size_t lengths(group const& g, bool with_content);

  // Do all packed contents of the group, as far as they are tried, of each length, begin there?
  enum class answer : std::uint8_t { none, yes, no };
  [[nodiscard]] answer packed_say(group const& g, shift const& where);
  // Plain members inherit what packed ones show, if these are not a few that may have a block of their own.
  [[nodiscard]] static bool speaks_for_all(group const& g);
  // Does what the packed members show of the block hold for the plain ones?
  [[nodiscard]] bool agrees_with_mark(group const& g, bool front, std::uint64_t k, shift const& where);
  // Blocks of members without content begin alike, and the contents have that on one side. True: before; false: after.
  [[nodiscard]] std::optional<bool> mark_of_bare(group const& g, std::uint64_t k, shift const& where);

 protected:
  lookahead& ahead_;
  grammar& rules_;
  std::vector<std::string>& proofs_;

 private:
  std::vector<observed> open_;
};

}  // namespace sysb::backup_by_name
