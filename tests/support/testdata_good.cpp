// SPDX-License-Identifier: Apache-2.0
#include <functional>
#include <utility>

#include "base/text.hpp"
#include "support/system_image.hpp"
#include "support/testdata_cases.hpp"

namespace sysb::test {
namespace {

data_case make(std::string_view kind, std::string_view name, std::string_view shows,
               std::function<void(image_builder&)> const& build) {
  image_builder b;
  build(b);
  return {concat("backup_by_name/", kind, "/", name),
          {{"image.bff", b.bytes()}, {"listing.txt", to_bytes(listing(b.members()))}, origin(shows)}};
}

data_case good(std::string_view name, std::string_view shows, std::function<void(image_builder&)> const& build) {
  return make("good", name, shows, build);
}

data_case compat(std::string_view name, std::string_view shows, std::vector<std::string> const& ids,
                 std::function<void(image_builder&)> const& build) {
  auto c = make("compat", name, shows, build);
  std::string expected;
  for (auto const& id : ids) { expected += id + "\n"; }
  c.files.push_back({"expected.txt", to_bytes(expected)});
  return c;
}

data_case system(std::string_view name, std::string_view shows, system_options const& o) {
  return good(name, shows, [&](image_builder& b) { add_system(b, o); });
}

system_options at_level(std::string_view level) {
  system_options o;
  o.level = level;
  return o;
}

void add_systems(std::vector<data_case>& out) {
  out.push_back(system("rootvg-7.1", "A rootvg of AIX 7.1 TL5 with /usr and /opt: the image of the main job.",
                       at_level("7.1.5.0")));
  auto excluded = at_level("7.1.5.0");
  excluded.usr = excluded.opt = false;
  out.push_back(system("rootvg-7.1-x",
                       "The same system saved with mksysb -x: nothing below /usr and /opt, "
                       "and neither in fs_data.",
                       excluded));
  auto wpars = at_level("7.1.5.0");
  wpars.wpars = {{"web1", "", true}, {"db1", "/wpars/special/db1", true}, {"idle", "", false}};
  wpars.other_file_systems = {"/opt/app", "/usr/local"};
  out.push_back(system("rootvg-7.1-wpars",
                       "A host of WPARs saved without mksysb -G: the file systems of two "
                       "WPARs are inside, a third is defined only; /opt/app and /usr/local are file systems "
                       "of their own.",
                       wpars));
  auto two_instances = at_level("7.1.5.0");
  two_instances.multibos = true;
  out.push_back(system("multibos", "Both instances of multibos are mounted and saved.", two_instances));

  out.push_back(system("rootvg-4.3.2",
                       "Below the lowest level that can become a system copy WPAR. image.data "
                       "of AIX 4.3 has no OSLEVEL: bos.rte in the SWVPD tells 4.3.2.0.",
                       at_level("4.3.2.0")));
  auto named = at_level("4.3.2.0");
  named.oslevel = "4.3.2.0";
  out.push_back(system("rootvg-4.3.2-oslevel", "As rootvg-4.3.2, with an OSLEVEL line in image.data.", named));
  out.push_back(system("rootvg-4.3.3", "The lowest level that fits. No OSLEVEL: bos.rte in the SWVPD decides.",
                       at_level("4.3.3.0")));
  out.push_back(system("rootvg-5.3", "AIX 5.3 TL3 (OSLEVEL 5.3.0.30): a versioned WPAR is possible as well.",
                       at_level("5.3.0.30")));
  auto disagreeing = at_level("6.1.8.0");
  disagreeing.cluster_identity = false;
  out.push_back(system("rootvg-6.1", "AIX 6.1 TL8 without cluster identity.", disagreeing));
  out.push_back(system("rootvg-7.2", "AIX 7.2 TL5.", at_level("7.2.5.0")));
  out.push_back(system("rootvg-7.3", "AIX 7.3 TL1; bosinst.data has the stanza of encrypted logical volumes.",
                       at_level("7.3.1.0")));

  auto undecided = at_level("4.3.3.0");
  undecided.swvpd = false;
  out.push_back(system("undecided-level", "Version 4.3 by UNAME_INFO alone: neither OSLEVEL nor SWVPD.", undecided));
  auto bare = at_level("7.1.5.0");
  bare.image_data = bare.bosinst_data = false;
  bare.odd_members = bare.nim_client = bare.volume_groups = false;
  out.push_back(system("no-image-data", "A system image without image.data and bosinst.data.", bare));
  auto vios = at_level("6.1.9.0");
  vios.vios = true;
  out.push_back(system("vios", "A Virtual I/O Server: ios.cli.rte and /usr/ios.", vios));
  out.push_back(good("savevg", "savevg of a user volume group: no system image.",
                     [](image_builder& b) { add_user_volume_group(b, "datavg", 1468314000); }));
  out.push_back(good("installp",
                     "An installp package with a fileset marked PRIVATE, 512-byte clusters and a "
                     "stale tail after the end record.",
                     [](image_builder& b) { add_installp_package(b, 1330560000); }));
}

std::string_view name_of(symlink_layout l) {
  switch (l) {
    case symlink_layout::target: return "target";
    case symlink_layout::security_target: return "security-target";
    case symlink_layout::target_nul_security: return "target-nul-security";
    case symlink_layout::target_security: return "target-security";
    case symlink_layout::target_dsize: return "target-dsize";
    case symlink_layout::target_nul: return "target-nul";
  }
  return {};
}

void add_symlinks(std::vector<data_case>& out) {
  for (auto const l : {symlink_layout::target, symlink_layout::security_target, symlink_layout::target_nul_security,
                       symlink_layout::target_security, symlink_layout::target_dsize, symlink_layout::target_nul}) {
    out.push_back(good(concat("symlinks-", name_of(l)),
                       concat("Symbolic links in one candidate layout: ", name_of(l),
                              ". Targets of 1 to 16 bytes, some a multiple of 8 long."),
                       [&](image_builder& b) {
                         b.volume().directory("./").symlink("./bin", "/usr/bin", l).symlink("./lib", "/usr/lib", l);
                         b.file("./motd", "hello\n").symlink("./a", "b", l).symlink("./unix", "/usr/lib/boot/un", l);
                         b.symlink("./up", "../../somewhere", l).directory("./etc").end(small_end());
                       }));
  }
}

std::string_view name_of(link_layout l) {
  switch (l) {
    case link_layout::repeated: return "repeated";
    case link_layout::empty: return "empty";
    case link_layout::empty_bare: return "empty-bare";
    case link_layout::sized: return "sized";
    case link_layout::sized_bare: return "sized-bare";
  }
  return {};
}

void add_hard_links(std::vector<data_case>& out) {
  member_options o;
  o.nlink = 3;
  o.ino = 815;
  auto const content = prose(50, 2);
  for (auto const l : {link_layout::repeated, link_layout::empty, link_layout::empty_bare, link_layout::sized,
                       link_layout::sized_bare}) {
    out.push_back(good(concat("hardlinks-", name_of(l)),
                       concat("Further names of a file in one candidate "
                              "layout: ",
                              name_of(l), ". One file has two names in the image, the other three."),
                       [&](image_builder& b) {
                         auto second = o;
                         second.ino = 816;
                         second.nlink = 2;
                         second.perm = 0600;
                         b.volume().directory("./").file("./one", content, o).hard_link("./two", content, l, o);
                         b.file("./first", "other file\n", second).file("./between", "x");
                         b.hard_link("./three", content, l, o).hard_link("./second", "other file\n", l, second);
                         b.file("./last", "end\n").end(small_end());
                       }));
  }
  out.push_back(good("hardlinks-data-last", "The data of a file with two names stands with the last name.",
                     [&](image_builder& b) {
                       b.volume().directory("./").hard_link("./one", "", link_layout::empty, o);
                       b.file("./between", "x").file("./two", content, o).end(small_end());
                     }));
  out.push_back(good("hardlinks-alone", "nlink 3, but the other names are not in the image.", [&](image_builder& b) {
    b.volume().directory("./").file("./gzip", content, o).file("./x", "x").end(small_end());
  }));
}

void add_features(std::vector<data_case>& out) {
  out.push_back(good("empty", "Volume header and end record, nothing between.",
                     [](image_builder& b) { b.volume().end(small_end()); }));
  out.push_back(good("no-tail", "The file ends with the end record; one member is empty.", [](image_builder& b) {
    auto e = small_end();
    e.fill = tail::none;
    b.volume().directory("./").file("./empty", "").end(e);
  }));
  out.push_back(good("stale",
                     "Uninitialised bytes everywhere a writer leaves them: name padding, data padding, "
                     "ACL, end record and a tail that holds valid headers.",
                     [](image_builder& b) {
                       member_options o;
                       o.name_padding = to_bytes(std::string_view{"\0a/stale/name", 13});
                       o.data_padding = to_bytes("garbage");
                       o.acl_reserved = 0x2f6e;
                       b.volume().directory("./one", o).file("./one/text", "abc", o).file("./two", prose(700), o);
                       o.acl_full_mode = true;
                       b.file("./three", "full mode in the ACL\n", o).directory("./four");
                       auto e = small_end();
                       e.stale = {0x70, 0x86};
                       e.fill = tail::stale;
                       b.end(e);
                     }));
  out.push_back(good("names",
                     "Names as bytes: Latin-1, DEL, controls, blanks, quotes, a long one, a trailing "
                     "slash, and one that fills its field.",
                     [](image_builder& b) {
                       b.volume().directory("./").directory("./dir/").file("./caf\xe9", "1").file("./\x7f\x7f", "2");
                       b.file("./a b\tc\"d\\e", "3").file("./\x1b[31mred", "4").file("./caf\xc3\xa9", "5");
                       b.file("./1234567", "6").file("./12345", "7").file(concat("./", std::string(1000, 'n')), "8");
                       b.file("no-dot", "9").end(small_end());
                     }));
  out.push_back(
      good("acl",
           "ACLs: permit, deny and specify, several ids in one entry, and entries that are "
           "there but disabled.",
           [](image_builder& b) {
             member_options o;
             o.uid = 201;
             o.gid = 1;
             o.acl = {{ace_kind::permit, 6, {{id_kind::group, 214}}}, {ace_kind::permit, 6, {{id_kind::group, 21800}}}};
             o.perm = 04750;
             b.volume().directory("./permit", o);
             o.perm = 0640;
             o.acl = {{ace_kind::deny, 7, {{id_kind::user, 204}, {id_kind::group, 21800}}}};
             b.file("./deny", "denied\n", o);
             o.acl = {{ace_kind::specify, 4, {{id_kind::user, 0xfffffffe}}}};
             b.file("./specify", "specified\n", o);
             o.acl_enabled = false;
             b.file("./disabled", "disabled\n", o).file("./plain", "plain\n").end(small_end());
           }));
  for (auto const bare : {false, true}) {
    out.push_back(good(
        bare ? "devices-bare" : "devices",
        concat("Devices, FIFOs and sockets ", bare ? "without" : "with", " a security record."), [&](image_builder& b) {
          member_options o;
          o.bare = bare;
          b.volume().directory("./dev").char_device("./dev/null", {2, 2}, o).char_device("./dev/tty", {1, 0}, o);
          b.block_device("./dev/hd4", {10, 4}, o).block_device("./dev/far", {0x8000, 20}, o);
          b.fifo("./dev/fifo", o).socket("./dev/log", o).file("./x", "x").end(small_end());
        }));
  }
  out.push_back(
      good("packed",
           "Packed members: text, one byte value only, all byte values, two bytes, and plain "
           "ones between.",
           [](image_builder& b) {
             std::string all;
             for (int i = 0; i < 256; ++i) { all.append(static_cast<std::size_t>(1 + i % 5), static_cast<char>(i)); }
             b.volume().directory("./").packed_file("./text", prose(3000)).packed_file("./one", std::string(4096, 'x'));
             b.file("./plain", prose(100)).packed_file("./all", all).packed_file("./ab", "ab");
             b.packed_file("./runs", std::string(2000, '\0') + prose(200)).end(small_end());
           }));
  out.push_back(good("times", "Times before 1970 and up to 2038, set as signed 32-bit seconds.", [](image_builder& b) {
    member_options o;
    o.mtime = 0xffffffff;
    b.volume().file("./1969", "1", o);
    o.mtime = 0x80000000;
    b.file("./1901", "2", o);
    o.mtime = 0x7fffffff;
    b.file("./2038", "3", o).end(small_end());
  }));
  out.push_back(
      good("nested", "Whole images as contents of members, with valid headers and end records.", [](image_builder& b) {
        auto const inner = image_builder{}.volume().directory("./in").file("./in/a", "inner").end(small_end()).bytes();
        b.volume().directory("./inst.images").file("./inst.images/a.bff", inner).file("./inst.images/b.bff", inner);
        b.file("./after", "after\n").end(small_end());
      }));
  out.push_back(
      good("double-names",
           "Names that come twice: a file replaced by a file, a directory repeated, the "
           "same name in two spellings.",
           [](image_builder& b) {
             b.volume().directory("./etc").file("./etc/motd", "first\n").file("./etc/hosts", "hosts\n");
             b.directory("./etc").file("./etc/motd", "second\n").file("etc/hosts", "later\n").end(small_end());
           }));
  out.push_back(
      good("absolute-names", "Names that begin with a slash, as backup makes them of an absolute list.",
           [](image_builder& b) { b.volume().directory("/data").file("/data/file", "content\n").end(small_end()); }));
  out.push_back(
      good("long-label", "A volume label whose user name fills its field without a NUL.", [](image_builder& b) {
        volume_fields v;
        v.user = "sixteen-bytes-xx";
        b.volume(v).file("./x", "x").end(small_end());
      }));
}

}  // namespace

std::vector<data_case> good_cases() {
  std::vector<data_case> out;
  add_systems(out);
  add_symlinks(out);
  add_hard_links(out);
  add_features(out);
  return out;
}

std::vector<data_case> compat_cases() {
  std::vector<data_case> out;
  for (auto const type : {record_type::name_rt, record_type::name_ps2}) {
    auto const rt = type == record_type::name_rt;
    out.push_back(
        compat(rt ? "aix-rt" : "aix-ps2",
               rt ? "By-name members as AIX/RT 2.x wrote them (type 9)."
                  : "By-name members as AIX PS/2 1.x wrote them (type 12).",
               {}, [&](image_builder& b) {
                 member_options o;
                 o.type = type;
                 o.uid = 12;
                 b.volume().directory("./u", o).file("./u/text", "old text\n", o).file("./u/eight", "12345678", o);
                 b.file("./u/empty", "", o).end(small_end());
               }));
  }
  out.push_back(compat("volume-magic-6f",
                       "The volume header has the undocumented magic 0xea6f; members are as "
                       "always.",
                       {"BBN-023"}, [](image_builder& b) {
                         volume_fields v;
                         v.header.magic = record_magic::unknown_6f;
                         b.volume(v).directory("./etc").file("./etc/motd", "hello\n").end(small_end());
                       }));
  out.push_back(
      compat("member-magic-6d", "Members with the magic of version 3 file systems.", {"BBN-023"}, [](image_builder& b) {
        member_options o;
        o.header.magic = record_magic::xix;
        b.volume().directory("./etc", o).file("./etc/motd", "hello\n", o).end(small_end());
      }));
  out.push_back(compat("opaque-after",
                       "The volume is marked as an unknown variant (0xea6f), and an unknown block stands "
                       "after a directory and after packed content.",
                       {"BBN-023", "BBN-025"}, [](image_builder& b) {
                         volume_fields v;
                         v.header.magic = record_magic::unknown_6f;
                         member_options o;
                         o.opaque_after = to_bytes("16 bytes unknown");
                         b.volume(v).directory("./etc", o).file("./etc/plain", "no block\n");
                         b.packed_file("./etc/motd", prose(400), o).file("./x", "x").end(small_end());
                       }));
  out.push_back(
      compat("opaque-adjacent",
             "As opaque-after, but members that follow each other have a block: each "
             "must be found after the block before it.",
             {"BBN-023", "BBN-025"}, [](image_builder& b) {
               volume_fields v;
               v.header.magic = record_magic::unknown_6f;
               member_options o;
               o.opaque_after = to_bytes("16 bytes unknown");
               b.volume(v).directory("./etc", o).directory("./etc/a", o).packed_file("./etc/motd", prose(400), o);
               b.file("./x", "x").end(small_end());
             }));
  out.push_back(compat("opaque-before-packed",
                       "The volume is marked as an unknown variant (0xea6f); a block stands "
                       "between security record and packed content, whose end test shows where it starts.",
                       {"BBN-023", "BBN-025"}, [](image_builder& b) {
                         volume_fields v;
                         v.header.magic = record_magic::unknown_6f;
                         member_options o;
                         o.opaque_before = to_bytes("unknown attribute block!");
                         b.volume(v).directory("./etc").packed_file("./etc/motd", prose(400, 2), o).file("./x", "x");
                         b.end(small_end());
                       }));
  out.push_back(compat("security-variant",
                       "Nine members whose privilege list does not repeat the mode: a variant "
                       "of the format, not damage.",
                       {"BBN-026"}, [](image_builder& b) {
                         b.volume();
                         for (unsigned i = 0; i < 9; ++i) {
                           member_options o;
                           acl_fields a;
                           raw_security s{2, 2, acl(a)};
                           append(s.body, pcl(0));
                           o.security = s;
                           b.file(concat("./file", i), prose(20 + i, i), o);
                         }
                         b.end(small_end());
                       }));
  out.push_back(compat("pad-set", "The unused field of a member header is not 0, in members that have no content.", {},
                       [](image_builder& b) {
                         member_options o;
                         o.pad = 7;
                         b.volume().directory("./odd", o).fifo("./fifo", o).file("./x", "x").end(small_end());
                       }));
  return out;
}

std::vector<data_case> volume_set_cases() {
  image_builder b;
  volume_fields label;
  b.volume(label).directory("./").file("./one", prose(700, 1)).packed_file("./two", prose(1500, 2));
  b.file("./three", prose(900, 3)).end(small_end());
  auto const volumes = cut_volumes(b.bytes(), label, 1024, 512);
  data_case c{"backup_by_name/sets/volumes", {}};
  for (std::size_t i = 0; i < volumes.size(); ++i) { c.files.push_back({concat("image.", i + 1), volumes[i]}); }
  c.files.push_back({"listing.txt", to_bytes(listing(b.members()))});
  c.files.push_back(
      origin("A set of volumes of 1024 bytes each, cut inside the contents of members; each further "
             "volume begins with a header of its own."));
  return {c};
}

}  // namespace sysb::test
