// SPDX-License-Identifier: Apache-2.0
#include "formats/aix_acl/aix_acl.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>
#include <string>

#include "base/text.hpp"

using namespace sysb;
using namespace sysb::aix_acl;

namespace {

std::vector<std::byte> from_hex(std::string_view text) {
  std::vector<std::byte> out;
  std::string digits;
  for (char c : text) {
    if (c != ' ') { digits += c; }
  }
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    out.push_back(static_cast<std::byte>(std::stoi(digits.substr(i, 2), nullptr, 16)));
  }
  return out;
}

// The security record of acl/aixc as published: two groups permitted, set-user-id.
auto const published = from_hex(
    "28 00 00 00 00 08 00 02 00 00 07 00 05 00 00 00"
    "0c 00 06 40 08 00 02 00 00 00 00 d6"
    "0c 00 06 40 08 00 02 00 00 00 55 28");
auto const published_pcl = from_hex("10 00 00 00 e8 49 01 02 00 00 00 00 00 00 00 00");

}  // namespace

TEST_CASE("the published list is decoded to AIX's text with numeric ids") {
  auto const acl = decode(published);
  CHECK_FALSE(acl.broken);
  CHECK_FALSE(acl.unknown);
  CHECK(acl.extended);
  CHECK(acl.enabled);
  CHECK(acl.u_access == 7);
  CHECK(acl.g_access == 5);
  CHECK(acl.o_access == 0);
  CHECK(to_text(acl) == "permit rw- g:214\npermit rw- g:21800");
  CHECK(to_aclget_text(acl, 388113, 21803) ==
        "*\n* ACL_type   AIXC\n*\nattributes: SUID\nbase permissions\n    owner(388113):  rwx\n"
        "    group(21803):  r-x\n    others:  ---\nextended permissions\n    enabled\n"
        "    permit  rw-  g:214\n    permit  rw-  g:21800\n");
  CHECK(proves_itself(published, published_pcl, 0x020149e8));
  CHECK_FALSE(has_privileges(published_pcl));
  CHECK(encode(acl) == published);
}

TEST_CASE("a block of security bytes proves nothing where a length or the mode is off") {
  CHECK_FALSE(proves_itself(published, published_pcl, 0x000149e8));
  CHECK_FALSE(proves_itself({}, published_pcl, 0x020149e8));
  CHECK_FALSE(proves_itself(published, {}, 0x020149e8));
  auto longer = published;
  longer.resize(published.size() + 8);
  CHECK_FALSE(proves_itself(longer, published_pcl, 0x020149e8));
  auto pcl = published_pcl;
  pcl[0] = std::byte{8};
  CHECK_FALSE(proves_itself(published, pcl, 0x020149e8));
  auto used = published_pcl;
  used[12] = std::byte{1};
  CHECK(has_privileges(used));
}

TEST_CASE("kinds, several ids and a disabled list show in the text") {
  decoded acl;
  auto const id = [](std::uint16_t type, std::uint8_t n) {
    return ace_id{type, n, {std::byte{0}, std::byte{0}, std::byte{0}, std::byte{n}}};
  };
  acl.mode = mode_has_acl | 03000;
  acl.entries = {{ace_kind::permit, 4, {id(id_user, 9)}},
                 {ace_kind::deny, 7, {id(id_user, 1), id(id_group, 2)}},
                 {ace_kind::specify, 5, {id(id_group, 3)}}};
  auto bytes = encode(acl);
  CHECK(bytes.size() % 8 == 0);
  CHECK(to_text(decode(bytes)) == "permit r-- u:9\ndeny rwx u:1,g:2\nspecify r-x g:3");
  CHECK(to_aclget_text(decode(bytes), 0, 0).find("attributes: SGID, SVTX\n") != std::string::npos);
  acl.mode = 0;
  bytes = encode(acl);
  CHECK(to_text(decode(bytes)).substr(0, 24) == "disabled\npermit r-- u:9\n");
  CHECK(to_aclget_text(decode(bytes), 0, 0).find("    disabled\n    permit") != std::string::npos);
}

