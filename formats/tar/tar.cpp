// SPDX-License-Identifier: Apache-2.0
// Walks over the headers of a tar archive: old, POSIX, GNU and pax forms.
#include "formats/tar/tar.hpp"

#include <algorithm>
#include <array>

#include "base/checked.hpp"
#include "base/cursor.hpp"
#include "base/number.hpp"
#include "base/text.hpp"
#include "formats/tar/diagnostics.hpp"
#include "formats/tar/layout.hpp"
#include "formats/tar/number.hpp"
#include "formats/tar/sparse.hpp"
#include "io/members.hpp"

namespace sysb::tar {

namespace {

constexpr std::uint64_t longest_name = 64u << 10;
constexpr std::uint64_t longest_pax = 1u << 20;

// Old writers summed signed characters.
[[nodiscard]] bool checksum_holds(std::span<std::byte const> block, header const& h) noexcept {
  auto const expected = number(h.checksum);
  std::int64_t plain = 0;
  std::int64_t with_signs = 0;
  for (std::size_t i = 0; i < block_bytes; ++i) {
    auto const inside = i >= offsetof(header, checksum) && i < offsetof(header, type);
    auto const b = inside ? 0x20u : std::to_integer<unsigned>(block[i]);
    plain += b;
    with_signs += static_cast<signed char>(b);
  }
  return expected &&
         (static_cast<std::int64_t>(*expected) == plain || static_cast<std::int64_t>(*expected) == with_signs);
}

struct pax_facts {
  std::optional<std::string> path;
  std::optional<std::uint64_t> size;
  // GNU.sparse.*
  bool sparse = false;
  std::optional<std::string> sparse_name;
  std::optional<std::uint64_t> sparse_size;
  bool map_in_front = false;  // 1.0
  std::string map;            // 0.1
  std::string pieces;         // 0.0, written like 0.1
  bool too_long = false;
};

void take_sparse(pax_facts& out, std::string_view key, std::string_view value) {
  out.sparse = true;
  if (key == "name") { out.sparse_name = value; }
  if (key == "size" || key == "realsize") { out.sparse_size = whole_number(value); }
  if (key == "major") { out.map_in_front = value == "1"; }
  if (key == "map") { out.map = value; }
  if (key == "offset" || key == "numbytes") { out.pieces += concat(out.pieces.empty() ? "" : ",", value); }
}

// Records of "LENGTH KEY=VALUE\n".
[[nodiscard]] pax_facts parse_pax(std::string_view text) {
  pax_facts out;
  while (!text.empty()) {
    std::size_t length = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
    auto const used = static_cast<std::size_t>(end - text.data());
    if (error != std::errc{} || length <= used + 1 || length > text.size()) { break; }
    auto const record = text.substr(used + 1, length - used - 2);
    text.remove_prefix(length);
    auto const equals = record.find('=');
    if (equals == std::string_view::npos) { break; }
    auto const key = record.substr(0, equals);
    auto const value = record.substr(equals + 1);
    constexpr std::string_view gnu = "GNU.sparse.";
    if (key == "path") { out.path = value; }
    if (key == "size") { out.size = whole_number(value); }
    if (key.substr(0, gnu.size()) == gnu) { take_sparse(out, key.substr(gnu.size()), value); }
  }
  return out;
}

class tar_walk final : public io::member_walk {
 public:
  explicit tar_walk(limits const& l) noexcept : limits_{l} {}
  std::optional<io::member> next(byte_source& s) override {
    std::optional<std::string> long_name;
    pax_facts pax;
    for (;;) {
      if (next_header_ > s.position()) {
        auto const gap = next_header_ - s.position();
        if (s.skip(gap) != gap) { return end_with(cut_at(s)); }
      }
      auto const block = s.peek(block_bytes);
      if (block.empty()) { return std::nullopt; }
      if (block.size() < block_bytes) { return end_with(cut_at(s)); }
      auto const zero = [](std::byte b) { return b == std::byte{0}; };
      if (std::all_of(block.begin(), block.begin() + block_bytes, zero)) { return std::nullopt; }
      auto const h = byte_cursor{block}.take<header>();
      auto size = number(h.size);
      if (!checksum_holds(block, h) || !size) {
        return end_with(concat("no header of a tar archive at byte 0x", hex(s.position())));
      }
      auto const at = s.position();
      std::array<std::byte, block_bytes> raw{};  // the header, for what looks further on
      std::copy_n(block.begin(), block_bytes, raw.begin());
      bool const has_data = h.type < '1' || h.type > '6';
      if (pax.size && has_data) { size = pax.size; }
      auto const padded = checked_round_up(has_data ? *size : 0, block_bytes);
      auto const after = padded ? checked_add(*padded, at + block_bytes) : std::nullopt;
      if (!after) { return end_with(concat("impossible size in the header at byte 0x", hex(at))); }
      next_header_ = *after;
      s.consume(block_bytes);
      switch (h.type) {
        case 'L': long_name = read_text(s, *size, longest_name); break;
        case 'x': {
          auto const text = read_text(s, *size, longest_pax);
          pax = parse_pax(text.value_or(""));
          pax.too_long = !text;
          break;
        }
        case '\0':
        case '0':
        case '7':
        case 'S': {
          auto name = pax.path ? *pax.path : long_name ? text_up_to_nul(*long_name) : short_name(h);
          if (pax.sparse_name) { name = *pax.sparse_name; }
          io::member out{std::move(name), at + block_bytes, *size, !pax.too_long};
          if (h.type == 'S' || pax.sparse) { place_pieces(out, raw, h, pax, s); }
          return out;
        }
        case 'K':
        case 'g': break;
        default:  // a kind without content that could be an image: the next header is another member's
          long_name.reset();
          pax = {};
          break;
      }
    }
  }

