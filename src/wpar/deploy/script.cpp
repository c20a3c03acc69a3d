// SPDX-License-Identifier: Apache-2.0
// deploy.sh: the values that the templates take.
#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "wpar/deploy/deploy.hpp"
#include "wpar/deploy/host.hpp"
#include "wpar/deploy/texts.hpp"

namespace sysb::wpar::deploy {

namespace {

struct unpacker {
  std::string_view format, command;
};
constexpr std::array<unpacker, 4> unpackers{{{"pax", "pax"}, {"ustar", "pax"}, {"gnutar", "tar"}, {"newc", "cpio"}}};

std::string_view unpacker_of(request const& r) noexcept {
  if (r.target == target_kind::tree) { return "pax"; }
  auto const at =
      std::find_if(unpackers.begin(), unpackers.end(), [&](unpacker const& u) { return u.format == r.format; });
  return at == unpackers.end() ? std::string_view{} : at->command;
}

// As the script checks names: what mkwpar refuses, and what a shell would look at twice.
bool script_takes_name(std::string_view name) noexcept {
  constexpr std::string_view also{"_@%#-"};
  return !name.empty() && name.size() <= 25 && name.front() != '-' && name.front() != '0' &&
         std::all_of(name.begin(), name.end(), [&](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  also.find(c) != std::string_view::npos;
         });
}

// What the script would miss on the host, by the tools that collect-host.sh has found there.
void put_missing_tools(request const& r, std::vector<std::string>& out) {
  auto const& there = r.host->tools;
  if (there.empty()) { return; }  // it told nothing of them: the script looks by itself
  auto const need = [&](std::string_view name) {
    if (there.count(name) == 0) { out.push_back(concat("The host has no ", name, '.')); }
  };
  need("mkwpar");
  need("lswpar");
  need("rmwpar");
  if (r.target == target_kind::bff) { return; }
  for (auto const* const name : {"crfs", "rmfs", "aclput"}) { need(name); }
  auto const freeware = [&](std::string_view name) { return there.count(concat("freeware-", name)) != 0; };
  auto const unpack = unpacker_of(r);
  if (unpack == "pax") {
    need("pax");
  } else if (!unpack.empty() && !freeware(unpack)) {
    out.push_back(concat("The host has no /opt/freeware/bin/", unpack,
                         " (AIX Toolbox): make the output as .tar, .tar.gz or .bff, AIX unpacks those itself."));
  }
  auto const& pack = r.compression;
  if (r.target != target_kind::archive || pack.empty() || pack == "none") { return; }
  if (pack == "gzip") {
    need("gzip");
  } else if (there.count(pack) == 0 && !freeware(pack)) {
    out.push_back(concat("The host has no ", pack, ": make the output as .tar.gz, gzip is part of AIX."));
  }
}

std::string digits(std::uint32_t v) { return v < 10 ? concat(std::uint64_t{v}) : std::string{"9"}; }

// The beginning of what `oslevel -s` prints: "7200-05", "7200-05-03"; without a technology level "5100".
std::string oslevel_text(level const& l) {
  if (l.notation == level_notation::technology) { return l.text; }
  if (l.technology_level()) { return l.technology_text(); }
  return concat(digits(l.version()), digits(l.release()), digits(l.fields[2]), "0");
}

std::string image_level_text(level_decision const& d) {
  if (d.value) { return d.value->technology_level() ? d.value->technology_text() : oslevel_text(*d.value); }
  if (d.coarse) { return concat(digits(d.coarse->version), digits(d.coarse->release), "00"); }
  return {};
}

std::string file_systems(fs_plan const& plan) {
  std::string out;
  for (auto const& row : plan.rows) {
    out += concat("  \"$1\" ", shell_word(row.mount), ' ', row.blocks());
    for (auto const& a : row.attributes) {
      if (a.kept) { out += concat(" -a ", shell_word(concat(a.name, '=', a.value))); }
    }
    out += "\n";
  }
  return out;
}

std::string mounts_back(fs_plan const& plan) {
  std::string out;
  for (auto at = plan.rows.rbegin(); at != plan.rows.rend(); ++at) {
    out += concat("  \"$1\" ", shell_word(at->mount), "\n");
  }
  return out;
}

std::string mkwpar_flags(request const& r, assessment const& a, bool has_image_data) {
  std::string out;
  if (r.target == target_kind::bff) {
    out = "-t -B \"$image\" -n \"$name\" -f \"$here/wpar.spec\" -g \"$vg\"";
    if (has_image_data) { out += " -L \"image_data=$here/image.data\""; }
    if (r.preserves_private()) { out += " -T preserve_private=yes"; }
  } else {
    out = "-p \"$name\" -f \"$here/wpar.spec\"";
  }
  if (a.kind.kind == wpar_kind::private_usr) { out += " -l"; }
  if (!r.hostname.empty()) { out += concat(" -h ", shell_word(r.hostname)); }
  return out;
}

std::string level_steps(assessment const& a) {
  auto const shared = a.kind.kind == wpar_kind::shared;
  std::string out;
  auto const line = [&](std::string_view text) { out += concat("  say \"  ", text, "\"\n"); };
  if (a.host) { out += concat("  say ", shell_word(concat("  (", printable_text(a.host->text), ")")), "\n"); }
  line(shared ? "syncwpar $name                 (from the installed host; the system copy page)"
              : "syncwpar -D -d MEDIA $name     (MEDIA: the host's installation images; the system copy page)");
  line("migwpar -d MEDIA $name         (from release 6 to 7; messages of syncroot name it)");
  line("Which one is right for this image is not known here: ask IBM, or try it with a copy that may be lost.");
  return out;
}

}  // namespace

std::string proven_text(facts const& f, request const& r, result const& done) {
  auto out = concat("the checksum of every header of the image");
  if (f.packed != 0) {
    out += done.content_verified ? concat(" and the content of its packed members (", f.packed, ')')
                                 : concat(", not the content of its packed members (", f.packed, ", see --verify)");
  }
  out += "; files that are not packed have no checksum in an image";
  if (r.target != target_kind::tree && done.output_cksum) { out += "; the checksum of the output is told below"; }
  return out;
}

std::vector<std::string> script_obstacles(request const& r, assessment const& a, fs_plan const& plan) {
  auto out = plan.no_script;
  if (a.host && a.host->action == host_action::too_new) { out.push_back(a.host->text); }
  auto const deployable = r.target == target_kind::tree || r.target == target_kind::bff || !unpacker_of(r).empty();
  if (!deployable) { out.push_back(concat("The output (", r.format, ") holds no WPAR to deploy.")); }
  if (a.what == copy_class::package || a.what == copy_class::user_vg) {
    out.push_back(concat("The image is no system (", to_text(a.what), ")."));
  }
  if (!r.name.empty() && !script_takes_name(r.name)) {
    out.push_back(concat("The name ", quoted(r.name), " is none that mkwpar takes."));
  }
  if (r.host) {
    if (r.host->wpars.count(r.name) != 0) {
      out.push_back(concat("The host has a WPAR ", quoted(r.name), " already."));
    }
    if (r.host->find_group(r.vg) == nullptr && r.host->tells("lsvg")) {
      out.push_back(concat("The host has no active volume group ", quoted(r.vg), " (--vg names another one)."));
    }
    put_missing_tools(r, out);
    auto const& usage = r.host->mkwpar_usage;
    auto const flag = r.target == target_kind::bff ? std::string_view{"-t"} : std::string_view{"-p"};
    if (!usage.empty() && usage.find(flag) == std::string::npos) {
      out.push_back(concat("mkwpar of the host does not know ", flag, "."));
    }
    if (unpacker_of(r) == "pax" && r.host->pax_ok == std::optional{false}) {
      out.push_back("pax of the host does not unpack what it packed itself.");
    }
  }
  if (r.output_name.find('\n') != std::string::npos) { out.push_back("The output has a newline in its name."); }
  return out;
}

std::string deploy_script(facts const& f, request const& r, assessment const& a, fs_plan const& plan,
                          result const& done) {
  values common{{"IMAGE_REMARK", remark(r.image_name)},
                {"LEVEL_REMARK", remark(a.source.text())},
                {"PROVEN_REMARK", remark(proven_text(f, r, done), 600)},
                {"KIND_WORD", std::string{to_text(a.kind.kind)}}};
  auto const obstacles = script_obstacles(r, a, plan);
  if (!obstacles.empty()) {
    std::string why;
    for (auto const& o : obstacles) { why += concat(why.empty() ? "" : "\n", "- ", printable_text(o)); }
    common["WHY"] = why;
    return fill(refuse_sh, common);
  }
  auto const to_bff = r.target == target_kind::bff;
  auto const has_image_data = !reduced_image_data(f, a, plan).empty();
  auto const tree = r.target == target_kind::tree;
  auto v = std::move(common);
  v["ROUTE"] = to_bff ? "image" : tree ? "tree" : "archive";
  v["NAME"] = shell_word(r.name);
  v["HOST_LEVEL"] = shell_word(r.host_level ? oslevel_text(*r.host_level) : std::string{});
  v["IMAGE_LEVEL"] = shell_word(image_level_text(a.source));
  v["OUTPUT"] = shell_word(r.output_name);
  v["CHECKSUM"] = shell_word(done.output_cksum ? concat(std::uint64_t{*done.output_cksum}) : std::string{});
  v["SIZE"] = concat(done.output_size);
  v["MEMBERS"] = concat(done.members.found_lines());
  v["UNPACKER"] = to_bff ? "none" : std::string{unpacker_of(r)};
  v["PACKER"] = to_bff || tree || r.compression.empty() ? "none" : r.compression;
  v["VG"] = shell_word(r.vg);
  v["FILE_SYSTEMS"] = file_systems(plan);
  v["MOUNTS_BACK"] = mounts_back(plan);
  v["MKWPAR_FLAGS"] = mkwpar_flags(r, a, has_image_data);
  v["LEVEL_STEPS"] = level_steps(a);
  v["SIDE_FILES"] = !to_bff ? "restore-metadata.sh metadata.list" : has_image_data ? "image.data" : "";
  // The parts are texts of our own with places in them; what is filled in is not looked through again.
  v["PREFLIGHT"] = fill(preflight_sh, v);
  v["STEPS"] = fill(steps_sh, v);
  v["UNDO"] = fill(undo_sh, v);
  return fill(deploy_sh, v);
}

}  // namespace sysb::wpar::deploy
