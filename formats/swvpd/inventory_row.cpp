// SPDX-License-Identifier: Apache-2.0
#include "formats/swvpd/inventory_row.hpp"

#include <algorithm>
#include <array>

#include "base/bsd_sum.hpp"
#include "base/number.hpp"
#include "base/one_bit.hpp"

namespace sysb::swvpd {

namespace {

constexpr std::string_view blank_or_quote{" \t\"", 3};

// The next word, without it in `rest`. Loops of their own: a search of the library looks for a set byte by byte.
std::string_view take_word(std::string_view& rest, std::string_view ends) noexcept {
  auto const is_end = [&](char c) { return std::any_of(ends.begin(), ends.end(), [&](char e) { return c == e; }); };
  std::size_t from = 0;
  while (from < rest.size() && is_end(rest[from])) { ++from; }
  auto to = from;
  while (to < rest.size() && !is_end(rest[to])) { ++to; }
  auto const out = rest.substr(from, to - from);
  rest.remove_prefix(to);
  return out;
}

inventory_type type_of(std::string_view word) noexcept {
  if (word == "FILE" || word == "LINK") { return inventory_type::file; }
  if (word == "DIRECTORY") { return inventory_type::directory; }
  if (word == "SYMLINK") { return inventory_type::symlink; }
  if (word == "FIFO") { return inventory_type::fifo; }
  if (word == "CHAR_DEV" || word == "MPX_DEV") { return inventory_type::character; }
  if (word == "BLK_DEV") { return inventory_type::block; }
  return inventory_type::unknown;
}

// "755", "SUID,SGID,TP,555".
bool parse_mode(std::string_view text, std::uint32_t& out) noexcept {
  std::uint32_t bits = 0;
  bool number = false;
  constexpr std::string_view ends{" \t\",", 4};
  for (auto word = take_word(text, ends); !word.empty(); word = take_word(text, ends)) {
    std::uint32_t octal = 0;
    if (word == "SUID") {
      bits |= 04000;
    } else if (word == "SGID") {
      bits |= 02000;
    } else if (word == "SVTX") {
      bits |= 01000;
    } else if (to_number(word, octal, 8)) {
      if (number || octal > 07777) { return false; }
      number = true;
      bits |= octal;
    }  // TCB, TP and other words are no permissions
  }
  out = bits;
  return number;
}

constexpr std::array<std::string_view, 8> type_words{"FILE",     "LINK",    "DIRECTORY", "SYMLINK",
                                                     "CHAR_DEV", "BLK_DEV", "MPX_DEV",   "FIFO"};

bool all_of(std::string_view text, std::string_view allowed) noexcept {
  return text.find_first_not_of(allowed) == text.npos;
}

constexpr std::string_view name_letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-$@+";

// A word that nobody knows may be a kind that this program does not know; one that is a known one but for a bit is not.
bool damaged_type(std::string_view word) noexcept {
  return !all_of(word, name_letters) ||
         std::any_of(type_words.begin(), type_words.end(), [&](auto known) { return one_bit_apart(word, known); });
}

// Two lines that became one, a blank that became a mark.
bool damaged_class(std::string_view text) noexcept {
  constexpr std::string_view ends{", \t", 3};
  for (auto word = take_word(text, ends); !word.empty(); word = take_word(text, ends)) {
    if (!all_of(word, name_letters) || one_bit_apart(word, "apply") || one_bit_apart(word, "inventory")) {
      return true;
    }
  }
  return false;
}

bool nothing_to_compare(std::string_view word) noexcept { return word.empty() || word == "VOLATILE"; }

}  // namespace

bool parse_checksum(std::string_view text, std::uint16_t& sum, std::uint64_t& blocks) noexcept {
  auto const first = take_word(text, blank_or_quote);
  auto const second = take_word(text, blank_or_quote);
  return to_number(first, sum) && to_number(second, blocks) && take_word(text, blank_or_quote).empty();
}

inventory_row to_row(inventory_file const& f) {
  inventory_row out;
  out.type = type_of(f.type);
  out.broken = (out.type == inventory_type::unknown && damaged_type(f.type)) || !all_of(f.owner, name_letters) ||
               !all_of(f.group, name_letters) || damaged_class(f.classes);
  std::uint32_t mode = 0;
  if (parse_mode(f.mode, mode)) {
    out.mode = mode;
  } else if (!f.mode.empty()) {
    out.broken = true;
  }
  std::string_view rest = f.size;
  auto const size_word = take_word(rest, blank_or_quote);
  std::uint64_t size = 0;
  if (!nothing_to_compare(size_word)) {
    if (to_number(size_word, size)) {
      out.size = size;
    } else {
      out.broken = true;
    }
  }
  rest = f.checksum;
  auto const sum_word = take_word(rest, blank_or_quote);
  if (!nothing_to_compare(sum_word)) {
    std::uint16_t sum = 0;
    std::uint64_t blocks = 0;
    if (parse_checksum(f.checksum, sum, blocks)) {
      out.sum = sum;
      out.blocks = blocks;
      out.broken = out.broken || (out.size && sum_blocks(*out.size) != blocks);
    } else {
      out.broken = true;
    }
  }
  return out;
}

}  // namespace sysb::swvpd
