// SPDX-License-Identifier: Apache-2.0
#include "support/image_builder.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include "base/digest.hpp"
#include "formats/packed/packed.hpp"
#include "support/image_output.hpp"

namespace sysb::test {

struct image_builder::plan {
  name_fields header;
  test::bytes security;
  bool security_first = true;  // before the content, as everywhere but with two symlink layouts
  test::bytes content;         // as stored
  std::uint64_t length = 0;    // of the content as stored, where `fill` or a hole makes it
  filler fill;
  bool hole = false;
  std::uint64_t size = 0;  // plain bytes
  std::string digest;
  std::string target;
};

image_builder::image_builder() : out_{memory_output()} {}
image_builder::image_builder(int descriptor) : out_{descriptor_output(descriptor)} {}
image_builder::~image_builder() = default;
image_builder::image_builder(image_builder&&) noexcept = default;
image_builder& image_builder::operator=(image_builder&&) noexcept = default;

std::uint64_t image_builder::position() const noexcept { return out_->position(); }

bytes image_builder::bytes() const {
  auto const* all = out_->memory();
  if (all == nullptr) { throw std::logic_error{"the image went to a descriptor"}; }
  return *all;
}

image_builder& image_builder::volume(volume_fields const& f) {
  volume_ = f;
  out_->put(volume_header(f));
  return *this;
}

name_fields image_builder::fields(std::string_view path, std::uint32_t type_bits, std::uint32_t perm,
                                  member_options const& o) const {
  name_fields f;
  f.type = o.type;
  f.mode = o.mode.value_or(type_bits | o.perm.value_or(perm));
  if (!o.mode && !o.acl.empty() && o.acl_enabled) { f.mode |= mode_bits::extended_acl; }
  f.uid = o.uid;
  f.gid = o.gid;
  f.mtime = o.mtime.value_or(volume_.date);
  f.atime = o.atime.value_or(f.mtime);
  f.ctime = o.ctime.value_or(f.mtime);
  f.nlink = o.nlink.value_or(1);
  f.ino = o.ino.value_or(0);
  f.dev = o.dev;
  f.rdev = o.rdev;
  f.name = path;
  f.name_padding = o.name_padding;
  f.header = o.header;
  return f;
}

bytes image_builder::security_of(name_fields const& f, member_options const& o) const {
  if (o.bare || f.type == record_type::name_rt || f.type == record_type::name_ps2) { return {}; }
  if (o.security) { return security_record(o.security->acl_words, o.security->pcl_words, o.security->body); }
  auto const attributes = f.mode & (07000u | mode_bits::extended_acl);
  acl_fields a;
  a.mode = o.acl_mode.value_or(o.acl_full_mode ? f.mode : attributes);
  a.reserved = o.acl_reserved;
  a.owner = static_cast<std::uint16_t>((f.mode >> 6) & 7);
  a.group = static_cast<std::uint16_t>((f.mode >> 3) & 7);
  a.others = static_cast<std::uint16_t>(f.mode & 7);
  a.entries = o.acl;
  return security_record(acl(a), pcl(f.mode));
}

void image_builder::put_record(plan const& p, member_options const& o) {
  known_member known;
  known.path = p.header.name;
  known.kind = kind_name(p.header.mode);
  known.mode = p.header.mode;
  known.uid = p.header.uid;
  known.gid = p.header.gid;
  known.mtime = static_cast<std::int32_t>(p.header.mtime);
  known.packed = p.header.magic == record_magic::packed;
  known.size = p.size;
  known.target = p.target;
  known.digest = p.digest;
  known.offset = out_->position();

  auto const header = name_header(p.header);
  known.header_bytes = header.size();
  out_->put(header);
  if (p.security_first) { out_->put(p.security); }
  out_->put(o.opaque_before);

  known.content_offset = out_->position();
  if (p.fill) {
    test::bytes piece;
    for (std::uint64_t at = 0; at < p.length; at += piece.size()) {
      piece.resize(static_cast<std::size_t>(std::min<std::uint64_t>(p.length - at, 1u << 20)));
      p.fill(at, piece);
      out_->put(piece);
    }
  } else if (p.hole) {
    out_->put(to_bytes("<<begin>"));
    out_->zeros(p.length - 16);
    out_->put(to_bytes("<the end"));
  } else {
    out_->put(p.content);
  }
  known.stored = out_->position() - known.content_offset;
  auto const room = static_cast<std::size_t>(round_up(known.stored, 8) - known.stored);
  test::bytes padding = o.data_padding;
  padding.resize(room);
  out_->put(padding);
  if (!p.security_first) { out_->put(p.security); }
  out_->put(o.opaque_after);
  known.end = out_->position();
  members_.push_back(std::move(known));
}

image_builder& image_builder::file(std::string_view path, std::string_view content, member_options const& o) {
  return file(path, std::as_bytes(std::span{content.data(), content.size()}), o);
}

image_builder& image_builder::file(std::string_view path, std::span<std::byte const> content, member_options const& o) {
  plan p;
  p.header = fields(path, mode_bits::file, 0644, o);
  p.header.size = o.size.value_or(static_cast<std::uint32_t>(content.size()));
  p.header.dsize = o.dsize.value_or(static_cast<std::uint32_t>(content.size()));
  p.header.pad = o.pad.value_or(0);
  p.security = security_of(p.header, o);
  p.content.assign(content.begin(), content.end());
  p.size = content.size();
  if (!content.empty()) { p.digest = to_text(digest_of(content)); }
  put_record(p, o);
  return *this;
}

image_builder& image_builder::packed_file(std::string_view path, std::string_view content, member_options const& o) {
  auto const plain = std::as_bytes(std::span{content.data(), content.size()});
  auto const stored = packed::pack(plain);
  if (!stored) { throw std::invalid_argument{"empty content has no packed form"}; }
  packed_stream(path, *stored, content.size(), o);
  members_.back().digest = to_text(digest_of(plain));
  return *this;
}

image_builder& image_builder::file_as_aix(std::string_view path, std::string_view content, member_options const& o) {
  auto const plain = std::as_bytes(std::span{content.data(), content.size()});
  auto const stored = packed::pack(plain);
  auto const blocks = [](std::uint64_t n) { return round_up(n, 4096) / 4096; };
  if (!stored || blocks(content.size()) < blocks(stored->size()) + 2) { return file(path, content, o); }
  return packed_file(path, content, o);
}

image_builder& image_builder::packed_stream(std::string_view path, std::span<std::byte const> stored,
                                            std::uint64_t size, member_options const& o) {
  plan p;
  p.header = fields(path, mode_bits::file, 0644, o);
  p.header.magic = record_magic::packed;
  p.header.size = o.size.value_or(static_cast<std::uint32_t>(size));
  p.header.dsize = o.dsize.value_or(static_cast<std::uint32_t>(stored.size()));
  p.header.pad = o.pad.value_or(0);
  p.security = security_of(p.header, o);
  p.content.assign(stored.begin(), stored.end());
  p.size = size;
  put_record(p, o);
  return *this;
}

image_builder& image_builder::generated_file(std::string_view path, std::uint64_t size, filler const& fill,
                                             member_options const& o) {
  plan p;
  p.header = fields(path, mode_bits::file, 0644, o);
  p.header.size = o.size.value_or(static_cast<std::uint32_t>(size));
  p.header.dsize = o.dsize.value_or(static_cast<std::uint32_t>(size));
  p.header.pad = o.pad.value_or(static_cast<std::uint32_t>(size >> 32));
  p.security = security_of(p.header, o);
  p.size = size;
  p.length = size;
  p.fill = fill;
  put_record(p, o);
  return *this;
}

image_builder& image_builder::huge_file(std::string_view path, std::uint64_t size, large_layout layout,
                                        member_options const& o) {
  if (size < 16) { throw std::invalid_argument{"a huge file of less than 16 bytes"}; }
  auto const low = static_cast<std::uint32_t>(size);
  auto const high = static_cast<std::uint32_t>(size >> 32);
  plan p;
  p.header = fields(path, mode_bits::file, 0644, o);
  p.header.size = o.size.value_or(low);
  p.header.dsize = o.dsize.value_or(layout == large_layout::size_pad ? 0 : low);
  p.header.pad = o.pad.value_or(layout == large_layout::wrapped ? 0 : high);
  p.security = security_of(p.header, o);
  p.size = size;
  p.length = size;
  p.hole = true;
  put_record(p, o);
  return *this;
}

image_builder& image_builder::directory(std::string_view path, member_options const& o) {
  plan p;
  auto const old = o.type == record_type::name_rt || o.type == record_type::name_ps2;
  auto const high = old ? 0 : mode_bits::journalled;
  p.header = fields(path, mode_bits::directory | high, 0755, o);
  p.header.nlink = o.nlink.value_or(2);
  // Newer writers count down, so that a directory is never taken for a link.
  if (!o.ino) { p.header.ino = next_directory_ino_--; }
  p.header.size = o.size.value_or(0);
  p.header.dsize = o.dsize.value_or(old ? 0 : 256);  // st_size on disk, not a data length
  p.header.pad = o.pad.value_or(0);
  p.security = security_of(p.header, o);
  put_record(p, o);
  return *this;
}

image_builder& image_builder::symlink(std::string_view path, std::string_view target, symlink_layout layout,
                                      member_options const& o) {
  auto const length = static_cast<std::uint32_t>(target.size());
  plan p;
  p.header = fields(path, mode_bits::symlink, 0777, o);
  p.content = to_bytes(target);
  auto size = length;
  auto dsize = length;
  auto with_security = false;
  switch (layout) {
    case symlink_layout::target: break;
    case symlink_layout::security_target: with_security = true; break;
    case symlink_layout::target_security:
      with_security = true;
      p.security_first = false;
      break;
    case symlink_layout::target_nul_security:
      with_security = true;
      p.security_first = false;
      put_u8(p.content, 0);
      pad_to(p.content, 8);
      break;
    case symlink_layout::target_dsize: size = 0; break;
    case symlink_layout::target_nul:
      size = 0;
      dsize = 0;
      put_u8(p.content, 0);
      break;
  }
  p.header.size = o.size.value_or(size);
  p.header.dsize = o.dsize.value_or(dsize);
  p.header.pad = o.pad.value_or(0);
  if (with_security) { p.security = security_of(p.header, o); }
  p.size = length;
  p.target = target;
  put_record(p, o);
  members_.back().stored = length;
  return *this;
}

image_builder& image_builder::hard_link(std::string_view path, std::string_view content, link_layout layout,
                                        member_options const& o) {
  if (layout == link_layout::repeated) { return file(path, content, o); }
  auto const sized = layout == link_layout::sized || layout == link_layout::sized_bare;
  auto const bare = layout == link_layout::empty_bare || layout == link_layout::sized_bare;
  auto const length = sized ? static_cast<std::uint32_t>(content.size()) : 0;
  plan p;
  p.header = fields(path, mode_bits::file, 0644, o);
  p.header.size = o.size.value_or(length);
  p.header.dsize = o.dsize.value_or(length);
  p.header.pad = o.pad.value_or(0);
  if (!bare) { p.security = security_of(p.header, o); }
  p.size = content.size();  // of the file; its record may say 0
  put_record(p, o);
  return *this;
}

image_builder& image_builder::special(std::string_view path, std::uint32_t type_bits, std::uint32_t perm,
                                      member_options const& o) {
  plan p;
  p.header = fields(path, type_bits, perm, o);
  p.header.size = o.size.value_or(0);
  p.header.dsize = o.dsize.value_or(0);
  p.header.pad = o.pad.value_or(0);
  p.security = security_of(p.header, o);
  put_record(p, o);
  return *this;
}

image_builder& image_builder::char_device(std::string_view path, device number, member_options const& o) {
  auto with = o;
  with.rdev = number;
  return special(path, mode_bits::char_device, 0600, with);
}

image_builder& image_builder::block_device(std::string_view path, device number, member_options const& o) {
  auto with = o;
  with.rdev = number;
  return special(path, mode_bits::block_device, 0600, with);
}

image_builder& image_builder::fifo(std::string_view path, member_options const& o) {
  return special(path, mode_bits::fifo, 0600, o);
}

image_builder& image_builder::socket(std::string_view path, member_options const& o) {
  return special(path, mode_bits::socket, 0666, o);
}

image_builder& image_builder::raw(std::span<std::byte const> b) {
  out_->put(b);
  return *this;
}

image_builder& image_builder::end() { return end(end_options{}); }

image_builder& image_builder::end(end_options const& o) {
  end_record_ = out_->position();
  out_->put(end_record(o.stale, o.header));
  return fill_cluster(o.cluster, o.fill);
}

image_builder& image_builder::fill_cluster(std::size_t cluster, tail fill) {
  if (fill == tail::none) { return *this; }
  auto const at = out_->position();
  auto const room = static_cast<std::size_t>(round_up(at, cluster) - at);
  if (fill == tail::stale && at >= cluster) {
    out_->put(out_->written(at - cluster, room));
  } else {
    out_->zeros(room);
  }
  return *this;
}

std::string letters(std::size_t length, unsigned seed) {
  std::string out(length, ' ');
  unsigned state = seed * 2'654'435'761u + 1;
  for (auto& c : out) {
    state = state * 1'664'525u + 1'013'904'223u;
    c = static_cast<char>('a' + (state >> 28));
  }
  return out;
}

}  // namespace sysb::test