TEST_CASE("what nobody knows is shown as a number and named") {
  auto const acl =
      decode(from_hex("1e 00 00 00 00 00 00 02 00 00 07 00 05 00 00 00"
                      "0e 00 06 01 0a 00 09 00 01 02 03 04 05 06"));
  CHECK_FALSE(acl.broken);
  REQUIRE(acl.unknown);
  CHECK(acl.unknown->code->id == "ACL-005");
  CHECK(to_text(acl) == "kind0 rw-+0x100 type9:0x010203040506");
}

TEST_CASE("lengths that cannot be are faults, and what stands before them is kept") {
  auto const broken_at = [](std::size_t at, int value) {
    auto bytes = published;
    bytes[at] = static_cast<std::byte>(value);
    return decode(bytes);
  };
  CHECK(broken_at(0, 0x29).broken->code->id == "ACL-002");
  CHECK(broken_at(0, 0x0f).broken->code->id == "ACL-002");
  CHECK(broken_at(0, 0x24).broken->code->id == "ACL-003");  // the second entry is cut
  CHECK(broken_at(28, 7).broken->code->id == "ACL-003");
  CHECK(broken_at(28, 13).broken->code->id == "ACL-003");
  CHECK(broken_at(32, 3).broken->code->id == "ACL-004");
  CHECK(broken_at(32, 9).broken->code->id == "ACL-004");
  CHECK(broken_at(32, 9).broken->offset == 32);
  CHECK(to_text(broken_at(32, 9)) == "permit rw- g:214");
  CHECK(broken_at(32, 9).extended);
  CHECK(decode(std::span{published}.first(15)).broken->code->id == "ACL-001");
  CHECK_FALSE(decode({}).broken);
  CHECK_FALSE(decode({}).extended);
}

TEST_CASE("generated members carry a plain list and its mode") {
  auto const acl = decode(plain_acl(0104755));
  CHECK_FALSE(acl.extended);
  CHECK_FALSE(acl.enabled);
  CHECK(acl.mode == 04000);
  CHECK(acl.u_access == 7);
  CHECK(acl.g_access == 5);
  CHECK(acl.o_access == 5);
  CHECK(to_text(acl).empty());
  CHECK(proves_itself(plain_acl(0100644), plain_pcl(0100644), 0100644));
  CHECK(hex_bytes(plain_pcl(0100755)) == "10000000ed8100000000000000000000");
  CHECK(hex_bytes(plain_acl(0100755)) == "10000000000000000000070005000500");
}

TEST_CASE("no length and no change of a byte leads the decoder astray") {
  for (std::size_t n = 0; n <= published.size(); ++n) { (void)to_text(decode(std::span{published}.first(n))); }
  std::mt19937 random{11};
  for (int round = 0; round < 20000; ++round) {
    auto bytes = published;
    for (int i = 0; i < 3; ++i) { bytes[random() % bytes.size()] = static_cast<std::byte>(random()); }
    auto const acl = decode(bytes);
    (void)to_aclget_text(acl, 1, 2);
    if (!acl.broken) {
      auto const again = decode(encode(acl));
      CHECK(to_text(again) == to_text(acl));
    }
  }
}

TEST_CASE("the lists of a real archive give the entries that AIX printed") {
  auto const* dir = std::getenv("SYSB_SAMPLES_DIR");
  if (dir == nullptr) {
    MESSAGE("skipped: SYSB_SAMPLES_DIR is not set");
    return;
  }
  std::ifstream in{concat(dir, "/acl_aixc_nfs4.bff"), std::ios::binary};
  std::string const text{std::istreambuf_iterator<char>{in}, {}};
  REQUIRE(text.size() == 51200);
  // The two directories with extended lists, found by name: header, 16 bytes of name, counts.
  auto const list_of = [&](std::string_view name) {
    auto const at = text.find(name) + 16 + 8;
    return decode(as_bytes(text).subspan(at, 40));
  };
  using namespace std::string_view_literals;
  CHECK(to_text(list_of("acl/aixc\0"sv)) == "permit rw- g:214\npermit rw- g:21800");
  CHECK(to_text(list_of("acl/nfs4\0"sv)) == "deny rwx u:204\ndeny rwx g:21800");
}
