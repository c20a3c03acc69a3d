// SPDX-License-Identifier: Apache-2.0
// The reduced image.data: pairs of file system and logical volume as they are planned.
#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "base/checked.hpp"
#include "base/text.hpp"
#include "formats/stanza/stanza.hpp"
#include "wpar/deploy/deploy.hpp"

namespace sysb::wpar::deploy {

namespace {

using fields = std::vector<std::pair<std::string, std::string>>;

class editor {
 public:
  editor(facts const& f, assessment const& a, fs_plan const& plan) : f_{f}, a_{a}, plan_{plan} {
    // Volumes that are not taken over are not in the result either: their names are free.
    for (auto const& row : plan.rows) {
      if (row.lv_stanza && row.fs_stanza) { names_.insert(row.lv); }
    }
  }

  std::string run() {
    auto const& d = f_.image_data;
    std::vector<stanza::fault> ignored;
    if (d.raw.readable() && d.parsed) {
      doc_ = stanza::document::parse(d.raw.text, ignored);
      adjust();
      remove_others();
    } else {
      whole_new_ = true;
      begin_new();
    }
    add_missing();
    set_level();
    auto out = doc_.to_text();
    if (whole_new_) { out += "\n##REBUILT by sysb: the image has no ./image.data that can be read\n"; }
    if (!anew_.empty()) {
      out += "\n##Made anew by sysb, from /etc/filesystems and content:";
      for (auto const& mount : anew_) { out += concat(" /", mount); }
      out += "\n";
    }
    return out;
  }

 private:
  // Changes that keep positions.
  void adjust() {
    for (auto const& row : plan_.rows) {
      if (!row.fs_stanza) { continue; }
      auto const blocks = concat(row.blocks());
      if (row.planned != row.source_size) { doc_.set(*row.fs_stanza, "FS_SIZE", blocks); }
      if (row.lv_stanza) {
        if (doc_.stanzas()[*row.fs_stanza].get("FS_LV").empty()) {
          doc_.set(*row.fs_stanza, "FS_LV", concat("/dev/", row.lv));
        }
        grow_volume(row);
      }
    }
  }

  void grow_volume(planned_file_system const& row) {
    auto const& lvs = f_.image_data.logical_volumes;
    auto const lv = std::find_if(lvs.begin(), lvs.end(), [&](auto const& l) { return l.stanza == *row.lv_stanza; });
    if (lv == lvs.end() || !lv->pp_size_mb) { return; }
    auto const unit = checked_mul(*lv->pp_size_mb, 1u << 20).value_or(0);
    if (unit == 0) { return; }
    auto const wanted = row.planned / unit + (row.planned % unit == 0 ? 0 : 1);
    auto const lps = lv->lps.value_or(0);
    if (wanted <= lps) { return; }
    auto const copies = lps != 0 ? std::max<std::uint64_t>(1, lv->pps.value_or(0) / lps) : 1;
    doc_.set(*row.lv_stanza, "LPs", concat(wanted));
    doc_.set(*row.lv_stanza, "PP", concat(checked_mul(wanted, copies).value_or(wanted)));
    std::uint64_t most = 0;
    for (auto const c : doc_.stanzas()[*row.lv_stanza].get("MAX_LPS")) {
      if (c >= '0' && c <= '9' && most < (1u << 30)) { most = most * 10 + static_cast<std::uint64_t>(c - '0'); }
    }
    if (most != 0 && most < wanted) { doc_.set(*row.lv_stanza, "MAX_LPS", concat(wanted)); }
  }

  void remove_others() {
    std::vector<std::size_t> gone;
    for (std::size_t i = 0; i < doc_.stanzas().size(); ++i) {
      auto const& name = doc_.stanzas()[i].name;
      if (name != "fs_data" && name != "lv_data") { continue; }
      auto const& rows = plan_.rows;
      auto const mine = [&](planned_file_system const& p) {
        // An fs_data without a volume of its own is written anew with one.
        return p.lv_stanza && p.fs_stanza && (*p.fs_stanza == i || *p.lv_stanza == i);
      };
      if (std::none_of(rows.begin(), rows.end(), mine)) { gone.push_back(i); }
    }
    for (auto at = gone.rbegin(); at != gone.rend(); ++at) { doc_.remove(*at); }
  }

  void begin_new() {
    fields about{{"IMAGE_TYPE", "bff"}, {"PRODUCT_TAPE", "no"}, {"USERVG_LIST", ""}};
    doc_.add("image_data", about);
    doc_.add("logical_volume_policy", {{"SHRINK", "no"}, {"EXACT_FIT", "no"}});
    doc_.add("vg_data", {{"VGNAME", "rootvg"}, {"PPSIZE", concat(plan_.partition >> 20)}});
  }

  std::string volume_name(planned_file_system const& row) {
    if (!row.lv.empty() && names_.insert(row.lv).second) { return row.lv; }
    for (unsigned n = 0;; ++n) {
      auto name = concat("fslv", n < 10 ? "0" : "", n);
      if (names_.insert(name).second) { return name; }
    }
  }

  void add_missing() {
    for (auto const& row : plan_.rows) {
      if (row.fs_stanza && row.lv_stanza) { continue; }
      auto const name = volume_name(row);
      auto const mount = concat('/', row.mount);
      auto const partitions = concat(row.planned / plan_.partition);
      doc_.add("lv_data", {{"VOLUME_GROUP", "rootvg"},
                           {"LV_SOURCE_DISK_LIST", ""},
                           {"LOGICAL_VOLUME", name},
                           {"TYPE", "jfs2"},
                           {"COPIES", "1"},
                           {"LPs", partitions},
                           {"MOUNT_POINT", mount},
                           {"PP_SIZE", concat(plan_.partition >> 20)},
                           {"PP", partitions},
                           {"LABEL", mount},
                           {"MAPFILE", ""},
                           {"LV_MIN_LPS", partitions}});
      fields fs{{"FS_NAME", mount},
                {"FS_SIZE", concat(row.blocks())},
                {"FS_MIN_SIZE", concat(row.source_minimum != 0 ? row.source_minimum / 512 : row.needed / 512)},
                {"FS_LV", concat("/dev/", name)}};
      doc_.add("fs_data", fs);
      anew_.push_back(row.mount);
    }
  }

  // A shared .bff has no SWVPD of /usr any more: the level must stand here.
  void set_level() {
    if (!a_.source.value || parse_level(f_.image_data.oslevel)) { return; }
    auto const at = doc_.find_all("image_data");
    if (!at.empty()) { doc_.set(at.front(), "OSLEVEL", a_.source.value->vrmf_text()); }
  }

  facts const& f_;
  assessment const& a_;
  fs_plan const& plan_;
  stanza::document doc_;
  std::set<std::string> names_;
  std::vector<std::string> anew_;
  bool whole_new_ = false;
};

}  // namespace

std::string reduced_image_data(facts const& f, assessment const& a, fs_plan const& plan) {
  auto const system = a.what == copy_class::rootvg || a.what == copy_class::unknown || a.what == copy_class::savewpar;
  // Sizes that nobody knows are not made up.
  if (!system || (plan.rebuilt && !f.below_complete)) { return {}; }
  return editor{f, a, plan}.run();
}

}  // namespace sysb::wpar::deploy
