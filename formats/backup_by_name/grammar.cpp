// SPDX-License-Identifier: Apache-2.0
#include "formats/backup_by_name/grammar.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "formats/backup_by_name/decode.hpp"

namespace sysb::backup_by_name {

header_shape::header_shape(family f) noexcept : form{f} {
  switch (f) {
    case family::name_x: fixed = sizeof(name_x_record); break;
    case family::rt: fixed = sizeof(name_rt_record); break;
    case family::ps2: fixed = sizeof(name_ps2_record); break;
  }
}

bool header_shape::learned_magic(std::uint16_t magic) const noexcept {
  auto const all = learned();
  return std::any_of(all.begin(), all.end(), [&](magic_use const& m) { return m.value == magic; });
}

bool header_shape::knows(std::uint16_t magic) const noexcept { return known_magic(magic) || learned_magic(magic); }

bool header_shape::packed(std::uint16_t magic) const noexcept {
  for (auto const& m : learned()) {
    if (m.value == magic) { return m.packed; }
  }
  return magic == record_magic::packed;
}

bool header_shape::packed_by_sizes(std::uint16_t magic) const noexcept {
  auto const all = learned();
  return std::any_of(all.begin(), all.end(), [&](magic_use const& m) { return m.value == magic && m.by_sizes; });
}

// Nothing where there are more magics than any archive has.
header_shape::magic_use* header_shape::use_of(std::uint16_t magic) noexcept {
  for (std::size_t i = 0; i < extras_; ++i) {
    if (extra_[i].value == magic) { return &extra_[i]; }
  }
  if (extras_ == extra_.size()) { return nullptr; }
  extra_[extras_].value = magic;
  return &extra_[extras_++];
}

void header_shape::learn(std::uint16_t magic, bool packed) noexcept {
  if (auto* const use = use_of(magic)) { use->packed = packed; }
}

void header_shape::learn_by_sizes(std::uint16_t magic) noexcept {
  if (auto* const use = use_of(magic)) { use->packed = use->by_sizes = true; }
}

bool header_shape::marks_record(std::uint16_t magic) const noexcept {
  auto const end = records_.begin() + record_magics_;
  return knows(magic) || std::find(records_.begin(), end, magic) != end;
}

void header_shape::learn_record(std::uint16_t magic) noexcept {
  if (!marks_record(magic) && record_magics_ < records_.size()) { records_[record_magics_++] = magic; }
}

std::string security_rule::text() const {
  auto out = concat("head of ", unsigned{words}, words == 1 ? " word" : " words");
  if (width != sizeof(le32)) { out += concat(" of ", width * 8u, " bits"); }
  if (big_endian) { out += ", big-endian,"; }
  if (acl_word != 0) { out += concat(", access control list by word ", acl_word + 1u, ","); }
  out += concat(" in units of ", unsigned{unit}, unit == 1 ? " byte" : " bytes");
  if (head != word_bytes()) { out += concat(", list at byte ", unsigned{head}); }
  switch (pcl) {
    case privileges::by_word:
      if (pcl_word != 1) { out += concat(", privilege list by word ", pcl_word + 1u); }
      break;
    case privileges::fixed: out += ", privilege list of 16 bytes"; break;
    case privileges::counted: out += ", privilege list within the first length"; break;
    case privileges::absent: out += ", no privilege list"; break;
  }
  if (any_preamble) {
    out += ", after a block of varying length";
  } else if (preamble != 0) {
    out += concat(", after a block of ", unsigned{preamble}, " bytes");
  }
  if (searched) {
    out += ", a block of varying length between the lists";
  } else if (between != 0) {
    out += concat(", a block of ", unsigned{between}, " bytes between the lists");
  }
  if (further != 0) {
    unsigned n = 0;
    for (auto bits = further; bits != 0; bits = static_cast<std::uint8_t>(bits & (bits - 1))) { ++n; }
    out += concat(", ", n, n == 1 ? " further block" : " further blocks", lists_first ? " after the lists" : "");
  }
  return out;
}

std::optional<std::uint64_t> length_field::of(std::span<std::byte const> head) const noexcept {
  if (head.size() < std::size_t{at} + width) { return std::nullopt; }
  auto const v = word_of(head.subspan(at, width), big_endian);
  if (v > std::uint64_t{1} << 32) { return std::nullopt; }
  auto const bytes = v * unit + added;
  // A block holds its own length.
  if (bytes < std::size_t{at} + width) { return std::nullopt; }
  return align8(bytes);
}

// The common ones first.
std::vector<length_field> const& length_fields() {
  static auto const all = [] {
    std::vector<length_field> out;
    static constexpr std::array<std::uint8_t, 5> places{0, 4, 2, 8, 6};
    static constexpr std::array<std::uint8_t, 4> widths{4, 2, 8, 1};
    static constexpr std::array<std::uint8_t, 4> units{1, 8, 4, 2};
    static constexpr std::array<std::uint8_t, 6> heads{0, 4, 8, 2, 12, 16};
    for (auto const at : places) {
      for (auto const width : widths) {
        for (auto const unit : units) {
          for (auto const added : heads) {
            for (bool const big : {false, true}) {
              if (big && width == 1) { continue; }
              out.push_back({.at = at, .width = width, .unit = unit, .added = added, .big_endian = big});
            }
          }
        }
      }
    }
    return out;
  }();
  return all;
}

std::string length_field::text() const {
  auto out = concat("length in ", unsigned{width}, " bytes at ", unsigned{at}, ", unit ", unsigned{unit});
  if (added != 0) { out += concat(", without a head of ", unsigned{added}); }
  if (big_endian) { out += ", big-endian"; }
  return out;
}

std::string block_plan::text() const {
  if (bare_only) {
    auto const& field = before ? before : after;
    return field ? concat("a block with its ", field->text(), " in members without content")
                 : concat("a block of ", fixed_before + fixed_after, " bytes in members without content");
  }
  std::string out;
  auto const add = [&](std::string const& what) { out += concat(out.empty() ? "" : ", then ", what); };
  auto const fixed = [](std::uint64_t n) { return concat(n, " bytes"); };
  auto const said = [](length_field const& field, unsigned most, std::optional<length_field> const& last) {
    return concat(most > 1 ? "blocks in a row, each with its " : "a block with its ", field.text(),
                  last ? concat(", and one with its ", last->text()) : std::string{});
  };
  if (before) { add(concat("before the content ", said(*before, before_most, before_last))); }
  if (fixed_before != 0) {
    add(concat(open ? "before or after the content " : "before the content ", fixed(fixed_before)));
  }
  if (fixed_after_content != 0) { add(concat("after the content ", fixed(fixed_after_content))); }
  if (after) { add(concat("after the content ", said(*after, after_most, after_last))); }
  if (fixed_after != 0) {
    add(concat(open ? "before or after the content " : "after the content ", fixed(fixed_after)));
  }
  return out;
}

}  // namespace sysb::backup_by_name
