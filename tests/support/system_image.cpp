// SPDX-License-Identifier: Apache-2.0
#include "support/system_image.hpp"

#include "base/text.hpp"
#include "formats/aix_archive/aix_archive.hpp"

namespace sysb::test {
namespace {

// Ids of the invented host.
constexpr std::uint32_t root_id = 0;
constexpr std::uint32_t bin_id = 2;
constexpr std::uint32_t system_group = 0;
constexpr std::uint32_t bin_group = 2;
constexpr std::uint32_t security_group = 7;
constexpr std::uint32_t staff_group = 1;

std::string_view text_of(bytes const& b) { return {reinterpret_cast<char const*>(b.data()), b.size()}; }

// Shorthands over the builder: who owns what, and how old it is.
class tree {
 public:
  tree(image_builder& out, std::uint32_t date) : out_{out}, date_{date} {}

  void directory(std::string_view path, std::uint32_t perm = 0755, std::uint32_t uid = bin_id,
                 std::uint32_t gid = bin_group) {
    out_.directory(path, with(perm, uid, gid));
  }
  void file(std::string_view path, std::string_view content, std::uint32_t perm = 0644, std::uint32_t uid = root_id,
            std::uint32_t gid = system_group) {
    out_.file_as_aix(path, content, with(perm, uid, gid));
  }
  void file(class_file const& f) { file(f.path, text_of(f.content)); }
  void program(std::string_view path, std::size_t size, std::uint32_t perm = 0555) {
    // Public AIX programs begin with 01df (32-bit XCOFF); what follows here is filler.
    auto content = std::string{"\x01\xdf", 2} + prose(size - 2, static_cast<std::uint32_t>(size));
    file(path, content, perm, (perm & 04000) != 0 ? root_id : bin_id, bin_group);
  }
  void link(std::string_view path, std::string_view target) {
    out_.symlink(path, target, symlink_layout::target, with(0777, root_id, system_group));
  }
  void character(std::string_view path, device number, std::uint32_t perm = 0600) {
    out_.char_device(path, number, with(perm, root_id, system_group));
  }
  [[nodiscard]] member_options with(std::uint32_t perm, std::uint32_t uid, std::uint32_t gid) const {
    member_options o;
    o.perm = perm;
    o.uid = uid;
    o.gid = gid;
    o.mtime = date_ - 86400 * 30;
    o.atime = date_ - 60;
    return o;
  }
  image_builder& out() { return out_; }

