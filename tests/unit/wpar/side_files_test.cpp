// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "fake_image.hpp"
#include "wpar/side_files.hpp"
#include "wpar/survey.hpp"

using namespace sysb;
using namespace sysb::wpar;

namespace {

struct judged {
  facts f;
  request r;
  assessment a;
  judged(fake::image const& i, request wanted) : r{std::move(wanted)} {
    fake::collector d;
    auto reader = i.open();
    f = survey(reader, {}, d);
    a = assess(f, r);
  }
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
  auto const text = reduced_image_data(p.f, p.r, p.a);
  CHECK(count(text, "fs_data:\n") == 6);
  CHECK(count(text, "lv_data:\n") == 6);
  for (auto const* lv : {"hd5\n", "hd6\n", "hd8\n"}) { CHECK(text.find(lv) == std::string::npos); }
  CHECK(text.rfind("image_data:\n\tIMAGE_TYPE= bff\n", 0) == 0);
  CHECK(text.find("\tOSLEVEL= 7.1.3.0\n") != std::string::npos);
  CHECK(text.find("vg_data:\n\tVGNAME= rootvg\n") != std::string::npos);
}

TEST_CASE("file systems of a WPAR, of the host, and without a volume are left out of image.data") {
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
    auto const out = reduced_image_data(p.f, p.r, p.a);
    CHECK(count(out, "fs_data:\n") == 4);
    CHECK(count(out, "lv_data:\n") == 4);
    CHECK(out.find("/opt") == std::string::npos);
    CHECK(out.find("/wpars/w") == std::string::npos);
    CHECK(out.find("/alone") == std::string::npos);
  }
  r.keep = {"/opt/app"};
  judged const p{i, r};
  CHECK(count(reduced_image_data(p.f, p.r, p.a), "/opt/app") == 2);
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
  CHECK(reduced_image_data(p.f, p.r, p.a).find("\tOSLEVEL= 4.3.3.75\n") != std::string::npos);
}

TEST_CASE("the specification has documented attributes only") {
  auto r = asked(target_kind::bff, "bff", "o.bff");
  CHECK(wpar_spec(r) ==
        "# WPAR specification for source.mksysb, written by sysb. Not tried on AIX.\n"
        "# Only stanzas and attributes that IBM documents; the rest stands in deploy.sh as flags.\n"
        "\ngeneral:\n\tname = \"web\"\n\ncopy_controls:\n\tpreserve_private = \"no\"\n");
}

TEST_CASE("the script of a .bff uses mkwpar -t -B") {
  auto r = asked(target_kind::bff, "bff", "o.bff");
  r.hostname = "web1";
  r.host_level = parse_level("7.1.4.0");
  judged const p{fake::rootvg(), r};
  CHECK(deploy_script(p.f, p.r, p.a) ==
        "#!/usr/bin/ksh\n"
        "# Makes a private system copy WPAR of source.mksysb (level 7.1.3.0), written by sysb.\n"
        "# NOT TRIED ON AIX: read it before it runs. As root, on the host:\n"
        "#   ksh deploy.sh [NAME] [OUTPUT]\n"
        "set -e\n\n"
        "here=$(cd \"$(dirname \"$0\")\" && pwd)\n"
        "name='web'\n[ $# -lt 1 ] || name=$1\n"
        "image=$here/../'o.bff'\n[ $# -lt 2 ] || image=$2\n"
        "case $image in /*) ;; *) image=$PWD/$image ;; esac\n"
        "[ -r \"$image\" ] || { echo \"$image: cannot be read\" >&2; exit 1; }\n\n"
        "mkwpar -t -B \"$image\" -n \"$name\" -f \"$here/wpar.spec\" -L image_data=\"$here/image.data\" -l "
        "-h 'web1'\n\n"
        "# image 7.1.3.0, host 7.1.4.0: the host is at a later technology level (7100-03 and 7100-04).\n"
        "syncwpar -D \"$name\"\n\n"
        "# AIX runs /usr/lib/wpars/wparconvert.d at the first start.\n"
        "startwpar \"$name\"\n");
}

