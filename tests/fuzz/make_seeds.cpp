// SPDX-License-Identifier: Apache-2.0
// make_seeds FOLDER: sound inputs of the targets that read parts of members, one folder a target. From invented systems.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "base/text.hpp"
#include "formats/aix_archive/aix_archive.hpp"
#include "support/system_image.hpp"
#include "survey_paths.hpp"

namespace {

using namespace sysb;

std::string top;

void put(std::string_view target, std::string_view name, std::string_view content) {
  auto const folder = concat(top, '/', target);
  std::filesystem::create_directories(folder);
  std::ofstream{concat(folder, '/', name), std::ios::binary} << content;
}

std::string with_length(std::string_view piece) {
  auto const n = std::min<std::size_t>(piece.size(), 0xffff);
  std::string out{static_cast<char>(n & 0xff), static_cast<char>(n >> 8)};
  return out += piece.substr(0, n);
}

std::string choice(unsigned n, std::string_view content) { return static_cast<char>(n) + std::string{content}; }

std::string find(std::vector<test::class_file> const& files, std::string_view path) {
  for (auto const& f : files) {
    if (f.path == path) { return std::string{as_text(f.content)}; }
  }
  return {};
}

constexpr std::string_view lpp_name =
    "4 R I p {\na.rte 1.1.1.1 1 N B en_US x\n[\n*prereq bos.rte 5.1.0.0\n%\n/usr 100\n%\n%\n%\n]\n}\n";
constexpr std::string_view inventory =
    "/usr/bin/a:\n\towner = bin\n\tgroup = bin\n\tmode = 555\n\ttype = FILE\n\tclass = apply,inventory,a.rte\n\tsize = "
    "10\n"
    "\tchecksum = \"53497    1 \"\n\tlinks = /usr/bin/b\n\n";
constexpr std::string_view host =
    "sysb-host 1\noslevel 7200-05-03-2148\nfileset bos.rte 7.2.5.0\nvg rootvg 64 100\nwpar web\ntool mkwpar "
    "/usr/sbin/mkwpar\n";
constexpr std::string_view spec =
    "general:\n\tname = \"web\"\n\thostname = \"web\"\n\tprivateusr = \"no\"\n\ncopy_controls:\n\tpreserve_private = "
    "\"no\"\n";
constexpr std::string_view known =
    "known:\n\trule = V13\n\tpattern = \"*admin*\"\n\treason = \"left out\"\n\tuntil = 2030-01-01\n";

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) { return 2; }
  top = argv[1];
  test::system_options o;
  o.wpars.push_back({"web", {}, true});
  auto const data = test::image_data_text(o);
  put("texts", "stanza-image.data", choice(0, data));
  put("texts", "stanza-filesystems", choice(0, test::filesystems_text(o)));
  put("texts", "stanza-bosinst", choice(0, test::bosinst_data_text(o)));
  put("texts", "lpp_name", choice(1, lpp_name));
  put("texts", "toc", choice(1, concat("0 0101010101 2\n", lpp_name)));
  put("texts", "inventory", choice(1, inventory));
  put("texts", "apply-list", choice(1, "./usr/bin/a\n./usr/bin/b\n"));
  put("texts", "host", choice(2, host));
  put("texts", "spec", choice(2, spec));
  put("texts", "profile", choice(2, known));

  auto const classes = test::swvpd_classes(o);
  auto const usr = [&](std::string_view name) { return find(classes, concat("./usr/lib/objrepos/", name)); };
  for (auto const& f : classes) {
    auto const name = f.path.substr(f.path.rfind('/') + 1);
    put("binaries", concat("odm-", name), choice(1, concat(with_length({}), as_text(f.content))));
  }
  put("binaries", "odm-vc", choice(1, concat(with_length(usr("inventory.vc")), usr("inventory"))));
  put("binaries", "swvpd",
      choice(2, concat(with_length(usr("lpp")), with_length(usr("product")), with_length(usr("inventory")),
                       with_length(usr("inventory.vc")), usr("history"))));
  for (bool const big : {false, true}) {
    auto const a = aix_archive::build(
        {{.name = "a.inventory", .content = std::string{inventory}}, {.name = "b", .content = "x"}}, big);
    put("binaries", big ? "archive-big" : "archive-small", choice(3, as_text(a)));
  }
  std::string acl(16, '\0');
  put("binaries", "acl", choice(0, acl));

  put("batch", "manifest.csv", choice(0, "image,key,out,wave,owner,shared\n/i/a.bff,a,/o/a.tar,1,\"x, y\",true\n"));
  put("batch", "manifest.jsonl",
      choice(0,
             "{\"volumes\":[\"/i/b.1\",\"/i/b.2\"],\"key\":\"b\",\"out\":\"/o/b.bff\",\"exclude\":[\"./tmp/*\"]}\n"));
  put("batch", "plan",
      choice(0,
             "{\"schema\":1,\"type\":\"plan\",\"key\":\"a\",\"job\":\"0\",\"image\":\"/i/a.bff\",\"volumes\":[\"/i/"
             "a.bff\"],"
             "\"out\":\"/o/a.tar\",\"options\":{\"shared\":true},\"size\":1,\"verdict\":\"fit\",\"reasons\":[]}\n"));
  put("batch", "result",
      choice(0,
             "{\"schema\":1,\"type\":\"job\",\"key\":\"a\",\"job\":\"0\",\"image\":\"/i/"
             "a.bff\",\"state\":\"succeeded\",\"exit\":0,"
             "\"attempts\":[{\"start\":1,\"end\":2,\"host\":\"h\",\"exit\":0}],\"reasons\":[],\"findings\":{\"V13\":1}}"
             "\n"));
  put("batch", "mtree",
      choice(1,
             "#mtree\n/set type=file uid=0 gid=0 mode=0644\n. type=dir mode=0755\n./a size=3 time=1.0 "
             "\\\n nlink=2\n./b\\040c type=link link=a\n..\n"));
  put("index", "start", {});  // the mutator makes one of it

  auto const number = [](std::string_view path) {
    for (std::size_t i = 0; i < fuzz::survey_paths.size(); ++i) {
      if (fuzz::survey_paths[i] == path) { return static_cast<unsigned>(i); }
    }
    return static_cast<unsigned>(fuzz::survey_paths.size());
  };
  std::string whole = choice(0x12, choice(number("./image.data"), with_length(data)));
  auto const add = [&](std::string_view path, std::string_view content) {
    auto const n = number(path);
    if (n == fuzz::survey_paths.size()) { return; }
    auto const piece = choice(n, with_length(content));
    put("survey", concat("one-", std::uint64_t{n}), choice(0, piece));
    whole += piece;
  };
  add("./etc/filesystems", test::filesystems_text(o));
  add("./bosinst.data", test::bosinst_data_text(o));
  add("./etc/wpars/web.cf", test::wpar_configuration_text(o.wpars.front()));
  add("./etc/exclude.rootvg", "^./tmp/\n/usr/lib$\n\n[a-\n");
  add("./etc/inittab", "init:2:initdefault:\ncron:23456789:respawn:/usr/sbin/cron\n");
  for (auto const& f : classes) { add(f.path, as_text(f.content)); }
  for (auto const& f : test::customized_device_classes(o)) { add(f.path, as_text(f.content)); }
  put("survey", "whole", whole);
  put("survey", "text", choice(0, choice(128, data)));
  return EXIT_SUCCESS;
}
