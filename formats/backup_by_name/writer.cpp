// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cstring>

#include "base/cursor.hpp"
#include "base/text.hpp"
#include "core/fatal_error.hpp"
#include "formats/aix_acl/aix_acl.hpp"
#include "formats/backup_by_name/backup_by_name.hpp"
#include "formats/backup_by_name/decode.hpp"

namespace sysb::backup_by_name {
namespace {

using kind = fatal_error::kind;

constexpr std::size_t max_name = max_header_bytes - sizeof(name_x_record) - 1;
constexpr std::size_t max_target = 4095;
constexpr std::uint64_t max_size = 0xffffffff;

template <typename Record>
std::span<std::byte const> bytes_of(Record const& r) {
  return std::as_bytes(std::span{&r, 1});
}

// Signed 32 bits is what a header holds; the loss check told the user before.
std::uint32_t record_time(std::int64_t t) {
  auto const clamped = std::clamp<std::int64_t>(t, -0x80000000ll, 0x7fffffff);
  return static_cast<std::uint32_t>(static_cast<std::int32_t>(clamped));
}

template <std::size_t N>
void put_text(char (&field)[N], std::string_view text) {
  std::copy_n(text.begin(), std::min(N, text.size()), field);
}

std::vector<std::byte> padded(std::span<std::byte const> bytes) {
  std::vector<std::byte> out(bytes.begin(), bytes.end());
  out.resize(static_cast<std::size_t>(align8(out.size())));
  return out;
}

// Lists of `about` where they check themselves in the new record, else new ones.
std::vector<std::byte> security_of(entry const& about) {
  auto acl = padded(about.acl);
  auto pcl = padded(about.pcl);
  if (!aix_acl::proves_itself(acl, aix_acl::plain_pcl(about.mode), about.mode)) {
    auto const plain = aix_acl::plain_acl(about.mode);
    acl.assign(plain.begin(), plain.end());
  }
  if (!aix_acl::proves_itself(acl, pcl, about.mode)) {
    auto const plain = aix_acl::plain_pcl(about.mode);
    pcl.assign(plain.begin(), plain.end());
  }
  security_prefix p{};
  p.acl_dwords = static_cast<std::uint32_t>(acl.size() / 8);
  p.pcl_dwords = static_cast<std::uint32_t>(pcl.size() / 8);
  auto const head = bytes_of(p);
  std::vector<std::byte> out(head.begin(), head.end());
  out.insert(out.end(), acl.begin(), acl.end());
  out.insert(out.end(), pcl.begin(), pcl.end());
  return out;
}

void seal(std::vector<std::byte>& header) {
  le16 const sum{header_checksum(header)};
  std::memcpy(header.data() + offsetof(record_prefix, checksum), &sum, sizeof sum);
}

}  // namespace

writer::writer(std::function<void(std::span<std::byte const>)> out) : out_{std::move(out)} {}

void writer::put(std::span<std::byte const> bytes) {
  position_ += bytes.size();
  if (!bytes.empty()) { out_(bytes); }
}

void writer::zeros(std::uint64_t n) {
  static constexpr std::array<std::byte, 4096> block{};
  while (n != 0) {
    auto const now = static_cast<std::size_t>(std::min<std::uint64_t>(n, block.size()));
    put(std::span{block}.first(now));
    n -= now;
  }
}

void writer::volume(volume_label const& label) {
  volume_record v{};
  v.prefix.length = sizeof(volume_record) / 8;
  v.prefix.type = record_type::volume;
  v.prefix.magic = record_magic::plain;
  v.volnum = static_cast<std::uint16_t>(label.number);
  v.date = record_time(label.date);
  v.ddate = record_time(label.date);
  v.numwds = 0x7fffffffu;
  put_text(v.disk, "by name");
  put_text(v.fsname, "by name");
  put_text(v.user, label.user);
  v.incno = 100;
  auto const view = bytes_of(v);
  std::vector<std::byte> header(view.begin(), view.end());
  seal(header);
  put(header);
}

void writer::volume_raw(std::span<std::byte const> header) {
  if (header.size() != sizeof(volume_record)) { throw fatal_error{kind::internal, "a volume header has 72 bytes"}; }
  put(header);
}

void writer::begin_member(entry const& about, std::uint64_t stored_size, bool packed) {
  auto const refuse = [&](std::string why) {
    throw fatal_error{kind::unsupported, concat("a backup record cannot hold ", why), std::nullopt, about.path};
  };
  if (in_member_) { throw fatal_error{kind::internal, "the member before was not ended"}; }
  if (about.path.empty() || about.path.size() > max_name || about.path.find('\0') != std::string::npos) {
    refuse(concat("a name of ", std::uint64_t{about.path.size()}, " bytes"));
  }
  auto const file = about.kind == entry_kind::file;
  auto const link = about.kind == entry_kind::symlink;
  if (link &&
      (about.target.empty() || about.target.size() > max_target || about.target.find('\0') != std::string::npos)) {
    refuse(concat("a link target of ", std::uint64_t{about.target.size()}, " bytes"));
  }
  if (file && (about.size > max_size || stored_size > max_size)) { refuse(concat(about.size, " bytes of content")); }

  name_x_record r{};
  r.prefix.type = record_type::name_x;
  r.prefix.magic = packed && file ? record_magic::packed : record_magic::plain;
  auto const bytes = sizeof r + static_cast<std::size_t>(align8(about.path.size() + 1));
  r.prefix.length = static_cast<std::uint8_t>(bytes / 8);
  r.nlink = static_cast<std::uint16_t>(std::min<std::uint32_t>(std::max(about.nlink, 1u), 0xffff));
  r.ino = about.ino;
  r.mode = about.mode;
  r.uid = about.uid;
  r.gid = about.gid;
  r.size = static_cast<std::uint32_t>(link ? about.target.size() : file ? about.size : 0);
  r.atime = record_time(about.atime);
  r.mtime = record_time(about.mtime);
  r.ctime = record_time(about.ctime);
  r.devmaj = about.dev.major;
  r.devmin = about.dev.minor;
  r.rdevmaj = about.rdev.major;
  r.rdevmin = about.rdev.minor;
  r.dsize = static_cast<std::uint32_t>(link ? about.target.size() : file ? stored_size : 0);
  auto const fixed = bytes_of(r);
  std::vector<std::byte> header(fixed.begin(), fixed.end());
  auto const name = as_bytes(about.path);
  header.insert(header.end(), name.begin(), name.end());
  header.resize(bytes);
  seal(header);
  put(header);
  if (link) {
    put(as_bytes(about.target));
    zeros(align8(about.target.size()) - about.target.size());
  } else {
    put(security_of(about));
  }
  in_member_ = true;
  data_size_ = data_left_ = file ? stored_size : 0;
}

void writer::data(std::span<std::byte const> piece) {
  if (!in_member_ || piece.size() > data_left_) {
    throw fatal_error{kind::internal, "more content than a record announced"};
  }
  data_left_ -= piece.size();
  put(piece);
}

void writer::end_member() {
  if (!in_member_ || data_left_ != 0) {
    throw fatal_error{kind::internal, concat("content of a record is short of ", data_left_, " bytes")};
  }
  zeros(align8(data_size_) - data_size_);
  in_member_ = false;
}

void writer::raw(std::span<std::byte const> piece) { put(piece); }

void writer::finish() {
  if (in_member_) { throw fatal_error{kind::internal, "the last member was not ended"}; }
  end_record e{};
  e.prefix.length = 1;
  e.prefix.type = record_type::end;
  e.prefix.magic = record_magic::plain;
  e.stale[0] = 1;
  auto const view = bytes_of(e);
  std::vector<std::byte> record(view.begin(), view.end());
  seal(record);
  put(record);
  zeros((cluster_bytes - position_ % cluster_bytes) % cluster_bytes);
}

}  // namespace sysb::backup_by_name
