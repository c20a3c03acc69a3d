// SPDX-License-Identifier: Apache-2.0
#include "wpar/survey.hpp"

#include <algorithm>
#include <array>
#include <random>

#include "base/hash_set.hpp"
#include "base/text.hpp"
#include "core/link_identity.hpp"
#include "wpar/deploy/self_starters.hpp"
#include "wpar/diagnostics.hpp"
#include "wpar/survey_parts.hpp"

namespace sysb::wpar {

namespace {

constexpr std::size_t counted_depth = 4;
constexpr std::size_t max_counted = 65'536;
constexpr std::size_t max_linked = 1u << 20;
constexpr std::size_t max_listed = 1'000;     // of any list of names
constexpr std::size_t max_archives = 16'384;  // liblpp.a members remembered
constexpr std::size_t max_noted = 10'000;     // names of one kind
constexpr std::size_t max_noted_bytes = 4u << 20;
constexpr std::uint64_t max_text = 10u << 20;  // of all texts that are kept, image.data among them

// Members that a rule asks for by name.
constexpr std::array<std::string_view, 42> asked_for{"image.data",
                                                     "bosinst.data",
                                                     "etc",
                                                     "etc/objrepos",
                                                     "etc/passwd",
                                                     "etc/security",
                                                     "etc/filesystems",
                                                     "etc/inittab",
                                                     "sbin",
                                                     "usr",
                                                     "opt",
                                                     "usr/lib/objrepos",
                                                     "usr/lib/libc.a",
                                                     "var",
                                                     "home",
                                                     "tmp",
                                                     "dev",
                                                     "proc",
                                                     "etc/ct_node_id",
                                                     "etc/niminfo",
                                                     ".rhosts",
                                                     "etc/exports",
                                                     "etc/auto_master",
                                                     "etc/auto.master",
                                                     "etc/tunables/nextboot",
                                                     "etc/swapspaces",
                                                     "var/adm/ras/vgbackuplog",
                                                     "etc/hosts",
                                                     "etc/resolv.conf",
                                                     "etc/netsvc.conf",
                                                     "etc/rc.net",
                                                     "etc/rc.tcpip",
                                                     "etc/wlm",
                                                     "bos_inst",
                                                     "etc/wpars/devexports",
                                                     "etc/exclude.rootvg",
                                                     "etc/security/sysck.cfg",
                                                     "usr/lib/objrepos/lpp",
                                                     "etc/objrepos/lpp",
                                                     "lpp_name",
                                                     "usr/lib/wpars/wparconvert.d",
                                                     "var/efs"};

std::string_view last_part(std::string_view path) noexcept {
  auto const slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

// "a/b/c" with "a/" and "/c": "b", where it is one component.
std::string_view between(std::string_view path, std::string_view front, std::string_view back) noexcept {
  if (path.size() <= front.size() + back.size() || path.substr(0, front.size()) != front ||
      path.substr(path.size() - back.size()) != back) {
    return {};
  }
  auto const mid = path.substr(front.size(), path.size() - front.size() - back.size());
  return mid.find('/') == std::string_view::npos ? mid : std::string_view{};
}

std::string text_of(std::vector<std::byte> const& bytes) { return std::string{as_text(bytes)}; }

class surveyor {
 public:
  surveyor(image_reader& reader, survey_options const& o, diagnostic_sink& d)
      : reader_{reader}, options_{o}, findings_{d} {
    for (auto const name : asked_for) { asked_.insert(std::string{name}); }
  }

  facts run() {
    out_.description = reader_.description();
    reader_.expect_skips(true, options_.threads);
    entry e;
    while (reader_.next(e)) {
      if (options_.counters != nullptr) {
        options_.counters->stop_if_asked();
        options_.counters->entries.fetch_add(1, std::memory_order_relaxed);
      }
      if (options_.on_member) { options_.on_member(e); }
      if (options_.prepare && !options_.prepare(e)) {
        reader_.skip();
        continue;
      }
      take(e);
    }
    reader_.expect_skips(false, 1);
    out_.complete = reader_.complete();
    out_.end_offset = reader_.end_offset();
    out_.structure_errors = damaged_;
    finish();
    return std::move(out_);
  }

 private:
  void take(entry const& e) {
    auto const path = normal_path(e.path);
    // A file with several names has one content, however often it is stored: `check` reads it once, too.
    auto const single = e.kind == entry_kind::file && e.size != 0 && first_name(e) ? e.size : 0;
    out_.content_bytes += single;
    count(e, path);
    if (has_dotdot(path)) {
      note(out_.unsafe_names, path);
      reader_.skip();
      return;
    }
    count_below(e, path, single);
    note_names(e, path);
    if (!read_if_wanted(e, path)) { reader_.skip(); }
    if (!e.damaged) { out_.last_good_offset = e.offset; }
  }

  void count(entry const& e, std::string const& path) {
    ++out_.members;
    out_.packed += e.packed ? 1u : 0u;
    out_.with_acl += e.acl.empty() && e.pcl.empty() ? 0u : 1u;
    out_.acl_extended += e.acl_extended ? 1u : 0u;
    out_.opaque += e.opaque.empty() ? 0u : 1u;
    if (is_long(path)) { note(out_.long_names, path); }
    if (std::any_of(path.begin(), path.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; })) {
      note(out_.non_ascii_names, path);
    }
    auto const in_dev = is_below(path, "dev");
    auto& where = in_dev ? out_.in_dev : out_.elsewhere;
    switch (e.kind) {
      case entry_kind::file:
        out_.files_2gib += e.size >= (2ull << 30) ? 1 : 0;
        out_.largest_file = std::max(out_.largest_file, e.size);
        out_.link_names += e.nlink > 1 ? 1 : 0;
        break;
      case entry_kind::char_device:
      case entry_kind::block_device:
        ++where.devices;
        if (!in_dev) { note(out_.device_nodes, path); }
        break;
      case entry_kind::fifo: ++where.fifos; break;
      case entry_kind::socket:
        ++where.sockets;
        if (!in_dev) { note(out_.socket_names, path); }
        break;
      case entry_kind::directory:
      case entry_kind::symlink: break;
    }
    if (e.damaged || e.content == content_state::refused) {
      ++damaged_;
      add_broken(e);
    }
  }

  void note(noted_names& into, std::string const& path) {
    ++into.count;
    if (into.names.size() >= max_noted || noted_bytes_ + path.size() > max_noted_bytes) { return; }
    noted_bytes_ += path.size();
    into.names.push_back(path);
  }

  // The longest name of a WPAR before it: rule V21 knows the name that was asked for.
  static bool is_long(std::string_view path) noexcept {
    if (path.size() > longest_path - longest_base) { return true; }
    for (std::size_t at = 0; path.size() - at > longest_component;) {
      auto const slash = path.find('/', at);
      if (slash == std::string_view::npos || slash - at > longest_component) { return true; }
      at = slash + 1;
    }
    return false;
  }

  void add_broken(entry const& e) {
    if (out_.broken_members.size() < max_listed) {
      out_.broken_members.push_back({.at = {e.path, e.offset}, .size = e.size});
    }
  }

  subtree_count* counter(std::string_view directory) {
    auto const at = out_.below.find(std::string{directory});
    if (at != out_.below.end()) { return &at->second; }
    if (out_.below.size() >= max_counted) {
      out_.below_complete = false;
      return nullptr;
    }
    return &out_.below.emplace(directory, subtree_count{}).first->second;
  }

  // Members of one directory come in a row: the counters of their ancestors are found once.
  void count_below(entry const& e, std::string const& path, std::uint64_t single) {
    if (path.empty()) { return; }
    auto const parent = parent_path(path);
    if (!parent_known_ || parent != parent_) {
      parent_ = parent;
      parent_known_ = true;
      ancestors_.clear();
      ancestors_.push_back(counter(""));
      std::size_t depth = 0;
      for (std::size_t at = 0; at < parent.size() && depth < counted_depth; ++depth) {
        auto const slash = std::min(parent.find('/', at), parent.size());
        ancestors_.push_back(counter(parent.substr(0, slash)));
        at = slash + 1;
      }
      for (auto const& deep : deep_mounts_) {
        if (parent == deep || is_below(parent, deep)) { ancestors_.push_back(counter(deep)); }
      }
    }
    auto const bytes = e.kind == entry_kind::file ? e.size : 0;
    auto const blocks = single + (4096 - single % 4096) % 4096 + (e.kind == entry_kind::directory ? 4096 : 0);
    for (auto* const c : ancestors_) {
      if (c == nullptr) { continue; }
      ++c->members;
      c->bytes += bytes;
      c->single += single;
      c->space += blocks + 512;
    }
  }

  // False for a further name of a file that was counted.
  bool first_name(entry const& e) {
    if (e.content == content_state::elsewhere) { return false; }
    if (e.nlink < 2 || e.ino == 0 || linked_.size() >= max_linked) { return true; }
    return linked_.add(link_identity_of(e).inode_hash(seed_));
  }

  void note_names(entry const& e, std::string const& path) {
    if (asked_.count(path) != 0) { out_.found[path] = {.at = {e.path, e.offset}, .size = e.size}; }
    if (is_below(path, "etc/wpars") && path != "etc/wpars/devexports" && path != "etc/wpars/secexports") {
      out_.wpar_database = true;
    }
    if (is_below(path, "etc/corrals")) { out_.wpar_database = true; }
    if (path == ".savewpar_dir" || is_below(path, ".savewpar_dir")) { out_.savewpar = true; }
    if (path == "usr/lib/objrepos/file_overlay" || path == "usr/lib/objrepos/overlay") { out_.file_overlay = true; }
    if (path == "usr/lib/wpars/wparconvert.d" || is_below(path, "usr/lib/wpars/wparconvert.d")) {
      out_.wparconvert_dir = true;
    }
    if (e.kind == entry_kind::file && out_.wparconvert.size() < max_listed &&
        (is_below(path, "usr/lib/wpars/wparconvert.d/usr") || is_below(path, "usr/lib/wpars/wparconvert.d/root"))) {
      out_.wparconvert.push_back(path);
    }
    if (e.kind != entry_kind::directory && out_.startup_members.size() < max_listed &&
        deploy::is_startup_member(path)) {
      out_.startup_members.push_back(path);
    }
    if (e.kind == entry_kind::file && path.rfind("etc/ssh/ssh_host_", 0) == 0 &&
        out_.ssh_host_keys.size() < max_listed) {
      out_.ssh_host_keys.push_back(path);
    }
  }

  // Reads the member where a rule needs its content; false: nobody has touched it.
  bool read_if_wanted(entry const& e, std::string const& path) {
    if (e.kind != entry_kind::file) { return false; }
    auto const name = last_part(path);
    if (path == "image.data" || path == ".savewpar_dir/image.data") { return read_image_data(e, path); }
    auto const vg = between(path, "tmp/vgdata/", concat('/', name));
    if (!vg.empty() && name == concat(vg, ".data")) { return read_image_data(e, path); }
    if (path == "bosinst.data") { return read_text(e, out_.bosinst.raw); }
    if (path == "etc/ct_node_id" && e.size <= 4096) { return read_text(e, out_.ct_node_id); }
    if (parent_path(path) == "usr/lib/objrepos" && (name == "fix" || name == "fix.vc")) { return read_fixes(e, name); }
    if (path == "etc/filesystems") { return read_text(e, out_.filesystems_file); }
    if (path == "etc/exclude.rootvg") { return read_text(e, out_.exclude_rootvg); }
    if (path == "etc/wpars/devexports") { return read_text(e, out_.devexports); }
    if (path == "lpp_name") { return read_package_name(e); }
    if (deploy::is_startup_text(path) && out_.startup_texts.size() < max_listed) {
      return read_text(e, out_.startup_texts[path]);
    }
    auto const cf = between(path, "etc/wpars/", ".cf");
    if (!cf.empty() && out_.wpars.size() < max_listed) { return read_wpar(e, cf); }
    if (swvpd::is_liblpp(path)) { return remember_archive(e); }
    if (parent_path(path) == "etc/objrepos") {
      if (device_classes::names_one(name)) {
        classes_.take(name, {e.path, e.offset}, content_of(e));
        return true;
      }
    }
    if (path == "usr/lib/objrepos/PdAt") {
      classes_.take_predefined({e.path, e.offset}, content_of(e));
      return true;
    }
    auto const tail = std::string_view{"/inst_root/etc/objrepos"};
    auto const dir = parent_path(path);
    if (is_below(path, "usr/lpp") && dir.size() > tail.size() && dir.substr(dir.size() - tail.size()) == tail) {
      if (!device_classes::names_one(name)) { return false; }
      // A class without objects is small; a large one is none.
      classes_.take_pristine(name, read_member(reader_, e, 1u << 20));
      return true;
    }
    return read_repository(e, path, name);
  }

  member_content content_of(entry const& e) { return content_of(e, options_.bounds.survey_member_bytes); }

  member_content content_of(entry const& e, std::uint64_t most) {
    auto got = read_member(reader_, e, std::min(most, options_.bounds.survey_member_bytes));
    if (got.state != read_state::ok) {
      if (got.damaged) {
        ++out_.content_errors;
        add_broken(e);
      }
      findings_.report({.code = &member_unread, .offset = e.offset, .path = e.path, .detail = got.why, .level = {}});
    }
    return got;
  }

  bool read_text(entry const& e, text_member& into) {
    kept_text_ -= into.text.size();  // a later member of one name takes the place of the earlier one
    into = {};
    auto const got = content_of(e, max_text - kept_text_);
    into = {.state = got.state, .from = {e.path, e.offset}, .text = text_of(got.bytes)};
    kept_text_ += into.text.size();
    return true;
  }

  // ./image.data wins over the files of other kinds of backup, wherever they stand.
  bool read_image_data(entry const& e, std::string const& path) {
    auto const vg = std::string{parent_path(path)};
    if (path != "image.data" && path != ".savewpar_dir/image.data" && out_.vgdata.size() < max_listed) {
      out_.vgdata.emplace_back(last_part(vg));
    }
    auto& into = out_.image_data.raw;
    if (into.present() && path != "image.data") { return false; }
    read_text(e, into);
    if (into.readable()) {
      parse_image_data(out_.image_data);
      for (auto const& fs : out_.image_data.file_systems) {
        auto const depth = static_cast<std::size_t>(std::count(fs.mount.begin(), fs.mount.end(), '/')) + 1;
        if (depth > counted_depth && deep_mounts_.size() < max_listed) { deep_mounts_.push_back(fs.mount); }
      }
      parent_known_ = false;
    }
    return true;
  }

  // Only to tell the service pack: not worth more memory than that.
  bool read_fixes(entry const& e, std::string_view name) {
    if (e.size > options_.bounds.survey_member_bytes / 4) { return false; }
    if (name == "fix") { out_.swvpd.fix_from = {e.path, e.offset}; }
    (name == "fix" ? fix_ : fix_texts_) = content_of(e).bytes;
    return true;
  }

  bool read_wpar(entry const& e, std::string_view name) {
    auto const got = content_of(e, max_text);
    out_.wpars.push_back(parse_wpar_cf(name, as_text(got.bytes), {e.path, e.offset}));
    return true;
  }

  bool read_package_name(entry const& e) {
    auto const got = content_of(e, max_text);
    // First line: format, platform, type, package, brace.
    auto line = as_text(got.bytes);
    line = line.substr(0, line.find('\n'));
    auto const brace = line.find('{');
    line = line.substr(0, brace);
    while (!line.empty() && line.back() == ' ') { line.remove_suffix(1); }
    auto const blank = line.rfind(' ');
    auto const name = blank == std::string_view::npos ? line : line.substr(blank + 1);
    out_.package_name = std::string{name.substr(0, 256)};
    return true;
  }

  bool remember_archive(entry const& e) {
    if (!wants_ownership()) { return false; }
    if (archives_.list.size() < max_archives) {
      archives_.list.push_back({e});
    } else {
      archives_.incomplete = true;
    }
    return false;
  }

  bool wants_ownership() const {
    return options_.wanted != nullptr && options_.wanted->has_private_evidence() &&
           !options_.wanted->preserves_private();
  }

  bool read_repository(entry const& e, std::string const& path, std::string_view name) {
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      if (parent_path(path) != swvpd::repository_of(static_cast<swvpd::part>(i))) { continue; }
      auto& p = parts_[i];
      if (name == "lpp" || name == "product" || name == "history") {
        // History only joins; product and history are not worth their memory beyond a bound.
        auto const bound =
            name == "lpp" ? options_.bounds.survey_member_bytes : options_.bounds.survey_member_bytes / 4;
        if (name == "history") { return false; }
        auto got = read_member(reader_, e, bound);
        if (name == "lpp") {
          p.seen = true;
          out_.swvpd.lpp[i] = got.state;
          out_.swvpd.from[i] = {e.path, e.offset};
          if (got.damaged) { ++out_.content_errors; }
          if (got.state != read_state::ok) {
            findings_.report(
                {.code = &member_unread, .offset = e.offset, .path = e.path, .detail = got.why, .level = {}});
          }
          p.lpp = std::move(got.bytes);
        } else {
          p.product = std::move(got.bytes);
        }
        return true;
      }
      if (name == "inventory") { p.inventory = later{e}; }
      if (name == "inventory.vc") { p.inventory_vc = later{e}; }
      return false;
    }
    return false;
  }

