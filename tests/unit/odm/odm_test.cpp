// SPDX-License-Identifier: Apache-2.0
#include "formats/odm/odm.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <random>

#include "base/text.hpp"
#include "formats/odm/class_builder.hpp"

using namespace sysb;
using namespace sysb::odm;

namespace {

class_builder cudv(byte_order order = byte_order::big) {
  class_builder b{"CuDv", order};
  b.add_char("name", 16).add_short("status").add_short("chgstatus").add_char("ddins", 16);
  b.add_char("location", 16).add_char("parent", 16).add_char("connwhere", 16).add_link("PdDvLn", 48);
  return b;
}

class_builder inventory(std::size_t rows, byte_order order = byte_order::big) {
  class_builder b{"inventory", order};
  b.add_long("lpp_id").add_vchar("loc0", 1024).add_vchar("loc1", 1024).add_short("mode");
  for (std::size_t i = 0; i < rows; ++i) {
    auto const n = static_cast<std::int32_t>(i);
    b.add_record(
        {n % 3, concat("/usr/lib/file", n, i % 7 == 0 ? "/deep" : ""), i % 2 == 0 ? "" : "/usr/ln", std::int32_t{-1}});
  }
  return b;
}

std::uint32_t word(std::vector<std::byte> const& bytes, std::size_t at) {
  be32 v;
  std::memcpy(&v, bytes.data() + at, 4);
  return v;
}
void set_word(std::vector<std::byte>& bytes, std::size_t at, std::uint32_t v) {
  be32 const w{v};
  std::memcpy(bytes.data() + at, &w, 4);
}

std::vector<std::string_view> ids(std::vector<fault> const& faults) {
  std::vector<std::string_view> out;
  for (auto const& f : faults) { out.push_back(f.code->id); }
  return out;
}
using found = std::vector<std::string_view>;

found faults_of(std::vector<std::byte> const& bytes, std::string_view name = "CuDv") {
  std::vector<fault> faults;
  (void)class_view::parse(bytes, name, faults);
  return ids(faults);
}

bool is_path(std::string_view s) { return s.starts_with('/'); }

}  // namespace

TEST_CASE("record sizes come out as they are published") {
  CHECK(cudv().record_size() == 152);
  class_builder cuat{"CuAt"};
  cuat.add_char("name", 16).add_char("attribute", 16).add_char("value", 256).add_char("type", 8);
  cuat.add_char("generic", 8).add_char("rep", 8).add_short("nls_index");
  CHECK(cuat.record_size() == 328);
  class_builder fix{"fix"};
  fix.add_char("name", 16).add_char("abstract", 60).add_char("type", 2).add_vchar("filesets", 64);
  fix.add_vchar("symptom", 64);
  CHECK(fix.record_size() == 100);
}

TEST_CASE("a class with one vchar field has the published header of its kind") {
  // The published dump is of such a class with two objects and records of 16 bytes.
  class_builder b{"liz"};
  b.add_vchar("text", 64).add_record({"a"}).add_record({"b"});
  auto const bytes = b.build();
  CHECK(hex_bytes(std::span{bytes}.first(0x30)) ==
        "000dcfac"
        "00000002"
        "00000000"
        "000dcfac"
        "00000170"
        "00000010"
        "00000001"
        "00000148"
        "00000000"
        "00000000"
        "00000000"
        "0000017c");
  CHECK(std::all_of(bytes.begin() + 0x30, bytes.begin() + 0x144, [](auto v) { return v == std::byte{0}; }));
  CHECK(word(bytes, 0x144) == 0xfff23054);
  CHECK(bytes.size() == 4096);
}

TEST_CASE("fields of every known kind are read in both byte orders") {
  for (auto const order : {byte_order::big, byte_order::little}) {
    auto b = cudv(order);
    b.add_record({"hdisk0", 1, -2, "scdisk", "40-60-00-4,0", "scsi0", "4,0", "disk/scsi/scsd"});
    b.add_record({"sys0", 1, 0, "", "", "", "", "sys/node/chrp"});
    auto const bytes = b.build();
    std::vector<fault> faults;
    auto const c = class_view::parse(bytes, "CuDv", faults);
    CHECK(faults.empty());
    REQUIRE(c);
    CHECK(c->sound());
    CHECK(c->name() == "CuDv");
    CHECK(c->order() == order);
    CHECK(c->count() == 2);
    CHECK(c->at(0).text(*c->find("name")) == "hdisk0");
    CHECK(c->at(0).integer(*c->find("chgstatus")) == -2);
    CHECK(c->find("PdDvLn")->kind == slot_kind::link);
    CHECK(c->at(1).text(*c->find("PdDvLn")) == "sys/node/chrp");
    CHECK(c->at(1).id() == 1);
    CHECK_FALSE(c->at(0).integer(*c->find("name")).has_value());
    CHECK_FALSE(c->at(0).text(*c->find("status")).has_value());
    CHECK(c->find("nothing") == nullptr);
  }
}