TEST_CASE("the script names the command that unpacks each kind of output on AIX") {
  struct row {
    char const* format;
    char const* compression;
    char const* want;
  };
  for (auto const& x :
       {row{"pax", "zstd", "{ zstd -dc \"$image\" && touch \"$whole\"; } | { pax -r -p e &&"},
        row{"pax", "none", "\npax -r -p e -f \"$image\"\n"}, row{"ustar", "gzip", "{ gzip -dc \"$image\" && touch"},
        row{"newc", "none", "/opt/freeware/bin/cpio -idmu --numeric-uid-gid < \"$image\"\n"},
        row{"gnutar", "xz", "/opt/freeware/bin/tar -xpf -"}}) {
    CAPTURE(x.format);
    auto r = asked(target_kind::archive, x.format, "o");
    r.compression = x.compression;
    judged const p{fake::rootvg(), r};
    auto const s = deploy_script(p.f, p.r, p.a);
    CHECK(s.find(x.want) != std::string::npos);
    CHECK(s.find("mkwpar -p \"$name\"") != std::string::npos);
    CHECK(s.find("crfs -v jfs2 -g \"$vg\" -m \"$base\"/'usr' -a size=4194304") != std::string::npos);
    CHECK(s.find("NOT TRIED ON AIX") != std::string::npos);
  }
  judged const tree{fake::rootvg(), asked(target_kind::tree, "tree", "o")};
  CHECK(deploy_script(tree.f, tree.r, tree.a).find("pax -w -x pax .") != std::string::npos);
  judged const list{fake::rootvg(), asked(target_kind::archive, "mtree", "o")};
  CHECK(deploy_script(list.f, list.r, list.a).find("holds no WPAR to deploy") != std::string::npos);
}

TEST_CASE("names from outside cannot break out of the script") {
  auto r = asked(target_kind::bff, "bff", "o'; rm -rf / #\n.bff");
  r.image_name = "x\nrm -rf /\n";
  r.hostname = "$(reboot)";
  r.name = "a'b`c";
  judged p{fake::rootvg(), r};
  p.f.image_data.oslevel = "7.1.3.0";
  auto const s = deploy_script(p.f, p.r, p.a);
  CHECK(s.find("\nrm -rf /\n") == std::string::npos);
  CHECK(s.find("'o'\\''; rm -rf / #\n.bff'") != std::string::npos);
  CHECK(s.find("-h '$(reboot)'") != std::string::npos);
  CHECK(s.find("name='a'\\''b`c'") != std::string::npos);
}

