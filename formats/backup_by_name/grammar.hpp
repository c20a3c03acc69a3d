// SPDX-License-Identifier: Apache-2.0
// The grammar of an archive as data: what its headers look like, what a security record is made of,
// and which blocks stand in a record that no document describes. The default is the documented
// grammar; where an image deviates in a regular way, calibration.hpp finds the values.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "formats/backup_by_name/layout.hpp"

namespace sysb::backup_by_name {

// Which member records an archive is made of. The first record decides.
enum class family : std::uint8_t { name_x, rt, ps2 };

// What a header is, as far as it can be told without what stands around it.
struct header_shape {
  struct magic_use {
    std::uint16_t value = 0;
    bool packed = false;
    bool by_sizes = false;  // packed only where the two sizes of a member differ
  };

  header_shape() = default;
  header_shape(family f) noexcept;  // NOLINT(google-explicit-constructor): the documented shape of a family

  family form = family::name_x;
  std::uint16_t fixed = sizeof(name_x_record);  // bytes before the name

  // A shorter fixed part lacks the last fields: there the stored size is that of the content, or shows in it.
  [[nodiscard]] bool has_stored_size() const noexcept {
    return form != family::name_x || fixed >= offsetof(name_x_record, dsize) + sizeof(name_x_record::dsize);
  }
  [[nodiscard]] bool knows(std::uint16_t magic) const noexcept;   // documented, or learned
  [[nodiscard]] bool packed(std::uint16_t magic) const noexcept;  // what it says of a file
  [[nodiscard]] bool learned_magic(std::uint16_t magic) const noexcept;
  [[nodiscard]] bool packed_by_sizes(std::uint16_t magic) const noexcept;
  void learn(std::uint16_t magic, bool packed) noexcept;
  void learn_by_sizes(std::uint16_t magic) noexcept;
  // Of records of unknown types, which may have a magic of their own.
  [[nodiscard]] bool marks_record(std::uint16_t magic) const noexcept;
  void learn_record(std::uint16_t magic) noexcept;
  [[nodiscard]] std::span<magic_use const> learned() const noexcept { return std::span{extra_}.first(extras_); }
  [[nodiscard]] bool operator==(family f) const noexcept { return form == f; }

 private:
  magic_use* use_of(std::uint16_t magic) noexcept;

  std::array<magic_use, 12> extra_{};
  std::uint8_t extras_ = 0;
  std::array<std::uint16_t, 4> records_{};
  std::uint8_t record_magics_ = 0;
};

// The head of a security record: words, the lengths of what follows. The access control list comes first.
struct security_rule {
  enum class privileges : std::uint8_t {
    by_word,  // the word `pcl_word` is its length
    fixed,    // 16 bytes, whatever the head says
    counted,  // in the word of the access control list, after that list
    absent,
  };

  std::uint8_t words = 2;
  std::uint8_t acl_word = 0;  // whose length is that of the access control list
  std::uint8_t width = 4;     // bytes of a word
  bool big_endian = false;
  std::uint8_t unit = 8;   // bytes that a length counts
  std::uint8_t head = 8;   // bytes before the access control list
  std::uint8_t align = 1;  // blocks are filled up to this
  privileges pcl = privileges::by_word;
  std::uint8_t pcl_word = 1;
  std::uint8_t further = 0;  // bit i: word i is the length of a further block
  bool lists_first = false;  // further blocks stand after the privilege list, wherever its word is
  // Bytes that no word counts between the two lists: so many, or up to where the privilege list shows itself.
  std::uint16_t between = 0;
  bool searched = false;
  // Bytes before the head: so many, or as many as the two lists show.
  std::uint16_t preamble = 0;
  bool any_preamble = false;

  static constexpr unsigned most_words = 8;
  [[nodiscard]] std::size_t word_bytes() const noexcept { return std::size_t{words} * width; }
  bool operator==(security_rule const&) const = default;
  [[nodiscard]] bool documented() const noexcept { return *this == security_rule{}; }
  [[nodiscard]] std::string text() const;
};

// A block that says its length: a field of its first bytes, in a unit, with or without its own head.
struct length_field {
  std::uint8_t at = 0;
  std::uint8_t width = 4;  // bytes of the field
  std::uint8_t unit = 1;
  std::uint8_t added = 0;  // bytes that the field does not count: the block's head
  bool big_endian = false;

  bool operator==(length_field const&) const = default;
  // Of the block that begins with these bytes, filled up to 8; nothing where it is impossible.
  [[nodiscard]] std::optional<std::uint64_t> of(std::span<std::byte const> head) const noexcept;
  [[nodiscard]] std::string text() const;
  static constexpr std::size_t head_bytes = 16;
};

// All that a block is tried for.
[[nodiscard]] std::vector<length_field> const& length_fields();

enum class block_side : std::uint8_t { before, after, unknown };

// Blocks of one record beyond header, security record and content: before the content one that says
// says its length and then one of a fixed length, after it the same, or the fixed one first.
struct block_plan {
  std::optional<length_field> before;
  std::optional<length_field> after;
  // Up to so many of that form in a row, and then perhaps one of another.
  std::uint8_t before_most = 1, after_most = 1;
  std::optional<length_field> before_last, after_last;
  std::uint64_t fixed_before = 0;
  std::uint64_t fixed_after = 0;
  std::uint64_t fixed_after_content = 0;  // between the content and the block `after`
  bool open = false;                      // nothing proves on which side of the content the fixed block stands
  bool bare_only = false;                 // shown by members without content alone, and proven for no others

  static constexpr std::size_t most_in_a_row = 8;
  bool operator==(block_plan const&) const = default;
  [[nodiscard]] std::string text() const;
};

struct grammar {
  std::vector<security_rule> security{security_rule{}};  // tried in order; a record proves itself
  std::vector<block_plan> plans;                         // beside a record without blocks
  // Blind blocks of any length: where the next record stands must be searched.
  bool blind_any = false;
  std::uint64_t blind_shortest = 0, blind_longest = 0;  // as sampled
  block_side blind_side = block_side::unknown;
  std::uint64_t blind_least = 0, blind_most = 0;  // lengths for which that is proven

  [[nodiscard]] bool documented() const noexcept {
    return plans.empty() && !blind_any && security.size() == 1 && security.front().documented();
  }
};

}  // namespace sysb::backup_by_name
