// SPDX-License-Identifier: Apache-2.0
// Rules that stand on image.data and bosinst.data.
#include <algorithm>
#include <vector>

#include "base/checked.hpp"
#include "wpar/deploy/fs_plan.hpp"
#include "wpar/deploy/host.hpp"
#include "wpar/file_systems.hpp"
#include "wpar/rules/context.hpp"

namespace sysb::wpar::rule {

namespace {

bool is_blank(std::string_view v) noexcept { return v.find_first_not_of(" \t\r") == std::string_view::npos; }

bool starts_with(std::string_view s, std::string_view front) noexcept { return s.substr(0, front.size()) == front; }

// mkwpar -t -B reads ./image.data; a tree or an archive lands by mkwpar -p, which does not.
void needed_by_image_route(rule_context& c, std::string text, evidence const& at) {
  if (c.asked.target == target_kind::bff) {
    c.error(std::move(text), at);
  } else {
    c.warning(std::move(text), at).advice = "make a tree or an archive (-o NAME.tar): a .bff is what needs image.data";
  }
}

std::vector<std::string> file_systems_with(facts const& f, std::string_view field, std::string_view value) {
  std::vector<std::string> out;
  for (auto const& fs : f.image_data.file_systems) {
    auto const at = fs.attributes.find(std::string{field});
    if (at != fs.attributes.end() && at->second == value) { out.push_back(concat('/', fs.mount)); }
  }
  return out;
}

}  // namespace

void v04(rule_context& c) {
  auto const& d = c.image.image_data;
  if (!c.image.has("image.data")) {
    needed_by_image_route(c, "the image has no ./image.data: mkwpar -t -B cannot use it", {});
    return;
  }
  if (!d.raw.readable() || !d.parsed) {
    auto const why = d.raw.readable() && !d.complaints.empty() ? concat(": ", d.complaints.back()) : std::string{};
    needed_by_image_route(c, concat("./image.data cannot be read", why), d.raw.from);
    return;
  }
  if (d.image_type != "bff") {
    needed_by_image_route(c, concat("IMAGE_TYPE: expected bff, found ", quoted(d.image_type)), d.raw.from);
  }
  if (d.product_tape != "no") {
    needed_by_image_route(c, concat("PRODUCT_TAPE: expected no (a system backup), found ", quoted(d.product_tape)),
                          d.raw.from);
  }
  if (!d.complaints.empty()) {
    c.note(concat("lines of ./image.data that are no stanza text: ", list_names(d.complaints, 4)), d.raw.from);
  }
  if (!d.bad_fields.empty()) {
    std::string text;
    for (std::size_t i = 0; i < d.bad_fields.size() && i < 4; ++i) {
      text += concat(i == 0 ? "" : "; ", printable(d.bad_fields[i]));
    }
    if (d.bad_fields.size() > 4) { text += concat("; and ", std::uint64_t{d.bad_fields.size() - 4}, " more"); }
    auto& r = c.warning(concat("./image.data has what AIX or sysb does not understand: ", text), d.raw.from);
    r.asks = c.asked.target == target_kind::bff ? group::decide : group::watch;
    r.advice = "put it right on the source (mkszfile makes image.data anew) or look at fs.plan, which goes without it";
  }
  auto const plan = deploy::plan_file_systems(c.image, c.asked, c.done.kind.kind);
  std::vector<std::string> hostile;
  for (auto const& x : plan.left_out) {
    if (!deploy::is_plain_mount(x.mount)) { hostile.push_back(concat('/', x.mount)); }
  }
  if (!hostile.empty()) {
    c.warning(
         concat("names in ./image.data that no script may have, left out of every side file: ", list_names(hostile, 4)),
         d.raw.from)
        .advice = "nothing, if what lies there may go with the file system above it; else make it by hand on AIX";
  }
  if (!plan.unpaired.empty()) {
    c.warning(
         concat("file systems of ./image.data without a logical volume of their own, their entries are made anew: ",
                list_names(plan.unpaired)),
         d.raw.from)
        .advice = "nothing, if their sizes in fs.plan are right; or mkszfile and a new mksysb on the source";
  }
  if (plan.rebuilt) {
    auto& r = c.warning(
        c.image.below_complete
            ? "./image.data describes no file system: it is rebuilt from /etc/filesystems and content, and marked"
            : "./image.data describes no file system, and too many directories to rebuild it: only a tree is "
              "open, with file systems made by hand",
        d.raw.from);
    if (c.image.below_complete) { r.advice = "nothing, if the sizes in fs.plan are right; --margin PERCENT adds room"; }
  }
}

void v05(rule_context& c) {
  auto const& d = c.image.image_data;
  switch (c.done.what) {
    case copy_class::package:
      c.error(concat("an installp package (", quoted(*c.image.package_name), "), not a backup of a system"),
              c.at("lpp_name"));
      return;
    case copy_class::user_vg:
      c.error(concat("a backup of volume group ",
                     d.volume_groups.empty() ? list_names(c.image.vgdata) : list_names(d.volume_groups),
                     ", not of rootvg: it holds data, no system"),
              d.raw.from);
      return;
    case copy_class::savewpar: return;  // V32 speaks of it
    case copy_class::rootvg:
      if (d.volume_groups.size() > 1) {
        c.warning(concat("image.data describes several volume groups: ", list_names(d.volume_groups)), d.raw.from);
      }
      return;
    case copy_class::unknown:
      if (d.raw.readable()) { c.warning("image.data names no volume group", d.raw.from); }
      return;
  }
}

void v08(rule_context& c) {
  auto const& d = c.image.image_data;
  auto const a = parse_level(d.oslevel);
  auto const b = parse_level(d.oslevel_r);
  if (a && b && contradict(*a, *b)) {
    c.note(concat("OSLEVEL ", d.oslevel, " and OSLEVEL_R ", d.oslevel_r,
                  " differ, as on many sound systems; OSLEVEL counts"),
           d.raw.from);
  }
}

// A mksysb never holds other volume groups or remote files: what matters is what the copy will miss.
void v14(rule_context& c) {
  auto const& d = c.image.image_data;
  std::vector<std::string> at_boot;  // remote
  std::vector<std::string> by_hand;
  std::vector<std::string> missing;
  for (auto const& m : c.image.mounts) {
    if (!m.nodename.empty() || starts_with(m.vfs, "nfs")) {
      auto const itself = m.mount_at_boot == "true" || m.mount_at_boot == "automatic";
      (itself ? at_boot : by_hand).push_back(concat('/', m.mount));
      continue;
    }
    auto const local = starts_with(m.vfs, "jfs");
    auto const wpar = starts_with(m.mount, "wpars/");
    // /usr and /opt are V12's, and a system without image.data tells nothing.
    if (local && !wpar && d.parsed && !m.mount.empty() && m.mount != "usr" && m.mount != "opt" &&
        c.image.find_file_system(m.mount) == nullptr && !c.image.present(m.mount)) {
      missing.push_back(concat('/', m.mount));
    }
  }
  auto const& from = c.image.filesystems_file.from;
  auto const groups = is_blank(d.uservg_list) ? std::string{} : printable(d.uservg_list);
  if (!missing.empty()) {
    c.warning(concat("file systems of the source that are not in the image: ", list_names(missing),
                     groups.empty() ? std::string{" (in another volume group, not mounted, or excluded)"}
                                    : concat(" (volume groups beside rootvg: ", groups, ')')),
              from);
  } else if (!groups.empty()) {
    c.watch(concat("the source had volume groups that no mksysb holds: ", groups), std::string{usual_advice("V14")},
            d.raw.from);
  }
  if (!at_boot.empty()) {
    auto const text = concat("remote file systems that the copy mounts when it starts: ", list_names(at_boot));
    if (c.asked.quiesce) {
      c.note(concat(text, "; --quiesce disables them"), from);
    } else {
      c.watch(text, "--quiesce disables them; or see that the WPAR reaches these servers", from);
    }
  }
  if (!by_hand.empty()) { c.note(concat("remote file systems that are mounted by hand: ", list_names(by_hand)), from); }
}

void v16(rule_context& c) {
  std::vector<std::string> seen;
  for (auto const& lv : c.image.image_data.logical_volumes) {
    if (starts_with(lv.name, "bos_hd") || starts_with(lv.label, "bos_") || starts_with(lv.mount_point, "/bos_inst")) {
      seen.push_back(lv.name);
    }
  }
  for (auto const& fs : c.image.image_data.file_systems) {
    if (is_standby_instance(fs.mount)) { seen.push_back(concat('/', fs.mount)); }
  }
  auto const inside = c.image.count_below("bos_inst");
  if (inside.members != 0) {
    seen.push_back(
        concat(counted(inside.members, "member", "members"), " below /bos_inst (", human_size(inside.bytes), ')'));
  }
  if (seen.empty()) { return; }
  auto const kept = is_kept(c.asked, "bos_inst");
  auto& r =
      c.warning(concat("a second multibos instance, ", kept ? "kept as --keep says: " : "left out: ", list_names(seen),
                       "; AIX itself restores such an image with alt_disk_mksysb only"),
                c.image.image_data.raw.from);
  if (kept) { r.advice.clear(); }
}

void v17(rule_context& c) {
  auto const seen = file_systems_with(c.image, "FS_JFS2_DMAPI", "yes");
  if (!seen.empty()) {
    c.warning(concat("file systems managed by DMAPI: ", list_names(seen), "; migrated files may be stubs"),
              c.image.image_data.raw.from);
  }
}

void v18(rule_context& c) {
  auto const seen = file_systems_with(c.image, "FS_JFS2_EFS", "yes");
  auto const keys = c.image.present("var/efs");
  if (!seen.empty() || keys) {
    c.warning(
        concat("encrypted files (EFS): ", seen.empty() ? "" : list_names(seen), !seen.empty() && keys ? ", " : "",
               keys ? "keystores below /var/efs" : "", "; contents cannot be read without the keys of the source"),
        c.image.image_data.raw.from);
  }
}

void v19(rule_context& c) {
  auto const& b = c.image.bosinst;
  auto const field = !is_blank(b.encryptlv) && b.encryptlv != "no";
  if (b.encrypted.empty() && !field) { return; }
  c.note(concat("the source asked for encrypted logical volumes",
                b.encrypted.empty() ? std::string{} : concat(" (", list_names(b.encrypted), ')'),
                "; the image and every output hold their content in the clear: protect them"),
         b.raw.from);
}

void v29(rule_context& c) {
  auto const& f = c.image;
  auto const plan = deploy::plan_file_systems(f, c.asked, c.done.kind.kind);
  std::uint64_t size = 0;
  std::uint64_t least = 0;
  for (auto const& row : plan.rows) {
    size = checked_add(size, row.source_size).value_or(size);
    least = checked_add(least, row.source_minimum).value_or(least);
  }
  if (c.asked.host) {
    auto const* const group = c.asked.host->find_group(c.asked.vg);
    auto const wanted = plan.total() / (1u << 20);
    if (group == nullptr && !c.asked.host->tells("lsvg")) {
      c.warning(concat("lsvg failed on the host, so nobody knows whether volume group ", quoted(c.asked.vg),
                       " has room; deploy.sh looks again"));
    } else if (group == nullptr) {
      c.warning(concat("the host has no active volume group ", quoted(c.asked.vg), "; --vg names another one"));
    } else if (group->partition_mb * group->free_partitions < wanted) {
      c.warning(concat("volume group ", quoted(c.asked.vg), " of the host has ",
                       group->partition_mb * group->free_partitions, " MiB free, ", wanted, " MiB are planned"));
    }
  }
  for (auto const& text : plan.too_small) { c.error(text, f.image_data.raw.from); }
  if (f.image_data.file_systems.empty()) { return; }
  c.note(concat(counted(plan.rows.size(), "file system", "file systems"), " of ", human_size(size),
                " as on the source, ", human_size(least), " at least, ", human_size(plan.total()),
                " planned; the image holds ", human_size(f.content_bytes), " of content"),
         f.image_data.raw.from);
}

void v30(rule_context& c) {
  std::vector<std::string> jfs;
  std::vector<std::string> special;
  for (auto const& fs : c.image.image_data.file_systems) {
    auto const get = [&](char const* name) {
      auto const at = fs.attributes.find(name);
      return at == fs.attributes.end() ? std::string_view{} : std::string_view{at->second};
    };
    auto const compress = get("FS_COMPRESS");
    auto const large = get("FS_BF");
    auto const is_jfs = !fs.jfs2 && (!get("FS_FS").empty() || !get("FS_NBPI").empty());
    if (is_jfs) { jfs.push_back(concat('/', fs.mount)); }
    if ((!compress.empty() && compress != "no" && compress != "none") || large == "true" || large == "yes") {
      special.push_back(concat('/', fs.mount));
    }
  }
  if (jfs.empty()) {
    for (auto const& lv : c.image.image_data.logical_volumes) {
      if (lv.type == "jfs" && !is_blank(lv.mount_point)) { jfs.push_back(lv.mount_point); }
    }
  }
  if (!jfs.empty()) {
    c.note(concat("JFS on the source, JFS2 in the WPAR unless asked otherwise: ", list_names(jfs)),
           c.image.image_data.raw.from);
  }
  if (!special.empty()) {
    c.warning(concat("compressed or large-file JFS: ", list_names(special), "; check sizes before JFS2 takes over"),
              c.image.image_data.raw.from);
  }
}

void v33(rule_context& c) {
  auto const& d = c.image.image_data;
  if (!is_blank(d.date_time)) {
    c.note(concat("image.data was made ", printable(d.date_time),
                  c.image.has("var/adm/ras/vgbackuplog") ? "; /var/adm/ras/vgbackuplog lists earlier backups" : ""),
           d.raw.from);
  }
}

}  // namespace sysb::wpar::rule
