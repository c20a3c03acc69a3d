// SPDX-License-Identifier: Apache-2.0
// Writes archives for tests and generated samples: members, then the member table.
#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include "base/text.hpp"
#include "formats/aix_archive/aix_archive.hpp"
#include "formats/aix_archive/layout.hpp"

namespace sysb::aix_archive {
namespace {

template <std::size_t N>
void put(char (&field)[N], std::string const& text) {
  std::fill(field, field + N, ' ');
  std::memcpy(field, text.data(), std::min(N, text.size()));
}

template <typename T>
void store(std::vector<std::byte>& out, std::size_t at, T const& v) {
  std::memcpy(out.data() + at, &v, sizeof(T));
}

void append(std::vector<std::byte>& out, std::string_view text) {
  auto const bytes = as_bytes(text);
  out.insert(out.end(), bytes.begin(), bytes.end());
}

void make_even(std::vector<std::byte>& out) { out.resize((out.size() + 1) / 2 * 2); }

std::string text_of(std::uint64_t v) { return concat(v); }

std::string octal_text(std::uint32_t v) {
  std::array<char, 12> digits{};
  auto const end = std::to_chars(digits.data(), digits.data() + digits.size(), v, 8).ptr;
  return {digits.data(), end};
}

template <typename FileHead, typename MemberHead>
std::vector<std::byte> write(std::vector<new_member> const& members, std::string_view magic, std::size_t number_width) {
  std::vector<std::byte> out(sizeof(FileHead));
  std::vector<std::uint64_t> at;
  auto const add = [&](MemberHead const& head, std::string_view name, std::string_view content) {
    auto const start = out.size();
    out.resize(start + sizeof(MemberHead));
    store(out, start, head);
    append(out, name);
    make_even(out);
    append(out, "`\n");
    append(out, content);
    make_even(out);
  };
  std::uint64_t previous = 0;
  auto const head_of = [&](std::uint64_t size, std::size_t name_length) {
    MemberHead head{};
    put(head.size, text_of(size));
    put(head.nxtmem, "0");
    put(head.prvmem, text_of(previous));
    put(head.date, "0");
    put(head.uid, "0");
    put(head.gid, "0");
    put(head.mode, "0");
    put(head.namlen, text_of(name_length));
    return head;
  };
  for (auto const& m : members) {
    auto head = head_of(m.content.size(), m.name.size());
    put(head.date, concat(m.date));
    put(head.uid, text_of(m.uid));
    put(head.gid, text_of(m.gid));
    put(head.mode, octal_text(m.mode));
    at.push_back(out.size());
    previous = out.size();
    add(head, m.name, m.content);
  }
  // The way to the next member; after the last one comes the member table.
  auto const table_at = out.size();
  for (std::size_t i = 0; i < at.size(); ++i) {
    MemberHead head{};
    std::memcpy(&head, out.data() + at[i], sizeof(head));
    put(head.nxtmem, text_of(i + 1 < at.size() ? at[i + 1] : table_at));
    store(out, at[i], head);
  }
  auto const padded = [&](std::uint64_t v) {
    auto text = text_of(v);
    text.resize(number_width, ' ');
    return text;
  };
  auto table = padded(at.size());
  for (auto const offset : at) { table += padded(offset); }
  for (auto const& m : members) { table.append(m.name).push_back('\0'); }
  add(head_of(table.size(), 0), "", table);

  FileHead head{};
  std::memset(&head, ' ', sizeof(head));
  std::memcpy(head.magic, magic.data(), magic.size());
  put(head.memoff, text_of(table_at));
  put(head.gstoff, "0");
  if constexpr (requires { head.gst64off; }) { put(head.gst64off, "0"); }
  put(head.fstmoff, text_of(at.empty() ? 0 : at.front()));
  put(head.lstmoff, text_of(at.empty() ? 0 : at.back()));
  put(head.freeoff, "0");
  store(out, 0, head);
  return out;
}

}  // namespace

std::vector<std::byte> build(std::vector<new_member> const& members, bool big) {
  return big ? write<big_file_head, big_member_head>(members, "<bigaf>\n", 20)
             : write<small_file_head, small_member_head>(members, "<aiaff>\n", 12);
}

}  // namespace sysb::aix_archive
