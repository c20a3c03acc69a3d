// SPDX-License-Identifier: Apache-2.0
#include "cli/info_text.hpp"

#include <algorithm>
#include <functional>
#include <string_view>
#include <vector>

#include "base/checked.hpp"
#include "base/text.hpp"

namespace sysb::cli {

namespace {

constexpr std::uint64_t mib = 1u << 20;

std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> out;
  while (true) {
    auto const first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) { return out; }
    text.remove_prefix(first);
    auto const end = text.find_first_of(" \t");
    out.push_back(text.substr(0, end));
    if (end == std::string_view::npos) { return out; }
    text.remove_prefix(end);
  }
}

struct uname_words {  // "AIX host release version machine"
  std::string_view host, machine;
};

uname_words parse_uname(std::string_view text) {
  auto const w = words(text);
  uname_words out;
  if (w.size() >= 2) { out.host = w[1]; }
  if (w.size() >= 5) { out.machine = w[4]; }
  return out;
}

std::string volume_group(wpar::facts const& f) {
  auto const& names = f.image_data.volume_groups;
  return names.empty() ? std::string{} : names.front();
}

// "vgdata only" backups (-r) hold image.data, bosinst.data and the vgdata folder alone.
bool vg_data_only(wpar::facts const& f) {
  return !f.image_data.file_systems.empty() &&
         std::none_of(f.image_data.file_systems.begin(), f.image_data.file_systems.end(),
                      [&](auto const& fs) { return !fs.mount.empty() && f.present(fs.mount) && fs.mount != "tmp"; }) &&
         !f.present("etc") && !f.present("usr");
}

// Sums that overflow come from a file that was made up; they are shown as unknown.
std::string sum_mib(wpar::facts const& f, std::uint64_t wpar::file_system::*member) {
  std::uint64_t sum = 0;
  for (auto const& fs : f.image_data.file_systems) {
    auto const next = checked_add(sum, fs.*member);
    if (!next) { return {}; }
    sum = *next;
  }
  return f.image_data.file_systems.empty() ? std::string{} : concat(sum / mib);
}

using cells = std::vector<std::string>;

// Every row is made twice, for the widths and to be printed, so that a long table is never held. A cell that is wider than
// any real name pushes its row, not all of them.
void print_table(text_writer& out, cells const& head, std::size_t rows, std::function<cells(std::size_t)> const& row) {
  constexpr std::size_t widest = 64;
  std::vector<std::size_t> widths(head.size(), 0);
  auto const each = [&](auto const& take) {
    take(head);
    for (std::size_t i = 0; i < rows; ++i) { take(row(i)); }
  };
  each([&](cells const& r) {
    for (std::size_t i = 0; i < r.size(); ++i) { widths[i] = std::max(widths[i], std::min(r[i].size(), widest)); }
  });
  each([&](cells const& r) {
    for (std::size_t i = 0; i < r.size(); ++i) {
      out.write(r[i]);
      auto const last = i + 1 == r.size();
      out.write(last ? std::string{"\n"} : std::string(std::max(widths[i], r[i].size()) + 2 - r[i].size(), ' '));
    }
  });
}

std::string headline(std::string_view label, std::string_view value) {
  return concat(label, std::string(label.size() < 24 ? 24 - label.size() : 1, ' '),
                value.empty() ? std::string{"unknown"} : printable(value), '\n');
}

std::string absolute(std::string_view normal) { return concat('/', normal); }

std::string number(std::optional<std::uint64_t> n) { return n ? concat(*n) : std::string{"?"}; }

void print_logical_volumes(text_writer& out, wpar::facts const& f) {
  auto const& all = f.image_data.logical_volumes;
  print_table(out, {"LOGICAL VOLUME", "TYPE", "LPs", "PPs", "PVs", "LV STATE", "MOUNT POINT"}, all.size(),
              [&](std::size_t i) -> cells {
                auto const& lv = all[i];
                return {printable(lv.name),
                        printable(lv.type),
                        number(lv.lps),
                        number(lv.pps),
                        concat(lv.disks),
                        printable(lv.state),
                        lv.mount_point.empty() ? "N/A" : printable(lv.mount_point)};
              });
}

void print_file_systems(text_writer& out, wpar::facts const& f) {
  auto const& all = f.image_data.file_systems;
  print_table(out, {"MOUNT POINT", "SIZE (MB)", "MIN SIZE (MB)", "LOGICAL VOLUME", "IN IMAGE"}, all.size(),
              [&](std::size_t i) -> cells {
                auto const& fs = all[i];
                return {printable(absolute(fs.mount)), concat(fs.size / mib), concat(fs.min_size / mib),
                        printable(fs.lv), f.present(fs.mount) ? "yes" : "no"};
              });
}

std::string_view source_word(wpar::facts const& f, wpar::assessment const& a) {
  return a.what == wpar::copy_class::rootvg ? std::string_view{"rootvg"} : f.savewpar ? "savewpar" : to_text(a.what);
}

}  // namespace

std::string readiness_line(wpar::assessment const& a) {
  std::string out =
      concat("system copy WPAR: ", to_text(a.outcome), ", ", to_text(a.kind.kind), " (", printable(a.kind.reason), ')');
  std::string_view last;
  for (auto const& r : a.results) {
    if (r.level != severity::error || r.id() == last) { continue; }
    last = r.id();
    out += concat("; ", r.id(), ": ", printable_text(r.text));
  }
  if (a.warnings != 0) { out += concat("; ", a.warnings, a.warnings == 1 ? " warning" : " warnings"); }
  return out;
}

