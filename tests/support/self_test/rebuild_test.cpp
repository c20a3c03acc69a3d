// SPDX-License-Identifier: Apache-2.0
// Keeps the image builder and reality together: real images are taken apart into their fields by a
// few lines of their own, built again, and must come out byte for byte.
#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "support/image_builder.hpp"

namespace rebuild_test {

using namespace sysb::test;

namespace {

struct taker {
  bytes const& image;
  std::size_t at = 0;

  std::uint32_t u8() { return std::to_integer<std::uint32_t>(image.at(at++)); }
  std::uint32_t le16() {
    auto const low = u8();
    return low | (u8() << 8);
  }
  std::uint32_t le32() {
    auto const low = le16();
    return low | (le16() << 16);
  }
  std::uint32_t be32() {
    std::uint32_t v = 0;
    for (int i = 0; i < 4; ++i) { v = (v << 8) | u8(); }
    return v;
  }
  std::string text(std::size_t n) {
    std::string out;
    for (std::size_t i = 0; i < n; ++i) { out.push_back(static_cast<char>(u8())); }
    return out;
  }
  bytes run(std::size_t n) {
    bytes out(image.begin() + static_cast<std::ptrdiff_t>(at), image.begin() + static_cast<std::ptrdiff_t>(at + n));
    at += n;
    return out;
  }
};

std::string cut(std::string const& s) { return s.substr(0, s.find('\0')); }

// One FS_NAME_X record from its parsed fields into the builder.
void rebuild_member(taker& t, image_builder& out) {
  auto const start = t.at;
  auto const length = t.u8() * 8;
  REQUIRE(t.u8() == record_type::name_x);
  auto const magic = t.le16();
  t.le16();  // the builder computes the checksum itself
  member_options o;
  o.nlink = t.le16();
  o.ino = t.le32();
  o.mode = t.le32();
  o.uid = t.le32();
  o.gid = t.le32();
  auto const size = t.le32();
  o.atime = t.le32();
  o.mtime = t.le32();
  o.ctime = t.le32();
  o.dev.major = t.le32();
  o.dev.minor = t.le32();
  o.rdev.major = t.le32();
  o.rdev.minor = t.le32();
  o.dsize = t.le32();
  o.pad = t.le32();
  auto const name = cut(t.text(length - 64));
  auto const stale = start + 64 + name.size() + 1;
  o.name_padding.assign(t.image.begin() + static_cast<std::ptrdiff_t>(stale),
                        t.image.begin() + static_cast<std::ptrdiff_t>(t.at));

  auto const acl_words = t.le32();
  auto const pcl_words = t.le32();
  auto const acl_at = t.at;
  auto const acl_length = t.le32();
  o.acl_mode = t.le32();
  o.acl_reserved = static_cast<std::uint16_t>(t.le16());
  t.at += 6;
  while (t.at < acl_at + acl_length) {
    auto const entry_end = t.at + t.le16();
    auto const head = t.le16();
    ace e{static_cast<ace_kind>(head >> 14), static_cast<std::uint16_t>(head & 0x3fff), {}};
    while (t.at < entry_end) {
      REQUIRE(t.le16() == 8);
      auto const kind = static_cast<id_kind>(t.le16());
      e.ids.push_back({kind, t.be32()});
    }
    o.acl.push_back(e);
  }
  t.at = acl_at + 8 * (acl_words + pcl_words);

  auto const packed = magic == record_magic::packed;
  if ((*o.mode & mode_bits::type_mask) == mode_bits::directory) {
    o.size = size;
    out.directory(name, o);
    return;
  }
  REQUIRE((*o.mode & mode_bits::type_mask) == mode_bits::file);
  auto const content = t.run(packed ? *o.dsize : size);
  o.data_padding = t.run((8 - t.at % 8) % 8);
  if (packed) {
    out.packed_stream(name, content, size, o);
  } else {
    out.file(name, content, o);
  }
}

bytes rebuild(bytes const& image, std::size_t cluster, tail fill) {
  image_builder out;
  taker t{image};
  REQUIRE(t.u8() == 9);
  REQUIRE(t.u8() == record_type::volume);
  t.at = 6;
  volume_fields v;
  v.number = t.le16();
  v.date = t.le32();
  v.level_date = t.le32();
  v.capacity = t.le32();
  v.disk = cut(t.text(16));
  v.filesystem = cut(t.text(16));
  v.user = cut(t.text(16));
  v.increment = t.le16();
  v.pad = t.le16();
  out.volume(v);
  while (image.at(t.at + 1) != std::byte{record_type::end}) { rebuild_member(t, out); }
  t.at += 6;
  image_builder::end_options e;
  e.stale = {static_cast<std::uint8_t>(image.at(t.at)), static_cast<std::uint8_t>(image.at(t.at + 1))};
  e.cluster = cluster;
  e.fill = fill;
  out.end(e);
  return out.bytes();
}

}  // namespace

TEST_CASE("real images, taken apart and built again, come out byte for byte") {
  auto const* folder = std::getenv("SYSB_SAMPLES_DIR");
  if (folder == nullptr) {
    MESSAGE("skipped: SYSB_SAMPLES_DIR is not set");
    return;
  }
  struct sample {
    char const* name;
    std::size_t cluster;
    tail fill;
  };
  for (auto const& s :
       {sample{"acl_aixc_nfs4.bff", 51200, tail::zeros}, sample{"test.bff", 512, tail::stale},
        sample{"PkgA.1.0.0.0.bff", 512, tail::stale}, sample{"aixtools.libffi.3.2.1.0.I", 512, tail::stale}}) {
    CAPTURE(s.name);
    std::ifstream in{std::string{folder} + "/" + s.name, std::ios::binary};
    if (!in) {
      MESSAGE("skipped: no sample ", std::string{s.name});
      continue;
    }
    std::string const text{std::istreambuf_iterator<char>{in}, {}};
    auto const image = to_bytes(text);
    auto const again = rebuild(image, s.cluster, s.fill);
    REQUIRE(again.size() == image.size());
    CHECK(again == image);
  }
}

}  // namespace rebuild_test
