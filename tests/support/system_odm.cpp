// SPDX-License-Identifier: Apache-2.0
// SWVPD and customized device classes with the published field names. Sizes of SWVPD fields are
// not public: those here are invented, which a reader that trusts the descriptor table does not see.
#include "base/text.hpp"
#include "formats/odm/class_builder.hpp"
#include "support/system_image.hpp"

namespace sysb::test {
namespace {

using odm::class_builder;
using row = std::vector<class_builder::value>;

constexpr std::int32_t flag_installed = 0x111;
constexpr std::int32_t flag_root_part = 0x2;

bool knows_wpars(level_fields const& l) { return l.version >= 6; }

std::int32_t flags_of(fileset_row const& f, level_fields const& l) {
  auto flags = flag_installed;
  if (f.root_part) { flags |= flag_root_part; }
  if (f.hidden && knows_wpars(l)) { flags |= invented_private_bit; }
  return flags;
}

struct repository_part {
  std::string directory;
  std::vector<fileset_row> rows;
  bool usr = false;
  bool root = false;
};

std::int32_t s(unsigned v) { return static_cast<std::int32_t>(v); }

bytes lpp_class(repository_part const& part, level_fields const& l) {
  class_builder c{"lpp"};
  c.add_char("name", 64).add_long("size").add_short("state").add_long("cp_flag").add_char("group", 16);
  c.add_char("magic_letter", 4).add_short("ver").add_short("rel").add_short("mod").add_short("fix");
  c.add_char("description", 64).add_short("lpp_id");
  std::int32_t id = 1;
  for (auto const& f : part.rows) {
    c.add_record({f.name, std::int32_t{0}, std::int32_t{5}, flags_of(f, l), std::string{}, std::string{"I"},
                  s(l.version), s(l.release), s(l.modification), s(l.fix), f.description, id++});
  }
  return c.build();
}

bytes product_class(repository_part const& part, level_fields const& l) {
  class_builder c{"product"};
  c.add_char("lpp_name", 64).add_char("comp_id", 16).add_short("update").add_long("cp_flag");
  c.add_char("fesn", 12).add_char("name", 16).add_short("state").add_short("ver").add_short("rel");
  c.add_short("mod").add_short("fix").add_char("ptf", 12).add_short("media").add_char("sceded_by", 12);
  c.add_char("fixinfo", 16).add_char("prereq", 32).add_char("description", 64).add_char("supersedes", 16);
  for (auto const& f : part.rows) {
    c.add_record({f.name, std::string{}, std::int32_t{0}, flags_of(f, l), std::string{}, std::string{}, std::int32_t{5},
                  s(l.version), s(l.release), s(l.modification), s(l.fix), std::string{}, std::int32_t{3},
                  std::string{}, std::string{}, std::string{}, f.description, std::string{}});
  }
  return c.build();
}

void add_inventory(std::vector<class_file>& out, repository_part const& part) {
  class_builder c{"inventory"};
  c.add_short("lpp_id").add_short("private").add_short("file_type").add_short("format");
  c.add_vchar("loc0", 1024).add_vchar("loc1", 1024).add_vchar("loc2", 1024);
  c.add_long("size").add_long("checksum");
  std::int32_t id = 1;
  for (auto const& f : part.rows) {
    for (auto const& path : part.root ? f.root_files : f.usr_files) {
      c.add_record({id, std::int32_t{0}, std::int32_t{0}, std::int32_t{1}, path, std::string{}, std::string{},
                    std::int32_t{0}, std::int32_t{0}});
    }
    ++id;
  }
  out.push_back({concat(part.directory, "inventory"), c.build()});
  out.push_back({concat(part.directory, "inventory.vc"), c.build_side_file()});
}

bytes history_class(repository_part const& part, level_fields const& l, std::uint32_t date) {
  class_builder c{"history"};
  c.add_short("lpp_id").add_short("event").add_short("ver").add_short("rel").add_short("mod").add_short("fix");
  c.add_char("ptf", 12).add_char("corr_svn", 12).add_char("cp_mod", 12).add_char("cp_fix", 12);
  c.add_char("login_name", 12).add_short("state").add_long("time").add_char("comment", 32);
  std::int32_t id = 1;
  for (auto const& f : part.rows) {
    (void)f;
    c.add_record({id++, std::int32_t{1}, s(l.version), s(l.release), s(l.modification), s(l.fix), std::string{},
                  std::string{}, std::string{}, std::string{}, std::string{"root"}, std::int32_t{1},
                  static_cast<std::int32_t>(date - 86400), std::string{}});
  }
  return c.build();
}

}  // namespace

std::vector<fileset_row> filesets_of(system_options const& o) {
  auto const l = parse_level(o.level);
  std::vector<fileset_row> out{
      {"bos.rte",
       "Base Operating System Runtime",
       true,
       false,
       false,
       {"/usr/lib/libc.a", "/usr/bin/ls", "/usr/bin/passwd"},
       {"/etc/inittab", "/etc/rc"}},
      {"bos.rte.libc", "libc Library", false, false, false, {"/usr/lib/libc.a"}, {}},
      {"bos.net.tcp.client", "TCP/IP Client Support", true, false, false, {"/usr/sbin/ifconfig"}, {"/etc/rc.tcpip"}},
      {"bos.msg.en_US.rte", "Base Operating System Runtime Msgs", false, true, false, {}, {}},
      {"devices.vdevice.vscsi.rte",
       "Virtual SCSI Client Support",
       true,
       false,
       true,
       {"/usr/lib/drivers/vscsi_initdd"},
       {"/etc/vscsi.conf"}},
      {"devices.vdevice.l-lan.rte",
       "Virtual I/O Ethernet Software",
       false,
       false,
       true,
       {"/usr/lib/drivers/vioentdd"},
       {}},
      {"devices.common.IBM.scsi.rte",
       "Common SCSI I/O Controller Software",
       false,
       false,
       true,
       {"/usr/lib/drivers/scsidiskpin"},
       {}},
      {"devices.chrp.base.rte",
       "RISC CHRP Base System Device Software",
       false,
       false,
       true,
       {"/usr/lib/methods/cfgbus_chrp"},
       {}},
      {"openssh.base.server",
       "Open Secure Shell Server",
       true,
       false,
       false,
       {"/usr/sbin/sshd"},
       {"/etc/ssh/sshd_config"}},
  };
  if (l.version >= 5) { out.push_back({"rpm.rte", "RPM Package Manager", true, false, false, {"/usr/bin/rpm"}, {}}); }
  if (l.version >= 6) {
    out.push_back(
        {"bos.wpars", "AIX Workload Partitions", true, false, true, {"/usr/sbin/mkwpar"}, {"/etc/wpars/devexports"}});
  }
  if (o.vios) {
    out.push_back({"ios.cli.rte", "VIOS Command Line Interface", true, false, false, {"/usr/ios/cli/ioscli"}, {}});
  }
  return out;
}

std::vector<class_file> swvpd_classes(system_options const& o) {
  auto const l = parse_level(o.level);
  repository_part usr{"./usr/lib/objrepos/", {}, true, false};
  repository_part root{"./etc/objrepos/", {}, false, true};
  repository_part share{"./usr/share/lib/objrepos/", {}, false, false};
  for (auto const& f : filesets_of(o)) {
    if (f.share_part) {
      share.rows.push_back(f);
      continue;
    }
    usr.rows.push_back(f);
    if (f.root_part) { root.rows.push_back(f); }
  }
  std::vector<class_file> out;
  for (auto const* part : {&root, &usr, &share}) {
    if (!part->root && !o.usr) { continue; }
    out.push_back({concat(part->directory, "lpp"), lpp_class(*part, l)});
    out.push_back({concat(part->directory, "product"), product_class(*part, l)});
    add_inventory(out, *part);
    out.push_back({concat(part->directory, "history"), history_class(*part, l, o.date)});
  }
  return out;
}

std::vector<class_file> customized_device_classes(system_options const& o) {
  class_builder devices{"CuDv"};
  devices.add_char("name", 16).add_short("status").add_short("chgstatus").add_char("ddins", 16);
  devices.add_char("location", 16).add_char("parent", 16).add_char("connwhere", 16).add_link("PdDvLn", 48);
  auto device = [&](char const* name, char const* parent, char const* connection, char const* type) {
    devices.add_record({std::string{name}, std::int32_t{1}, std::int32_t{2}, std::string{}, std::string{},
                        std::string{parent}, std::string{connection}, std::string{type}});
  };
  device("sys0", "", "", "sys/node/chrp");
  device("inet0", "", "", "if/TCPIP/inet");
  device("vscsi0", "vio0", "30000002", "adapter/vdevice/IBM,v-scsi");
  device("hdisk0", "vscsi0", "810000000000", "disk/vscsi/vdisk");
  device("ent0", "vio0", "30000003", "adapter/vdevice/IBM,l-lan");

  class_builder attributes{"CuAt"};
  attributes.add_char("name", 16).add_char("attribute", 16).add_char("value", 256).add_char("type", 8);
  attributes.add_char("generic", 8).add_char("rep", 8).add_short("nls_index");
  auto attribute = [&](char const* name, char const* what, std::string const& value) {
    attributes.add_record({std::string{name}, std::string{what}, value, std::string{"R"}, std::string{"DU"},
                           std::string{"s"}, std::int32_t{0}});
  };
  attribute("inet0", "hostname", o.host);
  attribute("inet0", "route", "net,-hopcount,0,,0,192.0.2.1");
  attribute("en0", "netaddr", "192.0.2.20");
  attribute("hdisk0", "pvid", "00f00000000000010000000000000000");

  class_builder depends{"CuDep"};
  depends.add_char("name", 16).add_char("dependency", 16);
  depends.add_record({std::string{"rootvg"}, std::string{"hd4"}});

  class_builder drivers{"CuDvDr"};
  drivers.add_char("resource", 12).add_char("value1", 20).add_char("value2", 20).add_char("value3", 20);
  drivers.add_record({std::string{"devno"}, std::string{"17"}, std::string{"0"}, std::string{"hdisk0"}});

  class_builder vital{"CuVPD"};
  vital.add_char("name", 16).add_short("vpd_type").add_char("vpd", 512);
  vital.add_record({std::string{"hdisk0"}, std::int32_t{0}, std::string{"*MFINVENTED"}});

  std::vector<class_file> out{
      {"./etc/objrepos/CuDv", devices.build()},  {"./etc/objrepos/CuAt", attributes.build()},
      {"./etc/objrepos/CuDep", depends.build()}, {"./etc/objrepos/CuDvDr", drivers.build()},
      {"./etc/objrepos/CuVPD", vital.build()},
  };
  if (auto const l = parse_level(o.level); l.version > 5 || (l.version == 5 && l.release >= 2)) {
    class_builder paths{"CuPath"};
    paths.add_char("name", 16).add_char("parent", 16).add_char("connection", 16).add_char("alias", 16);
    paths.add_short("path_status").add_short("path_id");
    paths.add_record({std::string{"hdisk0"}, std::string{"vscsi0"}, std::string{"810000000000"}, std::string{},
                      std::int32_t{1}, std::int32_t{0}});
    out.push_back({"./etc/objrepos/CuPath", paths.build()});
  }
  return out;
}

}  // namespace sysb::test
