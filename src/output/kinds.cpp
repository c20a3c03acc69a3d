// SPDX-License-Identifier: Apache-2.0
// What each output can hold. tests/unit/output/kinds_test.cpp writes a member at and beyond every
// limit of the archive formats with the installed libarchive and reads it back.
#include <array>
#include <limits>

#include "output/diagnostics.hpp"
#include "output/output.hpp"

namespace sysb::output {

namespace {

constexpr auto int64_max = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
// Eleven octal digits: sizes and times in the fields of a tar header.
constexpr std::int64_t octal_11 = 077777777777;

constexpr output_properties pax_holds() {
  output_properties p;
  p.max_size = int64_max - 1;
  p.min_mtime = -std::numeric_limits<std::int64_t>::max();
  p.sockets = false;
  return p;
}

constexpr output_properties gnutar_holds() {
  auto p = pax_holds();
  p.min_mtime = 0;
  p.max_mtime = octal_11;
  p.max_device = 0777777;
  p.atime = p.ctime = p.aix_mode = p.acl = false;
  return p;
}

constexpr output_properties ustar_holds() {
  auto p = gnutar_holds();
  p.max_size = static_cast<std::uint64_t>(octal_11);
  p.max_id = 0777777;
  p.max_path = 100;
  p.split_path = true;
  p.max_target = 100;
  return p;
}

constexpr output_properties newc_holds() {
  output_properties p;
  p.max_size = 0xffffffff;
  p.min_mtime = 0;
  p.max_mtime = 0xffffffff;
  p.late_links = true;  // GNU cpio puts off what has no content, and looks for the first name of the inode then
  p.atime = p.ctime = p.aix_mode = p.acl = false;
  return p;
}

constexpr output_properties tree_holds() {
  output_properties p;
  p.max_size = int64_max;
  p.max_id = 0xfffffffe;  // chown(2) takes the last number for "leave it"
  p.max_target = 4095;
  p.max_device = 0xfffff;
  p.max_major = 0xfff;
  p.ctime = p.aix_mode = p.acl = false;
  return p;
}

constexpr output_properties mtree_holds() {
  output_properties p;  // ACL, PCL and all bits of the mode stand in tags
  p.atime = p.ctime = p.content = false;
  return p;
}

constexpr output_properties json_holds() {
  output_properties p;
  p.nlink_ino = true;
  p.content = false;  // of an ACL the text where it is extended, of a PCL the bytes where it grants
  return p;
}

constexpr std::array table{
    output_kind{"pax", "POSIX tar with extended headers (pax)", pax_holds()},
    output_kind{"ustar", "POSIX tar of 1988 (ustar)", ustar_holds()},
    output_kind{"gnutar", "GNU tar", gnutar_holds()},
    output_kind{"newc", "cpio, SVR4 format (newc)", newc_holds()},
    output_kind{"tree", "directory tree", tree_holds()},
    output_kind{"mtree", "mtree manifest", mtree_holds()},
    output_kind{"json", "manifest of JSON lines", json_holds()},
    output_kind{"null", "nothing: read and check only", output_properties{}},
};

constexpr std::array<diag_code const*, 11> all_codes{&member_left_out,        &unsafe_place,        &replaces_directory,
                                                     &link_without_target,    &owners_not_set,      &devices_not_made,
                                                     &attributes_not_in_tree, &file_system_refuses, &nearest_value,
                                                     &metadata_not_set,       &killed_run_met};

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

}  // namespace

std::span<output_kind const> kinds() noexcept { return table; }
std::span<diag_code const* const> codes() noexcept { return all_codes; }

std::optional<compression> parse_compression(std::string_view word) noexcept {
  if (word == "none") { return compression::none; }
  if (word == "gzip") { return compression::gzip; }
  if (word == "xz") { return compression::xz; }
  if (word == "zstd") { return compression::zstd; }
  return std::nullopt;
}

output_name parse_output_name(std::string_view out) {
  if (ends_with(out, "/")) { return {"tree", compression::none}; }
  if (ends_with(out, ".bff")) { return {"bff", compression::none}; }
  output_name result;
  auto const take = [&](std::string_view suffix, compression c) {
    if (result.compress == compression::none && ends_with(out, suffix)) {
      out.remove_suffix(suffix.size());
      result.compress = c;
    }
  };
  take(".gz", compression::gzip);
  take(".xz", compression::xz);
  take(".zst", compression::zstd);
  if (ends_with(out, ".tar")) {
    result.format = "pax";
  } else if (ends_with(out, ".cpio")) {
    result.format = "newc";
  } else {
    result.compress = compression::none;
  }
  return result;
}

}  // namespace sysb::output
