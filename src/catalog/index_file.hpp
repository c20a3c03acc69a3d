// SPDX-License-Identifier: Apache-2.0
// An index, read: what it says of itself, its members in order or from any place, and the look-up
// of names. A source that is damaged, or made to harm, gives `unusable` and never a wrong size.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "catalog/findings.hpp"
#include "catalog/identity.hpp"
#include "catalog/record.hpp"
#include "catalog/table.hpp"
#include "core/byte_source.hpp"
#include "core/entry.hpp"

namespace sysb::index {

// Bytes of a content or record that a reader by catalog gives out at once, at most.
inline constexpr std::uint64_t largest_piece = 256u << 10;

class index_file {
 public:
  // Throws unusable, unknown_code; fatal_error{io} where it cannot be read. The source must be
  // able to seek.
  index_file(std::unique_ptr<byte_source> file, code_finder const& codes);

  [[nodiscard]] identity const& image() const noexcept { return image_; }
  [[nodiscard]] std::uint64_t members() const noexcept { return members_; }
  [[nodiscard]] std::uint64_t end_offset() const noexcept { return end_offset_; }
  [[nodiscard]] bool has_digests() const noexcept { return digests_; }
  [[nodiscard]] std::vector<kept_finding> const& findings() const noexcept { return findings_; }

  struct member {
    std::uint64_t ordinal = 0;
    member_facts facts;
  };
  // The members in order, from the first or from where a seek went. False after the last.
  // These throw unusable where the index is damaged.
  [[nodiscard]] bool next(entry& e, member& m);
  void rewind() { go_to(0, 0); }
  // The first member whose record starts at `offset` or after it comes next.
  void seek_offset(std::uint64_t offset);
  // The member of this number comes next.
  void seek_ordinal(std::uint64_t ordinal);
  // The members that stand in one block with this one, which there must be: each is coded against the one before.
  struct range {
    std::uint64_t first = 0, count = 0;
  };
  [[nodiscard]] range block_of(std::uint64_t ordinal);

  // All members of this normal name, and the member that has the data of their link group, where
  // there is one. In image order.
  struct found {
    entry about;
    member what;
  };
  [[nodiscard]] std::vector<found> find(std::string_view normal);

  // The tables.
  [[nodiscard]] std::uint64_t key_of(std::string_view normal) const noexcept;
  struct named {
    std::uint64_t key = 0;
    std::uint64_t ordinal = 0;
  };
  // Ordinals of the members under this key; the names of others may have met there.
  [[nodiscard]] std::vector<std::uint64_t> under(std::uint64_t key);
  // Whether there are any.
  [[nodiscard]] bool has_name(std::uint64_t key);

  // The directories: members that stand in the one of this key and follow each other, in image order. Those
  // of another directory may have met there.
  struct run {
    std::uint64_t first = 0, count = 0;
    bool directories = false;
  };
  // The runs under `key` are [from, to) of all; `from` is the first that ends after `ordinal`.
  struct run_range {
    std::uint64_t from = 0, to = 0;
  };
  [[nodiscard]] run_range runs_of(std::uint64_t key, std::uint64_t ordinal = 0);
  [[nodiscard]] run run_at(std::uint64_t i);

  // Ordinals of the members that may be names of one file with this one, in image order.
  [[nodiscard]] std::vector<std::uint64_t> linked(entry const& e);
  // Names that come several times: their keys and members, side by side.
  [[nodiscard]] std::uint64_t names_again() const noexcept { return again_->size(); }
  [[nodiscard]] named name_again(std::uint64_t i);
  // Directories that are no members: their keys, and a member that stands in each.
  [[nodiscard]] std::uint64_t orphans() const noexcept { return orphans_->size(); }
  [[nodiscard]] named orphan(std::uint64_t i);

 private:
  void read_footer(code_finder const& codes);
  [[nodiscard]] std::span<std::byte const> read(std::uint64_t at, std::uint64_t n);
  void load(std::uint64_t block);
  void go_to(std::uint64_t block, std::uint32_t slot);
  void pass_to(std::uint32_t slot);
  void decode(std::uint32_t slot, entry& e, member_facts& facts);
  [[nodiscard]] found member_at(std::uint64_t place);
  void collect(std::uint64_t key, std::vector<std::uint64_t>& places);
  [[nodiscard]] std::uint64_t ordinal_of(std::uint64_t place);
  [[nodiscard]] std::uint64_t first_of(std::uint64_t block);
  [[nodiscard]] std::uint64_t number_of_block(std::uint64_t ordinal);

  std::unique_ptr<byte_source> file_;
  identity image_;
  std::uint64_t members_ = 0, blocks_ = 0, blocks_end_ = 0, end_offset_ = 0, seed_ = 0;
  bool digests_ = false;
  std::vector<kept_finding> findings_;
  std::optional<table> block_table_, names_, runs_, links_, again_, orphans_;
  std::vector<std::uint64_t> firsts_;  // ordinal of the first member of each block that somebody asked for

  // The block that is being read.
  std::uint64_t block_ = 0;  // its number
  std::uint64_t first_ = 0;
  std::uint32_t count_ = 0, slot_ = 0;
  bool loaded_ = false;
  std::vector<std::byte> bytes_;
  std::span<std::byte const> rest_;
  record_codec codec_;
  std::uint64_t next_at_ = 0;  // where the block after it starts
};

// Opens the index called `name`, for messages. Null when it cannot be used: then a finding says why.
[[nodiscard]] std::unique_ptr<index_file> open_index(std::unique_ptr<byte_source> file, std::string_view name,
                                                     code_finder const& codes, diagnostic_sink& findings);

}  // namespace sysb::index
