// SPDX-License-Identifier: Apache-2.0
// The files that AIX reads: image.data, the specification, the script.
#include "wpar/side_files.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "formats/stanza/stanza.hpp"
#include "wpar/file_systems.hpp"

namespace sysb::wpar {

namespace {

// For a POSIX shell: any byte but NUL stands for itself between single quotes.
std::string sh(std::string_view text) {
  std::string out{"'"};
  for (auto const c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else if (c != '\0') {
      out.push_back(c);
    }
  }
  out.push_back('\'');
  return out;
}

// For a comment line: nothing that ends it.
std::string remark(std::string_view text) { return printable(text); }

// In a stanza file a value stands between double quotes; names that pass rule V28 have none.
std::string stanza_value(std::string_view text) {
  std::string out;
  for (auto const c : text) {
    if (c != '"' && c != '\n' && c != '\r' && c != '\0') { out.push_back(c); }
  }
  return out;
}

}  // namespace

std::string reduced_image_data(facts const& f, request const& r, assessment const& a) {
  auto const& d = f.image_data;
  if (!d.raw.readable() || !d.parsed) { return {}; }
  auto const kept = pair_file_systems(f, r, a.kind.kind).kept;
  std::vector<stanza::fault> ignored;
  auto doc = stanza::document::parse(d.raw.text, ignored);
  std::vector<std::size_t> gone;
  for (std::size_t i = 0; i < doc.stanzas().size(); ++i) {
    auto const& name = doc.stanzas()[i].name;
    if (name != "fs_data" && name != "lv_data") { continue; }
    if (std::none_of(kept.begin(), kept.end(),
                     [&](auto const& p) { return p.first->stanza == i || p.second->stanza == i; })) {
      gone.push_back(i);
    }
  }
  for (auto at = gone.rbegin(); at != gone.rend(); ++at) { doc.remove(*at); }
  // A shared .bff has no SWVPD of /usr any more: the level must stand here.
  if (a.source.value && !parse_level(d.oslevel)) {
    auto const at = doc.find_all("image_data");
    if (!at.empty()) { doc.set(at.front(), "OSLEVEL", a.source.value->vrmf_text()); }
  }
  return doc.to_text();
}

std::string wpar_spec(request const& r) {
  std::string out =
      concat("# WPAR specification for ", remark(r.image_name), ", written by sysb. Not tried on AIX.\n",
             "# Only stanzas and attributes that IBM documents; the rest stands in deploy.sh as flags.\n");
  if (!r.name.empty()) { out += concat("\ngeneral:\n\tname = \"", stanza_value(r.name), "\"\n"); }
  out += concat("\ncopy_controls:\n\tpreserve_private = \"", r.preserves_private() ? "yes" : "no", "\"\n");
  return out;
}

namespace {

struct unpacker {
  std::string_view format;
  std::string_view command;    // reads the archive from standard input, in the target directory
  std::string_view from_file;  // what to add where $image can be read as it is
  std::string_view needs;
};
constexpr std::array<unpacker, 4> unpackers{{
    {"pax", "pax -r -p e", " -f \"$image\"", "pax of AIX"},
    {"ustar", "pax -r -p e", " -f \"$image\"", "pax of AIX"},
    {"gnutar", "/opt/freeware/bin/tar -xpf - --numeric-owner", " < \"$image\"", "GNU tar of the AIX Toolbox"},
    {"newc", "/opt/freeware/bin/cpio -idmu --numeric-uid-gid", " < \"$image\"",
     "GNU cpio of the AIX Toolbox (AIX's own cannot read newc)"},
}};

// A pipeline has the status of its last command only: a mark says that the first one came to its
// end. What the unpacker leaves unread is read, or the first one would die of it.
std::string piped(std::string_view from, std::string_view to) {
  return concat("whole=/wpars/.$name.whole\nrm -f \"$whole\"\n{ ", from, " && touch \"$whole\"; } | { ", to,
                " && cat > /dev/null; }\n[ -e \"$whole\" ] || { echo \"$image: could not be read to "
                "its end\" >&2; exit 1; }\nrm -f \"$whole\"\n");
}

std::string_view decompressor(std::string_view compression) noexcept {
  if (compression == "gzip") { return "gzip -dc"; }
  if (compression == "xz") { return "xz -dc"; }
  if (compression == "zstd") { return "zstd -dc"; }
  return {};
}

std::string host_flag(request const& r) { return r.hostname.empty() ? std::string{} : concat(" -h ", sh(r.hostname)); }

void put_file_systems(std::string& out, facts const& f, request const& r, assessment const& a) {
  auto all = pair_file_systems(f, r, a.kind.kind).kept;
  std::sort(all.begin(), all.end(), [](auto const& x, auto const& y) { return x.first->mount < y.first->mount; });
  if (std::none_of(all.begin(), all.end(), [](auto const& p) { return p.first->mount.empty(); })) {
    out +=
        "# image.data has no pair of file system and logical volume for /: make file systems by hand, "
        "mounted\n"
        "# at $base, and unpack there.\n";
    return;
  }
  out += "# File systems of the sizes that the source had, in 512-byte blocks.\n";
  for (auto const& [fs, lv] : all) {
    auto const at = fs->mount.empty() ? std::string{"\"$base\""} : concat("\"$base\"/", sh(fs->mount));
    if (!fs->mount.empty()) { out += concat("mkdir -p ", at, "\n"); }
    auto const blocks = fs->size / 512;
    if (blocks == 0) { out += "# image.data does not tell the size of the next one: add -a size=.\n"; }
    out += concat("crfs -v jfs2 -g \"$vg\" -m ", at, blocks == 0 ? "" : concat(" -a size=", blocks), " -A no -p rw\n",
                  "mount ", at, "\n");
  }
}

void put_populated(std::string& out, facts const& f, request const& r, assessment const& a) {
  out +=
      "base=/wpars/$name\nvg=${VG:-rootvg}\n\nmkdir -p /wpars \"$base\"\nchmod 700 /wpars\nchmod 755 "
      "\"$base\"\n";
  put_file_systems(out, f, r, a);
  out += "\ncd \"$base\"\n";
  auto const* const tool =
      std::find_if(unpackers.begin(), unpackers.end(), [&](unpacker const& u) { return u.format == r.format; });
  if (r.target == target_kind::tree) {
    out += "# The tree, copied to this host with owners and times (numeric ids).\n";
    out += piped("(cd \"$image\" && pax -w -x pax .)", "pax -r -p e");
  } else {
    auto const unpack = decompressor(r.compression);
    out +=
        concat("# Needs ", tool->needs,
               r.compression == "xz" || r.compression == "zstd" ? concat(" and ", r.compression, " of the AIX Toolbox")
                                                                : std::string{},
               ".\n");
    out += unpack.empty() ? concat(tool->command, tool->from_file, "\n")
                          : piped(concat(unpack, " \"$image\""), tool->command);
  }
  out += concat("\n# File systems that exist and are populated: documented for those that rmwpar -p leaves.\n",
                "mkwpar -p \"$name\" -f \"$here/wpar.spec\"", a.kind.kind == wpar_kind::shared ? "" : " -l",
                host_flag(r), "\n");
}

void put_image(std::string& out, facts const& f, request const& r, assessment const& a) {
  out += concat("mkwpar -t -B \"$image\" -n \"$name\" -f \"$here/wpar.spec\"",
                !reduced_image_data(f, r, a).empty() ? " -L image_data=\"$here/image.data\"" : "",
                a.kind.kind == wpar_kind::shared ? "" : " -l", r.preserves_private() ? " -T preserve_private=yes" : "",
                host_flag(r), "\n");
}

void put_level_step(std::string& out, assessment const& a) {
  auto const sync = a.kind.kind == wpar_kind::shared ? "syncwpar \"$name\"\n" : "syncwpar -D \"$name\"\n";
  if (!a.host) {
    out += concat("# The level of this host was not given to sysb (--host-level). The image is at ",
                  remark(a.source.text()), ".\n# Where the host is later, before the first start:\n# ", sync);
  } else {
    out += concat("# ", remark(a.host->text), ".\n");
    switch (a.host->action) {
      case host_action::none: break;
      case host_action::syncwpar: out += sync; break;
      case host_action::migwpar:
        out += concat("migwpar \"$name\"\n# or, as the system copy page says:\n# ", sync);
        break;
      case host_action::unknown: out += concat("# Where the host is later, before the first start:\n# ", sync); break;
      case host_action::too_new: break;  // left before
    }
  }
  out += "\n# AIX runs /usr/lib/wpars/wparconvert.d at the first start.\nstartwpar \"$name\"\n";
}

}  // namespace

std::string deploy_script(facts const& f, request const& r, assessment const& a) {
  std::string out = concat("#!/usr/bin/ksh\n# Makes a ", to_text(a.kind.kind), " system copy WPAR of ",
                           remark(r.image_name), " (level ", remark(a.source.text()),
                           "), written by sysb.\n# NOT TRIED ON AIX: read it before it runs. As root, on the host:\n");
  auto const known_format =
      r.target == target_kind::tree || r.target == target_kind::bff ||
      std::any_of(unpackers.begin(), unpackers.end(), [&](unpacker const& u) { return u.format == r.format; });
  out += concat("#   ksh deploy.sh ", r.name.empty() ? "NAME" : "[NAME]", " [OUTPUT]\nset -e\n\n");
  if (a.host && a.host->action == host_action::too_new) {
    out += concat("echo ", sh(a.host->text), " >&2\nexit 1\n");
    return out;
  }
  if (!known_format) {
    out +=
        concat("echo ", sh(concat("the output (", r.format.empty() ? "none" : r.format, ") holds no WPAR to deploy")),
               " >&2\nexit 1\n");
    return out;
  }
  out += "here=$(cd \"$(dirname \"$0\")\" && pwd)\n";
  out +=
      r.name.empty() ? "name=${1:?the name of the WPAR}\n" : concat("name=", sh(r.name), "\n[ $# -lt 1 ] || name=$1\n");
  out += concat("image=$here/../", sh(r.output_name), "\n[ $# -lt 2 ] || image=$2\n",
                "case $image in /*) ;; *) image=$PWD/$image ;; esac\n",
                "[ -r \"$image\" ] || { echo \"$image: cannot be read\" >&2; exit 1; }\n\n");
  if (r.target == target_kind::bff) {
    put_image(out, f, r, a);
  } else {
    put_populated(out, f, r, a);
  }
  out += "\n";
  put_level_step(out, a);
  return out;
}

std::vector<side_file> make_side_files(facts const& f, request const& r, assessment const& a,
                                       plan_totals const& totals) {
  std::vector<side_file> out;
  if (auto text = reduced_image_data(f, r, a); !text.empty()) { out.push_back({"image.data", std::move(text), 0644}); }
  out.push_back({"wpar.spec", wpar_spec(r), 0644});
  out.push_back({"deploy.sh", deploy_script(f, r, a), 0755});
  out.push_back({"report.json", report_json(f, r, a, totals), 0644});
  out.push_back({"report.txt", report_text(f, r, a, totals), 0644});
  return out;
}

}  // namespace sysb::wpar
