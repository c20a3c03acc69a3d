// SPDX-License-Identifier: Apache-2.0
// Pure decoding, on the annotated bytes of a real record.
#include <doctest/doctest.h>

#include "by_name_support.hpp"
#include "formats/backup_by_name/decode.hpp"
#include "formats/backup_by_name/links.hpp"

namespace decode_test {

using namespace by_name_test;
using namespace sysb::backup_by_name;

namespace {

// acl/aixc of an AIX 7 archive, header and security record.
bytes real_record() {
  return of(
      "\x0a\x0b\x6b\xea\x70\x89\x02\x00\xfe\xff\xff\xff\xe8\x49\x01\x02\x11\xec\x05\x00\x2b\x55\x00\x00"
      "\x00\x00\x00\x00\xd4\x77\x3a\x6a\xfd\x4c\x3a\x6a\x42\x50\x3a\x6a\x26\x00\x00\x00\x01\x00\x00\x00"
      "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00"
      "acl/aixc\x00\x00\x00\x00\x00\x00\x00\x00"
      "\x05\x00\x00\x00\x02\x00\x00\x00\x28\x00\x00\x00\x00\x08\x00\x02\x00\x00\x07\x00\x05\x00\x00\x00"
      "\x0c\x00\x06\x40\x08\x00\x02\x00\x00\x00\x00\xd6\x0c\x00\x06\x40\x08\x00\x02\x00\x00\x00\x55\x28"
      "\x10\x00\x00\x00\xe8\x49\x01\x02\x00\x00\x00\x00\x00\x00\x00\x00"sv);
}

}  // namespace

TEST_CASE("the checksum of a real header is reproduced, and covers every byte but itself") {
  auto r = real_record();
  auto const head = std::span{r}.first(80);
  CHECK(header_checksum(head) == 0x8970);
  CHECK(header_checksum(by_name_test::end_record()) == 0x0a84);
  for (std::size_t i = 0; i < 80; ++i) {
    r[i] ^= std::byte{1};
    CHECK((header_checksum(head) == 0x8970) == (i == 4 || i == 5));
    r[i] ^= std::byte{1};
  }
}

TEST_CASE("a real header is decoded field by field") {
  auto const r = real_record();
  auto const m = decode_member(std::span{r}.first(80), family::name_x);
  CHECK(m.nlink == 2);
  CHECK(m.ino == 0xfffffffe);
  CHECK(m.mode == 0x020149e8);
  CHECK(m.uid == 388113);
  CHECK(m.gid == 21803);
  CHECK(m.atime == 1782216660);
  CHECK(m.dev == sysb::device_number{38, 1});
  CHECK(m.dsize == 256);
  CHECK(m.name == "acl/aixc");
  CHECK(m.name_fits);
  CHECK(kind_of(m.mode) == sysb::entry_kind::directory);
}

TEST_CASE("each self-check of a security record fails alone") {
  auto r = real_record();
  auto const record = std::span{r}.subspan(80);
  auto const failed = [&](std::uint32_t mode) {
    auto s = security_lengths(record.first(8), {});
    check_security(s, record, mode);
    return s.failed;
  };
  CHECK(failed(0x020149e8) == 0);
  CHECK(failed(0x020149e9) == security_check::pcl_mode);
  put(r, 88, 41, 4);
  CHECK(failed(0x020149e8) == security_check::acl_length);
  put(r, 88, 33, 4);  // 7 bytes of padding are possible
  CHECK(failed(0x020149e8) == 0);
  put(r, 88, 32, 4);
  CHECK(failed(0x020149e8) == security_check::acl_length);
  put(r, 88, 40, 4);
  put(r, 128, 17, 4);
  CHECK(failed(0x020149e8) == security_check::pcl_length);
}

TEST_CASE("two marks make bytes look like a header, one does not") {
  auto const good = header({.name = "./usr/lib/some"});
  CHECK(looks_like_header(good, family::name_x));
  for (std::size_t bit = 0; bit < 32; ++bit) {
    auto bad = good;
    bad[bit / 8] ^= std::byte{1} << (bit % 8);
    CHECK(looks_like_header(bad, family::name_x));
  }
  CHECK_FALSE(looks_like_header(zeros(200), family::name_x));
  CHECK_FALSE(looks_like_header(of("text with no mark of a header whatsoever, but long enough to hold a whole one "
                                   "and its name, as a real header would be"),
                                family::name_x));
}

TEST_CASE("the link table finds every group again among many") {
  link_table t;
  auto const member = [](std::uint32_t i) {
    member_head m;
    m.ino = i + 1;
    m.dev = {10, i % 7};
    m.mtime = i;
    return m;
  };
  for (std::uint32_t i = 0; i < 20'000; ++i) { t.begin_group(member(i), i * 8, i, i % 2 == 0); }
  for (std::uint32_t i = 0; i < 20'000; ++i) {
    auto const* g = t.find(member(i));
    REQUIRE(g != nullptr);
    CHECK(g->first_at == i * 8);
    CHECK(g->size == i);
    CHECK(t.same_metadata(*g, member(i)));
  }
  CHECK(t.find(member(20'000)) == nullptr);
}

}  // namespace decode_test
