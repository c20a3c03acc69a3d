// SPDX-License-Identifier: Apache-2.0
#include "formats/swvpd/swvpd.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

#include "base/text.hpp"
#include "formats/odm/class_builder.hpp"
#include "formats/swvpd/states.hpp"

namespace swvpd_test {

using namespace sysb;
using namespace sysb::swvpd;
using sysb::odm::class_builder;

namespace {

// Field order and sizes are this test's own: a reader must take them from the file.
class_builder lpp_class() {
  class_builder b{"lpp"};
  b.add_char("name", 145).add_long("size").add_short("state").add_short("ver").add_short("rel");
  b.add_long("cp_flag").add_char("group", 8).add_short("mod").add_short("fix");
  b.add_char("description", 81).add_short("lpp_id");
  return b;
}
struct row {
  std::string name;
  int v, r, m, f;
  int state = 5;
  int cp_flag = 0x10;
};
void add(class_builder& b, row const& f, int lpp_id) {
  b.add_record({f.name, 100, f.state, f.v, f.r, f.cp_flag, "", f.m, f.f, concat("about ", f.name), lpp_id});
}
std::vector<std::byte> lpp_of(std::vector<row> const& rows) {
  auto b = lpp_class();
  int id = 1;
  for (auto const& r : rows) { add(b, r, id++); }
  return b.build();
}
std::vector<std::byte> product_of(std::vector<row> const& rows) {
  class_builder b{"product"};
  b.add_long("cp_flag").add_char("lpp_name", 145).add_char("comp_id", 20);
  for (auto const& r : rows) { b.add_record({r.cp_flag, r.name, ""}); }
  return b.build();
}
class_builder inventory_class() {
  class_builder b{"inventory"};
  b.add_short("lpp_id").add_short("file_type").add_vchar("loc0", 1024).add_vchar("loc1", 1024);
  return b;
}

std::vector<row> const filesets{{"bos.rte", 7, 1, 2, 0},
                                {"bos.rte.libc", 7, 1, 2, 15},
                                {"openssh.base.server", 6, 0, 0, 6105, 5, 0x13},
                                {"devices.scsi.disk.rte", 7, 1, 2, 0, 3, 0x410}};

std::vector<std::string_view> ids(std::vector<fault> const& faults) {
  std::vector<std::string_view> out;
  for (auto const& f : faults) { out.push_back(f.code->id); }
  return out;
}
using found = std::vector<std::string_view>;

}  // namespace

TEST_CASE("filesets come with level, state, part and description") {
  auto const lpp = lpp_of(filesets);
  auto const product = product_of(filesets);
  std::vector<fault> faults;
  auto const d = read({part::root, lpp, product, {}, {}, {}}, faults);
  CHECK(faults.empty());
  REQUIRE(d);
  REQUIRE(d->filesets.size() == 4);
  auto const& f = d->filesets[2];
  CHECK(f.name == "openssh.base.server");
  CHECK(to_text(f.level) == "6.0.0.6105");
  CHECK(f.state_text == "committed");
  CHECK(f.description == "about openssh.base.server");
  CHECK(f.where == part::root);
  CHECK(f.cp_flag == 0x13u);
  CHECK(f.lpp_id == 3);
  CHECK(f.seen == visibility::unknown);
  CHECK_FALSE(f.evidence.empty());
  // No public source says what other numbers mean.
  CHECK(d->filesets[3].state_text == "3");
  CHECK(d->product_flags.size() == 4);
  CHECK_FALSE(d->ownership_known);
}

TEST_CASE("the level of bos.rte is the highest that is not suspect") {
  auto b = lpp_class();
  add(b, {"bos.rte", 4, 3, 3, 0}, 1);
  add(b, {"bos.rte", 4, 3, 3, 10}, 2);
  add(b, {"bos.rte", 4, 3, 3, 9}, 3);
  b.add_suspect_record({"bos.rte", 1, 5, 9, 1, 0, "", 0, 0, "", 4}, -1);
  auto const lpp = b.build();
  std::vector<fault> faults;
  auto const d = read({part::usr, lpp, {}, {}, {}, {}}, faults);
  REQUIRE(d);
  CHECK(bos_rte_level(*d) == vrmf{4, 3, 3, 10});
  CHECK(d->suspect);
  CHECK(d->filesets[3].suspect);
  CHECK(ids(faults) == found{"SWV-002"});
  CHECK(d->filesets[0].evidence == "private filesets are not recorded before AIX 6.1");
  CHECK_FALSE(bos_rte_level(database{}).has_value());
}

TEST_CASE("a state that is neither committed nor applied is concluded, for only one number is public") {
  database d;
  auto const add_one = [&](std::string name, std::int64_t state, bool update = false) {
    fileset f;
    f.name = name;
    f.state = state;
    d.filesets.push_back(std::move(f));
    if (update) { d.updated.push_back(std::move(name)); }
  };
  auto const open = [&] {
    std::string out;
    auto const found = unfinished(d);
    for (std::size_t i = 0; i < found.size(); ++i) { out += found[i] ? concat(d.filesets[i].name, ' ') : ""; }
    return out;
  };
  for (auto const* name : {"a", "b", "c", "d", "e", "f"}) { add_one(name, 5); }
  CHECK(open().empty());
  SUBCASE("updates of one other number may all be applied") {
    add_one("u", 3, true);
    add_one("v", 3, true);
    CHECK(open().empty());
    SUBCASE("a second number is another state") {
      add_one("w", 7, true);
      CHECK(open() == "w ");
    }
    SUBCASE("a base fileset is never applied only, and its number tells of updates too") {
      add_one("x", 7);
      CHECK(open() == "x ");
      add_one("y", 7, true);
      CHECK(open() == "x y ");
    }
  }
  SUBCASE("the number of a base fileset is not that of applied updates, though no update has another") {
    add_one("x", 7);
    add_one("y", 7, true);
    CHECK(open() == "x y ");
  }
  SUBCASE("a second row of a fileset is that of an update") {
    add_one("a", 3);
    CHECK(open().empty());
  }
  SUBCASE("a record that may be deleted tells nothing") {
    add_one("x", 7);
    d.filesets.back().suspect = true;
    CHECK(open().empty());
  }
  SUBCASE("where most are not committed, the number is not what it is taken for") {
    for (auto const* name : {"m", "n", "o", "p", "q", "r", "s"}) { add_one(name, 1); }
    CHECK(open().empty());
  }
}

TEST_CASE("levels have four numbers and compare by number") {
  CHECK(parse_vrmf("7.1.0002.015") == vrmf{7, 1, 2, 15});
  CHECK(*parse_vrmf("5.3.0.30") < *parse_vrmf("5.3.12.1"));
  for (auto const* bad : {"", "7", "7.1", "7.1.2", "7.1.2.", "7.1.2.0.1", "7.1.2.x", "-7.1.2.0", "7..1.2",
                          "7.1.2.99999999999999999999"}) {
    CHECK_FALSE(parse_vrmf(bad).has_value());
  }
}

TEST_CASE("owned files are known when the inventory can be calibrated") {
  auto const lpp = lpp_of(filesets);
  auto b = inventory_class();
  for (int i = 0; i < 40; ++i) { b.add_record({i % 4 + 1, 0, concat("/usr/lib/f", i), ""}); }
  b.add_record({9, 0, "/usr/alien", ""});
  auto const inventory = b.build();
  auto const side = b.build_side_file();
  std::vector<fault> faults;
  auto const d = read({part::usr, lpp, {}, inventory, side, {}}, faults);
  REQUIRE(d);
  CHECK(ids(faults) == found{"SWV-003"});
  CHECK(d->ownership_known);
  REQUIRE(d->files.size() == 40);
  CHECK(d->files[5].path == "/usr/lib/f5");
  CHECK(d->filesets[d->files[5].fileset].name == "bos.rte.libc");

  faults.clear();
  auto const without = read({part::usr, lpp, {}, inventory, {}, {}}, faults);
  REQUIRE(without);
  CHECK(ids(faults) == found{"SWV-004"});
  CHECK_FALSE(without->ownership_known);
  CHECK(without->files.empty());
}

TEST_CASE("classes that cannot be read are findings") {
  auto const lpp = lpp_of(filesets);
  auto const product = product_of({filesets[0], filesets[1], filesets[2]});
  std::vector<fault> faults;
  CHECK(read({part::usr, lpp, product, {}, {}, {}}, faults));
  CHECK(ids(faults) == found{"SWV-003"});
  faults.clear();
  CHECK_FALSE(read({part::usr, product, {}, {}, {}, {}}, faults));  // another class under the name
  CHECK(ids(faults) == found{"SWV-002", "SWV-001"});
  faults.clear();
  CHECK_FALSE(read({part::usr, {}, product, {}, {}, {}}, faults));
  CHECK(faults.empty());
  CHECK_FALSE(read({part::usr, as_bytes("garbage"), {}, {}, {}, {}}, faults));
  CHECK(ids(faults) == found{"SWV-001"});
  auto const shown = to_diagnostic(faults[0], "./usr/lib/objrepos/lpp");
  CHECK(shown.detail.starts_with("usr/lib/objrepos/lpp: ODM-001"));
}

TEST_CASE("a list of filesets has one a line, and comments") {
  CHECK(parse_fileset_list("# comment\n\n bos.a \r\n* x\nbos.b trailing words\nbos.c") ==
        std::vector<std::string>{"bos.a", "bos.b", "bos.c"});
}

TEST_CASE("the bit that only drivers have is a candidate and no more") {
  std::vector<row> rows = filesets;
  rows[3].cp_flag = 0x10;
  std::vector<row> root_rows;
  for (int i = 0; i < 12; ++i) {
    rows.push_back({concat("devices.pci.", i), 7, 1, 2, 0, 5, 0x410 | (i % 2 == 0 ? 2 : 0)});
    if (i % 2 == 0) { root_rows.push_back(rows.back()); }
  }
  rows[2].cp_flag = 0x12;
  root_rows.push_back(rows[2]);
  std::vector<fault> faults;
  auto const usr_lpp = lpp_of(rows);
  auto const usr_product = product_of(rows);
  auto const root_lpp = lpp_of(root_rows);
  auto const usr = read({part::usr, usr_lpp, usr_product, {}, {}, {}}, faults);
  auto const root = read({part::root, root_lpp, {}, {}, {}, {}}, faults);
  REQUIRE(usr);
  REQUIRE(root);
  auto const report = learn_flags(*usr, &*root);
  CHECK(report.wpar_level);
  REQUIRE(report.bits.size() == 6);
  auto const& two = report.bits[0];
  CHECK(two.mask == 2);
  CHECK(two.class_name == "lpp");
  CHECK(two.root_part_candidate);
  CHECK_FALSE(two.private_candidate);
  CHECK_FALSE(report.bits[1].private_candidate);  // 0x10: everybody has it
  CHECK(report.bits[2].mask == 0x400);
  CHECK(report.bits[2].filesets.size() == 12);
  CHECK(report.bits[2].private_candidate);
  CHECK_FALSE(report.bits[2].root_part_candidate);
  CHECK(report.bits[2].reasons.back() == "open: no media list has confirmed it");

  // The same bits before WPARs existed mean something else.
  for (auto& r : rows) { r.v = 5, r.r = 3; }
  auto const old_lpp = lpp_of(rows);
  auto const old = read({part::usr, old_lpp, usr_product, {}, {}, {}}, faults);
  auto const old_report = learn_flags(*old, nullptr);
  CHECK_FALSE(old_report.wpar_level);
  for (auto const& b : old_report.bits) { CHECK_FALSE(b.private_candidate); }
}

TEST_CASE("changed anywhere, a database is read without harm") {
  auto const lpp = lpp_of(filesets);
  auto const product = product_of(filesets);
  auto b = inventory_class();
  for (int i = 0; i < 20; ++i) { b.add_record({i % 4 + 1, 0, concat("/usr/lib/f", i), ""}); }
  auto const inventory = b.build();
  auto const side = b.build_side_file();
  std::mt19937 random{9};
  auto const spoiled = [&](std::vector<std::byte> bytes) {
    for (int i = 0; i < 3; ++i) {
      auto const at = random() % 4 == 0 ? 0x148 + random() % 1000 : random() % 0x30;
      if (random() % 2 == 0) { bytes[at] = static_cast<std::byte>(random()); }
    }
    if (random() % 8 == 0) { bytes.resize(random() % bytes.size()); }
    return bytes;
  };
  for (int round = 0; round < 1500; ++round) {
    auto const l = spoiled(lpp);
    auto const p = spoiled(product);
    auto const i = spoiled(inventory);
    auto const s = spoiled(side);
    std::vector<fault> faults;
    auto const d = read({part::usr, l, p, i, s, p}, faults);
    if (d) {
      (void)learn_flags(*d, &*d);
      for (auto const& f : d->files) { CHECK(f.fileset < d->filesets.size()); }
    }
  }
}

}  // namespace swvpd_test
