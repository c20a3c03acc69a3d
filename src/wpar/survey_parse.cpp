// SPDX-License-Identifier: Apache-2.0
// Files that rules read, from text to facts.
#include <algorithm>
#include <array>

#include "base/checked.hpp"
#include "base/number.hpp"
#include "base/text.hpp"
#include "formats/stanza/stanza.hpp"
#include "wpar/survey_parts.hpp"

namespace sysb::wpar {

namespace {

// A volume group has some hundred logical volumes. Work below is quadratic in their number.
constexpr std::size_t max_stanzas = 4096;
constexpr std::size_t max_wpars = 1000;

constexpr std::size_t max_bad_fields = 50;
constexpr std::size_t max_lv_name = 15;  // mklv
constexpr std::string_view byte_order_mark{"\xef\xbb\xbf"};

// Digits only, and no more than a size in bytes can be made of.
std::optional<std::uint64_t> number(std::string_view v) noexcept {
  auto const out = whole_number(v);
  return out > 1ull << 40 ? std::nullopt : out;
}

std::uint64_t blocks_to_bytes(std::string_view v) noexcept {
  return checked_mul(number(v).value_or(0), 512).value_or(0);
}

// Lines of a text that was edited on another system, made those of AIX. How many there were.
std::uint64_t without_returns(std::string& text) {
  std::uint64_t found = 0;
  std::size_t to = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\r' && at + 1 < text.size() && text[at + 1] == '\n') {
      ++found;
    } else {
      text[to++] = text[at];
    }
  }
  text.resize(to);
  return found;
}

bool is_blank(std::string_view v) noexcept { return v.find_first_not_of(" \t\r") == std::string_view::npos; }

// What is not understood is named, with the line and what was expected.
class field_reader {
 public:
  field_reader(stanza::stanza const& s, std::vector<std::string>& complaints) : s_{s}, complaints_{complaints} {}

  void complain(std::string_view field, std::string_view expected) const {
    if (complaints_.size() >= max_bad_fields) { return; }
    auto found = std::string{s_.get(field)};
    if (found.size() > 80) { found = found.substr(0, 80) + "..."; }
    auto const owner = s_.get(s_.name == "lv_data" ? "LOGICAL_VOLUME" : s_.name == "vg_data" ? "VGNAME" : "FS_NAME");
    auto const of = owner.empty() || found == owner ? std::string{} : concat(" of ", printable(owner.substr(0, 80)));
    complaints_.push_back(concat("line ", static_cast<std::uint64_t>(s_.line), ", ", field, of, ": expected ", expected,
                                 ", found ", quoted(found)));
  }

  // A number that is more than 0; absent, without a word, where the field is.
  [[nodiscard]] std::optional<std::uint64_t> count(std::string_view field, std::string_view expected) const {
    auto const told = s_.find(field);
    if (!told || is_blank(*told)) { return std::nullopt; }
    auto const out = number(*told);
    if (!out || *out == 0) {
      complain(field, expected);
      return std::nullopt;
    }
    return out;
  }

 private:
  stanza::stanza const& s_;
  std::vector<std::string>& complaints_;
};

std::string_view without_dev(std::string_view v) noexcept {
  constexpr std::string_view dev{"/dev/"};
  return v.substr(0, dev.size()) == dev ? v.substr(dev.size()) : v;
}

std::uint64_t count_words(std::string_view v) noexcept {
  constexpr std::string_view blank{" \t\r"};
  std::uint64_t n = 0;
  for (auto at = v.find_first_not_of(blank); at != std::string_view::npos; ++n) {
    auto const end = v.find_first_of(blank, at);
    at = end == std::string_view::npos ? end : v.find_first_not_of(blank, end);
  }
  return n;
}

logical_volume read_lv(stanza::stanza const& s, std::vector<std::string>& complaints) {
  field_reader const r{s, complaints};
  auto const name = s.get("LOGICAL_VOLUME");
  if (name.size() > max_lv_name) {
    r.complain("LOGICAL_VOLUME", concat("a name of at most ", std::uint64_t{max_lv_name}, " bytes"));
  }
  return {.name = std::string{s.get("LOGICAL_VOLUME")},
          .type = std::string{s.get("TYPE")},
          .mount_point = std::string{s.get("MOUNT_POINT")},
          .label = std::string{s.get("LABEL")},
          .state = std::string{s.get("LV_STATE")},
          .lps = r.count("LPs", "a number of logical partitions"),
          .pps = r.count("PP", "a number of physical partitions"),
          .pp_size_mb = r.count("PP_SIZE", "the size of a partition in MB"),
          .disks = count_words(s.get("LV_SOURCE_DISK_LIST"))};
}