TEST_CASE("types without a published code are learned from the space they take") {
  class_builder b{"fix"};
  // 4 declared bytes in 4 look like bytes; the sibling of the same type tells.
  b.add_char("name", 16).add_vchar("short", 4).add_vchar("filesets", 64).add_record({"IX1", "a", "b"});
  auto const bytes = b.build();
  std::vector<fault> faults;
  auto const c = class_view::parse(bytes, "fix", faults);
  REQUIRE(c);
  CHECK(c->find("short")->kind == slot_kind::vchar);
  CHECK(c->find("filesets")->kind == slot_kind::vchar);
  // An alien type that fills its space is bytes.
  auto alien = cudv().build();
  set_word(alien, 0x148 + 4, 9);
  auto const d = class_view::parse(alien, "CuDv", faults);
  REQUIRE(d);
  CHECK(d->find("name")->kind == slot_kind::bytes);
  // One type in two forms, and a known type in the wrong space, are contradictions.
  set_word(alien, 0x148 + 40 * 7 + 4, 9);
  CHECK(faults_of(alien) == found{"ODM-008"});
  auto wrong = cudv().build();
  set_word(wrong, 0x148 + 12, 40);
  CHECK(faults_of(wrong) == found{"ODM-008"});
}

TEST_CASE("each self-check that fails has its finding, and such a class is never emptied") {
  auto full = cudv();
  full.add_record({"hdisk0", 1}).add_record({"hdisk1", 1});
  auto const good = full.build();
  auto const check_one = [&](std::size_t at, std::uint32_t v, std::string_view id) {
    auto bytes = good;
    set_word(bytes, at, v);
    CAPTURE(at);
    CHECK(faults_of(bytes) == found{id});
    std::vector<fault> faults;
    CHECK_FALSE(emptied(bytes, "CuDv", faults).has_value());
  };
  check_one(0x00, 1, "ODM-001");
  check_one(0x0c, 1, "ODM-001");
  check_one(0x144, 1, "ODM-002");
  check_one(0x10, 0x148, "ODM-002");
  check_one(0x14, 151, "ODM-002");
  check_one(0x14, 0xfffffffc, "ODM-002");
  check_one(0x18, 0, "ODM-002");
  check_one(0x18, 0xffffffff, "ODM-002");
  check_one(0x1c, 0x14c, "ODM-002");
  check_one(0x2c, word(good, 0x2c) + 4, "ODM-007");  // the records are read askew
  check_one(0x2c, 0x100, "ODM-002");
  check_one(0x148, 0xffff0000, "ODM-002");
  check_one(0x148 + 40 + 8, 12, "ODM-002");  // descriptors out of order
  check_one(0x04, 0x7fffffff, "ODM-004");
  check_one(0x04, 1, "ODM-005");
  check_one(word(good, 0x2c) + 152, 7, "ODM-007");
  check_one(word(good, 0x2c) + 152 + 4, 1, "ODM-007");
  check_one(word(good, 0x2c) + 12, 0x01020304, "ODM-009");
  CHECK(faults_of(good, "CuAt") == found{"ODM-003"});
  CHECK(faults_of(good, "") == found{});
  CHECK(faults_of(full.build(0)) == found{"ODM-006"});
  CHECK(faults_of({}) == found{"ODM-001"});
}

TEST_CASE("stale text after the NUL of a field is no fault") {
  auto b = cudv();
  b.add_record({std::string{"/dev/null\0le\x01", 13}, 1});
  CHECK(faults_of(b.build()).empty());
}

TEST_CASE("a record with another id is suspect and counted") {
  auto b = cudv();
  b.add_record({"a"}).add_suspect_record({"b"}, -2).add_record({"c"});
  auto const bytes = b.build();
  std::vector<fault> faults;
  auto const c = class_view::parse(bytes, "CuDv", faults);
  REQUIRE(c);
  CHECK(c->suspects() == 1);
  CHECK(c->at(1).suspect());
  CHECK(c->at(1).id() == -2);
  CHECK_FALSE(c->at(2).suspect());
  CHECK_FALSE(c->sound());
}

