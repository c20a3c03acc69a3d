// SPDX-License-Identifier: Apache-2.0
// Field by field: volume header 72 bytes, member header 64 bytes and the name, end record 8 bytes,
// security record. All header integers are little-endian; ids inside an ACL entry are big-endian.
#include "support/image_record.hpp"

#include <algorithm>
#include <stdexcept>

namespace sysb::test {

bytes to_bytes(std::string_view text) {
  auto const raw = std::as_bytes(std::span{text.data(), text.size()});
  return {raw.begin(), raw.end()};
}

void append(bytes& out, std::span<std::byte const> more) { out.insert(out.end(), more.begin(), more.end()); }

void append(bytes& out, std::string_view more) { append(out, std::as_bytes(std::span{more.data(), more.size()})); }

void put_u8(bytes& out, std::uint32_t v) { out.push_back(static_cast<std::byte>(v & 0xff)); }

void put_le16(bytes& out, std::uint32_t v) {
  put_u8(out, v);
  put_u8(out, v >> 8);
}

void put_le32(bytes& out, std::uint32_t v) {
  put_le16(out, v);
  put_le16(out, v >> 16);
}

void put_be16(bytes& out, std::uint32_t v) {
  put_u8(out, v >> 8);
  put_u8(out, v);
}

void put_be32(bytes& out, std::uint32_t v) {
  put_be16(out, v >> 16);
  put_be16(out, v);
}

std::uint64_t round_up(std::uint64_t v, std::uint64_t unit) { return (v + unit - 1) / unit * unit; }

void pad_to(bytes& out, std::size_t unit, std::byte with) {
  out.resize(static_cast<std::size_t>(round_up(out.size(), unit)), with);
}

std::uint16_t header_checksum(std::span<std::byte const> header) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < header.size(); ++i) {
    if (i == 4 || i == 5) { continue; }
    auto const b = std::to_integer<std::uint32_t>(header[i]);
    sum += b << (b & 7);
  }
  return static_cast<std::uint16_t>(sum);
}

namespace {

void put_field(bytes& out, std::string_view text, std::size_t width) {
  if (text.size() > width) { throw std::invalid_argument{"text wider than its field"}; }
  append(out, text);
  out.resize(out.size() + width - text.size());
}

// Length, type, magic and a place for the checksum.
void put_prefix(bytes& out, std::uint8_t type, std::uint16_t magic) {
  put_u8(out, 0);
  put_u8(out, type);
  put_le16(out, magic);
  put_le16(out, 0);
}

void seal(bytes& header, header_overrides const& o) {
  if (header.size() % 8 != 0 || header.size() / 8 > 255) {
    throw std::invalid_argument{"header longer than its length byte can say"};
  }
  header[0] = static_cast<std::byte>(o.length.value_or(static_cast<std::uint8_t>(header.size() / 8)));
  if (o.type) { header[1] = static_cast<std::byte>(*o.type); }
  if (o.magic) {
    header[2] = static_cast<std::byte>(*o.magic & 0xff);
    header[3] = static_cast<std::byte>(*o.magic >> 8);
  }
  auto const sum = o.checksum.value_or(header_checksum(header));
  header[4] = static_cast<std::byte>(sum & 0xff);
  header[5] = static_cast<std::byte>(sum >> 8);
}

void put_name(bytes& out, name_fields const& f) {
  append(out, f.name);
  put_u8(out, 0);
  auto const room = round_up(out.size(), 8) - out.size();
  for (std::size_t i = 0; i < room; ++i) {
    out.push_back(i < f.name_padding.size() ? f.name_padding[i] : std::byte{0});
  }
}

// AIX/RT 2.x: 16-bit ids, no ACL.
bytes rt_header(name_fields const& f) {
  bytes out;
  put_prefix(out, f.type, f.magic);
  put_le16(out, f.ino);         // [0x06]
  put_le16(out, f.mode);        // [0x08]
  put_le16(out, f.nlink);       // [0x0a]
  put_le16(out, f.uid);         // [0x0c]
  put_le16(out, f.gid);         // [0x0e]
  put_le32(out, f.size);        // [0x10]
  put_le32(out, f.mtime);       // [0x14]
  put_le32(out, f.atime);       // [0x18]
  put_le32(out, f.ctime);       // [0x1c]
  put_le32(out, f.dev.minor);   // [0x20]
  put_le32(out, f.rdev.minor);  // [0x24]
  put_le32(out, f.dsize);       // [0x28]
  put_le32(out, f.pad);         // [0x2c]
  put_name(out, f);             // [0x30]
  return out;
}

}  // namespace

