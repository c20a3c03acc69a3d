// SPDX-License-Identifier: Apache-2.0
// Walks over the headers of a cpio archive of any of its forms.
#include "formats/cpio/cpio.hpp"

#include <algorithm>
#include <array>

#include "base/checked.hpp"
#include "base/cursor.hpp"
#include "base/number.hpp"
#include "base/text.hpp"
#include "formats/cpio/diagnostics.hpp"
#include "formats/cpio/layout.hpp"
#include "io/members.hpp"

namespace sysb::cpio {

namespace {

constexpr std::uint32_t type_mask = 0170000;
constexpr std::uint32_t regular = 0100000;
constexpr std::uint64_t longest_name = 64u << 10;

// What the walk needs of a header of any form.
struct facts {
  std::size_t header_bytes = 0;
  std::uint64_t unit = 1;  // name and content are padded to it
  std::uint64_t mode = 0;
  std::uint64_t name_size = 0;
  std::uint64_t file_size = 0;
};

template <std::size_t N>
[[nodiscard]] bool number(char const (&field)[N], int base, std::uint64_t& out) noexcept {
  return to_number({field, N}, out, base);
}

template <typename Short>
[[nodiscard]] std::optional<facts> binary(std::span<std::byte const> head) noexcept {
  byte_cursor c{head};
  auto const h = c.take<binary_header<Short>>();
  constexpr unsigned magic = 070707;
  if (!c.ok() || h.magic != magic) { return std::nullopt; }
  return facts{.header_bytes = sizeof(h),
               .unit = 2,
               .mode = h.mode,
               .name_size = h.name_size,
               .file_size = std::uint64_t{h.file_size_high} << 16 | h.file_size_low};
}

[[nodiscard]] std::optional<facts> read_header(std::span<std::byte const> head) noexcept {
  auto const magic = as_text(head.first(std::min<std::size_t>(head.size(), 6)));
  byte_cursor c{head};
  facts out;
  if (magic == "070701" || magic == "070702") {
    auto const h = c.take<newc_header>();
    out.header_bytes = sizeof(h);
    out.unit = 4;
    auto const sound = number(h.mode, 16, out.mode) && number(h.name_size, 16, out.name_size) &&
                       number(h.file_size, 16, out.file_size);
    return c.ok() && sound ? std::optional{out} : std::nullopt;
  }
  if (magic == "070707") {
    auto const h = c.take<odc_header>();
    out.header_bytes = sizeof(h);
    auto const sound =
        number(h.mode, 8, out.mode) && number(h.name_size, 8, out.name_size) && number(h.file_size, 8, out.file_size);
    return c.ok() && sound ? std::optional{out} : std::nullopt;
  }
  auto const little = binary<le16>(head);
  return little ? little : binary<be16>(head);
}

class cpio_walk final : public io::member_walk {
 public:
  std::optional<io::member> next(byte_source& s) override {
    for (;;) {
      if (next_header_ > s.position()) {
        auto const gap = next_header_ - s.position();
        if (s.skip(gap) != gap) { return end_with(cut_at(s)); }
      }
      auto const at = s.position();
      auto const head = s.peek(sizeof(newc_header));
      auto const h = read_header(head);
      if (!h || h->name_size == 0 || h->name_size > longest_name) {
        return end_with(head.empty() ? cut_at(s) : concat("no header of a cpio archive at byte 0x", hex(at)));
      }
      // 64-bit sums of a name below 64 KiB, a file below 2^36 bytes and a position cannot pass 2^64.
      auto const name_end = h->header_bytes + h->name_size;
      auto const padded_name = checked_round_up(name_end, h->unit).value_or(name_end);
      auto const padded_file = checked_round_up(h->file_size, h->unit).value_or(h->file_size);
      auto const with_name = s.peek(static_cast<std::size_t>(name_end));
      if (with_name.size() < name_end) { return end_with(cut_at(s)); }
      auto const text = as_text(with_name.subspan(h->header_bytes, static_cast<std::size_t>(h->name_size)));
      std::string name{text.substr(0, text.find('\0'))};
      if (name == "TRAILER!!!") { return std::nullopt; }
      next_header_ = at + padded_name + padded_file;
      if ((h->mode & type_mask) != regular || h->file_size == 0) { continue; }
      if (s.skip(padded_name) != padded_name) { return end_with(cut_at(s)); }
      return io::member{std::move(name), at + padded_name, h->file_size, true};
    }
  }

 private:
  [[nodiscard]] static std::string cut_at(byte_source const& s) {
    return concat("the cpio archive is cut short at byte 0x", hex(s.position()));
  }
  std::uint64_t next_header_ = 0;
};

class cpio_carrier final : public carrier_format {
 public:
  std::string_view id() const noexcept override { return "cpio"; }
  std::string_view title() const noexcept override { return "cpio archive with an image inside"; }
  bool holds_members() const noexcept override { return true; }
  unsigned bid(std::span<std::byte const> head) const noexcept override {
    auto const h = read_header(head);
    if (!h || h->name_size < 2 || h->name_size > longest_name) { return 0; }
    // The name ends with its NUL exactly where the header says.
    auto const last = h->header_bytes + static_cast<std::size_t>(h->name_size) - 1;
    if (last < head.size() && head[last] != std::byte{0}) { return 0; }
    return h->unit == 2 ? 24 : 56;
  }
  std::unique_ptr<byte_source> open(std::unique_ptr<byte_source> source, limits const&, request const& r,
                                    diagnostic_sink& findings) const override {
    cpio_walk walk;
    return io::open_member(std::move(source), walk, {"cpio archive", &damaged}, r, findings);
  }
  std::span<diag_code const* const> codes() const noexcept override {
    static constexpr std::array<diag_code const*, 1> all{&damaged};
    return all;
  }
};

}  // namespace

carrier_format const& carrier() noexcept {
  static cpio_carrier const the_carrier;
  return the_carrier;
}

}  // namespace sysb::cpio
