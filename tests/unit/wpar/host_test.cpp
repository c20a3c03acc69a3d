// SPDX-License-Identifier: Apache-2.0
#include "wpar/deploy/host.hpp"

#include <doctest/doctest.h>

#include "fake_image.hpp"
#include "wpar/deploy/deploy.hpp"
#include "wpar/deploy/self_starters.hpp"
#include "wpar/survey.hpp"

namespace host_test {

using namespace sysb;
using namespace sysb::wpar;
using namespace sysb::wpar::deploy;

namespace {

constexpr char const* host_text =
    "sysb-host 1\noslevel 7200-05-03-2148\nuname AIX h 2 7 0\nfileset bos.rte:bos.rte:7.2.5.100: : :C: :Base:\n"
    "fileset bos:bos.net.tcp:7.1.0.0:::A::\nwpar other\nvg rootvg 128 20\nvg datavg 64 4000\nnonsense what\n"
    "tool mkwpar /usr/sbin/mkwpar\nmkwpar usage: mkwpar [-t] [-p]\npax ok\nend\n";

facts survey_of(fake::image const& i) {
  fake::collector d;
  auto reader = i.open();
  return gather_facts(reader, {}, d);
}

}  // namespace

TEST_CASE("what collect-host.sh prints is read, unknown lines are ignored") {
  auto const p = parse_host(host_text);
  REQUIRE_MESSAGE(p.host, p.error);
  CHECK(p.host->running.text == "7200-05-03-2148");
  CHECK(p.host->filesets.at("bos.rte").vrmf_text() == "7.2.5.100");
  CHECK(p.host->wpars.count("other") == 1);
  REQUIRE(p.host->find_group("datavg") != nullptr);
  CHECK(p.host->find_group("datavg")->partition_mb == 64);
  CHECK(p.host->pax_ok == std::optional{true});
}

TEST_CASE("a host file that is none, cut, or wrong in a line is refused with the line") {
  struct row {
    char const* text;
    char const* want;
  };
  for (auto const& x :
       {row{"", "it is empty"}, row{"hello\n", "line 1: expected \"sysb-host 1\", found \"hello\""},
        row{"sysb-host 1\noslevel 7200-05\n", "line 2: expected \"end\": the file is cut"},
        row{"sysb-host 1\nend\n", "it has no line \"oslevel\""},
        row{"sysb-host 1\noslevel $(id)\nend\n", "line 2, oslevel: expected a level"},
        row{"sysb-host 1\noslevel 7200-05\nvg rootvg 0 3\nend\n", "line 3, vg: expected name, size of a partition"}}) {
    CAPTURE(x.text);
    auto const p = parse_host(x.text);
    CHECK(!p.host);
    CHECK_MESSAGE(p.error.find(x.want) != std::string::npos, p.error);
  }
}

TEST_CASE("root parts are compared with the host's filesets, one by one") {
  auto f = survey_of(fake::rootvg());
  f.swvpd.filesets = {{.name = "bos.rte", .part = fileset_part::root, .level = "7.1.3.0"},
                      {.name = "bos.net.tcp", .part = fileset_part::root, .level = "7.1.5.0"},
                      {.name = "own.app", .part = fileset_part::root, .level = "1.0.0.0"},
                      {.name = "bos.rte", .part = fileset_part::usr, .level = "7.1.3.0"}};
  auto const h = *parse_host(host_text).host;
  auto const c = compare_with_host(f, h);
  CHECK(c.same == 0);
  CHECK(c.to_update == std::vector<std::string>{"bos.rte 7.1.3.0 -> 7.2.5.100"});
  CHECK(c.newer == std::vector<std::string>{"bos.net.tcp 7.1.5.0 -> 7.1.0.0"});
  CHECK(c.not_on_host == std::vector<std::string>{"own.app 1.0.0.0"});
  request r;
  r.host = std::make_shared<host_facts const>(h);
  r.host_level = h.running;
  r.partition_mb = 128;
  r.name = "other";
  auto const a = assess(f, r);
  CHECK(a.worst("V07") == severity::warning);
  CHECK(a.worst("V28") == severity::error);    // there is one of this name
  CHECK(a.worst("V29") == severity::warning);  // 20 partitions are too few
  CHECK(plan_file_systems(f, r, wpar_kind::private_usr).partition == 128u << 20);
}

TEST_CASE("a command that failed on the host is not one that found nothing") {
  auto f = survey_of(fake::rootvg());
  f.swvpd.filesets = {{.name = "bos.rte", .part = fileset_part::root, .level = "7.1.3.0"}};
  auto const p =
      parse_host("sysb-host 1\noslevel 7200-05\nfailed lswpar\nfailed lsvg\nfailed lslpp\npax unknown\nend\n");
  REQUIRE_MESSAGE(p.host, p.error);
  CHECK(!p.host->tells("lswpar"));
  CHECK(p.host->tells("lsfs"));
  CHECK(!p.host->pax_ok);
  request r;
  r.target = target_kind::bff;
  r.name = "web1";
  r.host = std::make_shared<host_facts const>(*p.host);
  r.host_level = p.host->running;
  auto const a = assess(f, r);
  for (auto const* id : {"V07", "V28", "V29"}) {
    CAPTURE(id);
    std::string said;
    for (auto const& x : a.results) {
      if (x.id() == id && x.level == severity::warning) { said += x.text; }
    }
    CHECK_MESSAGE(said.find("failed on the host") != std::string::npos, said);
  }
  auto const plan = plan_file_systems(f, r, a.kind.kind);
  for (auto const& o : script_obstacles(r, a, plan)) { CHECK_MESSAGE(o.find("no active") == std::string::npos, o); }
  auto const json = report_json(f, r, a, plan, {});
  CHECK(json.find("\"host_not_told\":[\"lslpp\",\"lsvg\",\"lswpar\"]") != std::string::npos);
  CHECK(json.find("host_filesets") == std::string::npos);
}

TEST_CASE("a tool that the host lacks is told where the output can still be made in another way") {
  auto const f = survey_of(fake::rootvg());
  std::string const all =
      "sysb-host 1\noslevel 7100-05\nvg rootvg 128 900\ntool mkwpar /usr/sbin/mkwpar\ntool lswpar /x\ntool rmwpar /x\n"
      "tool crfs /x\ntool rmfs /x\ntool aclput /x\ntool pax /x\ntool gzip /x\n";
  struct row {
    char const* format;
    char const* compression;
    char const* more;  // lines of the host
    char const* want;  // empty: the script can be made
  };
  for (auto const& x :
       {row{"pax", "gzip", "", ""}, row{"pax", "none", "", ""}, row{"pax", "zstd", "", "make the output as .tar.gz"},
        row{"pax", "zstd", "tool freeware-zstd /opt/freeware/bin/zstd\n", ""},
        row{"pax", "xz", "tool xz /usr/bin/xz\n", ""}, row{"gnutar", "none", "", "no /opt/freeware/bin/tar"},
        row{"newc", "none", "tool freeware-cpio /opt/freeware/bin/cpio\n", ""}}) {
    CAPTURE(x.format);
    CAPTURE(x.compression);
    request r;
    r.target = target_kind::archive;
    r.format = x.format;
    r.compression = x.compression;
    r.host = std::make_shared<host_facts>(*parse_host(concat(all, x.more, "end\n")).host);
    auto const a = assess(f, r);
    std::string seen;
    for (auto const& o : script_obstacles(r, a, plan_file_systems(f, r, a.kind.kind))) { seen += o; }
    CHECK_MESSAGE((*x.want == '\0' ? seen.empty() : seen.find(x.want) != std::string::npos), seen);
  }
}

TEST_CASE("what starts by itself is found by place and format, and nothing else is edited") {
  auto i = fake::rootvg();
  std::string const inittab =
      "init:2:initdefault:\n: a comment\ncron:23456789:respawn:/usr/sbin/cron\n"
      "app:2:once:/opt/app/start >/dev/null\nold:2:off:/opt/old\nbroken line\n";
  i.file("./etc/inittab", inittab);
  i.file("./var/spool/cron/crontabs/root", "# comment\n0 3 * * 0 /usr/bin/errclear -d S,O 30\n\n");
  i.file("./etc/inetd.conf",
         "#ftp stream tcp6 nowait root /usr/sbin/ftpd ftpd\ntime stream tcp nowait root internal\n");
  i.file("./etc/rc.tcpip",
         "start /usr/sbin/syslogd \"$src\"\n#start /usr/sbin/routed \"$src\"\nstart /usr/lib/sendmail "
         "\"$src\" \"-bd\"\n");
  i.file(
      "./etc/filesystems",
      "/:\n\tdev = /dev/hd4\n\tvfs = jfs2\n\tmount = automatic\n\n/soft:\n\tdev = /export\n\tvfs = nfs\n\tnodename = "
      "nas\n\tmount = true\n");
  i.file("./etc/rc.d/rc2.d/Ssshd").file("./etc/krb5/krb5.keytab").file("./var/spool/mqueue/qf1");
  auto const f = survey_of(i);
  std::string seen;
  for (auto const& s : find_self_starters(f)) { seen += concat(s.kind, ' '); }
  CHECK(seen == "inetd inittab rc.tcpip crontab nfs rc.d keytab mail ");
  auto const texts = quiesced_texts(f);
  CHECK(texts.size() == 5);
  CHECK(texts.at("etc/inittab") ==
        "init:2:initdefault:\n: a comment\ncron:23456789:respawn:/usr/sbin/cron\n"
        ":sysb-quiesced app:2:once:/opt/app/start >/dev/null\nold:2:off:/opt/old\nbroken line\n");
  CHECK(texts.at("var/spool/cron/crontabs/root") ==
        "# comment\n#sysb-quiesced 0 3 * * 0 /usr/bin/errclear -d S,O 30\n\n");
  CHECK(texts.at("etc/rc.tcpip").find("\n#sysb-quiesced start /usr/lib/sendmail") != std::string::npos);
  CHECK(texts.at("etc/rc.tcpip").rfind("start /usr/sbin/syslogd", 0) == 0);
  CHECK(texts.at("etc/filesystems").find("\tmount = automatic\n") != std::string::npos);
  CHECK(texts.at("etc/filesystems").find("*sysb-quiesced \tmount = true\n\tmount\t\t= false\n") != std::string::npos);

  request r;
  r.target = target_kind::archive;
  r.quiesce = true;
  auto const a = assess(f, r);
  fake::collector d;
  auto const plan = make_plan(f, r, a, d);
  entry e;
  e.path = "./etc/inittab";
  CHECK(plan->decide(e).action == plan_action::replace);
  CHECK(plan->decide(e).rule == "quiesce");
  CHECK(as_text(plan->replace(e, {}).content) == texts.at("etc/inittab"));
  e.path = "./etc/passwd";
  CHECK(plan->decide(e).action == plan_action::keep);
  r.quiesce = false;
  auto const without = make_plan(f, r, a, d);
  e.path = "./etc/inittab";
  CHECK(without->decide(e).action == plan_action::keep);
}

}  // namespace host_test