TEST_CASE("an emptied class is the class that was built empty") {
  for (auto const order : {byte_order::big, byte_order::little}) {
    auto full = cudv(order);
    for (int i = 0; i < 50; ++i) { full.add_record({concat("hdisk", i), 1}); }
    std::vector<fault> faults;
    auto const out = emptied(full.build(), "CuDv", faults);
    CHECK(faults.empty());
    REQUIRE(out);
    CHECK(*out == cudv(order).build());
    CHECK(is_pristine_copy(*out, full.build()));
  }
  auto other = cudv();
  other.add_char("more", 4);
  CHECK_FALSE(is_pristine_copy(other.build(), cudv().build()));
  auto full = cudv();
  full.add_record({"a"});
  CHECK_FALSE(is_pristine_copy(full.build(), cudv().build()));
}

TEST_CASE("a side file is calibrated when nearly every slot hits a path") {
  for (auto const order : {byte_order::big, byte_order::little}) {
    auto const b = inventory(300, order);
    auto const bytes = b.build();
    auto side = b.build_side_file();
    std::vector<fault> faults;
    auto const c = class_view::parse(bytes, "inventory", faults);
    REQUIRE(c);
    auto const& loc0 = *c->find("loc0");
    auto const got = calibrate(*c, loc0, side, is_path, faults);
    CHECK(faults.empty());
    REQUIRE(got);
    CHECK(got->slots == 300);
    CHECK(got->hits == 300);
    CHECK(vchar_text(c->at(5), loc0, side, *got) == "/usr/lib/file5");
    CHECK(vchar_text(c->at(4), *c->find("loc1"), side, *got) == "");
    CHECK(vchar_text(c->at(5), *c->find("loc1"), side, *got) == "/usr/ln");
    // 3 of 300 may be off, 4 may not.
    auto const spoil = [&](std::string_view text) {
      auto const all = as_text(side);
      side[all.find(text)] = std::byte{'x'};
    };
    for (auto const* t : {"/usr/lib/file10", "/usr/lib/file20", "/usr/lib/file30"}) { spoil(t); }
    CHECK(calibrate(*c, loc0, side, is_path, faults).has_value());
    spoil("/usr/lib/file40");
    CHECK_FALSE(calibrate(*c, loc0, side, is_path, faults).has_value());
    CHECK(ids(faults) == found{"ODM-010"});
  }
}

TEST_CASE("a calibration that is not the only one, or rests on little, is refused") {
  auto const b = inventory(7);
  auto const bytes = b.build();
  std::vector<fault> faults;
  auto c = class_view::parse(bytes, "inventory", faults);
  REQUIRE(c);
  CHECK_FALSE(calibrate(*c, *c->find("loc0"), b.build_side_file(), is_path, faults).has_value());
  CHECK_FALSE(calibrate(*c, *c->find("lpp_id"), b.build_side_file(), is_path, faults).has_value());

  // The same texts twice: two shifts fit.
  auto const many = inventory(50);
  auto const more = many.build();
  c = class_view::parse(more, "inventory", faults);
  REQUIRE(c);
  auto side = many.build_side_file();
  auto const once = side;
  side.insert(side.end(), once.begin(), once.end());
  faults.clear();
  CHECK_FALSE(calibrate(*c, *c->find("loc0"), side, is_path, faults).has_value());
  REQUIRE(faults.size() == 1);
  CHECK(faults[0].detail.starts_with("two ways"));
}

TEST_CASE("cut anywhere and changed anywhere, a class is read without harm") {
  auto const b = inventory(12);
  auto const good = b.build(0);
  auto const side = b.build_side_file();
  auto const read_all = [&](std::vector<std::byte> const& bytes) {
    std::vector<fault> faults;
    auto const c = class_view::parse(bytes, "inventory", faults);
    if (!c) {
      CHECK_FALSE(faults.empty());
      return;
    }
    for (std::uint32_t i = 0; i < c->count(); ++i) {
      for (auto const& d : c->descriptors()) {
        (void)c->at(i).text(d);
        (void)c->at(i).integer(d);
        if (d.kind == slot_kind::vchar) { (void)vchar_text(c->at(i), d, side, {-5, 0, 0}); }
      }
    }
    for (auto const& d : c->descriptors()) { (void)calibrate(*c, d, side, is_path, faults); }
  };
  for (std::size_t n = 0; n < good.size(); ++n) {
    read_all(std::vector<std::byte>(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(n)));
  }
  std::mt19937 random{5};
  for (int round = 0; round < 4000; ++round) {
    auto bytes = good;
    for (int i = 0; i < 2; ++i) {
      // Mostly where it hurts: the structure.
      auto const in_structure = random() % 2 == 0 ? random() % 0x30 : 0x148 + random() % 200;
      auto const at = random() % 4 == 0 ? random() % bytes.size() : in_structure;
      bytes[at] = static_cast<std::byte>(random());
    }
    read_all(bytes);
    std::vector<fault> faults;
    (void)emptied(bytes, "inventory", faults);
  }
}
