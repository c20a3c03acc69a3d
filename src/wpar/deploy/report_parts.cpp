// SPDX-License-Identifier: Apache-2.0
#include "wpar/deploy/report_parts.hpp"

#include "base/text.hpp"
#include "wpar/deploy/self_starters.hpp"
#include "wpar/deploy/texts.hpp"

namespace sysb::wpar::deploy {

namespace {

// For a command line that a person copies.
std::string word(std::string_view text, std::string_view otherwise) {
  return text.empty() ? std::string{otherwise} : printable(shell_word(text));
}

}  // namespace

std::vector<step> steps_on_aix(facts const& f, request const& r, assessment const& a, fs_plan const& plan) {
  std::vector<step> out;
  auto const name = word(r.name, "NAME");
  auto const folder = word(concat(r.output_name, ".d"), "OUT.d");
  auto const obstacles = !script_obstacles(r, a, plan).empty();
  if (r.target != target_kind::bff) {
    out.push_back({"The way that loses nothing is the .bff: the whole image again, given to mkwpar -t -B",
                   concat("sysb wpar ", word(r.image_name, "IMAGE"),
                          a.kind.kind == wpar_kind::shared ? " --shared" : "", " -o NAME.bff        (on Linux)")});
  }
  out.push_back({"Bring the output and the folder beside it to the host, with their names", ""});
  if (obstacles) {
    out.push_back({"deploy.sh only explains why it is not safe here", concat("ksh ", folder, "/deploy.sh")});
    return out;
  }
  out.push_back({"Look whether the host is ready; nothing is changed", concat("ksh ", folder, "/deploy.sh ", name)});
  out.push_back(
      {"Make the WPAR; a journal says how to go on or back", concat("ksh ", folder, "/deploy.sh --yes ", name)});
  if (r.target == target_kind::tree) {
    out.push_back({"Owners, modes and access control lists come from metadata.list (deploy.sh runs this)",
                   concat("ksh ", folder, "/restore-metadata.sh /wpars/", name)});
  }
  if (!a.host || a.host->action != host_action::none) {
    auto const shared = a.kind.kind == wpar_kind::shared;
    out.push_back({a.host ? concat("Raise the level before the first start: ", printable_text(a.host->text))
                          : std::string{"Where the host is later, raise the level before the first start"},
                   concat(shared ? "syncwpar " : "syncwpar -D -d MEDIA ", name, "   or   migwpar -d MEDIA ", name,
                          "   (which one is not known here)")});
  }
  if (!f.ssh_host_keys.empty()) {
    out.push_back({"Give the copy SSH host keys of its own", concat("rm /wpars/", name, "/etc/ssh/ssh_host_*")});
  }
  if (r.address.empty()) {
    out.push_back({"Give it an address", concat("chwpar -N address=A netmask=M interface=I ", name)});
  }
  out.push_back({"Start it; AIX converts it then", concat("startwpar ", name)});
  out.push_back({"Look at it", concat("lswpar -L ", name)});
  return out;
}

std::vector<result::loss> losses(request const& r, result const& done) {
  auto out = done.losses;
  auto const& m = done.members;
  if (r.target == target_kind::archive && m.with_acl() != 0) {
    out.push_back({"",
                   concat(m.with_acl(),
                          " access control lists: AIX's pax does not know the attributes that hold them; "
                          "restore-metadata.sh sets them with aclput"),
                   1});
  }
  if (r.target == target_kind::tree && m.with_acl() != 0) {
    out.push_back({"", concat(m.with_acl(), " access control lists: restore-metadata.sh sets them with aclput"), 1});
  }
  if (r.target == target_kind::tree && !done.privileged) {
    out.push_back({"",
                   concat("owners, and ", m.set_id(),
                          " set-id modes: the tree was made without root; restore-metadata.sh sets them"),
                   1});
  }
  if (r.target != target_kind::bff && m.opaque() != 0) {
    out.push_back({"",
                   concat("blocks of ", m.opaque(),
                          " members that nobody knows (extended attributes, NFS4 lists): only a .bff keeps them"),
                   1});
  }
  return out;
}

std::vector<installed_fileset const*> rows_without_files(facts const& f) {
  std::vector<installed_fileset const*> out;
  for (auto const& p : f.hidden.filesets) {
    for (auto const& x : f.swvpd.filesets) {
      if (x.name == p.name && p.parts[static_cast<std::size_t>(x.part)]) { out.push_back(&x); }
    }
  }
  return out;
}

void put_self_starters(std::string& out, facts const& f, request const& r) {
  for (auto const& s : find_self_starters(f)) {
    out += concat("- starts or speaks by itself: ", s.kind, ", /", printable(s.path), ": ", printable(s.what),
                  !s.can_quiesce ? ""
                  : r.quiesce    ? " (disabled by --quiesce)"
                                 : " (--quiesce disables it)",
                  "\n");
  }
}

}  // namespace sysb::wpar::deploy
