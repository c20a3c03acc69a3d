// SPDX-License-Identifier: Apache-2.0
// By-name images whose grammar deviates from the documented one in regular ways. The grammar is a
// parameter; what was written where is known, so that a reader can be held against it.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "support/image_record.hpp"

namespace sysb::test {

// One unknown block beside the content of a record.
struct deviating_block {
  bool before = true;  // between security record and content; else after the padded content
  enum class form : std::uint8_t { blind, said } is = form::said;
  std::vector<std::uint32_t> lengths{16};  // with its own head, multiples of 8; one is drawn for each record
  std::uint8_t width = 4;                  // of the length field, in bytes
  std::uint8_t unit = 1;
  std::uint8_t field_at = 0;  // in the block
  bool counts_itself = true;  // else the field leaves out the head: field_at + width bytes
  bool tagged = false;        // the same four bytes at the start of every block's own data
  bool zeros = false;         // else noise
  enum class scope : std::uint8_t { all, files, directories, packed, with_acl } on = scope::all;
  std::uint32_t per_mille = 1000;  // of those
  std::uint32_t in_a_row = 1;      // up to so many, one after another
};

struct deviating_records {
  std::uint8_t type = 20;
  std::optional<std::uint16_t> magic;  // else that of plain members
  std::uint32_t per_mille = 50;
  enum class body : std::uint8_t { none, constant, said } has = body::none;
  bool after_members = false;  // some before the end record too
};

struct deviation {
  std::uint16_t volume_magic = record_magic::plain;
  std::uint16_t plain_magic = record_magic::plain;
  std::uint16_t packed_magic = record_magic::packed;
  std::uint32_t fixed_less = 0;   // bytes that the fixed part lacks: its last fields
  std::uint32_t fixed_extra = 0;  // bytes between the documented fixed part and the name
  bool fixed_extra_zero = true;
  std::uint32_t words = 2;  // at the head of the security record
  std::uint32_t unit = 8;
  std::uint32_t word_width = 4;
  bool word_big_endian = false;
  std::uint32_t head_bytes = 0;          // 0: those of the words, filled up to 4
  bool privileges_first = false;         // the first two words change places
  std::optional<std::uint32_t> leading;  // a word before them that says something else
  // Lengths of blocks before the head of the security record, in bytes, multiples of 4.
  std::vector<std::uint32_t> preamble;
  std::uint32_t preamble_per_mille = 1000;
  // Lengths of blocks between the lists that no word counts, in units of 8 bytes.
  std::vector<std::uint32_t> between;
  std::uint32_t between_per_mille = 1000;
  // Lengths of the blocks after the privilege list that the further words give, one list a word, in units
  // of 8 bytes; the words hold nothing but zero where there is none.
  std::vector<std::vector<std::uint32_t>> further;
  // Which word stands where: 0 that of the access control list, 1 of the privilege list, then the further ones; the
  // blocks stay where they are. Empty: in this order.
  std::vector<std::size_t> word_order;
  std::vector<deviating_block> blocks;
  std::optional<deviating_records> records;

  [[nodiscard]] std::string text() const;
};

struct deviating_options {
  std::size_t members = 400;
  bool packed = true;
  bool directories = true;
  bool acls = true;     // some members have entries beyond the three
  bool hostile = true;  // some contents are archives themselves, some end within one
  bool symlinks = true;
  std::size_t inventory = 0;  // so many files of a product whose inventory has their checksums
  std::uint32_t seed = 1;
};

struct deviating_member {
  std::string path;
  std::uint32_t mode = 0;
  std::uint64_t offset = 0, content_offset = 0, stored = 0, end = 0;
  bool packed = false;
  std::string target;
};

struct deviating_image {
  bytes image;
  std::vector<deviating_member> members;
};

[[nodiscard]] deviating_image make_deviating(deviation const& d, deviating_options const& o);

// A point of the space of deviations: one, or two together.
[[nodiscard]] deviation draw_deviation(std::mt19937& random);

}  // namespace sysb::test