file_system read_fs(stanza::stanza const& s) {
  file_system out;
  out.mount = normal_path(s.get("FS_NAME"));
  out.lv = std::string{without_dev(s.get("FS_LV"))};
  out.size = blocks_to_bytes(s.get("FS_SIZE"));
  out.min_size = blocks_to_bytes(s.get("FS_MIN_SIZE"));
  for (auto const& f : s.fields) {
    if (f.name.rfind("FS_JFS2_", 0) == 0) { out.jfs2 = true; }
    out.attributes.emplace(f.name, f.value);
  }
  return out;
}

}  // namespace

namespace {

// A file system without a name is none: to take it for the root would give / a
// second size.
void add_file_system(image_data_facts& f, stanza::stanza const& s, std::size_t position) {
  field_reader const r{s, f.bad_fields};
  auto const name = s.get("FS_NAME");
  if (name.empty() || name.front() != '/') {
    r.complain("FS_NAME", "a mount point");
    return;
  }
  auto fs = read_fs(s);
  fs.stanza = position;
  if (fs.size == 0) { r.complain("FS_SIZE", "a number of 512-byte blocks"); }
  if (fs.min_size == 0 && !is_blank(s.get("FS_MIN_SIZE")) && !number(s.get("FS_MIN_SIZE"))) {
    r.complain("FS_MIN_SIZE", "a number of 512-byte blocks");
  }
  f.file_systems.push_back(std::move(fs));
}

}  // namespace

void parse_image_data(image_data_facts& f) {
  std::vector<stanza::fault> faults;
  auto const marked = f.raw.text.starts_with(byte_order_mark);
  if (marked) { f.raw.text.erase(0, byte_order_mark.size()); }
  auto const returns = without_returns(f.raw.text);
  auto const doc = stanza::document::parse(f.raw.text, faults);
  for (auto const& x : faults) {
    f.complaints.push_back(concat("line ", static_cast<std::uint64_t>(x.line), ": ", x.code->title));
  }
  auto raw = std::move(f.raw);
  auto complaints = std::move(f.complaints);
  f = {};
  f.raw = std::move(raw);
  f.complaints = std::move(complaints);
  if (marked) {
    f.bad_fields.emplace_back("the text begins with a byte order mark, which AIX takes for a part of the first name");
  }
  if (returns != 0) {
    f.bad_fields.push_back(concat(returns, returns == 1 ? " line ends" : " lines end",
                                  " with a carriage return, which AIX takes for a part of the value"));
  }
  if (doc.stanzas().size() > max_stanzas) {
    f.complaints.push_back(
        concat(std::uint64_t{doc.stanzas().size()}, " stanzas, at most ", std::uint64_t{max_stanzas}, " are believed"));
    return;
  }
  f.parsed = !doc.stanzas().empty();
  for (std::size_t i = 0; i < doc.stanzas().size(); ++i) {
    auto const& s = doc.stanzas()[i];
    if (s.name == "image_data") {
      f.image_type = s.get("IMAGE_TYPE");
      f.date_time = s.get("DATE_TIME");
      f.uname_info = s.get("UNAME_INFO");
      f.product_tape = s.get("PRODUCT_TAPE");
      f.platform = s.get("PLATFORM");
      f.oslevel = s.get("OSLEVEL");
      f.oslevel_r = s.get("OSLEVEL_R");
      f.cpu_id = s.get("CPU_ID");
      f.lpar_id = s.get("LPAR_ID");
      f.uservg_list = s.get("USERVG_LIST");
    } else if (s.name == "vg_data") {
      f.volume_groups.emplace_back(s.get("VGNAME"));
      static_cast<void>(field_reader{s, f.bad_fields}.count("PPSIZE", "the size of a partition in MB"));
    } else if (s.name == "lv_data") {
      f.logical_volumes.push_back(read_lv(s, f.bad_fields));
      f.logical_volumes.back().stanza = i;
    } else if (s.name == "fs_data") {
      add_file_system(f, s, i);
    }
  }
}

void parse_bosinst(bosinst_facts& f) {
  std::vector<stanza::fault> faults;
  auto const doc = stanza::document::parse(f.raw.text, faults);
  f.encrypted.clear();
  f.encryptlv.clear();
  if (auto const* s = doc.find("control_flow")) { f.encryptlv = s->get("ENCRYPTLV"); }
  if (auto const* s = doc.find("lv_encryption")) {
    for (auto const& x : s->fields) {
      if (x.value == "yes") { f.encrypted.emplace_back(x.name); }
    }
  }
}

