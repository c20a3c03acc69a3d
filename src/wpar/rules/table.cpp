// SPDX-License-Identifier: Apache-2.0
// The rules: ids, severities, what a person needs to know, and what each of them stands on.
#include <array>

#include "wpar/rules/context.hpp"

namespace sysb::wpar {

namespace {

constexpr std::array<rule_info, 35> rows{{
    {{"V01", severity::error, "container",
      "Only an AIX backup by name can become a WPAR: mksysb, savevg and savewpar images are such. "
      "Backups by inode, SysBack images, tar and cpio archives hold other things in another way. Give "
      "the mksysb file itself, or what carries it.",
      fault_class::unsupported},
     "IBM: mksysb command (uses backup); magic 0x09006bea, 0x09006fea",
     "documented"},
    {{"V02", severity::error, "end of the stream",
      "The end record must be there and be verified. Without it the image was cut, by a full disk or a "
      "broken transfer, and nobody knows how much is missing. Copy it again from its source.",
      fault_class::damage},
     "the format itself",
     "format"},
    {{"V03", severity::error, "headers and contents",
      "Every header carries a checksum, every packed member must decode to its recorded length. sysb "
      "check lists every member that does not. Damage is never forced.",
      fault_class::damage},
     "the format itself",
     "format"},
    {{"V04", severity::warning, "./image.data",
      "mkwpar -t -B reads file systems and logical volumes from ./image.data; IMAGE_TYPE must be bff "
      "and PRODUCT_TAPE no. It is an error for a .bff output; trees and archives land by mkwpar -p and "
      "need it for the level and the sizes only. A byte order mark, numbers that do not fit, partitions of no size "
      "and names of logical volumes with more than 15 bytes are named, and never taken for 0.",
      fault_class::unfit},
     "https://www.ibm.com/docs/en/aix/7.3.0?topic=wpars-using-imagedata-file-system",
     "documented fields, inferred need"},
    {{"V05", severity::error, "volume group",
      "A system copy is made of a root volume group. A savevg image of another volume group, or an "
      "installp package, has the same container but holds no system.",
      fault_class::unfit},
     "image.data, stanza vg_data (https://ibm.com/docs/ssw_aix_71/filesreference/image.data.html)",
     "inferred"},
    {{"V06", severity::error, "minimum level",
      "IBM names AIX 4.3.3 as the oldest level of a source. The level comes from OSLEVEL of image.data, "
      "else from bos.rte in the software database, else from UNAME_INFO where version and release "
      "decide. Where nothing tells it, the verdict is undecided and --assume-level says it.",
      fault_class::unfit},
     "https://www.ibm.com/docs/en/aix/7.3.0?topic=wpar-creating-as-system-copy",
     "documented"},
    {{"V07", severity::error, "level of the host",
      "A WPAR starts only at the level of its host. A lower level of the same release needs syncwpar "
      "(syncwpar -D for a private WPAR), an older release migwpar; an image newer than the host cannot "
      "run there. --host-level gives the level to compare with. Service packs are compared where both are known: of "
      "the "
      "image by its filesets.",
      fault_class::unfit},
     "https://www.ibm.com/docs/en/aix/7.3.0?topic=wpar-creating-as-system-copy; syncwpar and migwpar "
     "commands",
     "documented, the verdict inferred"},
    {{"V08", severity::note, "OSLEVEL and OSLEVEL_R",
      "The two fields of image.data differ on sound systems (6.1.8.0 beside 6100-03 was seen). OSLEVEL "
      "counts; the difference is never a fault.",
      fault_class::unfit},
     "published image.data files",
     "observed"},
    {{"V09", severity::warning, "usr part and root part",
      "Filesets have a usr and a root part in the software database. A usr part that is newer is normal: an update "
      "without a root part leaves the other row behind. Where the root part is newer, or filesets are broken or half "
      "applied, an update of the source was not finished; put it right there, or with syncroot afterwards.",
      fault_class::unfit},
     "software vital product data",
     "inferred"},
    {{"V10", severity::error, "required tree",
      "Without the ODM directory, the password file, /etc/filesystems, /etc/inittab, /sbin, /var, /home "
      "or /tmp nothing can start as it should. A private WPAR also needs libc and the ODM directory of /usr.",
      fault_class::unfit},
     "the layout of an AIX root",
     "inferred"},
    {{"V11", severity::warning, "file systems of other WPARs",
      "mkwpar ignores preserve_wpars for an image, so file systems of WPARs must be kept out when it is "
      "made, with mksysb -G. Where they are in it, sysb leaves them and the WPAR database out. An image "
      "of a system without WPARs needs no -G.",
      fault_class::unfit},
     "https://www.ibm.com/docs/en/aix/7.3.0?topic=wpar-creating-as-system-copy",
     "documented, evidence inferred"},
    {{"V12", severity::error, "/usr and /opt",
      "A private WPAR brings its own /usr and /opt, a shared one gets them from the host. mkwpar wants "
      "an image taken with -x for a shared WPAR; sysb leaves the two out itself, with the file systems "
      "mounted below them.",
      fault_class::unfit},
     "https://www.ibm.com/docs/en/aix/7.3.0?topic=wpar-creating-as-system-copy",
     "documented, evidence inferred"},
    {{"V13", severity::warning, "file systems and their members",
      "mksysb backs up the file systems that image.data lists. One without a single member was empty, "
      "excluded, or is lost. image.data, /etc/filesystems and the members are compared; what contradicts is named, "
      "and the plan of file systems (fs.plan) says what was made of it.",
      fault_class::unfit},
     "mkszfile command",
     "inferred"},
    {{"V14", severity::warning, "data outside rootvg",
      "A mksysb holds rootvg only. Other volume groups and remote mounts that the source used are not "
      "in it; what needs them will not work in the WPAR until they are there. File systems of the source that are "
      "missing are a warning; remote ones are mounted again where the WPAR reaches their server.",
      fault_class::unfit},
     "https://ibm.com/docs/ssw_aix_71/filesreference/image.data.html (USERVG_LIST)",
     "documented"},
    {{"V15", severity::note, "exclusion patterns",
      "/etc/exclude.rootvg holds grep patterns that mksysb -e applies to names that begin with ./ . The image does not "
      "record whether -e was used. A pattern that can never match leaves in what should be out; an empty line, and "
      "what does not compile, spoil the whole list; patterns that hit /etc or /usr are worth a look.",
      fault_class::unfit},
     "mksysb command, flag -e",
     "inferred"},
    {{"V16", severity::warning, "multibos",
      "Where both instances of a multibos system were mounted, only alt_disk_mksysb restores the "
      "backup. A WPAR boots none of them: what lies below /bos_inst is left out unless --keep /bos_inst is given. The "
      "names of the second instance are from memory, so this is a warning.",
      fault_class::unfit},
     "https://www.ibm.com/docs/en/aix/7.3?topic=m-mksysb-command",
     "documented, names recalled"},
    {{"V17", severity::warning, "file systems managed by DMAPI",
      "Files that a storage manager moved away may be stubs in the image.", fault_class::unfit},
     "image.data, FS_JFS2_DMAPI",
     "recalled"},
    {{"V18", severity::warning, "encrypted files",
      "Contents of encrypted files (EFS) stay encrypted in the image; without the keystores of the "
      "source nobody reads them.",
      fault_class::unfit},
     "image.data, FS_JFS2_EFS",
     "recalled"},
    {{"V19", severity::note, "encrypted logical volumes",
      "A source with encrypted logical volumes hands out clear data to backup: image and outputs need "
      "the protection that the disks had.",
      fault_class::unfit},
     "bosinst.data, stanza lv_encryption (https://www.ibm.com/docs/ja/aix/7.3.0?topic=system-bosinstdata-file)",
     "documented, the conclusion inferred"},
    {{"V20", severity::warning, "ACLs and attributes",
      "mksysb -a leaves out extended attributes and NFS4 ACLs. Where file systems could hold them and "
      "no member has any, perhaps they are missing.",
      fault_class::unfit},
     "mksysb command, flag -a",
     "inferred"},
    {{"V21", severity::warning, "names, sizes and links",
      "AIX takes paths of 1023 bytes, and in the host the base directory of the WPAR stands before each. Names that "
      "are "
      "not ASCII, huge files and hard links are legal, and some outputs and tools hold them badly. --on-loss tells "
      "what an output cannot hold.",
      fault_class::unfit},
     "https://www.ibm.com/docs/en/aix/7.3.0?topic=concepts-restrictions-limitations-in-wpar-environment",
     "inferred"},
    {{"V22", severity::warning, "device nodes, sockets and FIFOs outside /dev",
      "/dev of a WPAR is built from the list of exported devices when it starts. Nodes elsewhere would "
      "name devices of the source and sockets nobody listens at: they are left out; FIFOs stay.",
      fault_class::unfit},
     "https://www.ibm.com/docs/ssw_aix_71/workloadpartitions/overview-devices.html",
     "inferred"},
    {{"V23", severity::note, "private filesets",
      "AIX removes filesets that are not visible in a WPAR unless preserve_private=yes. Which these are "
      "stands as PRIVATE in lpp_name of their packages; the bit of the software database is not public. "
      "sysb removes files only of filesets that a list, media or a named bit proves private, and only "
      "files that no other fileset owns.",
      fault_class::unfit},
     "https://www.ibm.com/docs/en/aix/7.3.0?topic=wpar-creating-as-system-copy; "
     "https://ibm.com/docs/ssw_aix_71/generalprogramming/pkging_sw4_install.html",
     "documented, storage unknown"},
    {{"V24", severity::warning, "functions that a WPAR lacks",
      "NFS server, AutoFS, RSCT, PowerHA, kernel tuning and the workload manager are not available in a "
      "WPAR. Turn them off in the copy before it starts.",
      fault_class::unfit},
     "https://www.ibm.com/docs/en/aix/7.3.0?topic=concepts-restrictions-limitations-in-wpar-environment",
     "documented"},
    {{"V25", severity::note, "identity of the source",
      "Two systems must not share an RSCT node id, a NIM client identity or, if they are to be told "
      "apart, SSH host keys. The first two are always left out (/etc/ct_node_id, /var/ct, /etc/niminfo, "
      "/.rhosts). The keys stay in the copy: remove them there, and the first start of sshd makes new "
      "ones.",
      fault_class::unfit},
     "recfgct command; alt_disk_mksysb -n",
     "documented, the choice inferred"},
    {{"V26", severity::warning, "trusted computing base",
      "IBM says that mkwpar is not supported on systems with the trusted computing base. The sentence "
      "is about the host; an image of such a system is worth a test first.",
      fault_class::unfit},
     "https://www.ibm.com/docs/en/aix/7.3?topic=m-mkwpar-command",
     "documented for the host"},
    {{"V27", severity::warning, "conversion at the first start",
      "At its first start a system copy WPAR runs every program of /usr/lib/wpars/wparconvert.d/usr and "
      "root, in C order. sysb keeps them and never runs them. A shared WPAR uses the host's.",
      fault_class::unfit},
     "https://ibm.com/docs/ssw_aix_71/generalprogramming/pkging_sw4_install.html",
     "documented"},
    {{"V28", severity::error, "name of the WPAR",
      "At most 25 bytes, ASCII, no white space and none of = : / ! ; ` ' \" < > ~ & ( ) * + [ ] , . ^ { "
      "} | \\, and not beginning with - or 0.",
      fault_class::unfit},
     "https://www.ibm.com/docs/en/aix/7.3?topic=m-mkwpar-command",
     "documented"},
    {{"V29", severity::note, "space for the WPAR",
      "Sizes of the file systems as on the source, at least (mkwpar -L shrink=yes), and as planned. An image that "
      "holds more than image.data says a file system has is an error: --force takes the planned size, "
      "--margin adds room.",
      fault_class::unfit},
     "image.data, FS_SIZE and FS_MIN_SIZE, in 512-byte blocks",
     "documented"},
    {{"V30", severity::warning, "JFS on the source",
      "A source with JFS gets JFS2 unless asked otherwise. Compressed JFS needs more space without "
      "compression.",
      fault_class::unfit},
     "image.data, fs_data",
     "inferred"},
    {{"V31", severity::error, "Virtual I/O Server",
      "A VIOS is an appliance for devices of others. Its software cannot work in a WPAR.", fault_class::unfit},
     "filesets ios.cli.*, /usr/ios",
     "inferred"},
    {{"V32", severity::warning, "a WPAR as the source",
      "A savewpar image is restored with restwpar. A versioned WPAR has files of its host laid over its "
      "own.",
      fault_class::unfit},
     "https://www.ibm.com/docs/ssw_aix_72/workloadpartitions/creversioned-restrictions.html",
     "documented (file_overlay)"},
    {{"V33", severity::note, "age of the image",
      "When image.data was made, and whether the image has a log of earlier backups. Old copies have "
      "old passwords and old data.",
      fault_class::unfit},
     "image.data, DATE_TIME",
     "documented"},
    {{"V34", severity::warning, "images of one system",
      "Two images with the same machine and host name, or with the same RSCT node id, come from one system or from "
      "copies of one. They are compared where several are given to one call of sysb check; a batch names them in its "
      "report. Two WPARs of them must not run beside each other with one name or address.",
      fault_class::unfit},
     "CPU_ID, LPAR_ID, host name, ct_node_id",
     "inferred"},
    {{"V35", severity::warning, "filesets that a WPAR needs",
      "The base of the operating system and TCP/IP must be whole: each file of their inventories is there, and its "
      "content is what the inventory says or was changed by an update. sysb check --inventory lists every file. "
      "Only check reads contents; for wpar the rule has nothing to say. In a shared WPAR /usr and /opt are the host's.",
      fault_class::unfit},
     "software vital product data, liblpp.a",
     "inferred"},
}};

constexpr std::array<rule_function, 35> checks{
    rule::v01, rule::v02, rule::v03, rule::v04, rule::v05, rule::v06, rule::v07, rule::v08, rule::v09,
    rule::v10, rule::v11, rule::v12, rule::v13, rule::v14, rule::v15, rule::v16, rule::v17, rule::v18,
    rule::v19, rule::v20, rule::v21, rule::v22, rule::v23, rule::v24, rule::v25, rule::v26, rule::v27,
    rule::v28, rule::v29, rule::v30, rule::v31, rule::v32, rule::v33, rule::v34, rule::v35,
};

// Titles of rules say what should hold.
constexpr auto infos = [] {
  auto all = rows;
  for (auto& r : all) { r.code.requirement = true; }
  return all;
}();

}  // namespace

std::span<rule_info const> rules() noexcept { return infos; }
std::span<rule_function const> rule_checks() noexcept { return checks; }

rule_info const* find_rule(std::string_view id) noexcept {
  for (auto const& r : infos) {
    if (r.id() == id) { return &r; }
  }
  return nullptr;
}

}  // namespace sysb::wpar
