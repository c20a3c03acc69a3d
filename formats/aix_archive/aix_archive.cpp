// SPDX-License-Identifier: Apache-2.0
// Follows the chain of members, holding every number against the size of the archive.
#include "formats/aix_archive/aix_archive.hpp"

#include <algorithm>
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

constexpr std::size_t max_members = 65'536;  // of a library; a liblpp.a has some hundreds
constexpr std::string_view small_magic = "<aiaff>\n";
constexpr std::string_view big_magic = "<bigaf>\n";

template <typename Int>
std::optional<Int> number_in(std::string_view text, int base = 10) noexcept {
  auto const end = text.find_last_not_of(std::string_view{" \0", 2});
  auto const pad = text.substr(end + 1);
  if (!pad.empty() && pad.find_first_not_of(pad.front()) != pad.npos) { return std::nullopt; }
  if (end == std::string_view::npos) { return Int{0}; }  // blank: writers leave unused fields so
  text = text.substr(0, end + 1);
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  return whole_number<Int>(text, base);
}

template <typename Int, std::size_t N>
std::optional<Int> number(char const (&field)[N], int base = 10) noexcept {
  return number_in<Int>({field, N}, base);
}

struct small_form {
  using file_head = small_file_head;
  using member_head = small_member_head;
  static constexpr bool small = true;
};
struct big_form {
  using file_head = big_file_head;
  using member_head = big_member_head;
  static constexpr bool small = false;
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
    auto const table = number<std::uint64_t>(head.memoff);
    if (!c.ok() || !first || !last || !table || !others_inside(head) || *table >= bytes_.size() ||
        *first >= bytes_.size() || *last >= bytes_.size()) {
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
    std::uint64_t before = 0;
    for (auto at = *first;;) {
      if (!seen.insert(at).second) { return fail(bad_chain, at, "the member comes twice"), out; }
      member m;
      std::uint64_t next = 0;
      std::uint64_t previous = 0;
      if (!read_member(at, m, next, previous)) { return out; }
      if (previous != before) {
        fail(bad_chain, at, concat("the member before is at ", before, ", not at ", previous));
      }
      before = at;
      // Members that overlap would let a small file hold any number of bytes.
      auto const end = m.data_offset + m.size;
      taken += end - at;
      if (taken > bytes_.size()) { return fail(bad_chain, at, "members overlap"), out; }
      if (out.members.size() == max_members) {
        return fail(bad_chain, at, concat("more than ", std::uint64_t{max_members}, " members")), out;
      }
      out.members.push_back(std::move(m));
      if (at == *last) {
        // Writers that make no table leave both fields 0.
        if (next != 0 && next != *table) { fail(bad_chain, at, concat("the last member leads to ", next)); }
        if (*table != 0) { hold_table(*table, out); }
        out.complete = !failed_;
        return out;
      }
      if (next == 0) { return fail(bad_chain, at, concat("no way to the last member at ", *last)), out; }
      at = next;
    }
  }

 private:
  void fail(diag_code const& code, std::uint64_t at, std::string detail) {
    failed_ = true;
    faults_.push_back({&code, at, std::move(detail)});
  }

  // Symbol tables and the free list are not read; a field that is none of them is damaged.
  template <typename Head>
  [[nodiscard]] bool others_inside(Head const& head) const noexcept {
    auto const inside = [&](auto const& field) {
      auto const n = number<std::uint64_t>(field);
      return n && (*n == 0 || (*n >= sizeof(head) && *n < bytes_.size()));
    };
    if constexpr (requires { head.gst64off; }) {
      if (!inside(head.gst64off)) { return false; }
    }
    return inside(head.gstoff) && inside(head.freeoff);
  }

  void hold_table(std::uint64_t at, archive const& members) {
    member m;
    std::uint64_t next = 0;
    std::uint64_t previous = 0;
    if (!read_member(at, m, next, previous)) { return; }
    auto text = as_text(bytes_.subspan(m.data_offset, m.size));
    constexpr auto width = sizeof(Form::file_head::memoff);
    auto const take = [&](std::size_t n) {
      auto const out = text.substr(0, n);
      text.remove_prefix(out.size());
      return out;
    };
    auto const take_number = [&]() -> std::optional<std::uint64_t> {
      auto const digits = take(width);
      return digits.size() == width ? number_in<std::uint64_t>(digits) : std::nullopt;
    };
    auto const& all = members.members;
    bool same = m.name.empty() && take_number() == all.size();
    for (auto at_member = all.begin(); same && at_member != all.end(); ++at_member) {
      same = take_number() == at_member->header_offset;
    }
    for (auto at_member = all.begin(); same && at_member != all.end(); ++at_member) {
      same = take(at_member->name.size()) == at_member->name && take(1) == std::string_view{"\0", 1};
    }
    if (!same) { fail(table_differs, at, ""); }
  }

  bool read_member(std::uint64_t at, member& m, std::uint64_t& next, std::uint64_t& previous) {
    if (at >= bytes_.size()) { return fail(member_outside, at, ""), false; }
    byte_cursor c{bytes_.subspan(at)};
    auto const head = c.template take<typename Form::member_head>();
    if (!c.ok()) { return fail(member_outside, at, "the header is cut"), false; }
    auto const size = number<std::uint64_t>(head.size);
    auto const next_at = number<std::uint64_t>(head.nxtmem);
    auto const previous_at = number<std::uint64_t>(head.prvmem);
    auto const date = number<std::int64_t>(head.date);
    auto const uid = number<std::uint64_t>(head.uid);
    auto const gid = number<std::uint64_t>(head.gid);
    auto const mode = number<std::uint32_t>(head.mode, 8);
    auto const name_length = number<std::uint32_t>(head.namlen);
    if (!size || !next_at || !previous_at || !date || !uid || !gid || !mode || !name_length) {
      return fail(bad_member, at, "a field is no number"), false;
    }
    m.name = as_text(c.bytes(*name_length));
    auto const filler = c.bytes(*name_length % 2);
    auto const mark = as_text(c.bytes(2));
    if (!c.ok()) { return fail(member_outside, at, "the name is cut"), false; }
    if (mark != "`\n") { return fail(bad_member, at, "the closing mark is missing"), false; }
    if (Form::small && !filler.empty() && filler.front() != std::byte{0}) {
      fail(bad_member, at, "the name is not followed by a NUL");
    }
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
    previous = *previous_at;
    return true;
  }

  std::span<std::byte const> bytes_;
  std::vector<fault>& faults_;
  bool failed_ = false;
};

}  // namespace

std::span<diag_code const* const> codes() noexcept {
  static constexpr std::array<diag_code const*, 6> all{&not_an_archive, &bad_head,  &bad_member,
                                                       &member_outside, &bad_chain, &table_differs};
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
