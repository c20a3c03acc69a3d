// SPDX-License-Identifier: Apache-2.0
#include "wpar/deploy/fs_plan.hpp"

#include <algorithm>
#include <set>

#include "base/checked.hpp"
#include "base/number.hpp"
#include "base/text.hpp"
#include "wpar/file_systems.hpp"

namespace sysb::wpar::deploy {

namespace {

constexpr std::uint64_t mib = 1u << 20;
constexpr std::uint64_t smallest = 16 * mib;  // of a JFS2
// An image's sizes may be any number: beyond this nothing is added up any more.
constexpr std::uint64_t largest = 1ull << 60;

bool is_letter_or_digit(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_local(mount_stanza const& m) {
  return m.nodename.empty() && (m.vfs == "jfs" || m.vfs == "jfs2") && m.dev.rfind("/dev/", 0) == 0;
}

std::string_view device_name(mount_stanza const& m) {
  return m.dev.rfind("/dev/", 0) == 0 ? std::string_view{m.dev}.substr(5) : std::string_view{};
}

std::string_view get(file_system const& fs, std::string_view field) {
  auto const at = fs.attributes.find(std::string{field});
  return at == fs.attributes.end() ? std::string_view{} : std::string_view{at->second};
}

struct attribute_rule {
  std::string_view field;   // of fs_data
  std::string_view name;    // of crfs -a, or what it is called for people
  std::string_view values;  // kept values, each between blanks; empty: never kept
  std::string_view silent;  // values that need no word, likewise
  std::string_view why;     // where it is not kept
};
constexpr attribute_rule attribute_rules[]{
    {"FS_JFS2_BS", "agblksize", " 512 1024 2048 4096 ", "", "no block size of JFS2"},
    {"FS_JFS2_EAFORMAT", "ea", " v1 v2 ", "", "no format of extended attributes"},
    {"FS_JFS2_VIX", "vix", " yes no ", "", "neither yes nor no"},
    {"FS_JFS2_QUOTA", "quota", "", " no ", "quotas are set up in the WPAR"},
    {"FS_JFS2_DMAPI", "managed", "", " no ", "no storage manager works in the WPAR"},
    {"FS_JFS2_EFS", "efs", "", " no ", "encrypted files need their keystores: see rule V18"},
    {"FS_JFS2_SPARSE", "sparse", "", " yes ", "crfs has no such attribute"},
    {"FS_FS", "frag", "", "", "JFS on the source, JFS2 here"},
    {"FS_NBPI", "nbpi", "", "", "JFS on the source, JFS2 here"},
    {"FS_COMPRESS", "compress", "", " no none ", "JFS2 does not compress: the content takes its plain size"},
    {"FS_BF", "bf", "", "", "every JFS2 holds large files"},
    {"FS_AGSIZE", "ag", "", "", "JFS on the source, JFS2 here"},
};

bool among(std::string_view list, std::string_view value) {
  return !value.empty() && value.find(' ') == std::string_view::npos &&
         list.find(concat(' ', value, ' ')) != std::string_view::npos;
}

void take_attributes(planned_file_system& row, file_system const& fs) {
  for (auto const& rule : attribute_rules) {
    auto const value = get(fs, rule.field);
    if (value.empty() || among(rule.silent, value)) { continue; }
    fs_attribute a{.name = std::string{rule.name}, .value = std::string{value}, .why = std::string{rule.why}};
    a.kept = among(rule.values, value);
    if (a.kept) { a.why.clear(); }
    row.attributes.push_back(std::move(a));
  }
  auto const inline_log = get(fs, "FS_JFS2_INLINELOG");
  auto const log_size = get(fs, "FS_JFS2_SIZEINLINELOG");
  if (inline_log == "yes") {
    row.attributes.push_back({.name = "logname", .value = "INLINE", .kept = true, .why = {}});
    auto const megabytes = whole_number(log_size).value_or(0);
    if (megabytes != 0) {
      row.attributes.push_back({.name = "logsize", .value = concat(megabytes), .kept = megabytes <= 2047, .why = {}});
      if (megabytes > 2047) { row.attributes.back().why = "larger than an inline log may be"; }
    }
  } else if (!inline_log.empty() && inline_log != "no") {
    row.attributes.push_back(
        {.name = "logname", .value = std::string{inline_log}, .kept = false, .why = "neither yes nor no"});
  }
  static constexpr std::string_view known[]{"FS_NAME", "FS_SIZE",           "FS_MIN_SIZE",
                                            "FS_LV",   "FS_JFS2_INLINELOG", "FS_JFS2_SIZEINLINELOG"};
  for (auto const& [name, value] : fs.attributes) {
    auto const ruled = std::any_of(std::begin(attribute_rules), std::end(attribute_rules),
                                   [&, &n = name](attribute_rule const& r) { return r.field == n; });
    if (ruled || value.empty() || std::find(std::begin(known), std::end(known), name) != std::end(known)) { continue; }
    row.attributes.push_back({.name = name, .value = value, .kept = false, .why = "not known to sysb"});
  }
}

class planner {
 public:
  planner(facts const& f, request const& r, wpar_kind kind) : f_{f}, r_{r}, kind_{kind} {}

  fs_plan run() {
    out_.margin = r_.margin;
    choose_partition();
    take_image_data();
    take_filesystems_file();
    out_.rebuilt = f_.image_data.file_systems.empty();
    need_root();
    std::sort(out_.rows.begin(), out_.rows.end(), [](auto const& a, auto const& b) { return a.mount < b.mount; });
    for (auto& row : out_.rows) { weigh(row); }
    compare_volumes();
    judge_script();
    return std::move(out_);
  }

 private:
  void choose_partition() {
    std::uint64_t megabytes = 0;
    for (auto const& lv : f_.image_data.logical_volumes) { megabytes = std::max(megabytes, lv.pp_size_mb.value_or(0)); }
    if (r_.partition_mb != 0) {
      out_.partition = r_.partition_mb * mib;
      out_.partition_from = "volume group of the host";
    } else if (megabytes != 0 && megabytes <= 131'072) {
      out_.partition = megabytes * mib;
      out_.partition_from = "the source";
    } else {
      out_.partition = smallest;
      out_.partition_from = "the smallest JFS2: the source does not tell its partitions";
    }
  }

  void leave_out(std::string mount, std::string why) { out_.left_out.push_back({std::move(mount), std::move(why)}); }

  // False, with the reason noted, for what is no file system of the WPAR.
  bool belongs(std::string const& mount) {
    for (auto const& w : f_.wpars) {
      if (w.usable && (mount == w.base || is_below(mount, w.base))) {
        leave_out(mount, concat("of WPAR ", w.name, " of the source"));
        return false;
      }
    }
    if (is_standby_instance(mount) && !is_kept(r_, mount)) {
      leave_out(mount, "the standby instance of a multibos system: a WPAR boots none");
      return false;
    }
    if (!file_system_stays(f_, r_, kind_, mount)) {
      leave_out(mount, "comes from the host in a shared WPAR");
      return false;
    }
    if (!is_plain_mount(mount)) {
      leave_out(mount, "its name cannot stand in a script; what is below it goes with the file system above");
      return false;
    }
    return true;
  }

  void contradict(std::string text) { out_.contradictions.push_back(std::move(text)); }

  void take_image_data() {
    for (auto const& fs : f_.image_data.file_systems) {
      if (!belongs(fs.mount)) { continue; }
      if (out_.find(fs.mount) != nullptr) {
        contradict(concat('/', fs.mount, " stands twice in image.data; the first one counts"));
        continue;
      }
      planned_file_system row;
      row.mount = fs.mount;
      row.source_size = std::min(fs.size, largest);
      row.source_minimum = std::min(fs.min_size, largest);
      row.fs_stanza = fs.stanza;
      take_attributes(row, fs);
      find_volume(row, fs);
      if (fs.min_size > fs.size && fs.size != 0) {
        contradict(concat('/', fs.mount, ": FS_MIN_SIZE (", human_size(fs.min_size), ") is larger than FS_SIZE (",
                          human_size(fs.size), ')'));
      }
      out_.rows.push_back(std::move(row));
    }
  }

  void find_volume(planned_file_system& row, file_system const& fs) {
    auto const& lvs = f_.image_data.logical_volumes;
    auto const lv = std::find_if(lvs.begin(), lvs.end(), [&](logical_volume const& l) {
      return !l.name.empty() && (fs.lv.empty() ? !l.mount_point.empty() && l.mount_point.front() == '/' &&
                                                     normal_path(l.mount_point) == fs.mount
                                               : l.name == fs.lv);
    });
    auto const taken = lv != lvs.end() && std::any_of(out_.rows.begin(), out_.rows.end(), [&](auto const& p) {
                         return p.lv_stanza == std::optional{lv->stanza};
                       });
    if (lv == lvs.end() || taken || !is_plain_name(lv->name)) {
      out_.unpaired.push_back(concat('/', fs.mount));
      return;
    }
    if (fs.lv.empty()) {
      contradict(concat('/', fs.mount, " has no FS_LV in image.data; ", lv->name, " has its mount point"));
    } else if (!lv->mount_point.empty() && lv->mount_point.front() == '/' && normal_path(lv->mount_point) != fs.mount) {
      contradict(concat('/', fs.mount, ": logical volume ", lv->name, " says ", printable(lv->mount_point)));
    }
    auto const volume =
        checked_mul(lv->lps.value_or(0), checked_mul(lv->pp_size_mb.value_or(0), mib).value_or(0)).value_or(0);
    if (volume != 0 && fs.size > volume) {
      contradict(concat('/', fs.mount, ": FS_SIZE (", human_size(fs.size), ") is larger than its logical volume (",
                        human_size(volume), ')'));
    }
    row.lv = lv->name;
    row.lv_stanza = lv->stanza;
  }

  // File systems that image.data does not list, though the image has members of theirs.
  void take_filesystems_file() {
    for (auto const& m : f_.mounts) {
      auto const* const row = out_.find(m.mount);
      auto const dev = device_name(m);
      if (row != nullptr && is_local(m) && !row->lv.empty() && dev != row->lv && !dev.empty()) {
        contradict(concat('/', m.mount, ": /etc/filesystems says /dev/", printable(dev), ", image.data ", row->lv));
      }
      auto const listed = f_.find_file_system(m.mount) != nullptr;
      if (row != nullptr || listed || !is_local(m) || !f_.present(m.mount)) { continue; }
      if (!belongs(m.mount)) { continue; }
      planned_file_system fresh;
      fresh.mount = m.mount;
      fresh.basis = fs_basis::filesystems_file;
      if (is_plain_name(dev)) { fresh.lv = std::string{dev}; }
      if (!f_.image_data.file_systems.empty()) {
        contradict(
            concat('/', m.mount, " has members and stands in /etc/filesystems, and image.data does not list it"));
      }
      out_.rows.push_back(std::move(fresh));
    }
  }

  void need_root() {
    if (out_.find("") != nullptr) { return; }
    if (!f_.image_data.file_systems.empty()) { contradict("image.data has no file system /"); }
    planned_file_system root;
    root.basis = fs_basis::content;
    out_.rows.push_back(std::move(root));
  }

  // What lies in the file system itself: below it, and in no other one that is planned or left out whole.
  void count(planned_file_system& row) const {
    auto all = f_.count_below(row.mount);
    std::set<std::string> apart;
    for (auto const& x : out_.rows) { apart.insert(x.mount); }
    for (auto const& x : out_.left_out) {
      if (is_plain_mount(x.mount)) { apart.insert(x.mount); }
    }
    for (auto const& w : f_.wpars) {
      if (w.usable) { apart.insert(w.base); }
    }
    for (auto const* const top : {"dev", "proc"}) { apart.insert(top); }
    if (kind_ == wpar_kind::shared) { apart.insert({"usr", "opt"}); }
    if (!is_kept(r_, "bos_inst")) { apart.insert("bos_inst"); }
    auto const take_off = [](std::uint64_t& from, std::uint64_t n) { from -= std::min(from, n); };
    for (auto const& inner : apart) {
      if (!is_below(inner, row.mount)) { continue; }
      auto above = parent_path(inner);
      while (above != row.mount && !above.empty() && apart.count(std::string{above}) == 0) {
        above = parent_path(above);
      }
      if (above != row.mount) { continue; }
      auto const less = f_.count_below(inner);
      take_off(all.members, less.members);
      take_off(all.bytes, less.bytes);
      take_off(all.space, less.space);
      take_off(all.single, less.single);
    }
    row.members = all.members;
    row.content = std::min(all.bytes, largest);
    single_ = std::min(all.single, largest);
    auto const space = std::min(all.space, largest);
    row.needed = space + space / 64 + 2 * mib;
  }

  void weigh(planned_file_system& row) {
    count(row);
    std::uint64_t log = 0;
    bool compressed = false;
    for (auto const& a : row.attributes) {
      if (a.name == "logsize" && a.kept) { log = whole_number(a.value).value_or(0) * mib; }
      if (a.name == "compress") { compressed = true; }
    }
    auto const with_margin = row.needed + row.needed / 100 * out_.margin + row.needed % 100 * out_.margin / 100 + log;
    row.planned = std::max({with_margin, row.source_size, row.source_minimum, smallest});
    row.planned = checked_round_up(row.planned, out_.partition).value_or(row.planned);
    row.why = with_margin >= row.source_size && with_margin >= row.source_minimum
                  ? concat("content and ", out_.margin, " % margin")
              : row.source_size >= row.source_minimum ? std::string{"as on the source"}
                                                      : std::string{"FS_MIN_SIZE of the source"};
    if (row.planned == smallest && with_margin < smallest && row.source_size < smallest) {
      row.why = "the smallest JFS2";
    }
    if (row.source_size == 0) { return; }
    auto const proposal = concat("proposed ", human_size(row.planned));
    if (single_ > row.source_size && !compressed) {
      out_.too_small.push_back(concat('/', row.mount, ": the image holds ", human_size(single_),
                                      " of content, image.data says ", human_size(row.source_size), ": ", proposal));
    } else if (row.needed > row.source_size) {
      contradict(concat('/', row.mount, ": content needs ", human_size(row.needed), " in blocks of 4 KiB, ",
                        compressed ? "compressed on the source, " : "", "image.data says ", human_size(row.source_size),
                        ": planned ", human_size(row.planned)));
    }
  }

  void compare_volumes() {
    for (auto const& lv : f_.image_data.logical_volumes) {
      if ((lv.type != "jfs" && lv.type != "jfs2") || lv.mount_point.empty() || lv.mount_point.front() != '/') {
        continue;
      }
      auto const mount = normal_path(lv.mount_point);
      if (f_.find_file_system(mount) != nullptr || !f_.present(mount) || out_.find(mount) != nullptr) { continue; }
      if (f_.image_data.file_systems.empty()) { continue; }
      contradict(concat("logical volume ", printable(lv.name), " is mounted at ", printable(lv.mount_point),
                        ", and image.data has no such file system"));
    }
  }

  void judge_script() {
    for (auto const& row : out_.rows) {
      auto const below_host = kind_ == wpar_kind::shared && (is_below(row.mount, "usr") || is_below(row.mount, "opt"));
      if (below_host && r_.target != target_kind::bff) {
        out_.no_script.push_back(
            concat("/", row.mount, " is kept (--keep), and the host's /", row.mount.substr(0, 3),
                   ", which is read-only there, would be mounted over it. Make the WPAR private (--private), make a "
                   ".bff, or leave it out and bring its content to another place."));
      }
    }
    if (!f_.below_complete && out_.rebuilt) {
      out_.no_script.push_back(
          "image.data describes no file system, and the image has more directories than are counted one by one, so "
          "the sizes are not known.");
    }
  }

  facts const& f_;
  request const& r_;
  wpar_kind kind_;
  fs_plan out_;
  mutable std::uint64_t single_ = 0;  // content of the row, each hard link once
};

std::string padded(std::string_view text, std::size_t width) {
  std::string out{text};
  if (out.size() < width) { out.append(width - out.size(), ' '); }
  return concat(out, "  ");
}

}  // namespace

std::string_view to_text(fs_basis b) noexcept {
  switch (b) {
    case fs_basis::image_data: return "image.data";
    case fs_basis::filesystems_file: return "/etc/filesystems";
    case fs_basis::content: return "content";
  }
  return "content";
}

std::uint64_t fs_plan::total() const noexcept {
  std::uint64_t sum = 0;
  for (auto const& r : rows) { sum = checked_add(sum, r.planned).value_or(largest); }
  return sum;
}

planned_file_system const* fs_plan::find(std::string_view mount) const noexcept {
  for (auto const& r : rows) {
    if (r.mount == mount) { return &r; }
  }
  return nullptr;
}

bool is_plain_mount(std::string_view normal) noexcept {
  constexpr std::string_view also{"/._-+@%,"};
  return normal.size() <= 255 && !has_dotdot(normal) && std::all_of(normal.begin(), normal.end(), [&](char c) {
           return is_letter_or_digit(c) || also.find(c) != std::string_view::npos;
         });
}

bool is_plain_name(std::string_view name) noexcept {
  constexpr std::string_view also{"._-"};
  return !name.empty() && name.size() <= 15 && name.front() != '-' &&
         std::all_of(name.begin(), name.end(),
                     [&](char c) { return is_letter_or_digit(c) || also.find(c) != std::string_view::npos; });
}

fs_plan plan_file_systems(facts const& f, request const& r, wpar_kind kind) { return planner{f, r, kind}.run(); }

std::string to_text(fs_plan const& p, target_kind target) {
  std::string out{
      "# File systems of the WPAR, planned by sysb. Counted here: what the image holds. NOT TRIED ON AIX.\n"
      "# Sizes in MiB. needed: content in blocks of 4 KiB, with inodes and maps. planned: the largest of source,\n"
      "# minimum and needed with the margin, in whole partitions.\n"};
  out += concat("# margin ", p.margin, " %, partitions of ", p.partition / mib, " MiB (", p.partition_from, ")\n");
  if (p.rebuilt) { out += "# REBUILT: image.data describes no file system; from /etc/filesystems and content.\n"; }
  std::size_t width = 11;
  for (auto const& r : p.rows) { width = std::max(width, r.mount.size() + 1); }
  auto const amount = [](std::uint64_t bytes) {
    return bytes == 0 ? std::string{"-"} : concat((bytes + mib - 1) / mib);
  };
  auto const line = [&](auto const& mount, auto const&... rest) {
    out += padded(mount, width);
    ((out += padded(rest, 8)), ...);
  };
  line("# mount", "source", "minimum", "content", "needed", "planned");
  out += "why; attributes\n";
  for (auto const& r : p.rows) {
    line(concat('/', r.mount), amount(r.source_size), amount(r.source_minimum), amount(r.content), amount(r.needed),
         amount(r.planned));
    out += r.why;
    if (r.basis != fs_basis::image_data) { out += concat(" (from ", to_text(r.basis), ')'); }
    for (auto const& a : r.attributes) {
      out += concat("; ", printable(a.name), '=', printable(a.value));
      if (target == target_kind::bff) { continue; }  // image.data tells AIX
      out += a.kept ? std::string{" kept"} : concat(" not kept (", a.why, ')');
    }
    out.push_back('\n');
  }
  out += concat("# in all ", p.total() / mib, " MiB\n");
  for (auto const& x : p.left_out) {
    out += concat("# left out: /", printable(x.mount), ": ", printable_text(x.why), "\n");
  }
  for (auto const& x : p.too_small) { out += concat("# TOO SMALL: ", printable_text(x), "\n"); }
  for (auto const& x : p.unpaired) {
    out += concat("# no logical volume of its own in image.data, its entry is made anew: ", printable(x), "\n");
  }
  for (auto const& x : p.contradictions) { out += concat("# contradiction: ", printable_text(x), "\n"); }
  for (auto const& x : p.no_script) { out += concat("# no script: ", printable_text(x), "\n"); }
  return out;
}

}  // namespace sysb::wpar::deploy
