// SPDX-License-Identifier: Apache-2.0
// image.data, bosinst.data, /etc/filesystems and WPAR configuration in their published shapes.
#include <array>
#include <charconv>
#include <stdexcept>

#include "base/text.hpp"
#include "support/system_image.hpp"

namespace sysb::test {

level_fields parse_level(std::string_view text) {
  std::array<unsigned, 4> part{};
  auto const* at = text.data();
  auto const* const end = at + text.size();
  for (auto& p : part) {
    auto const r = std::from_chars(at, end, p);
    if (r.ec != std::errc{}) { throw std::invalid_argument{"not a level"}; }
    at = r.ptr == end ? end : r.ptr + 1;
  }
  return {part[0], part[1], part[2], part[3]};
}

unsigned technology_level(level_fields const& l) { return l.version >= 6 ? l.modification : l.fix / 10; }

std::string wpar_directory(source_wpar const& w) {
  return w.directory.empty() ? concat("/wpars/", w.name) : w.directory;
}

namespace {

struct logical_volume {
  std::string name;
  std::string type;
  std::string mount;  // empty: none
  unsigned partitions = 1;
  std::string label;
};

std::string two_digits(unsigned v) { return v < 10 ? concat("0", v) : concat(v); }

bool uses_jfs2(system_options const& o) {
  auto const l = parse_level(o.level);
  return l.version > 5 || (l.version == 5 && l.release >= 3);
}

std::vector<logical_volume> volumes_of(system_options const& o) {
  auto const jfs2 = uses_jfs2(o);
  std::string const fs = jfs2 ? "jfs2" : "jfs";
  std::vector<logical_volume> out{
      {"hd5", "boot", "", 1, "primary_bootlv"},
      {"hd6", "paging", "", 16, "None"},
      {"hd8", fs + "log", "", 1, "None"},
      {"hd4", fs, "/", 8, "/"},
  };
  if (o.usr || o.list_excluded) { out.push_back({"hd2", fs, "/usr", 64, "/usr"}); }
  out.push_back({"hd9var", fs, "/var", 16, "/var"});
  out.push_back({"hd3", fs, "/tmp", 8, "/tmp"});
  out.push_back({"hd1", fs, "/home", 2, "/home"});
  auto const l = parse_level(o.level);
  if ((o.opt || o.list_excluded) && l.version >= 5) { out.push_back({"hd10opt", fs, "/opt", 16, "/opt"}); }
  if (l.version >= 6) { out.push_back({"hd11admin", fs, "/admin", 4, "/admin"}); }
  unsigned number = 0;
  for (auto const& mount : o.other_file_systems) {
    out.push_back({concat("fslv", two_digits(number++)), fs, mount, 2, mount});
  }
  for (auto const& w : o.wpars) {
    if (!w.content) { continue; }
    for (auto const* below : {"", "/home", "/tmp", "/var"}) {
      auto const mount = concat(wpar_directory(w), below);
      out.push_back({concat("fslv", two_digits(number++)), fs, mount, 2, mount});
    }
  }
  if (o.multibos) {
    out.push_back({"bos_hd5", "boot", "", 1, "bos_hd5"});
    out.push_back({"bos_hd4", fs, "/bos_inst", 8, "/bos_inst"});
    out.push_back({"bos_hd2", fs, "/bos_inst/usr", 64, "/bos_inst/usr"});
  }
  return out;
}

constexpr unsigned partition_megabytes = 64;
constexpr char const* machine_id = "00F000000C00";
constexpr char const* other_machine_id = "00F000001C00";  // real samples disagree as well

void put_volume(std::string& out, logical_volume const& v, unsigned number, bool subtype) {
  auto const open = v.mount.empty() && v.type == "boot" ? "closed/syncd" : "open/syncd";
  out += concat(
      "lv_data:\n\tVOLUME_GROUP= rootvg\n\tLV_SOURCE_DISK_LIST= hdisk0 \n\tLV_IDENTIFIER= ",
      "00f0000000004c00000001500000abcd.", number, "\n\tLOGICAL_VOLUME= ", v.name,
      "\n\tVG_STAT= active/complete\n\tTYPE= ", v.type, "\n\tMAX_LPS= 512\n\tCOPIES= 1\n\tLPs= ", v.partitions,
      "\n\tSTALE_PPs= 0\n\tINTER_POLICY= minimum\n\tINTRA_POLICY= center\n", "\tMOUNT_POINT= ", v.mount,
      "\n\tMIRROR_WRITE_CONSISTENCY= on/ACTIVE\n",
      "\tLV_SEPARATE_PV= yes\n\tPERMISSION= read/write\n\tLV_STATE= ", open,
      "\n\tWRITE_VERIFY= off\n\tPP_SIZE= ", partition_megabytes, "\n\tSCHED_POLICY= parallel\n\tPP= ", v.partitions,
      "\n\tBB_POLICY= relocatable\n\tRELOCATABLE= yes\n\tUPPER_BOUND= 32\n\tLABEL= ", v.label,
      "\n\tMAPFILE= ", "/tmp/vgdata/rootvg/", v.name, ".map\n\tLV_MIN_LPS= ", v.partitions / 2 + 1,
      "\n\tSTRIPE_WIDTH= \n\tSTRIPE_SIZE= \n\tSERIALIZE_IO= no\n\tFS_TAG= \n");
  if (subtype) { out += "\tDEV_SUBTYP= \n"; }
  out += "\n";
}

void put_file_system(std::string& out, logical_volume const& v, bool jfs2) {
  std::uint64_t const blocks = std::uint64_t{v.partitions} * partition_megabytes * 2048;
  out += concat("fs_data:\n\tFS_NAME= ", v.mount, "\n\tFS_SIZE= ", blocks, "\n\tFS_MIN_SIZE= ", blocks / 2,
                "\n\tFS_LV= /dev/", v.name, "\n");
  if (jfs2) {
    out +=
        "\tFS_JFS2_BS= 4096\n\tFS_JFS2_SPARSE= yes\n\tFS_JFS2_INLINELOG= no\n"
        "\tFS_JFS2_SIZEINLINELOG= 0\n\tFS_JFS2_EAFORMAT= v1\n\tFS_JFS2_QUOTA= no\n"
        "\tFS_JFS2_DMAPI= no\n\tFS_JFS2_VIX= yes\n\tFS_JFS2_EFS= no\n\n";
  } else {
    out += "\tFS_FS= 4096\n\tFS_NBPI= 4096\n\tFS_COMPRESS= no\n\tFS_BF= false\n\tFS_AGSIZE= 8\n\n";
  }
}

}  // namespace

std::string image_data_text(system_options const& o) {
  auto const l = parse_level(o.level);
  auto const documented = l.version > 5 || (l.version == 5 && l.release >= 2);
  auto const oslevel = o.oslevel.value_or(documented ? o.level : std::string{});
  auto const volumes = volumes_of(o);
  auto out = concat("image_data:\n\tIMAGE_TYPE= bff\n\tDATE_TIME= Tue Jul 12 09:00:00 UTC 2016\n", "\tUNAME_INFO= AIX ",
                    o.host, " ", l.release, " ", l.version, " ", machine_id,
                    "\n\tPRODUCT_TAPE= no\n\tUSERVG_LIST= ", o.volume_groups ? "datavg" : "", "\n");
  if (!oslevel.empty()) {
    out += concat("\tPLATFORM= chrp\n\tOSLEVEL= ", oslevel, "\n");
    if (documented) {
      out += concat("\tOSLEVEL_R= ", l.version, l.release, "00-", two_digits(technology_level(l)),
                    "\n\tCPU_ID= ", other_machine_id, "\n\tLPAR_ID= 4\n");
    }
  }
  out += concat(
      "\nlogical_volume_policy:\n\tSHRINK= no\n\tEXACT_FIT= no\n\n", "ils_data:\n\tLANG= en_US\n\n",
      "#Command used for vg_data; /usr/sbin/lsvg\n\n", "vg_data:\n\tVGNAME= rootvg\n\tPPSIZE= ", partition_megabytes,
      "\n\tVARYON= yes\n\tVG_SOURCE_DISK_LIST= hdisk0 \n\tQUORUM= 2\n\tCONC_AUTO= no\n",
      "\tBIGVG= no\n\tTFACTOR= 1\n\n", "#Command used for source_disk_data; /usr/sbin/bootinfo\n\n",
      "source_disk_data:\n\tPVID= 00f0000000000001\n\tPHYSICAL_LOCATION= ",
      "U0000.000.0000000-V4-C2-T1-L8100000000000000\n\tCONNECTION= vscsi0//810000000000\n",
      "\tLOCATION= \n\tSIZE_MB= 30720\n\tHDISKNAME= hdisk0\n\n", "#Command used for lv_data; /usr/sbin/lslv\n\n");
  unsigned number = 1;
  for (auto const& v : volumes) { put_volume(out, v, number++, l.version >= 6); }
  out += "#Command used for fs_data; /usr/sbin/lsfs -cq\n\n";
  for (auto const& v : volumes) {
    if (!v.mount.empty()) { put_file_system(out, v, uses_jfs2(o)); }
  }
  out += "post_install_data:\n\tBOSINST_FILE= \n\npost_restvg:\n\tRESTVG_FILE= \n";
  return out;
}

std::string bosinst_data_text(system_options const& o) {
  auto const l = parse_level(o.level);
  std::string out =
      "control_flow:\n    CONSOLE = Default\n    INSTALL_METHOD = overwrite\n    PROMPT = yes\n"
      "    EXISTING_SYSTEM_OVERWRITE = yes\n    INSTALL_X_IF_ADAPTER = yes\n    RUN_STARTUP = no\n"
      "    RM_INST_ROOTS = no\n    ERROR_EXIT =\n    CUSTOMIZATION_FILE =\n    INSTALL_TYPE =\n"
      "    BUNDLES =\n    RECOVER_DEVICES = Default\n    BOSINST_DEBUG = no\n"
      "    ACCEPT_LICENSES = yes\n    DESKTOP = NONE\n    INSTALL_DEVICES_AND_UPDATES = yes\n"
      "    IMPORT_USER_VGS = no\n    ALL_DEVICES_KERNELS = yes\n\n";
  if (l.version == 7 && l.release >= 3) {
    out += "lv_encryption:\n    ROOT_HD4 = no\n    USR_HD2 = no\n    VAR_HD9VAR = no\n\n";
  }
  out +=
      "target_disk_data:\n    PVID = 00f0000000000001\n    PHYSICAL_LOCATION = "
      "U0000.000.0000000-V4-C2-T1-L8100000000000000\n    CONNECTION = vscsi0//810000000000\n"
      "    LOCATION =\n    SIZE_MB = 30720\n    HDISKNAME = hdisk0\n\n"
      "locale:\n    BOSINST_LANG = en_US\n    CULTURAL_CONVENTION = en_US\n    MESSAGES = en_US\n"
      "    KEYBOARD = en_US\n";
  return out;
}

std::string filesystems_text(system_options const& o) {
  std::string const vfs = uses_jfs2(o) ? "jfs2" : "jfs";
  std::string out = "* Mount points of an invented host.\n\n";
  auto all = o;  // the source system has them all, whatever was left out of the image
  all.list_excluded = true;
  for (auto& w : all.wpars) { w.content = true; }
  for (auto const& v : volumes_of(all)) {
    if (v.mount.empty()) { continue; }
    auto const root = v.mount == "/";
    std::string type;
    for (auto const& w : o.wpars) {
      auto const base = wpar_directory(w);
      if (v.mount == base || v.mount.rfind(base + "/", 0) == 0) { type = w.name; }
    }
    out += concat(v.mount, ":\n\tdev             = /dev/", v.name, "\n\tvfs             = ", vfs,
                  "\n\tlog             = /dev/hd8\n\tmount           = ",
                  root || v.name.rfind("hd", 0) == 0 ? "automatic" : "true", "\n\tcheck           = false\n");
    if (!type.empty()) { out += concat("\ttype            = ", type, "\n"); }
    if (root) { out += "\ttype            = bootfs\n\tvol             = root\n"; }
    out += "\tfree            = false\n\n";
  }
  out +=
      "/proc:\n\tdev             = /proc\n\tvol             = \"/proc\"\n\tmount           = true\n"
      "\tcheck           = false\n\tfree            = false\n\tvfs             = procfs\n\n";
  if (o.volume_groups) {
    out += concat("/data:\n\tdev             = /dev/datalv\n\tvfs             = ", vfs,
                  "\n\tlog             = /dev/loglv00\n\tmount           = true\n\taccount         = false\n\n",
                  "/software:\n\tdev             = \"/export/software\"\n\tvfs             = nfs\n",
                  "\tnodename        = nfs1.example.com\n\tmount           = true\n",
                  "\toptions         = bg,hard,intr,ro\n\taccount         = false\n\n");
  }
  return out;
}

std::string wpar_configuration_text(source_wpar const& w) {
  auto const base = wpar_directory(w);
  auto out = concat("general:\n\tname = \"", w.name, "\"\n\tcheckpointable = \"no\"\n\thostname = \"", w.name,
                    "\"\n\tprivateusr = \"no\"\n\tdirectory = \"", base,
                    "\"\n\tostype = \"0\"\n\tauto = \"no\"\n\trouting = \"no\"\n\n",
                    "network:\n\tbroadcast = \"192.0.2.255\"\n\tinterface = \"en0\"\n",
                    "\taddress = \"192.0.2.21\"\n\tnetmask = \"255.255.255.0\"\n\n");
  for (auto const* below : {"/", "/home", "/tmp", "/var"}) {
    out += concat("mount:\n\tvfs = \"jfs2\"\n\tdirectory = \"", below, "\"\n\n");
  }
  out +=
      "mount:\n\tdev = \"/usr\"\n\tvfs = \"namefs\"\n\tdirectory = \"/usr\"\n\tmountopts = \"ro\"\n\n"
      "mount:\n\tdev = \"/opt\"\n\tvfs = \"namefs\"\n\tdirectory = \"/opt\"\n\tmountopts = \"ro\"\n\n"
      "resource_controls:\n\tactive = \"yes\"\n";
  return out;
}

}  // namespace sysb::test
