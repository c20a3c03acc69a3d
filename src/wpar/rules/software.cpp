// SPDX-License-Identifier: Apache-2.0
// Rules about installed software and what is configured with it.
#include <algorithm>
#include <iterator>
#include <vector>

#include "wpar/rules/context.hpp"

namespace sysb::wpar::rule {

namespace {

std::vector<std::string> filesets_with(facts const& f, std::string_view front) {
  std::vector<std::string> out;
  for (auto const& x : f.swvpd.filesets) {
    if (std::string_view{x.name}.substr(0, front.size()) == front &&
        std::find(out.begin(), out.end(), x.name) == out.end()) {
      out.push_back(x.name);
    }
  }
  return out;
}

}  // namespace

void v23(rule_context& c) {
  auto const& f = c.image;
  auto const& h = f.hidden;
  if (c.asked.preserves_private()) {
    c.note("filesets that are not visible in a WPAR stay: preserve_private=yes");
    return;
  }
  if (h.evidence_given) {
    std::uint64_t installed = 0;
    std::uint64_t files = 0;
    std::uint64_t shared_files = 0;
    std::vector<std::string> without;
    for (auto const& p : h.filesets) {
      installed += p.installed ? 1u : 0u;
      files += p.files;
      shared_files += p.shared_files;
      if (p.installed && (p.inventory.empty() || p.undecided_files != 0)) { without.push_back(p.name); }
    }
    if (installed == 0) {
      c.warning("private filesets undecided: what was given as evidence marks no fileset of this image",
                f.swvpd.from[0]);
      return;
    }
    c.note(concat(counted(h.filesets.size(), "fileset is", "filesets are"), " proven private, ", installed,
                  " of them installed; ", counted(files, "file is", "files are"), " theirs alone and left out",
                  h.ownership_from.empty() ? "" : ", by ", h.ownership_from, "; ", shared_files,
                  " with another owner and all rows of the software database stay"));
    for (std::size_t i = 0; i < h.filesets.size(); ++i) {
      if (h.filesets[i].files == 0) { continue; }
      std::vector<std::string> theirs;
      for (auto const& [path, fileset] : h.owned) {
        if (fileset == i) { theirs.push_back(concat('/', path)); }
      }
      std::sort(theirs.begin(), theirs.end());
      c.note(concat("private fileset ", printable(h.filesets[i].name), " (by ", to_text(h.filesets[i].basis),
                    "): its inventory names ", list_names(theirs, 6)));
    }
    if (!without.empty()) {
      c.warning(concat("private filesets undecided: whose files are whose is not known for ", list_names(without),
                       h.undecided.empty() ? std::string{} : concat(" (", list_names(h.undecided), ')'),
                       "; what is not proven stays"));
    }
    return;
  }
  if (!c.knows_wpars()) {
    c.note("private filesets: not recorded at this level (WPARs began with 6.1)");
    return;
  }
  // So it is with every image from 6.1 on.
  c.watch(concat("private filesets undecided: nothing in the image proves which filesets are not visible in a WPAR, "
                 "so none is removed",
                 h.candidates.empty() ? std::string{}
                                      : concat(" (candidates, not confirmed: ", list_names(h.candidates, 4), ')')),
          std::string{usual_advice("V23")}, f.swvpd.from[0]);
}

// What every system has, and what is left out, is a note; what ran on the source and will not run in the WPAR is to be
// watched.
void v24(rule_context& c) {
  auto const& f = c.image;
  auto const file = [&](char const* path) -> found_member const* {
    auto const at = f.found.find(path);
    return at != f.found.end() && at->second.size != 0 ? &at->second : nullptr;
  };
  if (auto const* const at = file("etc/exports")) {
    c.watch("/etc/exports: the source was an NFS server, and a WPAR cannot be one",
            "export these directories from another system, and empty /etc/exports in the copy", at->at);
  }
  for (auto const* const path : {"etc/auto_master", "etc/auto.master"}) {
    if (auto const* const at = file(path)) {
      c.warning(concat('/', path, ": AutoFS must not be used in a WPAR, which would not stop cleanly"), at->at).advice =
          "mount these file systems by /etc/filesystems, and remove the map in the copy";
    }
  }
  if (auto const* const at = file("etc/tunables/nextboot")) {
    c.note("/etc/tunables/nextboot: kernel tuning does not count in a WPAR", at->at);
  }
  if (auto const* const at = file("etc/swapspaces")) {
    c.note("/etc/swapspaces: a WPAR has no paging space of its own", at->at);
  }
  auto const cluster = filesets_with(f, "cluster.es");
  if (!cluster.empty()) {
    c.warning(concat("PowerHA SystemMirror does not run in a WPAR: ", list_names(cluster, 4)), f.swvpd.from[0]).advice =
        "the cluster runs on the host; take its start out of /etc/inittab of the copy (--quiesce)";
  }
  auto const gpfs = filesets_with(f, "gpfs.");
  if (!gpfs.empty()) {
    c.warning(concat("kernel extensions of GPFS need an export: ", list_names(gpfs, 4)), f.swvpd.from[0]).advice =
        "mkwpar -X kext=PATH on AIX";
  }
  auto const rsct = filesets_with(f, "rsct.");
  if (!rsct.empty()) {
    c.note(concat("RSCT does not run in a WPAR: ", list_names(rsct, 4)), f.swvpd.from[0]);
  } else if (f.present("var/ct")) {
    c.note("/var/ct: RSCT does not run in a WPAR");
  }
  if (f.present("etc/wlm")) { c.note("/etc/wlm: controls of the workload manager do not count in a WPAR"); }
}

void v26(rule_context& c) {
  if (c.image.tcb_enabled.value_or(false)) {
    c.warning("the trusted computing base is enabled: mkwpar is not supported on such systems", c.image.tcb_from);
  }
}

void v31(rule_context& c) {
  auto const names = filesets_with(c.image, "ios.cli");
  if (names.empty() && !c.image.present("usr/ios")) { return; }
  c.error(concat("a Virtual I/O Server (", names.empty() ? std::string{"members below /usr/ios"} : list_names(names, 4),
                 "): its devices and services have no place in a WPAR"),
          c.image.swvpd.from[0]);
}

void v35(rule_context& c) {
  if (!c.image.inventory) { return; }
  auto const needed = [](std::string_view name) {
    auto const family = [&](std::string_view front) {
      return name.starts_with(front) && (name.size() == front.size() || name[front.size()] == '.');
    };
    return family("bos.rte") || family("bos.mp") || family("bos.mp64") || family("bos.up") || family("bos.64bit") ||
           family("bos.net.tcp");
  };
  // What the host brings is not the image's to be whole.
  auto const counts = [&](std::string_view path) {
    auto const normal = normal_path(path);
    return !c.shared() || (!is_below(normal, "usr") && !is_below(normal, "opt"));
  };
  std::vector<std::string> lacking;
  for (auto const& f : c.image.inventory->filesets) {
    bool const bad = f.what == inventory::state::damaged || f.what == inventory::state::incomplete;
    if (!bad || !needed(f.name)) { continue; }
    std::vector<std::string> files;
    std::copy_if(f.named.begin(), f.named.end(), std::back_inserter(files), counts);
    if (files.empty()) { continue; }
    lacking.push_back(concat(f.name, " is ", to_text(f.what), " (", list_names(files, 3), ')'));
  }
  if (lacking.empty()) { return; }
  c.warning(concat("filesets that a WPAR needs are not whole: ", list_names(lacking, 6)), c.image.swvpd.from[0]);
}

void v32(rule_context& c) {
  if (c.image.savewpar) {
    c.warning("a backup of a WPAR (savewpar): restwpar restores it, a system copy is not what it was made for",
              c.image.image_data.raw.from);
  }
  if (c.image.file_overlay) {
    c.warning("the source has file overlays of a versioned WPAR: parts of its user space belong to another host");
  }
}

}  // namespace sysb::wpar::rule