bytes volume_header(volume_fields const& f) {
  bytes out;
  put_prefix(out, record_type::volume, record_magic::plain);
  put_le16(out, f.number);                       // [0x06]
  put_le32(out, f.date);                         // [0x08]
  put_le32(out, f.level_date.value_or(f.date));  // [0x0c]
  put_le32(out, f.capacity);                     // [0x10]
  put_field(out, f.disk, 16);                    // [0x14]
  put_field(out, f.filesystem, 16);              // [0x24]
  put_field(out, f.user, 16);                    // [0x34]
  put_le16(out, f.increment);                    // [0x44]
  put_le16(out, f.pad);                          // [0x46]
  seal(out, f.header);
  return out;
}

bytes name_header(name_fields const& f) {
  if (f.type == record_type::name_rt) {
    auto out = rt_header(f);
    seal(out, f.header);
    return out;
  }
  bytes out;
  put_prefix(out, f.type, f.magic);
  put_le16(out, f.nlink);                                   // [0x06]
  put_le32(out, f.ino);                                     // [0x08]
  put_le32(out, f.mode);                                    // [0x0c]
  put_le32(out, f.uid);                                     // [0x10]
  put_le32(out, f.gid);                                     // [0x14]
  put_le32(out, f.size);                                    // [0x18]
  put_le32(out, f.atime);                                   // [0x1c]
  put_le32(out, f.mtime);                                   // [0x20]
  put_le32(out, f.ctime);                                   // [0x24]
  put_le32(out, f.dev.major);                               // [0x28]
  put_le32(out, f.dev.minor);                               // [0x2c]
  put_le32(out, f.rdev.major);                              // [0x30]
  put_le32(out, f.rdev.minor);                              // [0x34]
  put_le32(out, f.dsize);                                   // [0x38]
  put_le32(out, f.pad);                                     // [0x3c]
  if (f.type == record_type::name_ps2) { out.resize(72); }  // eight more bytes, unassigned
  put_name(out, f);                                         // [0x40], with PS/2 [0x48]
  seal(out, f.header);
  return out;
}

bytes end_record(std::array<std::uint8_t, 2> stale, header_overrides const& header) {
  bytes out;
  put_prefix(out, record_type::end, record_magic::plain);
  put_u8(out, stale[0]);  // [0x06] uninitialised, but under the checksum
  put_u8(out, stale[1]);
  seal(out, header);
  return out;
}

bytes acl(acl_fields const& f) {
  bytes entries;
  for (auto const& e : f.entries) {
    bytes ids;
    for (auto const& id : e.ids) {
      put_le16(ids, 8);                                    // this id with its own head
      put_le16(ids, static_cast<std::uint32_t>(id.kind));  // 1 user, 2 group
      put_be32(ids, id.id);                                // native order of AIX
    }
    put_le16(entries, static_cast<std::uint32_t>(4 + ids.size()));
    put_le16(entries, (static_cast<std::uint32_t>(e.kind) << 14) | e.access);
    append(entries, ids);
  }
  bytes out;
  put_le32(out, static_cast<std::uint32_t>(16 + entries.size()));  // [0x00] bytes used
  put_le32(out, f.mode);                                           // [0x04]
  put_le16(out, f.reserved);                                       // [0x08]
  put_le16(out, f.owner);                                          // [0x0a]
  put_le16(out, f.group);                                          // [0x0c]
  put_le16(out, f.others);                                         // [0x0e]
  append(out, entries);                                            // [0x10]
  pad_to(out, 8);
  return out;
}

bytes pcl(std::uint32_t mode) {
  bytes out;
  put_le32(out, 16);    // [0x00] bytes used
  put_le32(out, mode);  // [0x04] the header's mode again
  out.resize(16);       // [0x08] no privileges
  return out;
}

bytes security_record(std::span<std::byte const> acl, std::span<std::byte const> pcl) {
  bytes body{acl.begin(), acl.end()};
  append(body, pcl);
  return security_record(static_cast<std::uint32_t>(acl.size() / 8), static_cast<std::uint32_t>(pcl.size() / 8), body);
}

bytes security_record(std::uint32_t acl_words, std::uint32_t pcl_words, std::span<std::byte const> body) {
  bytes out;
  put_le32(out, acl_words);
  put_le32(out, pcl_words);
  append(out, body);
  return out;
}

}  // namespace sysb::test
