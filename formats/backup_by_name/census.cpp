// SPDX-License-Identifier: Apache-2.0
// What the image decided, once per archive.
#include "base/text.hpp"
#include "formats/backup_by_name/diagnostics.hpp"
#include "formats/backup_by_name/reader.hpp"

namespace sysb::backup_by_name {
namespace {

std::string summary(std::map<std::uint32_t, std::uint64_t> const& counts) {
  std::string out;
  for (auto const& [layouts, n] : counts) {
    if (!out.empty()) { out += "; "; }
    out += concat(n, n == 1 ? " member: " : " members: ", layout_text(layouts));
    if ((layouts & (layouts - 1)) != 0) { out += " (or another that ends at the same byte)"; }
  }
  return out;
}

}  // namespace

void layout_census::conclude(reporter& to, family form) const {
  if (form != family::name_x) {
    to.report(relative_used, sizeof(volume_record), {},
              form == family::rt ? "AIX/RT 2.x, record type 9" : "AIX PS/2 1.x, record type 12");
  }
  for (auto const& [magic, seen] : magics) {
    to.report(unknown_magic, seen.first_at, seen.sample,
              concat("0xea6b or 0xea6c expected, 0x", hex(magic, 4), " found in ", seen.count, " records"));
  }
  for (auto const& [type, seen] : records) {
    to.report(unknown_record, seen.first_at, {}, concat(seen.count, " of type ", type, ", ", seen.bytes, " bytes"));
  }
  if (opaque.count != 0) {
    to.report(opaque_bytes, opaque.first_at, {},
              concat(opaque.count, " blocks, ", opaque.bytes, " bytes, the first begins ", opaque.sample));
  }
  if (symlinks != 0) { to.report(symlink_layout_used, first_symlink, {}, summary({{symlink_layouts, symlinks}})); }
  if (!links.empty()) { to.report(link_layout_used, first_link, {}, summary(links)); }
  if (links_with_late_data != 0) { to.report(link_data_later, first_late, {}, concat(links_with_late_data, " files")); }
  if (!specials.empty()) { to.report(device_layout_used, first_special, {}, summary(specials)); }
  if (!large.empty()) { to.report(large_layout_used, first_large, {}, summary(large)); }
}

}  // namespace sysb::backup_by_name
