// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "fake_image.hpp"
#include "side_files_of.hpp"
#include "wpar/deploy/deploy.hpp"
#include "wpar/survey.hpp"

namespace side_files_test {

using namespace sysb;
using namespace sysb::wpar;
using namespace sysb::wpar::deploy;

namespace {

struct judged {
  facts f;
  request r;
  assessment a;
  judged(fake::image const& i, request wanted) : r{std::move(wanted)} {
    fake::collector d;
    auto reader = i.open();
    f = gather_facts(reader, {}, d);
    a = assess(f, r);
  }
  fs_plan plan() const { return plan_file_systems(f, r, a.kind.kind); }
  std::string image_data() const { return reduced_image_data(f, a, plan()); }
  std::string script(result const& done = {}) const { return deploy_script(f, r, a, plan(), done); }
};

request asked(target_kind target, char const* format, char const* output) {
  request r;
  r.target = target;
  r.format = format;
  r.compression = "none";
  r.output_name = output;
  r.image_name = "source.mksysb";
  r.name = "web";
  return r;
}

std::size_t count(std::string_view text, std::string_view what) {
  std::size_t n = 0;
  for (auto at = text.find(what); at != std::string_view::npos; at = text.find(what, at + 1)) { ++n; }
  return n;
}

}  // namespace

TEST_CASE("the reduced image.data has pairs only, and the other stanzas as they were") {
  judged const p{fake::rootvg(), asked(target_kind::bff, "bff", "o.bff")};
  auto const text = p.image_data();
  CHECK(count(text, "fs_data:\n") == 6);
  CHECK(count(text, "lv_data:\n") == 6);
  for (auto const* lv : {"hd5\n", "hd6\n", "hd8\n"}) { CHECK(text.find(lv) == std::string::npos); }
  CHECK(text.rfind("image_data:\n\tIMAGE_TYPE= bff\n", 0) == 0);
  CHECK(text.find("\tOSLEVEL= 7.1.3.0\n") != std::string::npos);
  CHECK(text.find("vg_data:\n\tVGNAME= rootvg\n") != std::string::npos);
}

TEST_CASE("file systems of a WPAR and of the host are left out of image.data, one without a volume gets one") {
  auto i = fake::rootvg();
  auto text = fake::image_data_text();
  text += "fs_data:\n\tFS_NAME= /wpars/w\n\tFS_SIZE= 8\n\tFS_LV= /dev/hd1\n\n";
  text += "fs_data:\n\tFS_NAME= /opt/app\n\tFS_SIZE= 8\n\tFS_LV= /dev/applv\n\n";
  text += "fs_data:\n\tFS_NAME= /alone\n\tFS_SIZE= 8\n\tFS_LV= /dev/none\n\n";
  text += "lv_data:\n\tLOGICAL_VOLUME= applv\n\tTYPE= jfs2\n\tMOUNT_POINT= /opt/app\n\n";
  i.file("./image.data", text).file("./opt/app/x");
  auto r = asked(target_kind::bff, "bff", "o.bff");
  r.kind = wpar_kind::shared;
  {
    judged const p{i, r};
    auto const out = p.image_data();
    CHECK(count(out, "fs_data:\n") == 5);
    CHECK(count(out, "lv_data:\n") == 5);
    CHECK(out.find("/opt") == std::string::npos);
    CHECK(out.find("/wpars/w") == std::string::npos);
    CHECK(out.find("\tFS_NAME= /alone\n\tFS_SIZE= 131072\n") != std::string::npos);
    CHECK(out.find("\tFS_LV= /dev/fslv00\n") != std::string::npos);
    CHECK(out.find("##Made anew by sysb, from /etc/filesystems and content: /alone\n") != std::string::npos);
  }
  r.keep = {"/opt/app"};
  judged const p{i, r};
  CHECK(count(p.image_data(), "/opt/app") == 2);
}

TEST_CASE("a level that image.data lacks is written into it, so that the result is fit") {
  auto i = fake::rootvg();
  auto text = fake::image_data_text();
  auto const at = text.find("\tOSLEVEL= 7.1.3.0\n\tOSLEVEL_R= 7100-03\n");
  text.erase(at, std::string_view{"\tOSLEVEL= 7.1.3.0\n\tOSLEVEL_R= 7100-03\n"}.size());
  i.file("./image.data", text);
  auto r = asked(target_kind::bff, "bff", "o.bff");
  judged p{i, r};
  p.f.swvpd.filesets.push_back({.name = "bos.rte", .level = "4.3.3.75"});
  p.a = assess(p.f, p.r);
  CHECK(p.image_data().find("\tOSLEVEL= 4.3.3.75\n") != std::string::npos);
}

TEST_CASE("every script is one that a shell can parse") {
  for (auto const target : {target_kind::bff, target_kind::archive, target_kind::tree}) {
    for (auto const* host : {"", "7.1.3.0", "7.1.4.0", "7.2.0.0", "6.1.0.0", "7100-03"}) {
      auto r = asked(target, target == target_kind::archive ? "pax" : "bff", "it's.out");
      if (*host != '\0') { r.host_level = parse_level(host); }
      r.name = target == target_kind::tree ? "" : "web";
      judged const p{fake::rootvg(), r};
      auto const script = p.script();
      auto* const sh = ::popen("sh -n", "w");
      REQUIRE(sh != nullptr);
      std::fwrite(script.data(), 1, script.size(), sh);
      CHECK(::pclose(sh) == 0);
    }
  }
}

TEST_CASE("an image that is too new for the host gets no mkwpar") {
  auto r = asked(target_kind::bff, "bff", "o.bff");
  r.host_level = parse_level("6.1.0.0");
  judged const p{fake::rootvg(), r};
  auto const s = p.script();
  CHECK(s.find("mkwpar") == std::string::npos);
  CHECK(s.find("exit 1\n") != std::string::npos);
}

TEST_CASE("all side files come together, the report readable by people and by machines") {
  auto i = fake::rootvg();
  i.file("./etc/wpars/old.cf", "general:\n\tname = old\n").file("./wpars/old/etc/passwd", "12345");
  auto r = asked(target_kind::archive, "pax", "o.tar");
  judged p{i, r};
  p.f.hidden.filesets.push_back({.name = "bos.hidden",
                                 .basis = visibility_basis::list,
                                 .installed = true,
                                 .files = 2,
                                 .inventory = "liblpp.a",
                                 .parts = {true, false, false}});
  p.f.swvpd.filesets.push_back({.name = "bos.hidden", .level = "7.1.0.0"});
  p.f.swvpd.filesets.push_back({.name = "bos.hidden", .part = fileset_part::root, .level = "7.1.0.0"});
  result done;
  entry e;
  e.path = "./wpars/old/etc/passwd";
  e.size = 5;
  decision const gone{plan_action::drop, "V11", "file system of WPAR \"old\" of the source"};
  done.totals.add(e, gone);
  done.members.add(e, gone);
  e.path = "./etc/motd";
  e.size = 100;
  done.totals.add(e, {});
  done.members.add(e, {});
  done.command_line = "sysb wpar x -o o.tar";
  done.output_cksum = 42;
  done.output_size = 10240;
  auto const files = fake::side_files_of(p.f, p.r, p.a, done);
  std::vector<std::string> names;
  for (auto const& x : files) { names.push_back(x.name); }
  CHECK(names == std::vector<std::string>{"fs.plan", "image.data", "wpar.spec", "deploy.sh", "restore-metadata.sh",
                                          "collect-host.sh", "report.json", "report.txt"});
  CHECK(files[3].mode == 0755);
  CHECK(files == fake::side_files_of(p.f, p.r, p.a, done));

  auto const& text = files[7].content;
  CHECK(text.rfind("FIT: a private system copy WPAR of source.mksysb (level 7.1.3.0)\n", 0) == 0);
  CHECK(text.find("It has not been tried on AIX.") != std::string::npos);
  CHECK(text.find("WPAR:                  private (the image has members below /usr)\n") != std::string::npos);
  CHECK(text.find("/wpars/old: 1 member, 5 B [V11]\n") != std::string::npos);
  CHECK(text.find("drop: 1 member, 5 B [V11] file system of WPAR \"old\" of the source\n") != std::string::npos);
  CHECK(text.find("old: /wpars/old (.cf), 1 member of 5 B\n") != std::string::npos);
  CHECK(text.find("    /usr/lib/wpars/wparconvert.d/root/b\n") != std::string::npos);
  CHECK(text.find("  bos.hidden 7.1.0.0 (usr)\n") != std::string::npos);
  CHECK(text.find("  bos.hidden 7.1.0.0 (root)\n") == std::string::npos);
  CHECK(text.find("output, cksum:         42\n") != std::string::npos);
  CHECK(text.find("passed: V01 ") != std::string::npos);
  auto at = std::size_t{0};
  for (auto const* head : {"\nDecide\n", "\nWatch\n", "\nLost\n", "\nFile systems\n", "\nLeft out\n",
                           "\nStill to do on AIX\n", "\nRules\n"}) {
    CAPTURE(head);
    auto const found = text.find(head);
    CHECK(found != std::string::npos);
    CHECK(found > at);
    at = found;
  }

  auto const j = nlohmann::json::parse(files[6].content);
  CHECK(j.at("schema") == 1);
  CHECK(j.at("type") == "report");
  CHECK(j.at("verdict") == "fit");
  CHECK(j.at("wpar") == "private");
  CHECK(j.at("level").at("source") == "7.1.3.0");
  CHECK(j.at("rules").size() == 35);
  CHECK(j.at("plan").size() == 2);
  CHECK(j.at("rows_without_files").size() == 1);
  CHECK(j.at("rows_without_files").at(0).at("name") == "bos.hidden");
  CHECK(j.at("image").at("wpars").at(0).at("members") == 1);
  CHECK(j.at("output").at("cksum") == 42);
  CHECK(j.at("filesystem_plan").at("filesystems").size() == 6);
  CHECK(j.at("left_out").at(0).at("subtree") == "/wpars/old");
  CHECK(j.at("decide").size() >= 1);
}

TEST_CASE("names of image.data that climb out or break lines reach no side file") {
  auto i = fake::rootvg();
  auto text = fake::image_data_text();
  text += "fs_data:\n\tFS_NAME= /../../etc\n\tFS_SIZE= 8\n\tFS_LV= /dev/evillv\n\n";
  text += "lv_data:\n\tLOGICAL_VOLUME= evillv\n\tTYPE= jfs2\n\tMOUNT_POINT= /../../etc\n\n";
  text += "fs_data:\n\tFS_NAME= /a\x1b[2J\n\tFS_SIZE= 8\n\tFS_LV= /dev/badlv\n\n";
  text += "lv_data:\n\tLOGICAL_VOLUME= badlv\n\tTYPE= jfs2\n\tMOUNT_POINT= /a\n\n";
  text += "fs_data:\n\tFS_NAME= /q'$(reboot)\n\tFS_SIZE= 8\n\tFS_LV= /dev/qlv\n\n";
  text += "lv_data:\n\tLOGICAL_VOLUME= qlv\n\tTYPE= jfs2\n\tMOUNT_POINT= /q\n\n";
  i.file("./image.data", text);
  judged const p{i, asked(target_kind::archive, "pax", "o.tar")};
  auto const script = p.script();
  auto const data = p.image_data();
  for (auto const* bad : {"..'", "/../etc", "../../", "\x1b"}) {
    CAPTURE(bad);
    CHECK(script.find(bad) == std::string::npos);
    CHECK(data.find(bad) == std::string::npos);
  }
  CHECK(data.find("evillv") == std::string::npos);
  CHECK(script.find("$(reboot)") == std::string::npos);
  CHECK(data.find("$(reboot)") == std::string::npos);
  CHECK(p.a.worst("V04") == severity::warning);
}

TEST_CASE("the report says what is wrong with the software database and what AIX still removes") {
  judged p{fake::rootvg(), asked(target_kind::bff, "bff", "o.bff")};
  p.f.swvpd.complaints = {"/usr/lib/objrepos/lpp: magic"};
  auto const text = report_text(p.f, p.r, p.a, p.plan(), {});
  CHECK(text.find("Faults of the software database\n") != std::string::npos);
  CHECK(text.find("/usr/lib/objrepos/lpp: magic\n") != std::string::npos);
  p.f.hidden.candidates = {"bit 4"};
  p.f.hidden.undecided = {"/usr/lib/objrepos/inventory is not in the image"};
  auto const j = nlohmann::json::parse(report_json(p.f, p.r, p.a, p.plan(), {}));
  CHECK(j.at("software_database_faults") == nlohmann::json(p.f.swvpd.complaints));
  CHECK(j.at("private_candidates") == nlohmann::json(p.f.hidden.candidates));
  CHECK(j.at("private_undecided") == nlohmann::json(p.f.hidden.undecided));
  CHECK(text.find("- removes filesets not visible in a WPAR unless") != std::string::npos);
  p.r.preserve_private = true;
  CHECK(report_text(p.f, p.r, p.a, p.plan(), {}).find("- keeps filesets not visible") != std::string::npos);
}

TEST_CASE("the reports show what contradicts itself, no more than is missing, and nothing that a terminal acts on") {
  auto image = fake::rootvg();
  auto text = fake::image_data_text();
  text.replace(text.find("FS_MIN_SIZE= 262144"), 19, "FS_MIN_SIZE= 999999999");
  image.file("./image.data", text);
  judged p{image, asked(target_kind::archive, "pax", "o.tar")};
  p.r.salvage = true;
  result done;
  done.command_line = "sysb wpar \x1b[2J";
  auto const plan = p.plan();
  auto const json = nlohmann::json::parse(report_json(p.f, p.r, p.a, plan, done));
  REQUIRE(json["filesystem_plan"]["contradictions"].size() == 1);
  CHECK(report_text(p.f, p.r, p.a, plan, done).find("sysb wpar \\x1b[2J") != std::string::npos);
  // 50 names are listed.
  for (int i = 0; i < 50; ++i) { done.missing.add({.path = "x", .filesets = {}, .file_system = "/", .reason = "cut"}); }
  CHECK(report_text(p.f, p.r, p.a, plan, done).find(" more\n") == std::string::npos);
  done.missing.add({.path = "x", .filesets = {}, .file_system = "/", .reason = "cut"});
  CHECK(report_text(p.f, p.r, p.a, plan, done).find("and 1 more\n") != std::string::npos);
}

}  // namespace side_files_test
