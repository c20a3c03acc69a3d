// SPDX-License-Identifier: Apache-2.0
// Rules about the members themselves: what is there, what is missing, what does not belong.
#include <algorithm>
#include <array>
#include <vector>

#include "wpar/deploy/fs_plan.hpp"
#include "wpar/file_system_counts.hpp"
#include "wpar/file_systems.hpp"
#include "wpar/rules/context.hpp"

namespace sysb::wpar::rule {

namespace {

std::string size_text(subtree_count const& n) {
  return concat(n.members, n.members == 1 ? " member, " : " members, ", human_size(n.bytes));
}

bool has_long_component(std::string_view path) noexcept {
  while (!path.empty()) {
    auto const slash = path.find('/');
    if (std::min(slash, path.size()) > longest_component) { return true; }
    path = slash == std::string_view::npos ? std::string_view{} : path.substr(slash + 1);
  }
  return false;
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
  file_system_counts const counts{f};
  for (auto const& fs : f.image_data.file_systems) {
    auto const others = fs.mount == "usr" || fs.mount == "opt" ||  // V12's, and V11's
                        is_standby_instance(fs.mount) ||           // V16's
                        std::any_of(f.wpars.begin(), f.wpars.end(), [&](wpar_definition const& w) {
                          return w.usable && (fs.mount == w.base || is_below(fs.mount, w.base));
                        });
    if (!others && counts.of(fs.mount).members == 0) { empty.push_back(concat('/', fs.mount)); }
  }
  if (!empty.empty()) {
    c.warning(concat("file systems of image.data without a member: ", list_names(empty)), f.image_data.raw.from);
  }
  auto const plan = deploy::plan_file_systems(f, c.asked, c.done.kind.kind);
  for (auto const& text : plan.contradictions) { c.warning(text, f.image_data.raw.from); }
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
  // Without a name the longest one counts.
  auto const base = c.asked.name.empty() ? longest_base : c.asked.name.size() + std::string_view{"/wpars//"}.size();
  noted_names longer;
  longer.count = f.long_names.count - f.long_names.names.size();
  noted_names component = longer;
  for (auto const& name : f.long_names.names) {
    auto const too_long = base + name.size() > longest_path;
    auto& list = too_long ? longer : component;
    if (too_long || has_long_component(name)) {
      ++list.count;
      list.names.push_back(name);
    }
  }
  if (!longer.names.empty()) {
    c.warning(concat(counted(longer.count, "path", "paths"), " of more than ", std::uint64_t{longest_path},
                     " bytes, which AIX refuses, with /wpars/", c.asked.name.empty() ? "NAME" : printable(c.asked.name),
                     " before ", longer.count == 1 ? "it" : "them", ": ", list_five(longer)))
        .names = longer.names;
  }
  if (!component.names.empty()) {
    c.warning(concat(counted(component.count, "name", "names"), " with a part of more than ",
                     std::uint64_t{longest_component},
                     " bytes, which no file system of AIX holds: ", list_five(component)))
        .names = component.names;
  }
  if (f.unsafe_names.count != 0) {
    c.warning(concat(counted(f.unsafe_names.count, "name", "names"),
                     " with a \"..\" component, never written: ", list_five(f.unsafe_names)))
        .names = f.unsafe_names.names;
  }
  if (f.non_ascii_names.count != 0) {
    c.note(
         concat(counted(f.non_ascii_names.count, "name", "names"),
                " outside ASCII, kept byte for byte; IBM's restrictions page wants letters, digits and underscores in "
                "a WPAR: ",
                list_five(f.non_ascii_names)))
        .names = f.non_ascii_names.names;
  }
  if (f.files_2gib != 0) {
    c.note(
        concat(counted(f.files_2gib, "file", "files"), " of 2 GiB and more, the largest ", human_size(f.largest_file)));
  }
  if (f.link_names != 0) { c.note(concat(counted(f.link_names, "name", "names"), " of files with hard links")); }
}

void v22(rule_context& c) {
  auto const& f = c.image;
  auto const& n = f.elsewhere;
  // A program in a changed root (named, sftp) misses its /dev/null.
  if (n.devices != 0) {
    c.warning(concat(counted(n.devices, "device node", "device nodes"), " outside /dev, left out",
                     f.device_nodes.names.empty() ? "" : ": ", list_five(f.device_nodes)))
        .names = f.device_nodes.names;
  }
  if (n.sockets != 0) {
    c.note(concat(counted(n.sockets, "socket", "sockets"), ", left out; programs make them anew",
                  f.socket_names.names.empty() ? "" : ": ", list_five(f.socket_names)))
        .names = f.socket_names.names;
  }
  if (n.fifos != 0) { c.note(concat(counted(n.fifos, "FIFO", "FIFOs"), ", kept")); }
}

// Images from before the programs came (6.1 TL8, 7.1 TL2) cannot have any.
void v27(rule_context& c) {
  auto const& f = c.image;
  if (c.shared()) { return; }  // the host's /usr brings its own
  if (!f.wparconvert.empty()) {
    std::vector<std::string> names;
    for (auto const& path : f.wparconvert) { names.push_back(concat('/', path)); }
    c.note(concat(counted(names.size(), "program", "programs"),
                  " that AIX runs at the first start of the WPAR: ", list_names(names)))
        .names = f.wparconvert;
    return;
  }
  auto const& l = c.done.source.value;
  auto const before = !c.knows_wpars() || (l && l->technology_level() &&
                                           ((l->version() == 6 && *l->technology_level() < 8) ||
                                            (l->version() == 7 && l->release() == 1 && *l->technology_level() < 2)));
  auto const text = f.wparconvert_dir
                        ? std::string{"/usr/lib/wpars/wparconvert.d has no programs: the first start converts nothing"}
                        : std::string{
                              "no /usr/lib/wpars/wparconvert.d: the conversion at first start will come only "
                              "after the level is raised"};
  if (before) {
    c.note(concat(text, ", as in every image of this level"));
  } else {
    c.warning(text);
  }
}

}  // namespace sysb::wpar::rule