void print_info(text_writer& to, wpar::facts const& f, wpar::assessment const& a) {
  auto const& d = f.image_data;
  auto const vg = volume_group(f);
  std::string out;
  out += headline("VOLUME GROUP:", vg);
  out +=
      headline("BACKUP DATE/TIME:", d.date_time.empty() ? utc_time(f.description.volume.date) + " UTC" : d.date_time);
  out += headline("UNAME INFO:", d.uname_info);
  out += headline("BACKUP OSLEVEL:", a.source.value ? a.source.value->vrmf_text() : a.source.text());
  out += headline("MAINTENANCE LEVEL:", !d.oslevel_r.empty() ? d.oslevel_r
                                        : a.source.value     ? a.source.value->technology_text()
                                                             : "");
  out += headline("BACKUP SIZE (MB):", sum_mib(f, &wpar::file_system::size));
  out += headline("SHRINK SIZE (MB):", sum_mib(f, &wpar::file_system::min_size));
  out += headline("VG DATA ONLY:", vg_data_only(f) ? "yes" : "no");
  to.write(out);
  if (!d.logical_volumes.empty()) {
    to.write(concat('\n', vg.empty() ? "volume group" : printable(vg), ":\n"));
    print_logical_volumes(to, f);
  }
  if (!d.file_systems.empty()) {
    to.write("\nfile systems:\n");
    print_file_systems(to, f);
  }

  std::string containers;
  for (auto const& c : f.description.container) { containers += concat(c, " > "); }
  auto const& v = f.description.volume;
  out = concat('\n', headline("image:", concat(containers, f.description.format,
                                               f.description.variant.empty() ? "" : ", ", f.description.variant)));
  out += headline("volume:", concat(v.number, ", ", utc_time(v.date), " UTC, by ", v.user, ", disk ", v.disk,
                                    ", file system ", v.filesystem));
  out += headline("source:", source_word(f, a));
  out += headline("level from:", to_text(a.source.source));
  auto const& pack = a.source.service_pack;
  if (pack || !a.source.service_pack_from.empty()) {
    out += headline("service pack:",
                    pack ? concat(pack->text, " (", a.source.service_pack_from, ')') : a.source.service_pack_from);
  }
  out += headline("members:", concat(f.members, ", ", f.content_bytes, " bytes of content (",
                                     human_size(f.content_bytes), "), ", f.packed, " packed"));
  out += headline("complete:", f.complete ? "yes" : "no");
  out += headline("filesets:", f.swvpd.any() ? f.swvpd.count_text() : std::string{});
  for (auto const& w : f.wpars) { out += headline("WPAR inside:", concat(w.name, " in ", absolute(w.base))); }
  out += concat(readiness_line(a), '\n');
  to.write(out);
}

void print_image_object(json_lines& json, wpar::facts const& f, wpar::assessment const& a) {
  auto const& d = f.image_data;
  auto const& v = f.description.volume;
  auto const uname = parse_uname(d.uname_info);
  json.object("image", [&](json_writer& w) {
    w.field("format", f.description.format).field("variant", f.description.variant);
    w.key("container").begin_array();
    for (auto const& c : f.description.container) { w.value(std::string_view{c}); }
    w.end_array();
    w.key("volume").begin_object().field("number", v.number).field("date", v.date);
    w.name_field("user", v.user).name_field("disk", v.disk).name_field("filesystem", v.filesystem).end_object();
    w.key("system").begin_object();
    if (a.source.value) {
      w.field("level", a.source.value->vrmf_text()).field("technology_level", a.source.value->technology_text());
    } else if (a.source.minimum_ok && a.source.coarse) {
      w.field("level", a.source.text());
    }
    w.field("level_source", to_text(a.source.source));
    if (a.source.service_pack) { w.field("service_pack", std::string_view{a.source.service_pack->text}); }
    if (!a.source.service_pack_from.empty()) {
      w.field("service_pack_source", std::string_view{a.source.service_pack_from});
    }
    if (!uname.host.empty()) { w.name_field("hostname", uname.host); }
    if (!uname.machine.empty()) { w.name_field("machine", uname.machine); }
    w.field("source", source_word(f, a)).end_object();
    w.name_field("volume_group", volume_group(f));
    w.field("date_time", d.date_time).field("maintenance_level", d.oslevel_r);
    w.key("logical_volumes").begin_array();
    for (auto const& lv : d.logical_volumes) {
      w.begin_object().name_field("name", lv.name).name_field("type", lv.type);
      if (lv.lps) { w.field("lps", *lv.lps); }
      if (lv.pps) { w.field("pps", *lv.pps); }
      w.field("pvs", lv.disks);
      if (lv.pp_size_mb) { w.field("pp_size", *lv.pp_size_mb); }
      w.name_field("state", lv.state);
      w.name_field("mount", lv.mount_point).end_object();
    }
    w.end_array().key("filesystems").begin_array();
    for (auto const& fs : d.file_systems) {
      w.begin_object().name_field("mount", absolute(fs.mount)).field("size", fs.size);
      w.field("min_size", fs.min_size).name_field("lv", fs.lv).field("present", f.present(fs.mount)).end_object();
    }
    w.end_array().field("filesets", f.swvpd.count()).field("fileset_parts", std::uint64_t{f.swvpd.filesets.size()});
    w.key("wpars").begin_array();
    for (auto const& p : f.wpars) {
      w.begin_object().name_field("name", p.name).name_field("base", absolute(p.base)).end_object();
    }
    w.end_array().key("readiness").begin_object();
    w.field("verdict", to_text(a.outcome)).field("wpar", to_text(a.kind.kind)).field("reason", a.kind.reason);
    w.field("text", readiness_line(a)).end_object();
    w.field("complete", f.complete);
  });
}

}  // namespace sysb::cli