TEST_CASE("every script is one that a shell can parse") {
  for (auto const target : {target_kind::bff, target_kind::archive, target_kind::tree}) {
    for (auto const* host : {"", "7.1.3.0", "7.1.4.0", "7.2.0.0", "6.1.0.0", "7100-03"}) {
      auto r = asked(target, target == target_kind::archive ? "pax" : "bff", "it's.out");
      if (*host != '\0') { r.host_level = parse_level(host); }
      r.name = target == target_kind::tree ? "" : "web";
      judged const p{fake::rootvg(), r};
      auto const script = deploy_script(p.f, p.r, p.a);
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
  auto const s = deploy_script(p.f, p.r, p.a);
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
  plan_totals t;
  t.add(plan_action::drop, "V11", "file system of WPAR \"old\" of the source", 5);
  t.add(plan_action::keep, "", "", 100);
  auto const files = make_side_files(p.f, p.r, p.a, t);
  std::vector<std::string> names;
  for (auto const& x : files) { names.push_back(x.name); }
  CHECK(names == std::vector<std::string>{"image.data", "wpar.spec", "deploy.sh", "report.json", "report.txt"});
  CHECK(files[2].mode == 0755);
  CHECK(files == make_side_files(p.f, p.r, p.a, t));

  auto const& text = files[4].content;
  CHECK(text.find("WPAR:                  private (the image has members below /usr)\n") != std::string::npos);
  CHECK(text.find("drop: 1 member, 5 B [V11] file system of WPAR \"old\" of the source\n") != std::string::npos);
  CHECK(text.find("old: /wpars/old (.cf), 1 member of 5 B\n") != std::string::npos);
  CHECK(text.find("    /usr/lib/wpars/wparconvert.d/root/b\n") != std::string::npos);
  CHECK(text.find("  bos.hidden 7.1.0.0 (usr)\n") != std::string::npos);
  CHECK(text.find("  bos.hidden 7.1.0.0 (root)\n") == std::string::npos);
  CHECK(text.find("V01  ok") != std::string::npos);

  auto const j = nlohmann::json::parse(files[3].content);
  CHECK(j.at("schema") == 1);
  CHECK(j.at("type") == "report");
  CHECK(j.at("verdict") == "fit");
  CHECK(j.at("wpar") == "private");
  CHECK(j.at("level").at("source") == "7.1.3.0");
  CHECK(j.at("rules").size() == 34);
  CHECK(j.at("plan").size() == 2);
  CHECK(j.at("rows_without_files").size() == 1);
  CHECK(j.at("rows_without_files").at(0).at("name") == "bos.hidden");
  CHECK(j.at("image").at("wpars").at(0).at("members") == 1);
}

namespace {

// Runs the script with commands of AIX that only say that they ran; gives what they said.
std::string run_with_stubs(std::string script, bool decompressor_works, bool image_there, int& status) {
  char folder[] = "/tmp/sysb-deploy-XXXXXX";
  REQUIRE(::mkdtemp(folder) != nullptr);
  std::string const top = folder;
  auto const write = [&](std::string const& name, std::string const& text) {
    std::ofstream{concat(top, '/', name)} << text;
  };
  for (auto at = script.find("/wpars"); at != std::string::npos; at = script.find("/wpars", at + 1)) {
    if (at == 0 || script[at - 1] == '=' || script[at - 1] == ' ') {
      script.insert(at, top);
      at += top.size();
    }
  }
  std::string stubs = "#!/bin/sh\n";
  for (auto const* name : {"crfs", "mount", "mkwpar", "startwpar", "syncwpar"}) {
    stubs += concat(name, "() { echo ", name, "; }\n");
  }
  stubs += concat("pax() { cat > /dev/null; echo pax \"$@\"; }\n", "zstd() { echo data; ",
                  decompressor_works ? "true" : "false", "; }\n");
  script.insert(script.find('\n') + 1, stubs.substr(stubs.find('\n') + 1));
  write("deploy.sh", script);
  if (image_there) { write("image", "x"); }
  auto const command = concat("cd ", top, " && sh ./deploy.sh web image 2>&1");
  auto* const out = ::popen(command.c_str(), "r");
  REQUIRE(out != nullptr);
  std::string said;
  std::array<char, 256> some{};
  while (std::fgets(some.data(), some.size(), out) != nullptr) { said += some.data(); }
  status = ::pclose(out);
  CHECK(std::system(concat("rm -rf ", top).c_str()) == 0);
  return said;
}

}  // namespace

TEST_CASE("the script of an archive stops before mkwpar when the archive cannot be unpacked whole") {
  auto r = asked(target_kind::archive, "pax", "o.tar.zst");
  r.compression = "zstd";
  judged const p{fake::rootvg(), r};
  auto const script = deploy_script(p.f, p.r, p.a);
  int status = 0;
  auto said = run_with_stubs(script, true, true, status);
  CHECK(status == 0);
  CHECK_MESSAGE(said.find("pax -r -p e\nmkwpar\n") != std::string::npos, said);
  CHECK(said.find("startwpar\n") != std::string::npos);

  said = run_with_stubs(script, false, true, status);
  CHECK(status != 0);
  CHECK_MESSAGE(said.find("mkwpar") == std::string::npos, said);
  CHECK(said.find("could not be read to its end") != std::string::npos);

  said = run_with_stubs(script, true, false, status);
  CHECK(status != 0);
  CHECK_MESSAGE(said.find("crfs") == std::string::npos, said);
  CHECK(said.find("cannot be read") != std::string::npos);

  r.compression = "none";
  judged const plain{fake::rootvg(), r};
  said = run_with_stubs(deploy_script(plain.f, plain.r, plain.a), true, false, status);
  CHECK(status != 0);
  CHECK(said.find("crfs") == std::string::npos);
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
  auto const script = deploy_script(p.f, p.r, p.a);
  auto const data = reduced_image_data(p.f, p.r, p.a);
  for (auto const* bad : {"..'", "/../etc", "../../", "\x1b"}) {
    CAPTURE(bad);
    CHECK(script.find(bad) == std::string::npos);
    CHECK(data.find(bad) == std::string::npos);
  }
  CHECK(data.find("evillv") == std::string::npos);
  CHECK(script.find("\"$base\"/'q'\\''$(reboot)'") != std::string::npos);
  CHECK(p.a.worst("V04") == severity::warning);
}

TEST_CASE("a size that is no number is left out of crfs, a file system without a name is none") {
  auto i = fake::rootvg();
  auto text = fake::image_data_text();
  auto const at = text.find("FS_SIZE= 131072");
  text.replace(at, 15, "FS_SIZE= many");
  text += "fs_data:\n\tFS_SIZE= 8\n\tFS_LV= /dev/hd8\n\n";
  i.file("./image.data", text);
  judged const p{i, asked(target_kind::archive, "pax", "o.tar")};
  auto const script = deploy_script(p.f, p.r, p.a);
  CHECK(script.find("size=0") == std::string::npos);
  CHECK(script.find("add -a size=.\ncrfs -v jfs2 -g \"$vg\" -m \"$base\"/'home' -A no") != std::string::npos);
  CHECK(count(script, "-m \"$base\" -a") == 1);
  CHECK(p.f.image_data.file_systems.size() == 6);
  CHECK(p.f.image_data.bad_fields.size() == 2);
  CHECK(count(reduced_image_data(p.f, p.r, p.a), "fs_data:\n") == 6);
}

TEST_CASE("the script of a forced .bff names no file that is not there") {
  auto i = fake::rootvg();
  i.file("./image.data", "no stanza at all\n");
  auto r = asked(target_kind::bff, "bff", "o.bff");
  r.force = true;
  judged const p{i, r};
  CHECK(reduced_image_data(p.f, p.r, p.a).empty());
  CHECK(deploy_script(p.f, p.r, p.a).find("-L image_data") == std::string::npos);
}

TEST_CASE("the report says what is wrong with the software database and what AIX still removes") {
  judged p{fake::rootvg(), asked(target_kind::bff, "bff", "o.bff")};
  p.f.swvpd.complaints = {"/usr/lib/objrepos/lpp: magic"};
  auto const text = report_text(p.f, p.r, p.a, {});
  CHECK(text.find("Faults of the software database\n") != std::string::npos);
  CHECK(text.find("/usr/lib/objrepos/lpp: magic\n") != std::string::npos);
  p.f.hidden.candidates = {"bit 4"};
  p.f.hidden.undecided = {"/usr/lib/objrepos/inventory is not in the image"};
  auto const j = nlohmann::json::parse(report_json(p.f, p.r, p.a, {}));
  CHECK(j.at("software_database_faults") == nlohmann::json(p.f.swvpd.complaints));
  CHECK(j.at("private_candidates") == nlohmann::json(p.f.hidden.candidates));
  CHECK(j.at("private_undecided") == nlohmann::json(p.f.hidden.undecided));
  CHECK(text.find("- removes filesets not visible in a WPAR unless") != std::string::npos);
  p.r.preserve_private = true;
  CHECK(report_text(p.f, p.r, p.a, {}).find("- keeps filesets not visible") != std::string::npos);
}
