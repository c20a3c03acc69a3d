// SPDX-License-Identifier: Apache-2.0
// Decoder, texts and encoder of AIXC lists.
#include "formats/aix_acl/aix_acl.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>

#include "base/cursor.hpp"
#include "base/text.hpp"

namespace sysb::aix_acl {
namespace {

constexpr std::uint32_t attribute_bits = mode_has_acl | 07000;

std::string rights_text(std::uint16_t access) {
  std::string out;
  out += (access & 4) != 0 ? 'r' : '-';
  out += (access & 2) != 0 ? 'w' : '-';
  out += (access & 1) != 0 ? 'x' : '-';
  auto const rest = static_cast<std::uint16_t>(access & ~7u);
  if (rest != 0) { out += concat("+0x", hex(rest)); }
  return out;
}

std::string_view kind_text(ace_kind k) noexcept {
  switch (k) {
    case ace_kind::permit: return "permit";
    case ace_kind::deny: return "deny";
    case ace_kind::specify: return "specify";
    case ace_kind::unknown: break;
  }
  return "kind0";
}

std::string id_text(ace_id const& i) {
  auto const head = i.type == id_user    ? std::string{"u"}
                    : i.type == id_group ? std::string{"g"}
                                         : concat("type", unsigned{i.type});
  return i.id ? concat(head, ':', *i.id) : concat(head, ":0x", hex_bytes(i.data));
}

// "permit rw- u:1,g:2"; the separators are the caller's.
std::string entry_text(ace const& e, std::string_view gap, std::string_view comma) {
  auto out = concat(kind_text(e.kind), gap, rights_text(e.access), gap);
  for (std::size_t i = 0; i < e.ids.size(); ++i) {
    if (i != 0) { out += comma; }
    out += id_text(e.ids[i]);
  }
  return out;
}

struct entry_reader {
  std::span<std::byte const> list;
  decoded& out;

  void unknown(std::size_t at, std::string detail) const {
    if (!out.unknown) { out.unknown = fault{&unknown_kind, at, std::move(detail)}; }
  }

  bool read_ids(std::size_t at, std::size_t end, ace& e) const {
    while (at < end) {
      byte_cursor c{list.subspan(at, end - at)};
      auto const head = c.take<id_head>();
      auto const length = std::size_t{head.id_len.value()};
      if (!c.ok() || length < sizeof(id_head) || length > end - at) {
        out.broken = fault{&bad_id, at,
                           concat("length ", std::uint64_t{c.ok() ? length : 0}, ", ", std::uint64_t{end - at},
                                  " bytes left in the entry")};
        return false;
      }
      ace_id id;
      id.type = head.id_type;
      auto const data = c.bytes(length - sizeof(id_head));
      id.data.assign(data.begin(), data.end());
      if (data.size() == 4) { id.id = byte_cursor{data}.take<be32>().value(); }
      if ((id.type != id_user && id.type != id_group) || !id.id) {
        unknown(at, concat("id of type ", unsigned{id.type}, " with ", std::uint64_t{data.size()}, " bytes"));
      }
      e.ids.push_back(std::move(id));
      at += length;
    }
    return true;
  }

