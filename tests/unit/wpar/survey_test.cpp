// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "fake_image.hpp"
#include "formats/odm/class_builder.hpp"
#include "formats/odm/odm.hpp"
#include "wpar/file_system_counts.hpp"
#include "wpar/rules.hpp"
#include "wpar/survey.hpp"

namespace survey_test {

using namespace sysb;
using namespace sysb::wpar;

namespace {

facts survey_of(fake::image const& i, fake::collector& d, survey_options const& o = {}) {
  auto r = i.open();
  return gather_facts(r, o, d);
}
facts survey_of(fake::image const& i) {
  fake::collector d;
  return survey_of(i, d);
}

odm::class_builder cudv() {
  odm::class_builder b{"CuDv"};
  b.add_char("name", 16).add_short("status").add_short("chgstatus").add_char("ddins", 16);
  return b;
}

}  // namespace

TEST_CASE("image.data gives level, file systems and logical volumes, wherever it stands") {
  for (auto const late : {false, true}) {
    auto i = fake::rootvg();
    if (late) { i.remove("./image.data").packed("./image.data", fake::image_data_text()); }
    auto const f = survey_of(i);
    CHECK(f.image_data.oslevel == "7.1.3.0");
    CHECK(f.image_data.file_systems.size() == 6);
    CHECK(f.image_data.logical_volumes.size() == 9);
    CHECK(f.image_data.raw.from.path == "./image.data");
    REQUIRE(f.find_file_system("usr") != nullptr);
    CHECK(f.find_file_system("usr")->size == 4194304ull * 512);
    CHECK(f.complete);
  }
}

TEST_CASE("present means a member strictly below, by whole path components") {
  fake::image i;
  i.dir("./usr").dir("./opt").dir("./usrlocal").file("./usrlocal/x", "1234").file("./opt/a/b", "12");
  auto const f = survey_of(i);
  CHECK_FALSE(f.present("usr"));
  CHECK(f.has("usr"));
  CHECK(f.present("opt"));
  CHECK(f.present("usrlocal"));
  CHECK(f.count_below("opt").bytes == 2);
  CHECK(f.count_below("").members == 5);
}

TEST_CASE("a file system's count leaves out what is mounted below it") {
  auto i = fake::rootvg();
  auto const f = survey_of(i);
  auto const total = f.count_below("").members;
  auto const root = file_system_counts{f}.of("").members;
  CHECK(root + f.count_below("usr").members + f.count_below("var").members + f.count_below("tmp").members +
            f.count_below("home").members + f.count_below("opt").members ==
        total);
}

TEST_CASE("nested mounts are taken off once") {
  auto i = fake::rootvg();
  auto text = fake::image_data_text();
  for (auto const* m : {"/home/a", "/home/a/b", "/home/x/y"}) {
    text += concat("fs_data:\n\tFS_NAME= ", m, "\n\tFS_SIZE= 8\n\tFS_LV= /dev/z\n\n");
  }
  i.file("./image.data", text).file("./home/a/1").file("./home/a/b/2").file("./home/x/y/3").file("./home/x/4");
  auto const f = survey_of(i);
  CHECK(f.count_below("home").members == 5);
  CHECK(file_system_counts{f}.of("home").members == 2);
  CHECK(file_system_counts{f}.of("home/a").members == 1);
  CHECK(file_system_counts{f}.of("home/x/y").members == 1);
}

TEST_CASE("more directories than are counted apart are counted above") {
  std::vector<fake::member> members(70'000);
  for (std::size_t n = 0; n < members.size(); ++n) {
    members[n].about.path = concat("./d", std::uint64_t{n}, "/x");
    members[n].about.size = 5;
    members[n].content = "12345";
  }
  fake::reader reader{std::move(members)};
  fake::collector d;
  auto const f = gather_facts(reader, {}, d);
  CHECK_FALSE(f.below_complete);
  CHECK(f.count_below("").members == 70'000);
  CHECK(f.count_below("").bytes == 350'000);
  CHECK(f.count_below("d0").members == 1);
}

TEST_CASE("an image.data or /etc/filesystems beyond reason costs neither time nor memory") {
  auto i = fake::rootvg();
  std::string image_data;
  std::string mounts;
  for (int n = 0; n < 30'000; ++n) {
    image_data += concat("fs_data:\n\tFS_NAME= /a/", n, "\n");
    mounts += concat("/wpars/w", n, ":\n\tdev= x\n");
  }
  i.file("./image.data", image_data).file("./etc/filesystems", mounts);
  auto const f = survey_of(i);
  CHECK_FALSE(f.image_data.parsed);
  CHECK(f.mounts.size() == 4096);
  CHECK(f.wpars.size() == 1000);
  auto const a = assess(f, {});
  auto const said = std::find_if(a.results.begin(), a.results.end(), [](auto const& x) { return x.id() == "V04"; });
  REQUIRE(said != a.results.end());
  CHECK(said->level == severity::warning);
  CHECK(said->text == "./image.data cannot be read: 30000 stanzas, at most 4096 are believed");
}

TEST_CASE("numbers, names and sizes of image.data that nobody can take are named, and never 0") {
  auto i = fake::rootvg();
  auto text = fake::image_data_text();
  auto const put = [&](std::string_view old, std::string_view fresh) {
    auto const at = text.find(old);
    REQUIRE(at != std::string::npos);
    text.replace(at, old.size(), fresh);
  };
  put("LPs= 32", "LPs= 99999999999999999999");
  put("PP_SIZE= 64", "PP_SIZE= 0");
  put("LOGICAL_VOLUME= hd9var", "LOGICAL_VOLUME= a_name_that_is_too_long");
  put("FS_SIZE= 524288", "FS_SIZE= 4294967296429496729600");
  put("FS_MIN_SIZE= 262144", "FS_MIN_SIZE= -1");
  put("PPSIZE= 64", "PPSIZE= 0");
  i.file("./image.data", concat("\xef\xbb\xbf", text));
  auto const f = survey_of(i);
  CHECK(f.image_data.image_type == "bff");
  CHECK_FALSE(f.image_data.logical_volumes[0].lps);
  CHECK_FALSE(f.image_data.logical_volumes[0].pp_size_mb);
  CHECK(f.image_data.logical_volumes[1].lps == 32u);
  std::string all;
  for (auto const& x : f.image_data.bad_fields) { all += x + "\n"; }
  CAPTURE(all);
  CHECK(f.image_data.bad_fields.size() == 7);
  for (auto const* part :
       {"byte order mark", "LPs of hd5: expected a number of logical partitions, found \"99999999999999999999\"",
        "PP_SIZE of hd5: ", "LOGICAL_VOLUME: expected a name of at most 15 bytes, found \"a_name",
        "FS_SIZE of /: ", "FS_MIN_SIZE of /: ", "PPSIZE of rootvg: "}) {
    CHECK(all.find(part) != std::string::npos);
  }
  CHECK(assess(f, {}).worst("V04") == severity::warning);
}

TEST_CASE("lines of image.data that another system ended are told, read, and put right") {
  auto i = fake::rootvg();
  auto text = fake::image_data_text();
  std::string dos;
  for (auto const c : text) { dos += c == '\n' ? std::string{"\r\n"} : std::string{c}; }
  i.file("./image.data", dos);
  auto const f = survey_of(i);
  CHECK(f.image_data.image_type == "bff");
  REQUIRE(f.image_data.bad_fields.size() == 1);
  CHECK(f.image_data.bad_fields[0].find("lines end with a carriage return") != std::string::npos);
  CHECK(f.image_data.raw.text == text);
  CHECK(assess(f, {}).worst("V04") == severity::warning);
}

TEST_CASE("a service pack is told where every installed fileset of its keyword is at its level") {
  auto const image_with = [](std::string_view libc, bool calibrated = true) {
    odm::class_builder lpp{"lpp"};
    lpp.add_char("name", 64).add_short("state").add_short("ver").add_short("rel").add_short("mod").add_short("fix");
    auto const row = [&](char const* name, int fix) {
      lpp.add_record(
          {std::string{name}, std::int32_t{5}, std::int32_t{7}, std::int32_t{1}, std::int32_t{3}, std::int32_t{fix}});
    };
    row("bos.rte", 45);
    row("bos.rte.libc", 45);
    odm::class_builder fix{"fix"};
    fix.add_char("name", 16)
        .add_char("abstract", 60)
        .add_char("type", 2)
        .add_vchar("filesets", 64)
        .add_vchar("symptom", 64);
    auto const keyword = [&](char const* name, std::string const& list) {
      fix.add_record({std::string{name}, std::string{"x"}, std::string{"p"}, list, std::string{}});
    };
    keyword("IV12345", "bos.rte.libc:7.1.3.10\n");
    keyword("71-03-031415_SP", "bos.rte:7.1.3.30\nbos.rte.libc:7.1.3.30\nnot.here:7.1.3.30\n");
    keyword("71-03-041441_SP", concat("bos.rte:7.1.3.45\nbos.rte.libc:", libc, "\n"));
    keyword("71-03-XX1441_SP", "bos.rte:7.1.3.45\n");
    for (int n = 0; n < 8; ++n) {
      keyword(concat("IV2000", n).c_str(), concat("bos.rte.libc:7.1.3.", n, "\nbos.rte:7.1.3.", n, "\n"));
    }
    keyword("7100-03_AIX_ML", "bos.rte:7.1.3.0\n");
    auto i = fake::rootvg();
    i.bytes("./usr/lib/objrepos/lpp", lpp.build()).bytes("./usr/lib/objrepos/fix", fix.build());
    if (calibrated) { i.bytes("./usr/lib/objrepos/fix.vc", fix.build_side_file()); }
    return decide_level(survey_of(i), {});
  };
  auto const whole = image_with("7.1.3.45");
  REQUIRE(whole.service_pack);
  CHECK(whole.service_pack->text == "7100-03-04-1441");
  CHECK(whole.service_pack_from.find("71-03-041441_SP of the class fix: 2 filesets") == 0);
  auto const partly = image_with("7.1.3.46");
  REQUIRE(partly.service_pack);
  CHECK(partly.service_pack->text == "7100-03-03-1415");
  auto const unread = image_with("7.1.3.45", false);
  CHECK_FALSE(unread.service_pack);
  CHECK(unread.service_pack_from.find("highest fix of the base is 7.1.3.45 (bos.rte)") != std::string::npos);
}

TEST_CASE("only members that rules read are read") {
  auto i = fake::rootvg();
  i.file("./home/big.bin", std::string(100'000, 'z'));
  auto r = i.open();
  fake::collector d;
  static_cast<void>(gather_facts(r, {}, d));
  // image.data, bosinst.data, etc/filesystems, etc/inittab
  CHECK(r.content_reads == 4);
}

TEST_CASE("a member over the limit or one that does not decode is named and leaves its rule undecided") {
  auto i = fake::rootvg();
  i.packed("./etc/filesystems", std::string("\xff broken", 8));
  fake::collector d;
  survey_options o;
  o.bounds.survey_member_bytes = 20;
  auto const f = survey_of(i, d, o);
  CHECK(f.image_data.raw.state == read_state::too_large);
  CHECK(f.filesystems_file.state == read_state::undecodable);
  CHECK(f.content_errors == 1);
  CHECK(d.has("WPR-008"));
  CHECK(assess(f, {}).outcome == verdict::damaged);
}

TEST_CASE("texts that rules read take a bounded memory, all of them together") {
  auto const text = [](std::size_t mib) {
    std::string out = "image_data:\n\tOSLEVEL= 7.1\n";
    while (out.size() < mib << 20) { out += "* " + std::string(60, 'x') + '\n'; }
    return out;
  };
  for (auto const mib : {9u, 11u}) {
    CAPTURE(mib);
    auto const fits = mib == 9;
    auto i = fake::rootvg();
    i.file("./image.data", text(mib));
    i.file("./etc/filesystems", std::string(2u << 20, 'x'));
    fake::collector d;
    auto const f = survey_of(i, d);
    CHECK(f.image_data.raw.state == (fits ? read_state::ok : read_state::too_large));
    CHECK(f.image_data.oslevel == (fits ? "7.1" : ""));
    CHECK(f.filesystems_file.state == (fits ? read_state::too_large : read_state::ok));
    CHECK(f.startup_texts.at("etc/inittab").state == read_state::ok);
  }
}

TEST_CASE("WPARs come from .cf files, /etc/filesystems and image.data") {
  auto i = fake::rootvg();
  i.file("./etc/wpars/web.cf", "general:\n\tname = \"web\"\n\tdirectory = \"/srv/web\"\n");
  i.file("./etc/wpars/plain.cf", "general:\n\tname = \"plain\"\n");
  i.file("./etc/wpars/app.cf", "general:\n\tdirectory = \"/\"\n");
  i.file("./etc/wpars/evil.cf", "general:\n\tdirectory = \"/usr\"\n");
  i.file("./etc/filesystems", "/:\n\tdev = /dev/hd4\n\n/wpars/old/home:\n\tdev = /dev/lv9\n\ttype = old\n");
  i.file("./srv/web/etc/motd");
  fake::collector d;
  auto const f = survey_of(i, d);
  auto const find = [&](std::string_view name) {
    auto const at = std::find_if(f.wpars.begin(), f.wpars.end(), [&](auto const& w) { return w.name == name; });
    REQUIRE(at != f.wpars.end());
    return *at;
  };
  CHECK(f.wpars.size() == 5);
  CHECK(find("web").base == "srv/web");
  CHECK(find("plain").base == "wpars/plain");
  CHECK(find("old").base == "wpars/old");
  CHECK(find("old").basis == "/etc/filesystems");
  CHECK_FALSE(find("app").usable);
  CHECK_FALSE(find("evil").usable);
  CHECK(d.has("WPR-009"));
  CHECK(f.wpar_database);
}

TEST_CASE("a sound device class has an empty form, a broken one says why not") {
  auto b = cudv();
  b.add_record({std::string{"hdisk0"}, 1, 0, std::string{"scsidisk"}});
  auto i = fake::rootvg();
  i.bytes("./etc/objrepos/CuDv", b.build());
  auto broken = b.build();
  broken.resize(0x150);
  i.bytes("./etc/objrepos/CuAt", broken);
  auto const f = survey_of(i);
  REQUIRE(f.device_classes.size() == 2);
  CHECK(f.device_classes[0].name == "CuAt");
  CHECK_FALSE(f.device_classes[0].sound);
  CHECK_FALSE(f.device_classes[0].why_not.empty());
  CHECK(f.device_classes[1].sound);
  CHECK(f.device_classes[1].objects == 1);
  CHECK_FALSE(f.device_classes[1].pristine);
  CHECK(f.device_classes[1].emptied == cudv().build());
}

TEST_CASE("a pristine copy in the image is preferred, when it is the same class") {
  auto b = cudv();
  b.add_record({std::string{"hdisk0"}, 1, 0, std::string{"scsidisk"}});
  auto i = fake::rootvg();
  i.bytes("./usr/lpp/bos/inst_root/etc/objrepos/CuDv", cudv().build(8192));
  i.bytes("./etc/objrepos/CuDv", b.build());
  auto const f = survey_of(i);
  REQUIRE(f.device_classes.size() == 1);
  CHECK(f.device_classes[0].pristine);
  CHECK(f.device_classes[0].emptied.size() == 8192);
  // One with objects, or of another shape, is none.
  auto other = cudv();
  other.add_short("more");
  i.bytes("./usr/lpp/bos/inst_root/etc/objrepos/CuDv", other.build());
  CHECK_FALSE(survey_of(i).device_classes[0].pristine);
}

TEST_CASE("a member that the reader calls damaged is damage of the structure") {
  auto i = fake::rootvg();
  i.file("./etc/bad");
  i.last().damaged = true;
  auto const f = survey_of(i);
  CHECK(f.structure_errors == 1);
  CHECK(assess(f, {}).outcome == verdict::damaged);
}

TEST_CASE("counts follow kinds, names and sizes") {
  auto i = fake::rootvg();
  i.add(entry_kind::socket, "./var/s").add(entry_kind::fifo, "./var/f").add(entry_kind::block_device, "./opt/d");
  i.add(entry_kind::fifo, "./dev/log");
  i.file("./home/caf\xc3\xa9").file("./home/../evil");
  auto const f = survey_of(i);
  CHECK(f.in_dev.devices == 1);
  CHECK(f.in_dev.fifos == 1);
  CHECK(f.elsewhere.sockets == 1);
  CHECK(f.elsewhere.fifos == 1);
  CHECK(f.elsewhere.devices == 1);
  CHECK(f.non_ascii_names.count == 1);
  CHECK(f.unsafe_names.count == 1);
}

TEST_CASE("an installp package and a savevg of a user volume group are told apart") {
  fake::image package;
  package.file("./lpp_name", "4 R I bos.example {\nbos.example.rte 1.0.0.0 1 N U en_US Example\n[\n%\n]\n}\n");
  package.file("./usr/lpp/bos.example/liblpp.a");
  auto const p = survey_of(package);
  CHECK(p.package_name == "bos.example");
  CHECK(classify(p) == copy_class::package);

  fake::image data;
  data.file("./tmp/vgdata/datavg/image.info").file("./tmp/vgdata/vgdata.files");
  data.file("./tmp/vgdata/datavg/datavg.data", "vg_data:\n\tVGNAME= datavg\n");
  auto const v = survey_of(data);
  CHECK(classify(v) == copy_class::user_vg);
  CHECK(v.vgdata == std::vector<std::string>{"datavg"});
  CHECK(classify(survey_of(fake::rootvg())) == copy_class::rootvg);
}

TEST_CASE("host name, addresses and the TCB state come from ODM classes") {
  odm::class_builder cuat{"CuAt"};
  cuat.add_char("name", 16).add_char("attribute", 16).add_char("value", 256);
  cuat.add_record({std::string{"inet0"}, std::string{"hostname"}, std::string{"source.example"}});
  cuat.add_record({std::string{"en0"}, std::string{"netaddr"}, std::string{"192.0.2.7"}});
  odm::class_builder pdat{"PdAt"};
  pdat.add_char("uniquetype", 48).add_char("attribute", 16).add_char("deflt", 256);
  pdat.add_record({std::string{""}, std::string{"TCB_STATE"}, std::string{"tcb_enabled"}});
  auto i = fake::rootvg();
  i.bytes("./etc/objrepos/CuAt", cuat.build()).bytes("./usr/lib/objrepos/PdAt", pdat.build());
  auto const f = survey_of(i);
  CHECK(f.inet_hostname == "source.example");
  CHECK(f.addresses == std::vector<std::string>{"en0 192.0.2.7"});
  CHECK(f.tcb_enabled == true);
}

}  // namespace survey_test
