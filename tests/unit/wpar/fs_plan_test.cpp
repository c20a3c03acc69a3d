// SPDX-License-Identifier: Apache-2.0
#include "wpar/deploy/fs_plan.hpp"

#include <doctest/doctest.h>

#include "fake_image.hpp"
#include "wpar/deploy/deploy.hpp"
#include "wpar/survey.hpp"

namespace fs_plan_test {

using namespace sysb;
using namespace sysb::wpar;
using namespace sysb::wpar::deploy;

namespace {

struct planned {
  facts f;
  request r;
  assessment a;
  fs_plan plan;
  planned(fake::image const& i, request wanted) : r{std::move(wanted)} {
    fake::collector d;
    auto reader = i.open();
    f = gather_facts(reader, {}, d);
    a = assess(f, r);
    plan = plan_file_systems(f, r, a.kind.kind);
  }
  std::string image_data() const { return reduced_image_data(f, a, plan); }
};

bool mentions(std::vector<std::string> const& texts, std::string_view what) {
  return std::any_of(texts.begin(), texts.end(), [&](auto const& t) { return t.find(what) != std::string::npos; });
}

request to(target_kind k) {
  request r;
  r.target = k;
  r.format = k == target_kind::bff ? "bff" : "pax";
  r.name = "web";
  return r;
}

std::string without_file_systems() {
  auto text = fake::image_data_text();
  return text.substr(0, text.find("fs_data:"));
}

}  // namespace

TEST_CASE("content over the size of a file system is an error with the proposal, and the plan grows") {
  auto i = fake::rootvg();
  i.add(entry_kind::file, "./home/big", "x");
  i.last().size = 1'300'000'000;  // 1.2 GiB where image.data says 64 MiB
  planned const p{i, to(target_kind::archive)};
  REQUIRE(p.plan.too_small.size() == 1);
  CHECK(p.plan.too_small[0] == "/home: the image holds 1.2 GiB of content, image.data says 64.0 MiB: proposed 1.3 GiB");
  CHECK(p.a.worst("V29") == severity::error);
  CHECK(p.a.outcome == verdict::unfit);
  auto const* const home = p.plan.find("home");
  REQUIRE(home != nullptr);
  CHECK(home->planned >= 1'300'000'000 / 10 * 11);
  CHECK(home->planned % (64u << 20) == 0);
  CHECK(p.image_data().find(concat("FS_SIZE= ", home->blocks(), "\n")) != std::string::npos);
  // The volume holds it, too.
  auto small = i;
  auto text = fake::image_data_text();
  auto const at = text.find("LPs= 32\n\tPP= 32", text.find("LOGICAL_VOLUME= hd1\n"));
  text.replace(at, 15, "LPs= 1\n\tPP= 2");
  small.file("./image.data", text);
  planned const q{small, to(target_kind::bff)};
  CHECK(q.image_data().find(concat("LPs= ", home->planned >> 26, "\n\tPP= ", (home->planned >> 26) * 2, "\n")) !=
        std::string::npos);
}

TEST_CASE("the margin is part of the plan, and a name of a file that has another one is not counted again") {
  auto i = fake::rootvg();
  for (auto const* name : {"./home/one", "./home/two", "./home/three"}) {
    i.add(entry_kind::file, name, "x");
    i.last().size = 50u << 20;
    i.last().nlink = 3;
    i.last().ino = 77;
  }
  auto r = to(target_kind::archive);
  planned const p{i, r};
  CHECK(p.plan.too_small.empty());
  auto const* const home = p.plan.find("home");
  CHECK(home->needed > (50u << 20));
  CHECK(home->needed < (60u << 20));
  r.margin = 100;
  planned const q{i, r};
  CHECK(q.plan.find("home")->planned >= 2 * home->needed);
}

TEST_CASE("contradictions of image.data are warnings") {
  auto i = fake::rootvg();
  auto text = fake::image_data_text();
  auto const at = text.find("FS_MIN_SIZE= 262144");
  text.replace(at, 19, "FS_MIN_SIZE= 999999999");
  auto const lv = text.find("\tFS_LV= /dev/hd1\n");
  text.erase(lv, 17);
  i.file("./image.data", text);
  i.file("./etc/filesystems", "/:\n\tdev = /dev/other\n\tvfs = jfs2\n\n/data:\n\tdev = /dev/datalv\n\tvfs = jfs2\n\n");
  i.file("./data/x");
  planned const p{i, to(target_kind::bff)};
  CHECK(mentions(p.plan.contradictions, "/: FS_MIN_SIZE (476.8 GiB) is larger than FS_SIZE (256.0 MiB)"));
  CHECK(mentions(p.plan.contradictions, "/home has no FS_LV in image.data; hd1 has its mount point"));
  CHECK(mentions(p.plan.contradictions, "/: /etc/filesystems says /dev/other, image.data hd4"));
  CHECK(mentions(p.plan.contradictions, "/data has members and stands in /etc/filesystems"));
  CHECK(p.a.worst("V13") == severity::warning);
  CHECK(p.image_data().find("\tFS_LV= /dev/hd1\n") != std::string::npos);
  CHECK(p.image_data().find("\tFS_NAME= /data\n") != std::string::npos);
  CHECK(p.plan.find("data")->basis == fs_basis::filesystems_file);
}

TEST_CASE("a file system that stands twice in image.data is planned once, as the first says") {
  auto i = fake::rootvg();
  i.file("./image.data",
         fake::image_data_text() +
             "fs_data:\n\tFS_NAME= /home\n\tFS_SIZE= 9999999\n\tFS_MIN_SIZE= 1\n\tFS_LV= /dev/other\n\n");
  planned const p{i, to(target_kind::bff)};
  std::size_t times = 0;
  for (auto const& row : p.plan.rows) { times += row.mount == "home" ? 1u : 0u; }
  CHECK(times == 1);
  CHECK(p.plan.find("home")->source_size == std::uint64_t{131072} * 512);
  CHECK(mentions(p.plan.contradictions, "/home stands twice in image.data; the first one counts"));
}

TEST_CASE("image.data without a file system is rebuilt from /etc/filesystems and content, and marked") {
  auto i = fake::rootvg();
  i.file("./image.data", without_file_systems());
  planned const p{i, to(target_kind::bff)};
  CHECK(p.plan.rebuilt);
  CHECK(p.a.worst("V04") == severity::warning);
  CHECK(p.plan.find("") != nullptr);
  CHECK(p.plan.find("usr") != nullptr);
  CHECK(p.plan.find("home") != nullptr);
  auto const text = p.image_data();
  CHECK(text.find("##Made anew by sysb, from /etc/filesystems and content: / /home /opt /usr\n") != std::string::npos);
  CHECK(text.find("\tLOGICAL_VOLUME= hd4\n") != std::string::npos);
  // What is made of it describes what was planned.
  auto again = i;
  again.file("./image.data", text);
  planned const q{again, to(target_kind::bff)};
  CHECK(!q.plan.rebuilt);
  CHECK(q.plan.contradictions.empty());
  CHECK(q.plan.rows.size() == p.plan.rows.size());
  CHECK(q.plan.total() == p.plan.total());
}

TEST_CASE("an image.data that is missing, zeroed or cut gives a plan with a root of its own") {
  for (auto const* text : {"", "\0\0\0", "image_data:\n\tIMAGE_TYPE= bff\n"}) {
    auto i = fake::rootvg();
    if (*text == '\0') {
      i.remove("./image.data");
    } else {
      i.file("./image.data", text);
    }
    planned const p{i, to(target_kind::archive)};
    CHECK(p.plan.rebuilt);
    REQUIRE(p.plan.find("") != nullptr);
    CHECK(p.plan.find("")->planned >= (16u << 20));
    auto const script = deploy_script(p.f, p.r, p.a, p.plan, {});
    CHECK(script.find("  \"$1\" '' ") != std::string::npos);
    CHECK(script.find("each_file_system assert_mounted") != std::string::npos);
  }
}

TEST_CASE("a second instance of multibos gets no file system, and its members are left out") {
  auto i = fake::rootvg();
  auto text = fake::image_data_text();
  text += "fs_data:\n\tFS_NAME= /bos_inst\n\tFS_SIZE= 524288\n\tFS_LV= /dev/bos_hd4\n\n";
  text += "lv_data:\n\tLOGICAL_VOLUME= bos_hd4\n\tTYPE= jfs2\n\tMOUNT_POINT= /bos_inst\n\n";
  i.file("./image.data", text).file("./bos_inst/etc/passwd");
  planned const p{i, to(target_kind::archive)};
  CHECK(p.plan.find("bos_inst") == nullptr);
  CHECK(p.image_data().find("bos_inst") == std::string::npos);
  fake::collector d;
  auto const plan = make_plan(p.f, p.r, p.a, d);
  entry e;
  e.path = "./bos_inst/etc/passwd";
  CHECK(plan->decide(e).action == plan_action::drop);
  CHECK(plan->decide(e).rule == "V16");
}

TEST_CASE("a file system that is kept below the host's /opt gets a script that explains") {
  auto i = fake::rootvg();
  auto text = fake::image_data_text();
  text += "fs_data:\n\tFS_NAME= /opt/app\n\tFS_SIZE= 524288\n\tFS_LV= /dev/applv\n\n";
  text += "lv_data:\n\tLOGICAL_VOLUME= applv\n\tTYPE= jfs2\n\tMOUNT_POINT= /opt/app\n\n";
  i.file("./image.data", text).file("./opt/app/x");
  auto r = to(target_kind::archive);
  r.kind = wpar_kind::shared;
  r.keep = {"/opt/app"};
  planned const p{i, r};
  auto const script = deploy_script(p.f, p.r, p.a, p.plan, {});
  CHECK(script.find("/opt/app is kept") != std::string::npos);
  CHECK(script.find("crfs") == std::string::npos);
  CHECK(script.rfind("exit 1\n") == script.size() - 7);
}

TEST_CASE("every attribute of a file system is kept or named") {
  auto i = fake::rootvg();
  auto text = fake::image_data_text();
  auto const at = text.find("FS_JFS2_EAFORMAT= v1\n", text.find("FS_NAME= /home\n"));
  text.replace(at, 21,
               "FS_JFS2_EAFORMAT= v2\n\tFS_JFS2_INLINELOG= yes\n\tFS_JFS2_SIZEINLINELOG= 8\n\tFS_JFS2_EFS= yes\n"
               "\tFS_COMPRESS= LZ\n\tFS_ODD= $(reboot)\n");
  i.file("./image.data", text);
  planned const p{i, to(target_kind::archive)};
  std::string seen;
  for (auto const& a : p.plan.find("home")->attributes) {
    seen += concat(a.name, '=', a.value, a.kept ? " kept" : " gone", "; ");
  }
  CHECK(seen ==
        "agblksize=4096 kept; ea=v2 kept; efs=yes gone; compress=LZ gone; logname=INLINE kept; logsize=8 kept; "
        "FS_ODD=$(reboot) gone; ");
  auto const script = deploy_script(p.f, p.r, p.a, p.plan, {});
  CHECK(script.find("'home' 131072 -a 'agblksize=4096' -a 'ea=v2' -a 'logname=INLINE' -a 'logsize=8'\n") !=
        std::string::npos);
  CHECK(script.find("reboot") == std::string::npos);
  CHECK(to_text(p.plan, target_kind::archive).find("compress=LZ not kept (JFS2 does not compress") !=
        std::string::npos);
}

TEST_CASE("the specification has general, network, mount and copy_controls, and no value leaves its quotes") {
  auto r = to(target_kind::archive);
  r.name = "we\"b\n\tx = \"y";
  r.address = "192.0.2.7";
  r.netmask = "255.255.255.0";
  r.interface = "en0";
  planned const p{fake::rootvg(), r};
  auto const spec = wpar_spec(p.r, p.plan);
  CHECK(spec.find("\ngeneral:\n\tname = \"web\tx = y\"\n") == std::string::npos);
  CHECK(spec.find("\tname = \"webx = y\"\n") != std::string::npos);
  CHECK(spec.find("\nnetwork:\n\taddress = \"192.0.2.7\"\n\tnetmask = \"255.255.255.0\"\n\tinterface = \"en0\"\n") !=
        std::string::npos);
  CHECK(spec.find("\nmount:\n\tdirectory = \"/home\"\n\tvfs = \"jfs2\"\n\tsize = \"131072\"\n") != std::string::npos);
  CHECK(spec.find("\ncopy_controls:\n\tpreserve_private = \"no\"\n") != std::string::npos);
}

}  // namespace fs_plan_test
