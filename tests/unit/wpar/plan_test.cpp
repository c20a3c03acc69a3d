// SPDX-License-Identifier: Apache-2.0
// What becomes of every member, case by case.
#include <doctest/doctest.h>

#include "fake_image.hpp"
#include "formats/aix_archive/aix_archive.hpp"
#include "formats/odm/class_builder.hpp"
#include "wpar/plan.hpp"
#include "wpar/survey.hpp"

namespace plan_test {

using namespace sysb;
using namespace sysb::wpar;

namespace {

struct planned {
  facts f;
  request r;
  assessment a;
  fake::collector d;
  std::unique_ptr<member_plan> plan;
  std::vector<fake::member> members;

  planned(fake::image const& i, request wanted) : r{std::move(wanted)}, members{i.members()} {
    auto reader = i.open();
    survey_options o;
    o.wanted = &r;
    f = gather_facts(reader, o, d);
    a = assess(f, r);
    plan = make_plan(f, r, a, d);
  }
  planned(planned const&) = delete;

  decision of(std::string_view path) {
    for (auto const& m : members) {
      if (m.about.path == path) {
        auto const first = plan->decide(m.about);
        auto const again = plan->decide(m.about);
        CHECK(first.action == again.action);
        CHECK(first.rule == again.rule);
        CHECK(first.reason == again.reason);
        return first;
      }
    }
    FAIL("no such member: ", path);
    return {};
  }
  std::string act(std::string_view path) {
    auto const what = of(path);
    if (what.action != plan_action::keep) {
      CHECK_FALSE(what.rule.empty());
      CHECK_FALSE(what.reason.empty());
    }
    return std::string{to_text(what.action)};
  }
  generated_member replaced(std::string_view path) {
    for (auto const& m : members) {
      if (m.about.path == path) { return plan->replace(m.about, as_bytes(m.content)); }
    }
    return {};
  }
};

request shared() {
  request r;
  r.kind = wpar_kind::shared;
  r.target = target_kind::archive;
  return r;
}

request private_copy() {
  request r;
  r.target = target_kind::archive;
  return r;
}

odm::class_builder cudv() {
  odm::class_builder b{"CuDv"};
  b.add_char("name", 16).add_short("status").add_short("chgstatus");
  return b;
}

}  // namespace

TEST_CASE("a shared WPAR loses what is below /usr and /opt and keeps the mount points") {
  planned p{fake::rootvg(), shared()};
  CHECK(p.act("./usr") == "keep");
  CHECK(p.act("./opt") == "keep");
  CHECK(p.act("./usr/bin/ls") == "drop");
  CHECK(p.act("./usr/lib") == "drop");
  CHECK(p.act("./opt/readme") == "drop");
  CHECK(p.of("./usr/bin/ls").rule == "V12");
  CHECK(p.act("./usrlocal") == "keep");
  CHECK(p.act("./usrlocal/stays") == "keep");
  CHECK(p.act("./etc/motd") == "keep");
  CHECK(p.act("./") == "keep");
  CHECK(p.plan->additions().empty());
}

TEST_CASE("a private WPAR keeps /usr and /opt") {
  planned p{fake::rootvg(), private_copy()};
  CHECK(p.act("./usr/bin/ls") == "keep");
  CHECK(p.act("./opt/readme") == "keep");
  CHECK(p.plan->additions().empty());
}

TEST_CASE("missing mount points are added, mode 0755, owner root, the volume's date") {
  auto i = fake::rootvg();
  i.remove("./usr").remove("./opt").file("./opt/x");
  planned p{i, shared()};
  auto const added = p.plan->additions();
  REQUIRE(added.size() == 2);
  CHECK(added[0].about.path == "./usr");
  CHECK(added[1].about.path == "./opt");
  CHECK(added[0].about.kind == entry_kind::directory);
  CHECK(added[0].about.permissions() == 0755);
  CHECK(added[0].about.uid == 0);
  CHECK(added[0].about.gid == 0);
  CHECK(added[0].about.mtime == 1'400'000'000);
  CHECK(added[0].rule == "V12");
  auto r = shared();
  r.target = target_kind::bff;
  planned b{i, r};
  CHECK(b.plan->additions().at(0).about.path == "./usr");
}

TEST_CASE("a mount point that is no directory becomes one") {
  auto i = fake::rootvg();
  i.remove("./opt").add(entry_kind::symlink, "./opt");
  planned p{i, shared()};
  CHECK(p.act("./opt") == "replace");
  auto const m = p.replaced("./opt");
  CHECK(m.about.kind == entry_kind::directory);
  CHECK(m.content.empty());
}

TEST_CASE("--keep saves one file system below /opt with the directories that lead to it") {
  auto i = fake::rootvg();
  i.dir("./opt/data")
      .dir("./opt/data/app")
      .file("./opt/data/app/x")
      .file("./opt/data/other")
      .file("./opt/data/apple/y");
  i.file("./etc/filesystems", "/opt/data/app:\n\tdev = /dev/app\n\tvfs = jfs2\n");
  auto r = shared();
  r.keep = {"/opt/data/app"};
  planned p{i, r};
  CHECK(p.act("./opt/data") == "keep");
  CHECK(p.act("./opt/data/app") == "keep");
  CHECK(p.act("./opt/data/app/x") == "keep");
  CHECK(p.act("./opt/data/other") == "drop");
  CHECK(p.act("./opt/data/apple/y") == "drop");
  CHECK_FALSE(p.d.has("WPR-004"));
  CHECK_FALSE(p.d.has("WPR-006"));
}

TEST_CASE("only directories lead to what --keep saves") {
  auto i = fake::rootvg();
  i.file("./opt/data").file("./opt/data/app/x");
  auto r = shared();
  r.keep = {"/opt/data/app"};
  planned p{i, r};
  CHECK(p.act("./opt/data") == "drop");
  CHECK(p.act("./opt/data/app/x") == "keep");
}

TEST_CASE("a --keep that does nothing is named") {
  auto r = shared();
  r.keep = {"/home"};
  CHECK(planned{fake::rootvg(), r}.d.has("WPR-004"));
  r.keep = {"/usr"};
  planned whole{fake::rootvg(), r};
  CHECK(whole.d.has("WPR-004"));
  CHECK(whole.act("./usr/bin/ls") == "drop");
  r.keep = {"/usr/lib"};
  CHECK(planned{fake::rootvg(), r}.d.has("WPR-006"));
  r.kind = wpar_kind::private_usr;
  CHECK(planned{fake::rootvg(), r}.d.has("WPR-005"));
}

TEST_CASE("file systems of the source's WPARs and its WPAR database are left out") {
  auto i = fake::rootvg();
  i.file("./etc/wpars/web.cf", "general:\n\tdirectory = \"/wpars/web\"\n").dir("./etc/wpars").dir("./wpars");
  i.dir("./wpars/web").file("./wpars/web/etc/passwd").file("./wpars/webby/x").dir("./etc/corrals");
  i.file("./etc/corrals/index").file("./var/adm/wpars/event.log");
  planned p{i, private_copy()};
  CHECK(p.act("./wpars") == "keep");
  CHECK(p.act("./wpars/web") == "drop");
  CHECK(p.act("./wpars/web/etc/passwd") == "drop");
  CHECK(p.of("./wpars/web/etc/passwd").rule == "V11");
  CHECK(p.act("./wpars/webby/x") == "keep");
  CHECK(p.act("./etc/wpars") == "keep");
  CHECK(p.act("./etc/wpars/web.cf") == "drop");
  CHECK(p.act("./etc/corrals/index") == "drop");
  CHECK(p.act("./var/adm/wpars/event.log") == "drop");
}

TEST_CASE("a hostile base directory drops nothing") {
  for (auto const* base : {"/", "/etc", "/usr", "/var", "/etc/security", "/home/..", "/home"}) {
    auto i = fake::rootvg();
    i.file("./etc/wpars/evil.cf", concat("general:\n\tdirectory = \"", base, "\"\n"));
    planned p{i, private_copy()};
    CAPTURE(base);
    for (auto const* path : {"./etc/passwd", "./usr/bin/ls", "./var/log", "./etc/security/passwd", "./home/a.txt"}) {
      CHECK(p.act(path) == "keep");
    }
  }
}

TEST_CASE("below /dev only directories stay; nodes and sockets elsewhere go, FIFOs stay") {
  auto i = fake::rootvg();
  i.file("./dev/file").add(entry_kind::fifo, "./dev/fifo").add(entry_kind::symlink, "./dev/link");
  i.add(entry_kind::socket, "./var/sock").add(entry_kind::fifo, "./var/fifo");
  i.add(entry_kind::block_device, "./home/disk").add(entry_kind::char_device, "./home/tty").file("./proc/1/status");
  i.file("./devices/x");
  planned p{i, private_copy()};
  CHECK(p.act("./dev") == "keep");
  CHECK(p.act("./dev/pts") == "keep");
  for (auto const* path : {"./dev/null", "./dev/file", "./dev/fifo", "./dev/link"}) {
    CHECK(p.act(path) == "drop");
    CHECK(p.of(path).rule == "devices");
  }
  for (auto const* path : {"./var/sock", "./home/disk", "./home/tty"}) {
    CHECK(p.act(path) == "drop");
    CHECK(p.of(path).rule == "V22");
  }
  CHECK(p.act("./var/fifo") == "keep");
  CHECK(p.act("./proc") == "keep");
  CHECK(p.act("./proc/1/status") == "drop");
  CHECK(p.act("./devices/x") == "keep");
}

TEST_CASE("device classes are emptied in trees and archives, and left to AIX in a .bff") {
  auto full = cudv();
  full.add_record({std::string{"hdisk0"}, 1, 0});
  auto i = fake::rootvg();
  i.bytes("./etc/objrepos/CuDv", full.build());
  i.last().nlink = 2;
  i.last().ino = 4711;
  i.last().link_to = "./etc/objrepos/other";
  i.last().opaque = {{.offset = 1, .length = 2}};
  i.file("./etc/objrepos/CuAt", "not a class");
  i.file("./etc/objrepos/CuDv.vc", "side").file("./home/CuDv");
  for (auto const target : {target_kind::tree, target_kind::archive}) {
    auto r = private_copy();
    r.target = target;
    planned p{i, r};
    CHECK(p.act("./etc/objrepos/CuDv") == "replace");
    auto const m = p.replaced("./etc/objrepos/CuDv");
    CHECK(m.content == cudv().build());
    CHECK(m.about.size == m.content.size());
    CHECK(m.about.path == "./etc/objrepos/CuDv");
    CHECK(m.rule == "devices");
    CHECK(m.about.nlink == 1);  // a file of its own, whatever other names the original has
    CHECK(m.about.ino == 0);
    CHECK(m.about.link_to.empty());
    CHECK(m.about.opaque.empty());
    CHECK(p.act("./etc/objrepos/CuAt") == "keep");
    CHECK(p.d.has("WPR-007"));
    CHECK(p.act("./etc/objrepos/CuDv.vc") == "keep");
    CHECK(p.act("./home/CuDv") == "keep");
  }
  auto r = private_copy();
  r.target = target_kind::bff;
  CHECK(planned{i, r}.act("./etc/objrepos/CuDv") == "keep");
  CHECK_FALSE(planned{i, r}.d.has("WPR-007"));
  r.empty_devices = true;
  CHECK(planned{i, r}.act("./etc/objrepos/CuDv") == "replace");
}

TEST_CASE("the RSCT and NIM identity of the source goes, SSH host keys stay") {
  auto i = fake::rootvg();
  i.file("./etc/ct_node_id").dir("./var/ct").file("./var/ct/cfg/ct_node_id").file("./etc/niminfo").file("./.rhosts");
  i.file("./etc/ssh/ssh_host_rsa_key").file("./etc/ssh/sshd_config");
  planned p{i, private_copy()};
  for (auto const* path : {"./etc/ct_node_id", "./var/ct/cfg/ct_node_id", "./etc/niminfo", "./.rhosts"}) {
    CHECK(p.act(path) == "drop");
    CHECK(p.of(path).rule == "V25");
  }
  CHECK(p.act("./var/ct") == "keep");
  CHECK(p.act("./etc/ssh/ssh_host_rsa_key") == "keep");
  CHECK(p.act("./etc/ssh/sshd_config") == "keep");
}

TEST_CASE("./image.data is replaced in a .bff only") {
  auto r = shared();
  CHECK(planned{fake::rootvg(), r}.act("./image.data") == "keep");
  r.target = target_kind::bff;
  planned p{fake::rootvg(), r};
  CHECK(p.act("./image.data") == "replace");
  auto const m = p.replaced("./image.data");
  auto const text = as_text(m.content);
  CHECK(text.find("FS_NAME= /usr") == std::string_view::npos);
  CHECK(text.find("FS_NAME= /var") != std::string_view::npos);
  CHECK(m.about.size == m.content.size());
  CHECK(m.about.ino == 0);
  CHECK_FALSE(m.about.packed);
}

TEST_CASE("files of a private fileset go when they are proven its own, by liblpp.a") {
  auto const archive = [](std::string_view fileset, std::string_view paths) {
    return aix_archive::build({{.name = concat(fileset, ".al"), .content = std::string{paths}}}, true);
  };
  odm::class_builder lpp{"lpp"};
  lpp.add_char("name", 145).add_long("size").add_short("state").add_short("ver").add_short("rel").add_short("mod");
  lpp.add_short("fix").add_char("description", 81).add_long("lpp_id").add_long("cp_flag");
  auto const row = [&](char const* name, int id, int flag) {
    lpp.add_record({std::string{name}, 1, 5, 7, 1, 3, 0, std::string{"text"}, id, flag});
  };
  row("bos.rte", 1, 0x1);
  row("bos.hidden", 2, 0x401);
  auto i = fake::rootvg();
  i.bytes("./usr/lib/objrepos/lpp", lpp.build());
  i.bytes("./usr/lpp/bos/liblpp.a", archive("bos.rte", "./usr/bin/ls\n./usr/both\n"));
  i.bytes("./usr/lpp/bos.hidden/liblpp.a", archive("bos.hidden", "./usr/hidden\n./usr/both\n./usr/dir\n"));
  i.file("./usr/hidden").file("./usr/both").dir("./usr/dir");
  auto const judge = [&](request const& r, bool gone) {
    planned p{i, r};
    CHECK(p.act("./usr/hidden") == (gone ? "drop" : "keep"));
    CHECK(p.act("./usr/both") == "keep");
    CHECK(p.act("./usr/dir") == "keep");
    CHECK(p.act("./usr/bin/ls") == "keep");
    return p.of("./usr/hidden").reason;
  };
  judge(private_copy(), false);
  auto by_list = private_copy();
  by_list.private_list_given = true;
  by_list.private_filesets = {"bos.hidden"};
  CHECK(judge(by_list, true) == "private fileset bos.hidden (list)");
  auto by_media = private_copy();
  by_media.media_given = true;
  by_media.media = {
      {"lpp_name", "4 R I bos.hidden {\nbos.hidden 7.1.3.0 1 N U en_US Hidden\n[\n%\n/usr 8\n%\n%\nPRIVATE\n]\n}\n"}};
  CHECK(judge(by_media, true) == "private fileset bos.hidden (media)");
  auto by_bit = private_copy();
  by_bit.private_flag = 0x400;
  CHECK(judge(by_bit, true) == "private fileset bos.hidden (flag bit)");
  by_list.preserve_private = true;
  judge(by_list, false);
}

TEST_CASE("the inventory class tells the owners where its paths can be calibrated") {
  odm::class_builder lpp{"lpp"};
  lpp.add_char("name", 145).add_short("state").add_short("ver").add_short("rel").add_short("mod").add_short("fix");
  lpp.add_long("lpp_id").add_long("cp_flag");
  lpp.add_record({std::string{"bos.rte"}, 5, 7, 1, 3, 0, 1, 0});
  lpp.add_record({std::string{"bos.hidden"}, 5, 7, 1, 3, 0, 2, 0});
  odm::class_builder inventory{"inventory"};
  inventory.add_long("lpp_id").add_short("file_type").add_vchar("loc0", 1024).add_long("size");
  auto const row = [&](int id, std::string path) { inventory.add_record({id, 0, std::move(path), 1}); };
  for (int n = 0; n < 300; ++n) { row(1, concat("/usr/bin/program", n)); }
  row(2, "/usr/hidden");
  row(2, "/usr/both");
  row(1, "/usr/both");
  auto i = fake::rootvg();
  i.bytes("./usr/lib/objrepos/inventory", inventory.build());
  i.bytes("./usr/lib/objrepos/inventory.vc", inventory.build_side_file());
  i.bytes("./usr/lib/objrepos/lpp", lpp.build());
  odm::class_builder nothing{"inventory"};
  nothing.add_long("lpp_id").add_short("file_type").add_vchar("loc0", 1024).add_long("size");
  odm::class_builder share{"lpp"};
  share.add_char("name", 145).add_short("state").add_short("ver").add_short("rel").add_short("mod");
  share.add_short("fix").add_long("lpp_id").add_long("cp_flag");
  share.add_record({std::string{"bos.share"}, 5, 7, 1, 3, 0, 1, 0});
  i.bytes("./usr/share/lib/objrepos/lpp", share.build());
  i.bytes("./usr/share/lib/objrepos/inventory", nothing.build());
  i.file("./usr/hidden").file("./usr/both").file("./usr/bin/program7");
  auto r = private_copy();
  r.private_list_given = true;
  r.private_filesets = {"bos.hidden"};
  planned p{i, r};
  CHECK(p.f.hidden.ownership_from == "inventory class");
  CHECK(p.act("./usr/hidden") == "drop");
  CHECK(p.act("./usr/both") == "keep");
  CHECK(p.act("./usr/bin/program7") == "keep");
  REQUIRE(p.f.hidden.filesets.size() == 1);
  CHECK(p.f.hidden.filesets[0].files == 1);
  CHECK(p.f.hidden.filesets[0].shared_files == 1);
}

TEST_CASE("a private fileset whose files nobody lists loses nothing, and that is said") {
  odm::class_builder lpp{"lpp"};
  lpp.add_char("name", 145).add_short("state").add_short("ver").add_short("rel").add_short("mod").add_short("fix");
  lpp.add_long("lpp_id").add_long("cp_flag");
  lpp.add_record({std::string{"bos.hidden"}, 5, 7, 1, 3, 0, 1, 0});
  auto i = fake::rootvg();
  i.bytes("./usr/lib/objrepos/lpp", lpp.build()).file("./usr/hidden");
  auto r = private_copy();
  r.private_list_given = true;
  r.private_filesets = {"bos.hidden", "not.installed"};
  planned p{i, r};
  CHECK(p.act("./usr/hidden") == "keep");
  CHECK(p.d.has("WPR-011"));
  CHECK(p.a.worst("V23") == severity::warning);
}

namespace {

std::vector<std::byte> lpp_class(std::vector<char const*> const& names) {
  odm::class_builder lpp{"lpp"};
  lpp.add_char("name", 145).add_short("state").add_short("ver").add_short("rel").add_short("mod");
  lpp.add_short("fix").add_long("lpp_id").add_long("cp_flag");
  int id = 0;
  for (auto const* name : names) { lpp.add_record({std::string{name}, 5, 7, 1, 3, 0, ++id, 0}); }
  return lpp.build();
}

std::vector<std::byte> apply_list(std::string_view fileset, std::string_view paths) {
  return aix_archive::build({{.name = concat(fileset, ".al"), .content = std::string{paths}}}, true);
}

request hides(char const* fileset) {
  auto r = private_copy();
  r.private_list_given = true;
  r.private_filesets = {fileset};
  return r;
}

// /usr/both belongs to bos.rte and to the private fileset, /usr/hidden to the latter alone.
fake::image two_owners() {
  auto i = fake::rootvg();
  i.bytes("./usr/lib/objrepos/lpp", lpp_class({"bos.rte", "bos.hidden"}));
  i.bytes("./usr/lpp/bos/liblpp.a", apply_list("bos.rte", "./usr/bin/ls\n./usr/both\n"));
  i.bytes("./usr/lpp/bos.hidden/liblpp.a", apply_list("bos.hidden", "./usr/hidden\n./usr/both\n"));
  i.file("./usr/hidden").file("./usr/both");
  return i;
}

void check_nothing_goes(fake::image const& i, char const* why) {
  CAPTURE(why);
  planned p{i, hides("bos.hidden")};
  CHECK(p.act("./usr/both") == "keep");
  CHECK(p.act("./usr/hidden") == "keep");
  CHECK(p.f.hidden.owned.empty());
  CHECK(p.d.has("WPR-011"));
  CHECK(p.a.worst("V23") == severity::warning);
  std::string all;
  for (auto const& u : p.f.hidden.undecided) { all += u + "\n"; }
  CHECK_MESSAGE(all.find(why) != std::string::npos, all);
}

}  // namespace

TEST_CASE("no file is removed while an installed fileset may own it unseen") {
  {
    planned p{two_owners(), hides("bos.hidden")};
    CHECK(p.act("./usr/hidden") == "drop");
    CHECK(p.act("./usr/both") == "keep");
  }
  SUBCASE("the other owner's liblpp.a is no archive") {
    check_nothing_goes(two_owners().file("./usr/lpp/bos/liblpp.a", "broken"), "/usr/lpp/bos/liblpp.a");
  }
  SUBCASE("a liblpp.a beside those of all installed filesets is no archive") {
    check_nothing_goes(two_owners().file("./usr/lpp/another/liblpp.a", "broken"), "/usr/lpp/another/liblpp.a");
  }
  SUBCASE("the other owner has no liblpp.a") {
    check_nothing_goes(two_owners().remove("./usr/lpp/bos/liblpp.a"), "without a list of their files: bos.rte");
  }
  SUBCASE("only an update of the other owner has one") {
    auto i = two_owners();
    i.remove("./usr/lpp/bos/liblpp.a");
    i.bytes("./usr/lpp/bos/bos.rte/7.1.3.1/liblpp.a", apply_list("bos.rte", "./usr/bin/ls\n"));
    check_nothing_goes(i, "without a list of their files: bos.rte");
  }
  SUBCASE("another repository cannot be read") {
    check_nothing_goes(two_owners().file("./etc/objrepos/lpp", "broken"), "/etc/objrepos/lpp cannot be read");
  }
  SUBCASE("another repository has an inventory but no filesets") {
    check_nothing_goes(two_owners().file("./etc/objrepos/inventory", "x"), "/etc/objrepos/lpp is not in");
  }
  SUBCASE("the root part has a fileset without a list: it may own what is not below /usr") {
    auto i = two_owners();
    i.bytes("./etc/objrepos/lpp", lpp_class({"bos.other", "bos.hidden"})).file("./etc/hidden");
    i.bytes("./usr/lpp/bos.hidden/inst_root/liblpp.a", apply_list("bos.hidden", "./etc/hidden\n"));
    planned p{i, hides("bos.hidden")};
    CHECK(p.act("./etc/hidden") == "keep");
    CHECK(p.act("./usr/both") == "keep");
    CHECK(p.act("./usr/hidden") == "drop");
    CHECK(p.f.hidden.filesets[0].undecided_files == 1);
    CHECK(p.d.has("WPR-011"));
    CHECK(p.a.worst("V23") == severity::warning);
  }
  SUBCASE("the share part has a fileset without a list: it may own what is below /usr/share") {
    auto i = two_owners();
    i.bytes("./usr/share/lib/objrepos/lpp", lpp_class({"bos.other", "bos.hidden"})).file("./usr/share/hidden");
    i.bytes("./usr/share/lpp/bos.hidden/liblpp.a", apply_list("bos.hidden", "./usr/share/hidden\n"));
    planned p{i, hides("bos.hidden")};
    CHECK(p.act("./usr/share/hidden") == "keep");
    CHECK(p.act("./usr/hidden") == "drop");
    CHECK(p.d.has("WPR-011"));
  }
}

TEST_CASE("an inventory with records that may be deleted proves no owner") {
  for (bool const suspect : {false, true}) {
    odm::class_builder inventory{"inventory"};
    inventory.add_long("lpp_id").add_short("file_type").add_vchar("loc0", 1024).add_long("size");
    for (int n = 0; n < 300; ++n) { inventory.add_record({1, 0, concat("/usr/bin/program", n), 1}); }
    inventory.add_record({2, 0, std::string{"/usr/hidden"}, 1});
    if (suspect) { inventory.add_suspect_record({1, 0, std::string{"/usr/hidden"}, 1}, 9999); }
    auto i = fake::rootvg();
    i.bytes("./usr/lib/objrepos/lpp", lpp_class({"bos.rte", "bos.hidden"})).file("./usr/hidden");
    i.bytes("./usr/lib/objrepos/inventory", inventory.build());
    i.bytes("./usr/lib/objrepos/inventory.vc", inventory.build_side_file());
    planned p{i, hides("bos.hidden")};
    CHECK(p.act("./usr/hidden") == (suspect ? "keep" : "drop"));
    CHECK(p.d.has("WPR-011") == suspect);
    if (suspect) {
      REQUIRE(!p.f.hidden.undecided.empty());
      CHECK(p.f.hidden.undecided[0] == "/usr/lib/objrepos/inventory: records that may be deleted");
    }
  }
}

TEST_CASE("owners of a calibrated inventory count where another one cannot be calibrated") {
  odm::class_builder inventory{"inventory"};
  inventory.add_long("lpp_id").add_short("file_type").add_vchar("loc0", 1024).add_long("size");
  auto const row = [&](int id, std::string path) { inventory.add_record({id, 0, std::move(path), 1}); };
  for (int n = 0; n < 300; ++n) { row(1, concat("/usr/bin/program", n)); }
  row(1, "/usr/both");
  row(2, "/usr/hidden");
  row(2, "/usr/both");
  auto i = fake::rootvg();
  i.bytes("./usr/lib/objrepos/lpp", lpp_class({"bos.rte", "bos.hidden"}));
  i.bytes("./usr/lib/objrepos/inventory", inventory.build());
  i.bytes("./usr/lib/objrepos/inventory.vc", inventory.build_side_file());
  i.bytes("./etc/objrepos/lpp", lpp_class({"bos.rte"}));  // no inventory
  // The archive of the private fileset alone says nothing of bos.rte.
  i.bytes("./usr/lpp/bos.hidden/liblpp.a", apply_list("bos.hidden", "./usr/hidden\n./usr/both\n./etc/hidden\n"));
  i.file("./usr/hidden").file("./usr/both");
  i.file("./etc/hidden");
  {
    planned p{i, hides("bos.hidden")};
    CHECK(p.act("./usr/hidden") == "drop");
    CHECK(p.act("./usr/both") == "keep");
    REQUIRE(p.f.hidden.undecided.size() == 2);
    CHECK(p.f.hidden.undecided[0] == "/etc/objrepos/inventory is not in the image");
  }
  // With a list of the root part every owner is known, and the inventory of the usr part counts.
  i.bytes("./usr/lpp/bos/inst_root/liblpp.a", apply_list("bos.rte", "./etc/motd\n"));
  planned p{i, hides("bos.hidden")};
  CHECK(p.act("./usr/hidden") == "drop");
  CHECK(p.act("./usr/both") == "keep");
  REQUIRE(p.f.hidden.filesets.size() == 1);
  CHECK(p.f.hidden.filesets[0].parts == std::array{true, false, false});
}

TEST_CASE("media that is neither a .toc nor an lpp_name is named") {
  auto r = private_copy();
  r.media_given = true;
  r.media = {{"README", "hello\n"}};
  CHECK(planned{fake::rootvg(), r}.d.has("WPR-012"));
}

TEST_CASE("preserve_wpars is a note") {
  auto r = private_copy();
  r.preserve_wpars = true;
  planned p{fake::rootvg(), r};
  CHECK(p.d.has("WPR-003"));
}

TEST_CASE("totals add up by action, rule and reason, in bounded space") {
  plan_totals t;
  t.add(plan_action::drop, "V12", "a", 10);
  t.add(plan_action::drop, "V12", "a", 5);
  t.add(plan_action::keep, "", "", 1);
  auto const lines = t.lines();
  REQUIRE(lines.size() == 2);
  CHECK(lines[1].members == 2);
  CHECK(lines[1].bytes == 15);
  CHECK(t.members(plan_action::drop) == 2);
  for (int n = 0; n < 5000; ++n) { t.add(plan_action::drop, "V23", concat("fileset ", n), 1); }
  CHECK(t.lines().size() < 600);
  CHECK(t.members(plan_action::drop) == 5002);
}

}  // namespace plan_test