void parse_filesystems(facts& f) {
  std::vector<stanza::fault> faults;
  std::string_view text = f.filesystems_file.text;
  if (text.starts_with(byte_order_mark)) { text.remove_prefix(byte_order_mark.size()); }
  auto const doc = stanza::document::parse(text, faults);
  f.mounts.clear();
  for (auto const& s : doc.stanzas()) {
    // A stanza is named by its mount point; "default" and the like are none.
    if (s.name.empty() || s.name.front() != '/') { continue; }
    if (f.mounts.size() >= max_stanzas) { break; }
    f.mounts.push_back({.mount = normal_path(s.name),
                        .dev = std::string{s.get("dev")},
                        .vfs = std::string{s.get("vfs")},
                        .log = std::string{s.get("log")},
                        .nodename = std::string{s.get("nodename")},
                        .type = std::string{s.get("type")},
                        .options = std::string{s.get("options")},
                        .vg = std::string{s.get("vg")},
                        .mount_at_boot = std::string{s.get("mount")}});
  }
}

void parse_excludes(facts& f) {
  f.exclude_patterns.clear();
  std::string_view text = f.exclude_rootvg.text;
  while (!text.empty() && f.exclude_patterns.size() < 10'000) {
    auto const nl = text.find('\n');
    auto line = text.substr(0, nl);
    text = nl == std::string_view::npos ? std::string_view{} : text.substr(nl + 1);
    f.exclude_patterns.emplace_back(line);
  }
}

wpar_definition parse_wpar_cf(std::string_view name, std::string_view text, evidence from) {
  std::vector<stanza::fault> faults;
  auto const doc = stanza::document::parse(text, faults);
  wpar_definition out{.name = std::string{name}, .base = {}, .from = std::move(from), .basis = ".cf", .why_not = {}};
  auto const* const general = doc.find("general");
  auto const directory = general == nullptr ? std::string_view{} : general->get("directory");
  out.base = directory.empty() ? concat("wpars/", name) : normal_path(directory);
  return out;
}

bool is_system_directory(std::string_view normal) noexcept {
  constexpr std::array<std::string_view, 20> own{"",     "admin",    "audit",      "bin", "dev", "etc", "export",
                                                 "home", "lib",      "lost+found", "lpp", "mnt", "opt", "proc",
                                                 "sbin", "tftpboot", "tmp",        "usr", "var", "u"};
  if (std::find(own.begin(), own.end(), normal) != own.end()) { return true; }
  // Inside these nothing of a WPAR has its place, and something of the system would go.
  constexpr std::array<std::string_view, 9> inside{"etc", "dev", "usr",     "sbin",        "proc",
                                                   "lib", "bin", "var/adm", "opt/freeware"};
  return std::any_of(inside.begin(), inside.end(), [&](std::string_view top) {
    return is_below(normal, top) || is_below(top, normal) || normal == top;
  });
}

namespace {

void judge_base(wpar_definition& w) {
  if (w.base.empty()) {
    w.usable = false;
    w.why_not = "its base directory is the root (an application WPAR has none of its own)";
  } else if (is_system_directory(w.base) || has_dotdot(w.base)) {
    w.usable = false;
    w.why_not = concat("its base directory /", printable(w.base), " is a directory of the system itself");
  }
}

}  // namespace

void complete_wpars(facts& f) {
  for (auto& w : f.wpars) { judge_base(w); }
  // A base that cannot be used hides nobody: an application WPAR's is the root, above all others.
  auto const known = [&](std::string_view base) {
    return std::any_of(f.wpars.begin(), f.wpars.end(), [&](wpar_definition const& w) {
      return w.usable && (w.base == base || is_below(base, w.base));
    });
  };
  // "/wpars/NAME" or anything below it tells of a WPAR of that name.
  auto const from_mount = [&](std::string const& mount, evidence const& from, std::string_view basis) {
    constexpr std::string_view top{"wpars/"};
    if (mount.rfind(top, 0) != 0 || f.wpars.size() >= max_wpars || known(mount)) { return; }
    auto const rest = std::string_view{mount}.substr(top.size());
    auto const name = rest.substr(0, rest.find('/'));
    if (name.empty()) { return; }
    f.wpars.push_back(
        {.name = std::string{name}, .base = concat(top, name), .from = from, .basis = basis, .why_not = {}});
  };
  for (auto const& m : f.mounts) { from_mount(m.mount, f.filesystems_file.from, "/etc/filesystems"); }
  for (auto const& fs : f.image_data.file_systems) { from_mount(fs.mount, f.image_data.raw.from, "image.data"); }
  std::sort(f.wpars.begin(), f.wpars.end(),
            [](auto const& a, auto const& b) { return a.base != b.base ? a.base < b.base : a.name < b.name; });
}

}  // namespace sysb::wpar
