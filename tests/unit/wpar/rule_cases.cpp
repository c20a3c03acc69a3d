// SPDX-License-Identifier: Apache-2.0
#include "rule_cases.hpp"

#include <string>
#include <string_view>
#include <utility>

#include "fake_image.hpp"
#include "wpar/survey.hpp"
#include "wpar/systems.hpp"

namespace sysb::wpar::testing {

facts sound_facts() {
  auto r = fake::rootvg().open();
  fake::collector d;
  auto f = gather_facts(r, {}, d);
  f.swvpd.filesets.push_back({.name = "bos.rte", .part = fileset_part::usr, .level = "7.1.3.45", .state = "committed"});
  f.swvpd.filesets.push_back(
      {.name = "bos.rte", .part = fileset_part::root, .level = "7.1.3.45", .state = "committed"});
  return f;
}

request no_private() {
  request r;
  r.preserve_private = true;
  return r;
}

namespace {

void set_fs(facts& f, std::string_view mount, char const* key, char const* value) {
  for (auto& fs : f.image_data.file_systems) {
    if (fs.mount == mount) { fs.attributes[key] = value; }
  }
}

inventory::report report_of(char const* name, inventory::state what, std::vector<std::string> named) {
  inventory::report out;
  out.any = true;
  inventory::fileset_state f;
  f.name = name;
  f.what = what;
  f.named = std::move(named);
  out.filesets.push_back(std::move(f));
  return out;
}

}  // namespace

std::vector<rule_case> cases() {
  using F = facts;
  using R = request;
  auto const nothing = [](F&, R&) {};
  auto const host = [](char const* l) { return [l](F&, R& r) { r.host_level = parse_level(l); }; };
  auto const name = [](char const* n) { return [n](F&, R& r) { r.name = n; }; };
  auto const found = [](char const* p, std::uint64_t size = 1) {
    return [p, size](F& f, R&) { f.found[p] = {.at = {p, 512}, .size = size}; };
  };
  auto const fileset = [](char const* n) {
    return [n](F& f, R&) { f.swvpd.filesets.push_back({.name = n, .level = "1.0.0.0", .state = "committed"}); };
  };
  auto const gone = [](char const* p) {
    return [p](F& f, R&) {
      f.found.erase(p);
      f.below.erase(p);
    };
  };
  return {
      {"V01", "ok", "by name", nothing},
      {"V01", "error", "another format", [](F& f, R&) { f.description.format = "sysback"; }},
      {"V02", "ok", "complete", nothing},
      {"V02", "error", "cut", [](F& f, R&) { f.complete = false; }},
      {"V03", "ok", "no errors", nothing},
      {"V03", "error", "a bad header", [](F& f, R&) { f.structure_errors = 1; }},
      {"V03", "error", "a member that does not decode", [](F& f, R&) { f.content_errors = 1; }},
      {"V04", "ok", "image.data is fine", nothing},
      {"V04", "warning", "missing, no output", gone("image.data")},
      {"V04", "error", "missing, .bff",
       [](F& f, R& r) {
         f.found.erase("image.data");
         r.target = target_kind::bff;
       }},
      {"V04", "warning", "product tape", [](F& f, R&) { f.image_data.product_tape = "yes"; }},
      {"V04", "warning", "image type tar", [](F& f, R&) { f.image_data.image_type = "tar"; }},
      {"V04", "warning", "a field that is not understood",
       [](F& f, R&) { f.image_data.bad_fields = {"FS_SIZE of /home"}; }},
      {"V04", "warning", "a file system without a logical volume",
       [](F& f, R&) { f.image_data.logical_volumes.pop_back(); }},
      {"V04", "warning", "a name that climbs out", [](F& f, R&) { f.image_data.file_systems.back().mount = "../etc"; }},
      {"V04", "warning", "unreadable", [](F& f, R&) { f.image_data.raw.state = read_state::undecodable; }},
      {"V04", "warning", "a size of a partition that is 0",
       [](F& f, R&) {
         f.image_data.raw.text = "lv_data:\n\tLOGICAL_VOLUME= hd4\n\tPP_SIZE= 0\n";
         parse_image_data(f.image_data);
       }},
      {"V05", "ok", "rootvg", nothing},
      {"V05", "error", "user volume group", [](F& f, R&) { f.image_data.volume_groups = {"datavg"}; }},
      {"V05", "error", "package",
       [](F& f, R&) {
         f.found.erase("image.data");
         f.package_name = "p";
       }},
      {"V05", "warning", "no vg_data", [](F& f, R&) { f.image_data.volume_groups.clear(); }},
      {"V06", "ok", "7.1", nothing},
      {"V06", "error", "4.3.2",
       [](F& f, R&) {
         f.image_data.oslevel = "4.3.2.0";
         f.image_data.uname_info = "";
         f.swvpd.filesets.clear();
       }},
      {"V06", "warning", "unknown",
       [](F& f, R&) {
         f.image_data.oslevel = "";
         f.image_data.uname_info = "";
         f.swvpd.filesets.clear();
       }},
      {"V06", "warning", "OSLEVEL is no level", [](F& f, R&) { f.image_data.oslevel = "seven"; }},
      {"V06", "warning", "disagreement", [](F& f, R&) { f.image_data.oslevel = "7.2.3.0"; }},
      {"V06", "warning", "assumption ignored", [](F&, R& r) { r.assume_level = parse_level("5.3.0.0"); }},
      {"V06", "note", "5.3 has two ways",
       [](F& f, R&) {
         f.image_data.oslevel = "5.3.0.30";
         f.image_data.uname_info = "";
         f.swvpd.filesets.clear();
       }},
      {"V07", "ok", "no host level", nothing},
      {"V07", "note", "same level", host("7.1.3.0")},
      {"V07", "note", "no service pack told", host("7100-03")},
      {"V07", "note", "one that the image does not tell", host("7100-03-04-1441")},
      {"V07", "note", "a release alone", host("7.1")},
      {"V07", "warning", "an image whose level nobody knows",
       [](F& f, R& r) {
         f.image_data.oslevel = "";
         f.image_data.uname_info = "";
         f.swvpd.filesets.clear();
         r.host_level = parse_level("7200-05");
       }},
      {"V07", "warning", "a service pack behind the host's",
       [](F& f, R& r) {
         f.swvpd.service_packs = {{.keyword = "71-03-031415_SP", .level = "7100-03-03-1415", .filesets = 9}};
         r.host_level = parse_level("7100-03-04-1441");
       }},
      {"V07", "error", "a service pack before the host's",
       [](F& f, R& r) {
         f.swvpd.service_packs = {{.keyword = "71-03-051524_SP", .level = "7100-03-05-1524", .filesets = 9}};
         r.host_level = parse_level("7100-03-04-1441");
       }},
      {"V07", "warning", "syncwpar", host("7.1.4.0")},
      {"V07", "warning", "migwpar", host("7.2.0.0")},
      {"V07", "error", "too new", host("6.1.9.0")},
      {"V08", "ok", "agree", nothing},
      {"V08", "note", "differ", [](F& f, R&) { f.image_data.oslevel_r = "7100-00"; }},
      {"V09", "ok", "one level", nothing},
      {"V09", "ok", "root part older, as an update without one leaves it",
       [](F& f, R&) { f.swvpd.filesets[1].level = "7.1.2.0"; }},
      {"V09", "warning", "root part newer", [](F& f, R&) { f.swvpd.filesets[1].level = "7.1.12.0"; }},
      {"V09", "warning", "broken fileset", [](F& f, R&) { f.swvpd.filesets[0].broken = true; }},
      {"V09", "warning", "a database that cannot be read", [](F& f, R&) { f.swvpd.lpp[1] = read_state::malformed; }},
      {"V09", "warning", "a database with faults", [](F& f, R&) { f.swvpd.complaints = {"bad magic"}; }},
      {"V10", "ok", "all there", nothing},
      {"V10", "error", "no password file", gone("etc/passwd")},
      {"V10", "error", "no /sbin", gone("sbin")},
      {"V10", "error", "private without libc", gone("usr/lib/libc.a")},
      {"V10", "ok", "shared without libc",
       [](F& f, R& r) {
         f.found.erase("usr/lib/libc.a");
         r.kind = wpar_kind::shared;
       }},
      {"V10", "error", "no /home", gone("home")},
      {"V10", "error", "no /tmp", gone("tmp")},
      {"V11", "note", "no WPARs: -G does not matter", nothing},
      {"V11", "warning", "WPAR content",
       [](F& f, R&) {
         f.wpars.push_back({.name = "w", .base = "wpars/w"});
         f.below["wpars/w"] = {3, 10};
       }},
      {"V11", "note", "defined, without content",
       [](F& f, R&) { f.wpars.push_back({.name = "w", .base = "wpars/w"}); }},
      {"V12", "ok", "private by content", nothing},
      {"V12", "note", "--shared with /usr", [](F&, R& r) { r.kind = wpar_kind::shared; }},
      {"V12", "error", "--private without /usr",
       [](F& f, R& r) {
         f.below.erase("usr");
         r.kind = wpar_kind::private_usr;
       }},
      {"V12", "error", "--private without /opt",
       [](F& f, R& r) {
         f.below.erase("opt");
         r.kind = wpar_kind::private_usr;
       }},
      {"V12", "warning", "/usr without /opt", gone("opt")},
      {"V12", "warning", "/opt without /usr", gone("usr")},
      {"V12", "warning", "mount below /opt goes",
       [](F& f, R& r) {
         r.kind = wpar_kind::shared;
         f.below["opt/app"] = {2, 5};
         f.image_data.file_systems.push_back({.mount = "opt/app", .lv = "app"});
       }},
      {"V12", "note", "mount below /opt kept",
       [](F& f, R& r) {
         r.kind = wpar_kind::shared;
         r.keep = {"/opt/app"};
         f.below["opt/app"] = {2, 5};
         f.image_data.file_systems.push_back({.mount = "opt/app", .lv = "app"});
       }},
      {"V13", "ok", "all have members", nothing},
      {"V13", "warning", "/home is empty", gone("home")},
      {"V13", "warning", "no root",
       [](F& f, R&) { f.image_data.file_systems.erase(f.image_data.file_systems.begin()); }},
      {"V14", "ok", "rootvg only", nothing},
      {"V14", "note", "user volume groups", [](F& f, R&) { f.image_data.uservg_list = "datavg"; }},
      {"V14", "note", "NFS", [](F& f, R&) { f.mounts.push_back({.mount = "n", .vfs = "nfs", .nodename = "srv"}); }},
      {"V14", "warning", "other file system", [](F& f, R&) { f.mounts.push_back({.mount = "data", .vfs = "jfs2"}); }},
      {"V15", "ok", "no file", nothing},
      {"V15", "note", "harmless", [](F& f, R&) { f.exclude_patterns = {"^./scratch/"}; }},
      {"V15", "note", "no anchor",
       [](F& f, R&) {
         f.exclude_patterns = {"\\.log$", "core"};
       }},
      {"V15", "note", "anchors in other words",
       [](F& f, R&) {
         f.exclude_patterns = {"^\\./scratch/", "^[.]/scratch/", "^.*/core$", "^.[/]tmp[^a]*]x"};
       }},
      {"V15", "warning", "can never match", [](F& f, R&) { f.exclude_patterns = {"^/scratch/"}; }},
      {"V15", "warning", "a name without ./", [](F& f, R&) { f.exclude_patterns = {"^scratch/"}; }},
      {"V15", "warning", "a dot in brackets and no slash", [](F& f, R&) { f.exclude_patterns = {"^[.]scratch/"}; }},
      {"V15", "warning", "a line of DOS", [](F& f, R&) { f.exclude_patterns = {"^./scratch/\r"}; }},
      {"V15", "warning", "does not compile", [](F& f, R&) { f.exclude_patterns = {"^./scratch[0-9/"}; }},
      {"V15", "warning", "a group without end", [](F& f, R&) { f.exclude_patterns = {"^./\\(a"}; }},
      {"V15", "warning", "an empty line",
       [](F& f, R&) {
         f.exclude_patterns = {"^./scratch/", ""};
       }},
      {"V15", "warning", "all names", [](F& f, R&) { f.exclude_patterns = {"^./"}; }},
      {"V15", "warning", "hits /etc", [](F& f, R&) { f.exclude_patterns = {"^./etc/security/"}; }},
      {"V15", "warning", "hits /usr", [](F& f, R&) { f.exclude_patterns = {"^./usr/lib/"}; }},
      {"V15", "warning", "all of /usr", [](F& f, R&) { f.exclude_patterns = {"^\\./usr$"}; }},
      {"V15", "note", "a name that begins like /usr", [](F& f, R&) { f.exclude_patterns = {"^./usrlocal/"}; }},
      {"V16", "ok", "one instance", nothing},
      {"V16", "warning", "bos_hd4", [](F& f, R&) { f.image_data.logical_volumes.push_back({.name = "bos_hd4"}); }},
      {"V16", "warning", "/bos_inst",
       [](F& f, R&) {
         f.below["bos_inst"] = {1, 1};
       }},
      {"V17", "ok", "none", nothing},
      {"V17", "warning", "DMAPI", [](F& f, R&) { set_fs(f, "home", "FS_JFS2_DMAPI", "yes"); }},
      {"V18", "ok", "none", [](F& f, R&) { set_fs(f, "home", "FS_JFS2_EFS", "no"); }},
      {"V18", "warning", "EFS", [](F& f, R&) { set_fs(f, "home", "FS_JFS2_EFS", "yes"); }},
      {"V18", "warning", "keystores",
       [](F& f, R&) {
         f.below["var/efs"] = {1, 1};
       }},
      {"V19", "ok", "none", nothing},
      {"V19", "note", "encrypted", [](F& f, R&) { f.bosinst.encrypted = {"ROOT_HD4"}; }},
      {"V20", "ok", "eaformat v1", nothing},
      {"V20", "warning", "v2 and no ACL", [](F& f, R&) { set_fs(f, "home", "FS_JFS2_EAFORMAT", "v2"); }},
      {"V20", "ok", "v2 and ACLs",
       [](F& f, R&) {
         set_fs(f, "home", "FS_JFS2_EAFORMAT", "v2");
         f.with_acl = 1;
       }},
      {"V21", "ok", "plain names", nothing},
      {"V21", "warning", "long path",
       [](F& f, R&) {
         f.long_names = {1, {std::string(1000, 'a')}};
       }},
      {"V21", "ok", "as long as it may be below the name that was asked for",
       [](F& f, R& r) {
         std::string path;
         while (path.size() < 1010) { path += "part/"; }
         f.long_names = {1, {path.substr(0, 1010)}};
         r.name = "web1x";
       }},
      {"V21", "warning", "a long component",
       [](F& f, R&) {
         f.long_names = {1, {"home/" + std::string(256, 'a')}};
       }},
      {"V21", "note", "not ASCII",
       [](F& f, R&) {
         f.non_ascii_names = {1, {"home/\xc3\xa4"}};
       }},
      {"V21", "warning", "a name that climbs",
       [](F& f, R&) {
         f.unsafe_names = {1, {"../x"}};
       }},
      {"V21", "note", "large file", [](F& f, R&) { f.files_2gib = 1; }},
      {"V22", "ok", "in /dev only", nothing},
      {"V22", "warning", "device elsewhere", [](F& f, R&) { f.elsewhere.devices = 1; }},
      {"V22", "note", "socket", [](F& f, R&) { f.elsewhere.sockets = 1; }},
      {"V22", "note", "FIFO", [](F& f, R&) { f.elsewhere.fifos = 1; }},
      {"V23", "note", "kept on request", nothing},
      {"V23", "warning", "evidence that marks nothing",
       [](F& f, R& r) {
         r.preserve_private = false;
         f.hidden.evidence_given = true;
         f.hidden.filesets.push_back({.name = "not.installed"});
       }},
      {"V23", "note", "undecided", [](F&, R& r) { r.preserve_private.reset(); }},
      {"V23", "note", "before 6.1",
       [](F& f, R& r) {
         r.preserve_private = false;
         f.image_data.oslevel = "5.3.0.0";
       }},
      {"V23", "note", "proven",
       [](F& f, R& r) {
         r.preserve_private = false;
         f.hidden.evidence_given = true;
         f.hidden.filesets.push_back(
             {.name = "bos.mp64", .installed = true, .files = 2, .inventory = "inventory class"});
       }},
      {"V23", "warning", "proven, owners unknown",
       [](F& f, R& r) {
         r.preserve_private = false;
         f.hidden.evidence_given = true;
         f.hidden.filesets.push_back({.name = "bos.mp64", .installed = true});
       }},
      {"V24", "ok", "nothing", nothing},
      {"V24", "note", "NFS exports", found("etc/exports", 20)},
      {"V24", "ok", "empty exports", found("etc/exports", 0)},
      {"V24", "warning", "AutoFS", found("etc/auto_master", 20)},
      {"V24", "note", "tunables", found("etc/tunables/nextboot", 20)},
      {"V24", "warning", "PowerHA", fileset("cluster.es.server.rte")},
      {"V24", "note", "RSCT", fileset("rsct.core.rmc")},
      {"V25", "ok", "no identity", nothing},
      {"V25", "note", "node id", found("etc/ct_node_id")},
      {"V25", "note", "NIM", found("etc/niminfo")},
      {"V25", "note", "SSH keys", [](F& f, R&) { f.ssh_host_keys = {"etc/ssh/ssh_host_rsa_key"}; }},
      {"V26", "ok", "unknown", nothing},
      {"V26", "ok", "disabled", [](F& f, R&) { f.tcb_enabled = false; }},
      {"V26", "warning", "enabled", [](F& f, R&) { f.tcb_enabled = true; }},
      {"V27", "note", "programs", nothing},
      {"V27", "warning", "none", [](F& f, R&) { f.wparconvert.clear(); }},
      {"V27", "note", "none, from before there were any",
       [](F& f, R&) {
         f.wparconvert.clear();
         f.image_data.oslevel = "7.1.1.0";
       }},
      {"V27", "ok", "shared uses the host's",
       [](F& f, R& r) {
         f.wparconvert.clear();
         r.kind = wpar_kind::shared;
       }},
      {"V28", "ok", "no name", nothing},
      {"V28", "error", "an empty name", [](F&, R& r) { r.name_given = true; }},
      {"V28", "ok", "a good one", name("web-01_x")},
      {"V28", "ok", "25 bytes", name("abcdefghijklmnopqrstuvwxy")},
      {"V28", "error", "26 bytes", name("abcdefghijklmnopqrstuvwxyz")},
      {"V28", "error", "leading 0", name("0web")},
      {"V28", "error", "leading -", name("-web")},
      {"V28", "error", "a dot", name("web.example")},
      {"V28", "error", "a blank", name("a b")},
      {"V28", "error", "a backslash", name("a\\b")},
      {"V28", "error", "not ASCII", name("caf\xc3\xa9")},
      {"V28", "error", "host name", [](F&, R& r) { r.hostname = "a;b"; }},
      {"V29", "note", "sizes", nothing},
      {"V29", "ok", "no file systems", [](F& f, R&) { f.image_data.file_systems.clear(); }},
      {"V30", "ok", "JFS2", nothing},
      {"V30", "note", "JFS",
       [](F& f, R&) {
         f.image_data.file_systems[0].jfs2 = false;
         set_fs(f, "", "FS_NBPI", "4096");
       }},
      {"V30", "warning", "compressed", [](F& f, R&) { set_fs(f, "home", "FS_COMPRESS", "LZ"); }},
      {"V31", "ok", "no VIOS", nothing},
      {"V31", "error", "fileset", fileset("ios.cli.rte")},
      {"V31", "error", "/usr/ios",
       [](F& f, R&) {
         f.below["usr/ios"] = {1, 1};
       }},
      {"V32", "ok", "an LPAR", nothing},
      {"V32", "warning", "savewpar", [](F& f, R&) { f.savewpar = true; }},
      {"V32", "warning", "versioned", [](F& f, R&) { f.file_overlay = true; }},
      {"V33", "note", "date", nothing},
      {"V33", "ok", "no date", [](F& f, R&) { f.image_data.date_time = ""; }},
      {"V34", "ok", "nothing to compare with", nothing},
      {"V34", "warning", "another one of the system",
       [](F& f, R& r) {
         r.others = std::make_shared<std::vector<known_system>>(1, known_system{"b.mksysb", identity_of(f)});
       }},
      {"V34", "ok", "one of another system",
       [](F& f, R& r) {
         auto other = identity_of(f);
         other.machine = "00FFFFFF4C00";
         other.node_id.clear();
         r.others = std::make_shared<std::vector<known_system>>(1, known_system{"b.mksysb", other});
       }},
      {"V35", "ok", "contents were not read", nothing},
      {"V35", "ok", "a needed fileset is sound",
       [](F& f, R&) { f.inventory = report_of("bos.rte.libc", inventory::state::sound, {}); }},
      {"V35", "warning", "a needed fileset is incomplete",
       [](F& f, R&) { f.inventory = report_of("bos.rte.libc", inventory::state::incomplete, {"/etc/x"}); }},
      {"V35", "ok", "one that only begins with the name",
       [](F& f, R&) { f.inventory = report_of("bos.rtemagic", inventory::state::incomplete, {"/etc/x"}); }},
      {"V03", "error", "the inventory denies a content",
       [](F& f, R&) {
         f.inventory = report_of("app.one", inventory::state::damaged, {"/opt/x"});
         f.inventory->errors = 1;
       }},
  };
}

}  // namespace sysb::wpar::testing
