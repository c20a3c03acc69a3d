// SPDX-License-Identifier: Apache-2.0
// Follows the chain of members, holding every number against the size of the archive.
#include "formats/aix_archive/aix_archive.hpp"

#include <array>
#include <string_view>
#include <unordered_set>

#include "base/checked.hpp"
#include "base/cursor.hpp"
#include "base/number.hpp"
#include "base/text.hpp"
#include "formats/aix_archive/layout.hpp"

namespace sysb::aix_archive {
namespace {

constexpr std::string_view small_magic = "<aiaff>\n";
constexpr std::string_view big_magic = "<bigaf>\n";

template <typename Int, std::size_t N>
std::optional<Int> number(char const (&field)[N], int base = 10) noexcept {
  std::string_view text{field, N};
  auto const end = text.find_last_not_of(std::string_view{" \0", 2});
  if (end == std::string_view::npos) { return Int{0}; }  // blank: writers leave unused fields so
  text = text.substr(0, end + 1);
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  return whole_number<Int>(text, base);
}

struct small_form {
  using file_head = small_file_head;
  using member_head = small_member_head;
};
struct big_form {
  using file_head = big_file_head;
  using member_head = big_member_head;
};

template <typename Form>
class walker {
 public:
  walker(std::span<std::byte const> bytes, std::vector<fault>& faults) : bytes_{bytes}, faults_{faults} {}

  std::optional<archive> walk() {
    byte_cursor c{bytes_};
    auto const head = c.template take<typename Form::file_head>();
    auto const first = number<std::uint64_t>(head.fstmoff);
    auto const last = number<std::uint64_t>(head.lstmoff);
    if (!c.ok() || !first || !last || *first >= bytes_.size() || *last >= bytes_.size()) {
      return fail(bad_head, 0, ""), std::nullopt;
    }
    archive out;
    if (*first == 0) {  // an archive without members
      out.complete = *last == 0;
      if (!out.complete) { fail(bad_chain, 0, "a last member and no first one"); }
      return out;
    }
    std::unordered_set<std::uint64_t> seen;
    std::uint64_t taken = 0;
    for (auto at = *first;;) {
      if (!seen.insert(at).second) { return fail(bad_chain, at, "the member comes twice"), out; }
      member m;
      std::uint64_t next = 0;
      if (!read_member(at, m, next)) { return out; }
      // Members that overlap would let a small file hold any number of bytes.
      auto const end = m.data_offset + m.size;
      taken += end - at;
      if (taken > bytes_.size()) { return fail(bad_chain, at, "members overlap"), out; }
      out.members.push_back(std::move(m));
      if (at == *last) {
        out.complete = true;
        return out;
      }
      if (next == 0) { return fail(bad_chain, at, concat("no way to the last member at ", *last)), out; }
      at = next;
    }
  }

 private:
  void fail(diag_code const& code, std::uint64_t at, std::string detail) {
    faults_.push_back({&code, at, std::move(detail)});
  }

  bool read_member(std::uint64_t at, member& m, std::uint64_t& next) {
    if (at >= bytes_.size()) { return fail(member_outside, at, ""), false; }
    byte_cursor c{bytes_.subspan(at)};
    auto const head = c.template take<typename Form::member_head>();
    if (!c.ok()) { return fail(member_outside, at, "the header is cut"), false; }
    auto const size = number<std::uint64_t>(head.size);
    auto const next_at = number<std::uint64_t>(head.nxtmem);
    auto const date = number<std::int64_t>(head.date);
    auto const uid = number<std::uint64_t>(head.uid);
    auto const gid = number<std::uint64_t>(head.gid);
    auto const mode = number<std::uint32_t>(head.mode, 8);
    auto const name_length = number<std::uint32_t>(head.namlen);
    if (!size || !next_at || !date || !uid || !gid || !mode || !name_length) {
      return fail(bad_member, at, "a field is no number"), false;
    }
    m.name = as_text(c.bytes(*name_length));
    (void)c.bytes(*name_length % 2);
    auto const mark = as_text(c.bytes(2));
    if (!c.ok()) { return fail(member_outside, at, "the name is cut"), false; }
    if (mark != "`\n") { return fail(bad_member, at, "the closing mark is missing"), false; }
    m.size = *size;
    m.date = *date;
    m.uid = *uid;
    m.gid = *gid;
    m.mode = *mode;
    m.header_offset = at;
    m.data_offset = bytes_.size() - c.left();
    if (m.size > c.left()) {
      fail(member_outside, at, concat("content of ", m.size, " bytes, ", std::uint64_t{c.left()}, " left"));
      return false;
    }
    next = *next_at;
    return true;
  }

  std::span<std::byte const> bytes_;
  std::vector<fault>& faults_;
};

}  // namespace

std::span<diag_code const* const> codes() noexcept {
  static constexpr std::array<diag_code const*, 5> all{&not_an_archive, &bad_head, &bad_member, &member_outside,
                                                       &bad_chain};
  return all;
}

diagnostic to_diagnostic(fault const& f, std::string_view path) {
  diagnostic d;
  d.code = f.code;
  d.path = std::string{path};
  d.detail = concat("at 0x", hex(f.offset), " of the archive");
  if (!f.detail.empty()) { d.detail += concat(": ", f.detail); }
  return d;
}

bool is_archive(std::span<std::byte const> bytes) noexcept {
  auto const head = as_text(bytes.first(std::min(bytes.size(), small_magic.size())));
  return head == small_magic || head == big_magic;
}

std::optional<archive> parse(std::span<std::byte const> bytes, std::vector<fault>& faults) {
  if (!is_archive(bytes)) {
    faults.push_back({&not_an_archive, 0, ""});
    return std::nullopt;
  }
  bool const big = as_text(bytes.first(big_magic.size())) == big_magic;
  auto out = big ? walker<big_form>{bytes, faults}.walk() : walker<small_form>{bytes, faults}.walk();
  if (out) { out->big = big; }
  return out;
}

std::span<std::byte const> data_of(std::span<std::byte const> bytes, member const& m) noexcept {
  if (m.data_offset > bytes.size() || m.size > bytes.size() - m.data_offset) { return {}; }
  return bytes.subspan(m.data_offset, m.size);
}

}  // namespace sysb::aix_archive