  void finish() {
    if (out_.bosinst.raw.readable()) { parse_bosinst(out_.bosinst); }
    if (out_.filesystems_file.readable()) { parse_filesystems(out_); }
    if (out_.exclude_rootvg.readable()) { parse_excludes(out_); }
    complete_wpars(out_);
    for (auto const& w : out_.wpars) {
      if (!w.usable && !w.base.empty()) {
        findings_.report({.code = &base_not_usable,
                          .offset = w.from.offset,
                          .path = w.from.path,
                          .detail = concat("WPAR ", quoted(w.name), ": ", w.why_not),
                          .level = {}});
      }
    }
    if (!out_.below_complete) {
      findings_.report({.code = &counts_partial, .offset = {}, .path = {}, .detail = {}, .level = {}});
    }
    std::sort(out_.wparconvert.begin(), out_.wparconvert.end());
    classes_.finish();
    auto const databases = read_filesets(out_, parts_);
    find_service_packs(out_.swvpd, fix_, fix_texts_);
    fix_ = {};
    fix_texts_ = {};
    if (wants_ownership()) {
      find_private_files(out_, reader_, *options_.wanted, options_.bounds, databases, parts_, archives_, findings_);
    }
    learn_private_bit(out_, databases);
  }

  image_reader& reader_;
  survey_options const& options_;
  facts out_;
  diagnostic_sink& findings_;
  std::unordered_set<std::string> asked_;
  std::uint64_t damaged_ = 0;
  std::size_t noted_bytes_ = 0;
  std::vector<std::byte> fix_, fix_texts_;
  std::string parent_;
  bool parent_known_ = false;
  std::uint64_t kept_text_ = 0;  // bytes of the texts in out_
  std::vector<subtree_count*> ancestors_;
  std::vector<std::string> deep_mounts_;
  std::uint64_t seed_ = std::random_device{}();
  hash_set linked_;  // files with several names
  device_classes classes_{out_};
  repositories parts_;
  archive_members archives_;
};

}  // namespace

facts gather_facts(image_reader& reader, survey_options const& o, diagnostic_sink& d) {
  return surveyor{reader, o, d}.run();
}

}  // namespace sysb::wpar