 private:
  image_builder& out_;
  std::uint32_t date_;
};

void add_top_files(tree& t, system_options const& o) {
  if (o.bosinst_data) { t.file("./bosinst.data", bosinst_data_text(o)); }
  if (o.image_data) { t.file("./image.data", image_data_text(o)); }
  if (o.vios) { return; }
  t.file("./tmp/vgdata/rootvg/image.info", "7 rootvg 1\n");
  t.file("./tmp/vgdata/rootvg/backup.data", "/\n/home\n/tmp\n/var\n");
  t.file("./tmp/vgdata/rootvg/hd4.map", "hdisk0:0120\nhdisk0:0121\n");
}

void add_device_nodes(tree& t) {
  t.directory("./dev", 0775, root_id, system_group);
  t.character("./dev/null", {2, 2}, 0666);
  t.character("./dev/zero", {2, 3}, 0666);
  t.character("./dev/console", {4, 0}, 0622);
  t.character("./dev/tty", {1, 0}, 0666);
  t.character("./dev/rhdisk0", {17, 0});
  t.out().block_device("./dev/hdisk0", {17, 0}, t.with(0600, root_id, system_group));
  t.out().block_device("./dev/hd4", {10, 4}, t.with(0660, root_id, system_group));
  t.directory("./dev/xti", 0755, root_id, system_group);
  t.character("./dev/xti/tcp", {18, 30}, 0666);
  t.out().socket("./dev/log", t.with(0666, root_id, system_group));
  t.out().fifo("./dev/initctl", t.with(0600, root_id, system_group));
}

void add_accounts(tree& t) {
  t.file("./etc/passwd",
         "root:!:0:0::/:/usr/bin/ksh\ndaemon:!:1:1::/etc:\nbin:!:2:2::/bin:\nsys:!:3:3::/usr/sys:\n"
         "nobody:!:4294967294:4294967294::/:\nalpha:!:201:1:Invented User:/home/alpha:/usr/bin/ksh\n"
         "beta:!:202:1:Another One:/home/beta:/usr/bin/ksh\n",
         0644, root_id, security_group);
  t.file("./etc/group",
         "system:!:0:root\nstaff:!:1:alpha,beta\nbin:!:2:root,bin\nsys:!:3:root,bin,sys\n"
         "security:!:7:root\ncron:!:8:root\nprojects:!:214:alpha\n",
         0644, root_id, security_group);
  t.directory("./etc/security", 0750, root_id, security_group);
  t.file("./etc/security/passwd", "root:\n\tpassword = *\n\nalpha:\n\tpassword = *\n\tlastupdate = 1400000000\n\n",
         0600);
  t.file("./etc/security/user", "default:\n\tadmin = false\n\tlogin = true\n\numask = 022\n\n", 0640, root_id,
         security_group);
  t.file("./etc/security/sysck.cfg", "/etc/passwd:\n\towner = root\n\tmode = 644\n", 0640, root_id, security_group);
}

void add_etc(tree& t, system_options const& o) {
  auto const l = parse_level(o.level);
  t.directory("./etc", 0755, root_id, system_group);
  t.file("./etc/filesystems", filesystems_text(o));
  add_accounts(t);
  t.file("./etc/inittab",
         "init:2:initdefault:\nbrc::sysinit:/sbin/rc.boot 3 >/dev/console 2>&1\n"
         "rc:23456789:wait:/etc/rc 2>&1 | alog -tboot > /dev/console\n"
         "rctcpip:23456789:wait:/etc/rc.tcpip > /dev/console 2>&1\n"
         "cons:0123456789:respawn:/usr/sbin/getty /dev/console\n"
         "ctrmc:2:once:/usr/bin/startsrc -s ctrmc > /dev/console 2>&1\n",
         0644);
  t.file("./etc/rc", "#!/bin/ksh\nmount all\n", 0544);
  t.file("./etc/rc.tcpip", "#!/bin/ksh\nstart /usr/sbin/syslogd \"$src_running\"\n", 0774);
  t.file("./etc/hosts", concat("127.0.0.1\tloopback localhost\n192.0.2.20\t", o.host, "\n"));
  t.file("./etc/resolv.conf", "nameserver\t192.0.2.53\ndomain\texample.com\n");
  t.file("./etc/motd", "Welcome to an invented AIX host.\n");
  t.file("./etc/exclude.rootvg", "^./tmp/scratch/\n^./var/adm/ras/errlog$\n");
  t.file("./etc/swapspaces", "* The first line is a comment.\n\nhd6:\n\tdev = /dev/hd6\n\n");
  t.file("./etc/exports", "/home/alpha -ro,access=client1\n");
  t.file("./etc/vscsi.conf", "queue_depth = 3\n");
  t.directory("./etc/ssh", 0755, root_id, system_group);
  t.file("./etc/ssh/sshd_config", "Port 22\nPermitRootLogin no\n", 0600);
  t.file("./etc/ssh/ssh_host_rsa_key", "INVENTED HOST KEY, NOT A KEY\n", 0600);
  t.file("./etc/ssh/ssh_host_rsa_key.pub", "ssh-rsa INVENTED root@host\n");
  t.directory("./etc/tunables", 0755, root_id, system_group);
  t.file("./etc/tunables/nextboot", "vmo:\n\tmaxclient% = \"80\"\n");
  if (o.nim_client) {
    t.file("./etc/niminfo", concat("export NIM_NAME=", o.host, "\nexport NIM_MASTER_HOSTNAME=nim1\n"), 0660);
  }
  if (o.cluster_identity) { t.file("./etc/ct_node_id", "0123456789abcdef\n\n"); }
  t.directory("./etc/objrepos", 0775, root_id, system_group);
  if (o.customized_devices) {
    for (auto const& f : customized_device_classes(o)) { t.file(f); }
    t.file("./etc/objrepos/config_lock", "");
  }
  if (o.swvpd) {
    for (auto const& f : swvpd_classes(o)) {
      if (f.path.rfind("./etc/", 0) == 0) { t.file(f); }
    }
  }
  if (l.version >= 6) {
    t.directory("./etc/wpars", 0700, root_id, system_group);
    t.file("./etc/wpars/devexports",
           "name:\n\tvalue = \"/dev/null\"\n\tauto = \"yes\"\n\nname:\n\tvalue = \"/dev/*random\"\n");
    for (auto const& w : o.wpars) { t.file(concat("./etc/wpars/", w.name, ".cf"), wpar_configuration_text(w)); }
  }
}

void add_home(tree& t, system_options const& o) {
  t.directory("./home");
  t.directory("./home/alpha", 0755, 201, staff_group);
  t.file("./home/alpha/.profile", "export PATH=/usr/bin:/etc:/usr/sbin:$HOME/bin:.\n", 0644, 201, staff_group);
  t.file("./home/alpha/notes.txt", prose(22000, 7), 0640, 201, staff_group);
  // Three names of one file, each with its data.
  auto linked = t.with(0644, 201, staff_group);
  linked.nlink = 3;
  linked.ino = 4711;
  auto const content = prose(600, 11);
  t.out().file("./home/alpha/report.1", content, linked);
  t.out().hard_link("./home/alpha/report.2", content, link_layout::repeated, linked);
  t.out().hard_link("./home/alpha/report.3", content, link_layout::repeated, linked);
  if (!o.odd_members) { return; }
  auto shared = t.with(0750, 201, staff_group);
  shared.acl = {{ace_kind::permit, 6, {{id_kind::group, 214}}}, {ace_kind::deny, 2, {{id_kind::user, 202}}}};
  t.out().directory("./home/shared", shared);
  shared.perm = 0640;
  shared.acl = {{ace_kind::specify, 4, {{id_kind::user, 202}, {id_kind::group, 1}}}};
  t.out().file("./home/shared/plan.txt", "shared with one user and one group\n", shared);
  t.directory("./home/beta", 0755, 202, staff_group);
  t.file("./home/beta/caf\xe9.txt", "a Latin-1 name\n", 0644, 202, staff_group);
  t.file("./home/beta/\x7f\x7f", "a name of two DEL characters\n", 0644, 202, staff_group);
  t.directory("./home/beta/jail", 0755, root_id, system_group);
  t.directory("./home/beta/jail/dev", 0755, root_id, system_group);
  t.character("./home/beta/jail/dev/null", {2, 2}, 0666);
}

void add_var(tree& t, system_options const& o) {
  t.directory("./var");
  t.directory("./var/adm");
  t.directory("./var/adm/cron", 0770, bin_id, 8);
  t.out().fifo("./var/adm/cron/FIFO", t.with(0600, root_id, system_group));
  t.file("./var/adm/cron/log", "");
  t.directory("./var/adm/ras");
  t.file("./var/adm/ras/vgbackuplog",
         concat("/backup/", o.host, ".mksysb;\"mksysb -i\";Tue Jul  5 09:00:00 2016;900 MB;7700 MB;", o.level, "\n"));
  t.file("./var/adm/wtmp", std::string(648, '\0'), 0664);
  if (o.cluster_identity) {
    t.directory("./var/ct", 0755, root_id, system_group);
    t.directory("./var/ct/cfg", 0755, root_id, system_group);
    t.file("./var/ct/cfg/ct_node_id", "0123456789abcdef\n\n");
    t.out().socket("./var/ct/rmc_socket", t.with(0666, root_id, system_group));
  }
  t.directory("./var/spool");
  t.file("./var/spool/greeting", "hello\n");
}

std::string inventory_text(std::vector<std::string> const& files, std::string_view name) {
  std::string out;
  for (auto const& f : files) {
    out += concat(f, ":\n\tclass=apply,inventory,", name, "\n\towner=bin\n\tgroup=bin\n\tmode=444\n",
                  "\ttype=FILE\n\tsize=VOLATILE\n\tchecksum=VOLATILE\n\n");
  }
  return out;
}

void add_liblpp(tree& t, system_options const& o, fileset_row const& f) {
  std::string apply_list;
  for (auto const& path : f.usr_files) { apply_list += concat(".", path, "\n"); }
  auto const date = static_cast<std::int64_t>(o.date) - 86400;
  auto const archive = aix_archive::build({{concat(f.name, ".al"), apply_list, date},
                                           {concat(f.name, ".inventory"), inventory_text(f.usr_files, f.name), date},
                                           {"productid", concat(f.name, ",", o.level, "\n"), date}},
                                          parse_level(o.level).version >= 5);
  t.directory(concat("./usr/lpp/", f.name));
  t.file(concat("./usr/lpp/", f.name, "/liblpp.a"), text_of(archive), 0444);
}

void add_usr(tree& t, system_options const& o) {
  auto const l = parse_level(o.level);
  t.directory("./usr");
  if (!o.usr) { return; }
  t.directory("./usr/bin");
  t.program("./usr/bin/ls", 3000);
  t.program("./usr/bin/ksh", 21000);
  t.program("./usr/bin/passwd", 1800, 04555);
  t.program("./usr/bin/write", 900, 02555);
  t.directory("./usr/sbin");
  t.program("./usr/sbin/ifconfig", 2000);
  t.program("./usr/sbin/sshd", 16000);
  t.directory("./usr/lib");
  t.file("./usr/lib/libc.a", concat("<bigaf>\n", prose(30000, 5)), 0444, bin_id, bin_group);
  t.directory("./usr/lib/boot");
  t.program("./usr/lib/boot/unix_64", 17000);
  t.directory("./usr/lib/drivers");
  for (auto const* driver : {"vscsi_initdd", "vioentdd", "scsidiskpin"}) {
    t.program(concat("./usr/lib/drivers/", driver), 700);
  }
  t.directory("./usr/lib/methods");
  t.program("./usr/lib/methods/cfgbus_chrp", 800);
  t.directory("./usr/lib/objrepos", 0775, root_id, system_group);
  t.directory("./usr/share");
  t.directory("./usr/share/lib");
  t.directory("./usr/share/lib/objrepos", 0775, root_id, system_group);
  if (o.swvpd) {
    for (auto const& f : swvpd_classes(o)) {
      if (f.path.rfind("./usr/", 0) == 0) { t.file(f); }
    }
    t.directory("./usr/lpp");
    for (auto const& f : filesets_of(o)) {
      if (!f.usr_files.empty()) { add_liblpp(t, o, f); }
    }
  }
  if (l.version >= 5) { t.program("./usr/bin/rpm", 1200); }
  if (l.version >= 6) { t.program("./usr/sbin/mkwpar", 1500); }
  if (l.version >= 7 && o.convert_scripts) {
    t.directory("./usr/lib/wpars");
    t.directory("./usr/lib/wpars/wparconvert.d");
    for (auto const* part : {"usr", "root"}) {
      t.directory(concat("./usr/lib/wpars/wparconvert.d/", part));
      t.file(concat("./usr/lib/wpars/wparconvert.d/", part, "/bos.rte"), "#!/bin/ksh\nexit 0\n", 0555);
      t.file(concat("./usr/lib/wpars/wparconvert.d/", part, "/rsct.core"), "#!/bin/ksh\nexit 0\n", 0555);
    }
  }
  t.directory("./usr/local");
  t.directory("./usr/local/bin");
  t.file("./usr/local/bin/backup.sh", "#!/bin/ksh\nmksysb -i /backup/$(hostname).mksysb\n", 0755);
}

void add_opt(tree& t, system_options const& o) {
  if (parse_level(o.level).version < 5) { return; }
  t.directory("./opt");
  if (!o.opt) { return; }
  t.directory("./opt/freeware");
  t.directory("./opt/freeware/bin");
  t.program("./opt/freeware/bin/gzip", 14000, 0755);
  t.link("./opt/freeware/bin/gunzip", "gzip");
}

void add_wpars(tree& t, system_options const& o) {
  for (auto const& w : o.wpars) {
    auto const base = concat(".", wpar_directory(w));
    if (base.rfind("./wpars/", 0) == 0) { t.directory("./wpars", 0700, root_id, system_group); }
    t.directory(base, 0755, root_id, system_group);
    if (!w.content) { continue; }
    for (auto const* below : {"/etc", "/home", "/tmp", "/var", "/usr", "/opt", "/dev"}) { t.directory(base + below); }
    t.file(base + "/etc/passwd", "root:!:0:0::/:/usr/bin/ksh\n", 0644, root_id, security_group);
    t.file(base + "/etc/hosts", concat("192.0.2.21\t", w.name, "\n"));
    t.character(base + "/dev/null", {2, 2}, 0666);
    t.file(base + "/var/data.txt", prose(9000, 21));
    t.link(base + "/bin", "/usr/bin");
  }
}

}  // namespace

void add_system(image_builder& out, system_options const& o) {
  volume_fields label;
  label.date = o.date;
  out.volume(label);
  tree t{out, o.date};
  add_top_files(t, o);
  t.directory("./", 0755, root_id, system_group);
  t.link("./bin", "/usr/bin");
  t.link("./lib", "/usr/lib");
  t.link("./unix", "/usr/lib/boot/unix_64");
  t.file("./.profile", "export PATH=/usr/bin:/etc:/usr/sbin\n", 0600);
  t.directory("./sbin", 0755, root_id, system_group);
  t.program("./sbin/rc.boot", 1000, 0550);
  if (o.device_nodes) {
    add_device_nodes(t);
  } else {
    t.directory("./dev", 0775, root_id, system_group);
  }
  add_etc(t, o);
  add_usr(t, o);
  add_var(t, o);
  t.directory("./tmp", 01777);
  t.directory("./tmp/scratch", 0777, root_id, system_group);
  add_home(t, o);
  add_opt(t, o);
  t.directory("./proc", 0555, root_id, system_group);
  if (parse_level(o.level).version >= 6) { t.directory("./admin"); }
  if (o.multibos) {
    for (auto const* p : {"./bos_inst", "./bos_inst/usr", "./bos_inst/etc"}) { t.directory(p); }
    t.file("./bos_inst/etc/motd", "the other instance\n");
  }
  if (o.vios) {
    t.directory("./usr/ios");
    t.directory("./usr/ios/cli");
    t.program("./usr/ios/cli/ioscli", 2500);
  }
  for (auto const& mount : o.other_file_systems) {
    t.directory(concat(".", mount));
    t.file(concat(".", mount, "/data.txt"), prose(3000, 31));
  }
  add_wpars(t, o);
  out.end();
}

void add_user_volume_group(image_builder& out, std::string_view name, std::uint32_t date) {
  volume_fields label;
  label.date = date;
  out.volume(label);
  tree t{out, date};
  auto const base = concat("./tmp/vgdata/", name);
  auto const list = concat("/tmp/vgdata/", name, "/image.info\n/tmp/vgdata/vgdata.files4711\n");
  t.file(base + "/image.info", "7 datavg 1\n");
  t.file("./tmp/vgdata/vgdata.files4711", list);
  t.file("./tmp/vgdata/vgdata.files", list);
  system_options o;
  t.file(base + "/filesystems", filesystems_text(o));
  t.file(concat(base, "/", name, ".data"),
         concat("vg_data:\n\tVGNAME= ", name, "\n\tPPSIZE= 64\n\tVARYON= yes\n\tVG_SOURCE_DISK_LIST= hdisk1 \n",
                "\tQUORUM= 2\n\nlv_data:\n\tVOLUME_GROUP= ", name, "\n\tLOGICAL_VOLUME= datalv\n\tTYPE= jfs2\n",
                "\tLPs= 8\n\tPP= 8\n\tCOPIES= 1\n\tPP_SIZE= 64\n\tMOUNT_POINT= /data\n\nfs_data:\n\tFS_NAME= ",
                "/data\n\tFS_SIZE= 1048576\n\tFS_MIN_SIZE= 16384\n\tFS_LV= /dev/datalv\n"));
  t.file(base + "/backup.data", "/data\n");
  t.directory("./data", 0755, 201, staff_group);
  t.file("./data/table.csv", prose(16000, 3), 0644, 201, staff_group);
  out.end();
}

void add_installp_package(image_builder& out, std::uint32_t date) {
  volume_fields label;
  label.date = date;
  label.user = "BUILD";
  out.volume(label);
  tree t{out, date};
  t.directory("./");
  t.file("./lpp_name",
         "4 R I invented.tool {\ninvented.tool.rte 1.2.0.3 1 N B en_US Invented Tool\n[\n"
         "*prereq bos.rte 5.3.0.0\n%\n/usr/bin 8\n/etc 1\n%\n%\n%\n]\n"
         "invented.tool.kernel 1.2.0.3 1 N U en_US Invented Kernel Part\n[\n%\n/usr/lib/drivers 8\n%\n%\n%\n"
         "PRIVATE\n]\n}\n");
  auto const d = static_cast<std::int64_t>(date);
  auto const library =
      aix_archive::build({{"productid", "invented.tool,1.2.0.3\n", d},
                          {"invented.tool.rte.al", "./usr/bin/invent\n", d},
                          {"invented.tool.rte.inventory", inventory_text({"/usr/bin/invent"}, "invented.tool.rte"), d},
                          {"lpp.README", prose(9000, 4), d}},
                         false);
  t.directory("./usr");
  t.directory("./usr/lpp");
  t.directory("./usr/lpp/invented.tool");
  t.file("./usr/lpp/invented.tool/liblpp.a", text_of(library));
  t.program("./usr/bin/invent", 12000);
  t.program("./usr/lib/drivers/inventdd", 3000);
  image_builder::end_options e;
  e.cluster = 512;
  e.fill = tail::stale;
  out.end(e);
}

}  // namespace sysb::test
