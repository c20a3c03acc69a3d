// SPDX-License-Identifier: Apache-2.0
// Rules about the members themselves: what is there, what is missing, what does not belong.
#include <algorithm>
#include <array>
#include <vector>

#include "wpar/deploy/fs_plan.hpp"
#include "wpar/file_systems.hpp"
#include "wpar/rules/context.hpp"

namespace sysb::wpar::rule {

namespace {

std::string size_text(subtree_count const& n) {
  return concat(n.members, n.members == 1 ? " member, " : " members, ", human_size(n.bytes));
}

}  // namespace

void v10(rule_context& c) {
  auto const& f = c.image;
  auto const there = [&](std::string_view path) { return f.has(path) || f.present(path); };
  auto const missing = [&](auto const& paths) {
    std::vector<std::string> out;
    for (auto const path : paths) {
      if (!there(path)) { out.push_back(concat("./", path)); }
    }
    return out;
  };
  constexpr std::array<std::string_view, 9> root_parts{
      "etc/objrepos", "etc/passwd", "etc/security", "etc/filesystems", "etc/inittab", "sbin", "var", "home", "tmp"};
  constexpr std::array<std::string_view, 2> usr_parts{"usr/lib/objrepos", "usr/lib/libc.a"};
  auto const root = missing(root_parts);
  if (!root.empty()) { c.error(concat("parts of a root file system that are missing: ", list_names(root, 12))); }
  if (c.shared()) { return; }
  auto const usr = missing(usr_parts);
  if (!usr.empty()) {
    c.error(concat("parts of /usr that a private WPAR needs and that are missing: ", list_names(usr)));
  }
}

void v11(rule_context& c) {
  auto const& f = c.image;
  if (f.wpars.empty() && !f.wpar_database) {
    c.note("the source had no WPARs: whether the image was taken with -G does not matter");
    return;
  }
  std::vector<std::string> empty;
  for (auto const& w : f.wpars) {
    if (!w.usable) {
      c.note(concat("WPAR ", quoted(w.name), " (", w.basis, "): ", w.why_not, "; nothing is left out for it"), w.from);
      continue;
    }
    auto const n = f.count_below(w.base);
    auto const listed =
        std::any_of(f.image_data.file_systems.begin(), f.image_data.file_systems.end(),
                    [&](file_system const& fs) { return fs.mount == w.base || is_below(fs.mount, w.base); });
    if (n.members == 0 && !listed) {
      empty.push_back(w.name);
      continue;
    }
    c.warning(concat("WPAR ", quoted(w.name), " of the source is in the image (taken without -G): /", printable(w.base),
                     ", ", size_text(n), "; it is left out"),
              w.from);
  }
  if (!empty.empty()) {
    c.note(concat("WPARs of the source without content here, compatible with -G: ", list_names(empty)));
  }
  if (f.wpar_database) { c.note("the WPAR database of the source (/etc/wpars, /etc/corrals) is left out"); }
}

void v12(rule_context& c) {
  auto const& f = c.image;
  auto const& k = c.done.kind;
  auto const& fs_file = f.filesystems_file.from;
  if (c.asked.kind == wpar_kind::private_usr && (!k.usr_present || !k.opt_present)) {
    c.error(concat("a private WPAR needs /usr and /opt, and the image has no members below ",
                   !k.usr_present && !k.opt_present ? "either"
                   : !k.usr_present                 ? "/usr"
                                                    : "/opt",
                   ": it was taken with -x, or make it --shared"));
  } else if (k.usr_present != k.opt_present) {
    c.warning(concat(k.usr_present ? "/usr is in the image and /opt is not" : "/opt is in the image and /usr is not",
                     ": the two belong together"));
  }
  if (!c.shared()) { return; }
  if (c.asked.kind == wpar_kind::shared && k.usr_present) {
    c.note(concat("/usr is in the image (", size_text(f.count_below("usr")),
                  ") and is left out: mkwpar itself wants an image taken with -x for a shared WPAR"));
  }
  for (auto const* const top : {"usr", "opt"}) {
    auto const* const fs = f.find_file_system(top);
    if (!f.present(top) && fs != nullptr) {
      c.warning(concat("image.data has a file system /", top,
                       " without a member below it: edited by hand, excluded "
                       "by a pattern, or cut"),
                f.image_data.raw.from);
    } else if (!f.present(top)) {
      auto const stanza =
          std::any_of(f.mounts.begin(), f.mounts.end(), [&](mount_stanza const& m) { return m.mount == top; });
      if (stanza && f.image_data.parsed) {
        c.note(concat('/', top,
                      " was mounted on the source and is neither in image.data nor in the image: taken "
                      "with -x"),
               fs_file);
      }
    }
    for (auto const& mount : f.mounts_below(top)) {
      auto const n = f.count_below(mount);
      if (n.members == 0 || is_kept(c.asked, mount)) { continue; }
      c.warning(concat("file system /", printable(mount), " goes with /", top, " (", size_text(n), "); --keep /",
                       printable(mount), " keeps it"),
                f.find_file_system(mount) != nullptr ? f.image_data.raw.from : fs_file);
    }
  }
}

void v13(rule_context& c) {
  auto const& f = c.image;
  if (f.image_data.file_systems.empty()) { return; }
  std::vector<std::string> empty;
  for (auto const& fs : f.image_data.file_systems) {
    auto const others = fs.mount == "usr" || fs.mount == "opt" ||    // V12's, and V11's
                        deploy::is_standby_instance(f, fs.mount) ||  // V16's
                        std::any_of(f.wpars.begin(), f.wpars.end(), [&](wpar_definition const& w) {
                          return w.usable && (fs.mount == w.base || is_below(fs.mount, w.base));
                        });
    if (!others && f.count_in_file_system(fs.mount).members == 0) { empty.push_back(concat('/', fs.mount)); }
  }
  if (!empty.empty()) {
    c.warning(concat("file systems of image.data without a member: ", list_names(empty)), f.image_data.raw.from);
  }
  auto const plan = deploy::plan_file_systems(f, c.asked, c.done.kind.kind);
  for (auto const& text : plan.contradictions) { c.warning(text, f.image_data.raw.from); }
}

void v15(rule_context& c) {
  auto const& f = c.image;
  if (f.exclude_patterns.empty()) { return; }
  std::vector<std::string> severe;
  std::vector<std::string> useless;
  for (auto const& p : f.exclude_patterns) {
    auto bare = std::string_view{p};
    if (!bare.empty() && bare.front() == '^') { bare.remove_prefix(1); }
    if (bare.substr(0, 2) == "./") { bare.remove_prefix(1); }
    if (bare.substr(0, 5) == "/etc/" || bare.substr(0, 5) == "/usr/" || bare == "/etc" || bare == "/usr") {
      severe.push_back(p);
    }
    // A plain directory can be held against the members; other grep patterns cannot cheaply.
    auto const plain = p.substr(0, 3) == "^./" && p.back() == '/' && p.find_first_of("*[]$\\", 1) == std::string::npos;
    if (plain && f.present(normal_path(p.substr(1)))) { useless.push_back(p); }
  }
  if (!severe.empty()) {
    c.warning(concat("/etc/exclude.rootvg has patterns for /etc or /usr: ", list_names(severe),
                     "; if the image was taken with -e, parts of the system are missing"),
              f.exclude_rootvg.from);
  }
  if (!useless.empty()) {
    c.note(concat("members match these patterns of /etc/exclude.rootvg, so -e was not used with them: ",
                  list_names(useless)),
           f.exclude_rootvg.from);
  } else {
    c.note(concat("/etc/exclude.rootvg has ", std::uint64_t{f.exclude_patterns.size()},
                  " patterns; whether -e was used is not recorded: ", list_names(f.exclude_patterns)),
           f.exclude_rootvg.from);
  }
}

void v20(rule_context& c) {
  auto const& f = c.image;
  if (f.with_acl != 0 || f.acl_extended != 0 || f.opaque != 0) { return; }
  std::vector<std::string> v2;
  for (auto const& fs : f.image_data.file_systems) {
    auto const at = fs.attributes.find("FS_JFS2_EAFORMAT");
    if (at != fs.attributes.end() && at->second == "v2") { v2.push_back(concat('/', fs.mount)); }
  }
  if (!v2.empty()) {
    c.warning(concat("no member has an ACL or attributes, though these file systems can hold them: ", list_names(v2),
                     "; perhaps taken with -a"),
              f.image_data.raw.from);
  }
}

void v21(rule_context& c) {
  auto const& f = c.image;
  if (f.long_names != 0) { c.warning(concat(counted(f.long_names, "name", "names"), " of more than 256 bytes")); }
  if (f.unsafe_names != 0) {
    c.warning(concat(counted(f.unsafe_names, "name", "names"), " with a \"..\" component, never written"));
  }
  if (f.non_ascii_names != 0) {
    c.warning(concat(counted(f.non_ascii_names, "name", "names"),
                     " outside ASCII; IBM's restrictions page wants letters, digits and underscores in a WPAR"));
  }
  if (f.files_2gib != 0) {
    c.note(
        concat(counted(f.files_2gib, "file", "files"), " of 2 GiB and more, the largest ", human_size(f.largest_file)));
  }
  if (f.link_names != 0) { c.note(concat(counted(f.link_names, "name", "names"), " of files with hard links")); }
}

void v22(rule_context& c) {
  auto const& n = c.image.elsewhere;
  if (n.devices != 0) { c.warning(concat(counted(n.devices, "device node", "device nodes"), ", left out")); }
  if (n.sockets != 0) { c.warning(concat(counted(n.sockets, "socket", "sockets"), ", left out")); }
  if (n.fifos != 0) { c.note(concat(counted(n.fifos, "FIFO", "FIFOs"), ", kept")); }
}

void v27(rule_context& c) {
  auto const& f = c.image;
  if (c.shared()) { return; }  // the host's /usr brings its own
  if (!f.wparconvert.empty()) {
    std::vector<std::string> names;
    for (auto const& path : f.wparconvert) { names.push_back(concat('/', path)); }
    c.note(concat(std::uint64_t{names.size()},
                  " programs that AIX runs at the first start of the WPAR: ", list_names(names)));
    return;
  }
  c.warning(f.wparconvert_dir ? "/usr/lib/wpars/wparconvert.d has no programs: the first start converts nothing"
                              : "no /usr/lib/wpars/wparconvert.d: the conversion at first start will come only after "
                                "the level is raised");
}

}  // namespace sysb::wpar::rule
