// SPDX-License-Identifier: Apache-2.0
#include "formats/tar/sparse.hpp"

#include <array>

#include "base/checked.hpp"
#include "base/cursor.hpp"
#include "base/number.hpp"
#include "base/text.hpp"
#include "formats/tar/layout.hpp"
#include "formats/tar/number.hpp"

namespace sysb::tar {

namespace {

// Unused entries are empty. False where one is damaged.
template <std::size_t N>
[[nodiscard]] bool take(sparse_entry const (&entries)[N], std::vector<sparse_map::piece>& out) {
  for (auto const& e : entries) {
    if (e.length[0] == '\0' && e.offset[0] == '\0') { continue; }
    auto const at = number(e.offset);
    auto const length = number(e.length);
    if (!at || !length) { return false; }
    out.push_back({*at, *length});
  }
  return true;
}

// Lines of decimal numbers, read a block at a time.
class number_lines {
 public:
  number_lines(byte_source& s, std::uint64_t at, std::uint64_t stored) : source_{s}, at_{at}, left_{stored} {}
  [[nodiscard]] std::optional<std::uint64_t> next() {
    std::string line;
    constexpr std::size_t longest = 20;  // digits of 64 bits
    for (;;) {
      if (used_ == block_bytes && !read_block()) { return std::nullopt; }
      auto const c = static_cast<char>(block_[used_++]);
      if (c == '\n') { return whole_number(line); }
      if (line.size() == longest) { return std::nullopt; }
      line.push_back(c);
    }
  }
  [[nodiscard]] std::uint64_t taken() const noexcept { return taken_; }

 private:
  [[nodiscard]] bool read_block() {
    if (left_ < block_bytes || source_.probe(at_, block_) != block_bytes) { return false; }
    at_ += block_bytes;
    left_ -= block_bytes;
    taken_ += block_bytes;
    used_ = 0;
    return true;
  }
  byte_source& source_;
  std::uint64_t at_;
  std::uint64_t left_;
  std::uint64_t taken_ = 0;
  std::array<std::byte, block_bytes> block_{};
  std::size_t used_ = block_bytes;
};

}  // namespace

std::optional<sparse_map> old_map(std::span<std::byte const> header_block, byte_source& s, std::uint64_t after_header) {
  byte_cursor c{header_block.subspan(gnu_tail_at)};
  auto const tail = c.take<gnu_tail>();
  sparse_map out;
  if (!c.ok() || !take(tail.entries, out.pieces)) { return std::nullopt; }
  for (auto more = tail.extended != '\0'; more;) {
    std::array<std::byte, block_bytes> raw{};
    if (s.probe(after_header + out.stored_in_front, raw) != raw.size()) { return std::nullopt; }
    auto const block = byte_cursor{raw}.take<sparse_block>();
    if (!take(block.entries, out.pieces) || out.pieces.size() > most_pieces) { return std::nullopt; }
    out.stored_in_front += block_bytes;
    more = block.extended != '\0';
  }
  return out;
}

std::optional<sparse_map> listed_map(std::string_view text) {
  sparse_map out;
  auto const next = [&] {
    auto const comma = text.find(',');
    auto const value = whole_number(text.substr(0, comma));
    text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
    return value;
  };
  while (!text.empty()) {
    auto const at = next();
    auto const length = next();
    if (!at || !length || out.pieces.size() == most_pieces) { return std::nullopt; }
    out.pieces.push_back({*at, *length});
  }
  return out;
}

std::optional<sparse_map> leading_map(byte_source& s, std::uint64_t at, std::uint64_t stored) {
  number_lines lines{s, at, stored};
  auto const count = lines.next();
  if (!count || *count > most_pieces) { return std::nullopt; }
  sparse_map out;
  for (std::uint64_t i = 0; i < *count; ++i) {
    auto const begin = lines.next();
    auto const length = lines.next();
    if (!begin || !length) { return std::nullopt; }
    out.pieces.push_back({*begin, *length});
  }
  out.stored_in_front = lines.taken();
  return out;
}

std::optional<std::vector<io::member_run>> runs_of(sparse_map const& map, std::uint64_t offset, std::uint64_t stored,
                                                   std::uint64_t size) {
  std::vector<io::member_run> out;
  std::uint64_t used = 0;
  std::uint64_t after = 0;  // the last piece
  for (auto const& p : map.pieces) {
    auto const end = checked_add(p.at, p.length);
    if (!end || p.at < after || *end > size || p.length > stored - used) { return std::nullopt; }
    if (p.length != 0) { out.push_back({p.at, offset + used, p.length}); }
    used += p.length;
    after = *end;
  }
  return out;
}

}  // namespace sysb::tar
