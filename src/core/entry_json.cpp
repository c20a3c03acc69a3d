// SPDX-License-Identifier: Apache-2.0
#include "core/entry_json.hpp"

#include "base/text.hpp"
#include "core/entry_kinds.hpp"

namespace sysb {

void write_entry_fields(json_writer& w, entry const& e, digest128 const* digest) {
  auto const directory = e.kind == entry_kind::directory;
  w.name_field("path", e.path);
  w.field("kind", to_text(e.kind));
  w.field("mode", e.mode);
  w.field("perm", octal(e.permissions(), 4));
  w.field("uid", e.uid);
  w.field("gid", e.gid);
  w.field("size", directory ? std::uint64_t{0} : e.size);
  w.field("stored", directory ? std::uint64_t{0} : e.stored);
  w.field("packed", e.packed);
  w.field("mtime", e.mtime);
  w.field("atime", e.atime);
  w.field("ctime", e.ctime);
  w.field("nlink", e.nlink);
  w.field("ino", e.ino);
  if (e.kind == entry_kind::symlink) { w.name_field("target", e.target); }
  if (is_device(e.kind)) { w.key("rdev").begin_array().value(e.rdev.major).value(e.rdev.minor).end_array(); }
  if (!e.link_to.empty()) { w.name_field("link_to", e.link_to); }
  if (e.acl_extended) { w.field("acl", std::string_view{e.acl_text}); }
  w.field("offset", e.offset);
  if (digest != nullptr) { w.field("xxh3", to_text(*digest)); }
}

}  // namespace sysb
