// SPDX-License-Identifier: Apache-2.0
// wpar.spec: the stanzas and attributes that IBM documents; what is uncertain goes to mkwpar as a flag, where a
// wrong name fails loudly.
#include "base/text.hpp"
#include "wpar/deploy/deploy.hpp"
#include "wpar/deploy/texts.hpp"

namespace sysb::wpar::deploy {

namespace {

// In a stanza file a value stands between double quotes and ends with its line.
std::string quoted_value(std::string_view text) {
  std::string out{"\""};
  for (auto const c : text) {
    auto const b = static_cast<unsigned char>(c);
    if (b >= 0x20 && b != 0x7f && c != '"' && c != '\\') { out.push_back(c); }
  }
  out.push_back('"');
  return out;
}

void field(std::string& out, std::string_view name, std::string_view value) {
  out += concat('\t', name, " = ", quoted_value(value), "\n");
}

}  // namespace

std::string wpar_spec(request const& r, fs_plan const& plan) {
  std::string out =
      concat("# WPAR specification for ", remark(r.image_name),
             ", written by sysb. NOT TRIED ON AIX.\n"
             "# Proven where it was made: the sizes are planned from what the image holds, see fs.plan.\n"
             "# Only stanzas and attributes that IBM documents; the rest stands in deploy.sh as flags.\n");
  if (!r.name.empty() || !r.hostname.empty()) {
    out += "\ngeneral:\n";
    if (!r.name.empty()) { field(out, "name", r.name); }
    if (!r.hostname.empty()) { field(out, "hostname", r.hostname); }
  }
  if (!r.address.empty()) {
    auto const v6 = r.address.find(':') != std::string::npos;
    out += "\nnetwork:\n";
    field(out, v6 ? "address6" : "address", r.address);
    if (!r.netmask.empty()) { field(out, "netmask", r.netmask); }
    if (!r.prefixlen.empty()) { field(out, "prefixlen", r.prefixlen); }
    if (!r.interface.empty()) { field(out, "interface", r.interface); }
  }
  for (auto const& row : plan.rows) {
    out += "\nmount:\n";
    field(out, "directory", concat('/', row.mount));
    field(out, "vfs", "jfs2");
    field(out, "size", concat(row.blocks()));
    for (auto const& a : row.attributes) {
      if (a.kept && a.name == "logname") { field(out, "logname", a.value); }
    }
  }
  out += "\ncopy_controls:\n";
  field(out, "preserve_private", r.preserves_private() ? "yes" : "no");
  return out;
}

}  // namespace sysb::wpar::deploy
