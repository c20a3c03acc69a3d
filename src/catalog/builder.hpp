// SPDX-License-Identifier: Apache-2.0
// Writes an index while an image is walked: members in image order, tables and footer at the end.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/paged_memory.hpp"
#include "base/partitioned_table.hpp"
#include "catalog/identity.hpp"
#include "catalog/record.hpp"
#include "catalog/table.hpp"
#include "core/byte_source.hpp"
#include "core/diagnostic.hpp"

namespace sysb::index {

class builder {
 public:
  // Members that are damaged, or whose content nothing proves, are for a catalog of this run alone.
  enum class takes : std::uint8_t { sound, damaged_too };
  // The same members of the same image give the same bytes.
  builder(byte_output out, identity const& image, takes what = takes::sound);

  // A finding of the walk, told again by who reads the index, before the member added next.
  void note(diagnostic const& d);
  // `head` as head_bytes() says. Throws fatal_error{unsupported} for what no index can hold.
  void add(entry const& e, std::span<std::byte const> head, digest128 const* digest);
  void add(entry const& e, member_facts const& facts);
  // Everything after the members. `digests`: add() was given those of all contents.
  void finish(std::uint64_t end_offset, bool digests);

  [[nodiscard]] std::uint64_t members() const noexcept { return members_; }
  [[nodiscard]] std::uint64_t bytes() const noexcept { return written_; }

 private:
  void put(std::span<std::byte const> bytes);
  void close_block();
  void add_child(std::string_view parent, bool directory);
  [[nodiscard]] std::vector<pair> names_again() const;
  [[nodiscard]] std::vector<pair> orphans() const;

  byte_output out_;
  identity image_;
  takes what_;
  std::uint64_t seed_;
  std::uint64_t written_ = 0, members_ = 0;

  record_codec codec_;
  std::vector<std::byte> block_;
  std::uint32_t in_block_ = 0;
  std::uint64_t block_offset_ = 0;  // record offset of its first member

  std::vector<pair> blocks_;
  paged_list<pair> names_, linked_;
  paged_list<pair> runs_;  // a pair a run, not a member: siblings mostly follow each other
  std::string parent_;
  std::uint64_t parent_key_;
  struct link_group {
    std::uint64_t inode = 0;  // its hash in this process, which is not written; 0: free
    std::uint64_t key = 0;    // its hash in the name table
    std::uint64_t data = 0;   // place of the first member that has data
    bool has_data = false;
    bool several = false;
    [[nodiscard]] std::uint64_t hash() const noexcept { return inode; }
    [[nodiscard]] bool occupied() const noexcept { return inode != 0; }
  };
  std::uint64_t own_seed_;
  partitioned_table<link_group> links_;
  std::vector<std::byte> findings_;
  std::uint64_t finding_count_ = 0;
};

}  // namespace sysb::index