 private:
  // A sparse member in all its forms; not plain where its map is not sound.
  void place_pieces(io::member& m, std::span<std::byte const> raw, header const& h, pax_facts const& pax,
                    byte_source& s) {
    auto const stored = m.size;
    m.plain = false;
    auto size = pax.sparse_size;
    std::optional<sparse_map> map;
    if (h.type == 'S') {
      map = old_map(raw, s, m.offset);
      size = number(byte_cursor{raw.subspan(gnu_tail_at)}.take<gnu_tail>().real_size);
      // The blocks of the map do not count in the header's size.
      auto const after = map ? checked_add(next_header_, map->stored_in_front) : std::nullopt;
      if (after) { next_header_ = *after; }
    } else if (pax.map_in_front) {
      map = leading_map(s, m.offset, stored);
    } else {
      map = listed_map(pax.map.empty() ? pax.pieces : pax.map);
    }
    if (!map || !size) { return; }
    auto const inside = h.type == 'S' ? 0 : map->stored_in_front;
    auto runs = runs_of(*map, m.offset + map->stored_in_front, stored - std::min(stored, inside), *size);
    if (!runs || runs->empty()) { return; }  // nothing but a hole is no image
    m.size = *size;
    m.runs = std::move(*runs);
    m.why_not = too_large(*size, stored);
    m.plain = m.why_not.empty();
  }

  // Holes cost nothing to write: they are held to what compressed data may become.
  [[nodiscard]] std::string too_large(std::uint64_t size, std::uint64_t stored) const {
    constexpr std::uint64_t unjudged = 1u << 20;
    if (size > limits_.expansion_bytes) {
      return concat("has ", size, " bytes with its holes, more than --size-limit allows");
    }
    if (size > unjudged && limits_.expansion_ratio != 0 && size / limits_.expansion_ratio > stored) {
      return concat("has ", size, " bytes with its holes, more than ", limits_.expansion_ratio,
                    " times what is stored, which --ratio-limit can raise");
    }
    return {};
  }

  [[nodiscard]] static std::string cut_at(byte_source const& s) {
    return concat("the tar archive is cut short at byte 0x", hex(s.position()));
  }
  [[nodiscard]] static std::string text_up_to_nul(std::string const& s) { return s.substr(0, s.find('\0')); }
  [[nodiscard]] static std::string short_name(header const& h) {
    auto const posix = std::string_view{h.magic, 6} == std::string_view{"ustar\0", 6};
    auto const prefix = posix ? text_of(h.prefix) : std::string_view{};
    return prefix.empty() ? std::string{text_of(h.name)} : concat(prefix, '/', text_of(h.name));
  }
  [[nodiscard]] static std::optional<std::string> read_text(byte_source& s, std::uint64_t size, std::uint64_t most) {
    if (size > most) { return std::nullopt; }
    auto const seen = s.peek(static_cast<std::size_t>(size));
    return std::string{as_text(seen.first(std::min(seen.size(), static_cast<std::size_t>(size))))};
  }

  limits limits_;
  std::uint64_t next_header_ = 0;
};

class tar_carrier final : public carrier_format {
 public:
  std::string_view id() const noexcept override { return "tar"; }
  std::string_view title() const noexcept override { return "tar archive with an image inside"; }
  bool holds_members() const noexcept override { return true; }
  unsigned bid(std::span<std::byte const> head) const noexcept override {
    byte_cursor c{head};
    auto const h = c.take<header>();
    if (!c.ok() || h.name[0] == '\0' || !checksum_holds(head, h)) { return 0; }
    if (!number(h.size) || !number(h.mode) || !number(h.mtime)) { return 0; }
    return text_of(h.magic).substr(0, 5) == "ustar" ? 64 : 32;
  }
  std::unique_ptr<byte_source> open(std::unique_ptr<byte_source> source, limits const& l, request const& r,
                                    diagnostic_sink& findings) const override {
    tar_walk walk{l};
    return io::open_member(std::move(source), walk, {"tar archive", &damaged}, r, findings);
  }
  std::span<diag_code const* const> codes() const noexcept override {
    static constexpr std::array<diag_code const*, 1> all{&damaged};
    return all;
  }
};

}  // namespace

carrier_format const& carrier() noexcept {
  static tar_carrier const the_carrier;
  return the_carrier;
}

}  // namespace sysb::tar