  void read_all() const {
    std::size_t at = sizeof(acl_head);
    while (at < list.size()) {
      byte_cursor c{list.subspan(at)};
      auto const head = c.take<ace_head>();
      auto const length = std::size_t{head.ace_len.value()};
      if (!c.ok() || length < 8 || length > list.size() - at) {
        out.broken = fault{&bad_entry, at,
                           concat("length ", std::uint64_t{c.ok() ? length : 0}, ", ", std::uint64_t{list.size() - at},
                                  " bytes left in the list")};
        return;
      }
      ace e;
      e.kind = static_cast<ace_kind>(head.type_access.value() >> 14);
      e.access = static_cast<std::uint16_t>(head.type_access.value() & 0x3fff);
      if (e.kind == ace_kind::unknown || (e.access & ~7u) != 0) {
        unknown(at, concat("kind and rights 0x", hex(head.type_access, 4)));
      }
      if (!read_ids(at + sizeof(ace_head), at + length, e)) { return; }
      out.entries.push_back(std::move(e));
      at += length;
    }
  }
};

}  // namespace

std::span<diag_code const* const> codes() noexcept {
  static constexpr std::array<diag_code const*, 5> all{&truncated, &bad_length, &bad_entry, &bad_id, &unknown_kind};
  return all;
}

diagnostic to_diagnostic(fault const& f, std::string_view path, std::uint64_t at) {
  diagnostic d;
  d.code = f.code;
  d.offset = at + f.offset;
  d.path = std::string{path};
  d.detail = f.detail;
  return d;
}

decoded decode(std::span<std::byte const> acl) {
  decoded out;
  if (acl.empty()) { return out; }
  byte_cursor c{acl};
  auto const head = c.take<acl_head>();
  if (!c.ok()) {
    out.broken = fault{&truncated, 0, concat("16 bytes needed, ", std::uint64_t{acl.size()}, " there")};
    return out;
  }
  out.mode = head.acl_mode;
  out.u_access = head.u_access;
  out.g_access = head.g_access;
  out.o_access = head.o_access;
  out.enabled = (out.mode & mode_has_acl) != 0;
  auto const used = std::size_t{head.acl_len.value()};
  if (used < sizeof(acl_head) || used > acl.size()) {
    out.broken = fault{&bad_length, 0,
                       concat("length ", std::uint64_t{used}, " in a block of ", std::uint64_t{acl.size()}, " bytes")};
    return out;
  }
  out.extended = used > sizeof(acl_head);
  entry_reader{acl.first(used), out}.read_all();
  return out;
}

std::string to_text(decoded const& acl) {
  std::string out;
  if (acl.entries.empty()) { return out; }
  if (!acl.enabled) { out = "disabled"; }
  for (auto const& e : acl.entries) {
    if (!out.empty()) { out += '\n'; }
    out += entry_text(e, " ", ",");
  }
  return out;
}

std::string to_aclget_text(decoded const& acl, std::uint32_t uid, std::uint32_t gid) {
  std::string attributes;
  auto const attribute = [&](std::uint32_t bit, std::string_view name) {
    if ((acl.mode & bit) == 0) { return; }
    attributes += concat(attributes.empty() ? " " : ", ", name);
  };
  attribute(04000, "SUID");
  attribute(02000, "SGID");
  attribute(01000, "SVTX");
  auto out = concat("*\n* ACL_type   AIXC\n*\nattributes:", attributes, "\nbase permissions\n    owner(", uid,
                    "):  ", rights_text(acl.u_access), "\n    group(", gid, "):  ", rights_text(acl.g_access),
                    "\n    others:  ", rights_text(acl.o_access), "\nextended permissions\n    ",
                    acl.enabled ? "enabled" : "disabled", '\n');
  for (auto const& e : acl.entries) { out += concat("    ", entry_text(e, "  ", ", "), '\n'); }
  return out;
}

bool proves_itself(std::span<std::byte const> acl, std::span<std::byte const> pcl, std::uint32_t header_mode) noexcept {
  byte_cursor a{acl};
  byte_cursor p{pcl};
  auto const list = a.take<acl_head>();
  auto const privileges = p.take<pcl_block>();
  if (!a.ok() || !p.ok()) { return false; }
  auto const used = std::uint64_t{list.acl_len.value()};
  return used >= sizeof(acl_head) && used <= acl.size() && acl.size() - used <= 7 &&
         privileges.pcl_len == sizeof(pcl_block) && privileges.pcl_mode == header_mode;
}

bool has_privileges(std::span<std::byte const> pcl) noexcept {
  if (pcl.size() <= 8) { return false; }
  auto const rest = pcl.subspan(8);
  return std::any_of(rest.begin(), rest.end(), [](std::byte b) { return b != std::byte{0}; });
}

std::array<std::byte, 16> plain_acl(std::uint32_t mode) noexcept {
  acl_head head{};
  head.acl_len = static_cast<std::uint32_t>(sizeof(acl_head));
  head.acl_mode = mode & attribute_bits;
  head.u_access = static_cast<std::uint16_t>((mode >> 6) & 7);
  head.g_access = static_cast<std::uint16_t>((mode >> 3) & 7);
  head.o_access = static_cast<std::uint16_t>(mode & 7);
  std::array<std::byte, 16> out{};
  std::memcpy(out.data(), &head, sizeof(head));
  return out;
}

std::array<std::byte, 16> plain_pcl(std::uint32_t mode) noexcept {
  pcl_block block{};
  block.pcl_len = static_cast<std::uint32_t>(sizeof(pcl_block));
  block.pcl_mode = mode;
  std::array<std::byte, 16> out{};
  std::memcpy(out.data(), &block, sizeof(block));
  return out;
}

std::vector<std::byte> encode(decoded const& acl) {
  auto const length_of = [](ace const& e) {
    std::size_t length = sizeof(ace_head);
    for (auto const& i : e.ids) { length += sizeof(id_head) + i.data.size(); }
    return length;
  };
  std::size_t used = sizeof(acl_head);
  for (auto const& e : acl.entries) { used += length_of(e); }
  std::vector<std::byte> out((used + 7) / 8 * 8);
  std::size_t at = 0;
  auto const put = [&](void const* bytes, std::size_t n) {
    if (n != 0) { std::memcpy(out.data() + at, bytes, n); }
    at += n;
  };

  acl_head head{};
  head.acl_len = static_cast<std::uint32_t>(used);
  head.acl_mode = acl.mode;
  head.u_access = acl.u_access;
  head.g_access = acl.g_access;
  head.o_access = acl.o_access;
  put(&head, sizeof(head));
  for (auto const& e : acl.entries) {
    ace_head entry{};
    entry.ace_len = static_cast<std::uint16_t>(length_of(e));
    auto const kind_bits = static_cast<unsigned>(e.kind) << 14;
    entry.type_access = static_cast<std::uint16_t>(kind_bits | (e.access & 0x3fffu));
    put(&entry, sizeof(entry));
    for (auto const& i : e.ids) {
      id_head id{};
      id.id_len = static_cast<std::uint16_t>(sizeof(id_head) + i.data.size());
      id.id_type = i.type;
      put(&id, sizeof(id));
      put(i.data.data(), i.data.size());
    }
  }
  return out;
}

}  // namespace sysb::aix_acl
