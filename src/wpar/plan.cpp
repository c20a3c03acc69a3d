// SPDX-License-Identifier: Apache-2.0
#include "wpar/plan.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.hpp"
#include "core/entry_kinds.hpp"
#include "wpar/deploy/deploy.hpp"
#include "wpar/deploy/self_starters.hpp"
#include "wpar/diagnostics.hpp"
#include "wpar/file_systems.hpp"

namespace sysb::wpar {

namespace {

constexpr std::uint32_t directory_mode = 0040755;  // S_IFDIR and rwxr-xr-x, as AIX has them
constexpr std::uint32_t file_mode = 0100644;       // S_IFREG, likewise
constexpr std::array<std::string_view, 2> host_directories{"usr", "opt"};
constexpr std::array<std::string_view, 3> wpar_database{"etc/wpars", "etc/corrals", "var/adm/wpars"};

bool is_or_below(std::string_view path, std::string_view directory) noexcept {
  return path == directory || is_below(path, directory);
}

decision drop(std::string_view rule, std::string reason) {
  return {.action = plan_action::drop, .rule = rule, .reason = std::move(reason)};
}

decision replace_by(std::string_view rule, std::string reason) {
  return {.action = plan_action::replace, .rule = rule, .reason = std::move(reason)};
}

class wpar_plan final : public member_plan {
 public:
  wpar_plan(facts const& f, request const& r, assessment const& a) : facts_{f}, asked_{r}, shared_{is_shared(a)} {
    for (auto const& k : r.keep) {
      auto path = normal_path(k);
      if (can_be_kept(path)) { keep_.push_back(std::move(path)); }
    }
    auto const to_bff = r.target == target_kind::bff;
    if (!to_bff || r.empty_devices) {
      for (auto const& c : f.device_classes) {
        if (c.sound) { classes_.emplace(concat("etc/objrepos/", c.name), &c); }
      }
    }
    if (r.quiesce) { quiesced_ = deploy::quiesced_texts(f); }
    if (to_bff) { image_data_ = deploy::reduced_image_data(f, a, deploy::plan_file_systems(f, r, a.kind.kind)); }
  }

  // First what is not there at all in a WPAR of this kind, then what belongs to the source, then
  // single files.
  decision decide(entry const& e) override {
    auto const path = normal_path(e.path);
    // Names with ".." are refused by whoever writes; to judge them here would need a second opinion
    // on what they mean.
    if (path.empty() || has_dotdot(path)) { return {}; }
    if (auto d = host_part(e, path)) { return *d; }
    if (auto d = other_wpars(path)) { return *d; }
    if (auto d = device_part(e, path)) { return *d; }
    if (is_standby_instance(path) && !leads_to_kept(e, path)) {
      return drop("V16", "standby instance of a multibos system: a WPAR boots none");
    }
    if (auto d = identity(path)) { return *d; }
    if (auto d = private_file(e, path)) { return *d; }
    if (classes_.find(path) != classes_.end() && e.kind == entry_kind::file) {
      auto const& c = *classes_.find(path)->second;
      return replace_by("devices", concat("customized device class without the objects of the source",
                                          c.pristine ? " (the empty class that the image holds)" : ""));
    }
    if (e.kind == entry_kind::file && quiesced_.find(path) != quiesced_.end()) {
      return replace_by("quiesce",
                        concat("lines that start something are comments now, marked ", deploy::quiesce_mark));
    }
    if (!image_data_.empty() && path == "image.data" && e.kind == entry_kind::file) {
      return replace_by("image.data", "reduced to the file systems of the WPAR");
    }
    return {};
  }

  generated_member replace(entry const& e, std::span<std::byte const> /*original*/) override {
    auto const path = normal_path(e.path);
    auto what = decide(e);
    generated_member out;
    out.rule = what.rule;
    out.reason = std::move(what.reason);
    if (auto const at = classes_.find(path); at != classes_.end() && e.kind == entry_kind::file) {
      out.content = at->second->emptied;
    } else if (auto const text = quiesced_.find(path); text != quiesced_.end() && e.kind == entry_kind::file) {
      auto const bytes = as_bytes(text->second);
      out.content.assign(bytes.begin(), bytes.end());
    } else if (path == "image.data" && e.kind == entry_kind::file) {
      auto const bytes = as_bytes(image_data_);
      out.content.assign(bytes.begin(), bytes.end());
    } else {
      out.about = directory(e.path);
      return out;
    }
    out.about = e;
    out.about.size = out.content.size();
    out.about.stored = out.content.size();
    out.about.packed = false;
    out.about.content = out.content.empty() ? content_state::none : content_state::here;
    out.about.content_offset = 0;
    out.about.record_bytes = 0;
    out.about.nlink = 1;
    out.about.ino = 0;
    out.about.link_to.clear();
    out.about.opaque.clear();
    return out;
  }

  std::vector<generated_member> additions() override {
    std::vector<generated_member> out;
    if (!image_data_.empty() && !facts_.has("image.data")) {
      generated_member m;
      m.about = file("./image.data", image_data_.size());
      auto const bytes = as_bytes(image_data_);
      m.content.assign(bytes.begin(), bytes.end());
      m.rule = "image.data";
      m.reason = "made anew: the image has none";
      out.push_back(std::move(m));
    }
    if (!shared_) { return out; }
    for (auto const path : host_directories) {
      if (facts_.has(path)) { continue; }
      generated_member m;
      m.about = directory(concat("./", path));
      m.rule = "V12";
      m.reason = concat("mount point of the host's /", path);
      out.push_back(std::move(m));
    }
    return out;
  }

 private:
  static bool is_shared(assessment const& a) noexcept { return a.kind.kind == wpar_kind::shared; }

  entry file(std::string path, std::size_t size) const {
    auto e = directory(std::move(path));
    e.kind = entry_kind::file;
    e.mode = file_mode;
    e.size = size;
    e.stored = size;
    e.content = content_state::here;
    e.nlink = 1;
    return e;
  }

  entry directory(std::string path) const {
    entry e;
    e.path = std::move(path);
    e.kind = entry_kind::directory;
    e.mode = directory_mode;
    auto const date = facts_.description.volume.date;
    e.mtime = date;
    e.atime = date;
    e.ctime = date;
    e.nlink = 2;
    return e;
  }

  // Named by --keep; what leads there stays as well, as directories only.
  bool leads_to_kept(entry const& e, std::string const& path) const {
    return std::any_of(keep_.begin(), keep_.end(), [&](std::string const& k) {
      return is_or_below(path, k) || (is_below(k, path) && e.kind == entry_kind::directory);
    });
  }

  std::optional<decision> host_part(entry const& e, std::string const& path) const {
    if (!shared_) { return std::nullopt; }
    for (auto const top : host_directories) {
      if (path == top) {
        if (e.kind == entry_kind::directory) { return decision{}; }
        return replace_by("V12", concat("/", top, " must be a directory: the host's is mounted there"));
      }
      if (!is_below(path, top)) { continue; }
      if (leads_to_kept(e, path)) { return std::nullopt; }
      return drop("V12", concat("shared WPAR: /", top, " comes from the host"));
    }
    return std::nullopt;
  }

  std::optional<decision> other_wpars(std::string const& path) const {
    for (auto const& w : facts_.wpars) {
      if (w.usable && is_or_below(path, w.base)) {
        return drop("V11", concat("file system of WPAR ", quoted(w.name), " of the source"));
      }
    }
    for (auto const top : wpar_database) {
      if (is_below(path, top)) { return drop("V11", "WPAR database of the source"); }
    }
    return std::nullopt;
  }

  static std::optional<decision> device_part(entry const& e, std::string const& path) {
    if (is_below(path, "dev")) {
      if (e.kind == entry_kind::directory) { return decision{}; }
      return drop("devices", "/dev is built from the exported devices when the WPAR starts");
    }
    if (is_below(path, "proc")) { return drop("proc", "/proc is mounted when the WPAR starts"); }
    if (is_device(e.kind)) { return drop("V22", "device node of the source outside /dev"); }
    if (e.kind == entry_kind::socket) { return drop("V22", "socket: nobody listens at it"); }
    return std::nullopt;
  }

  static std::optional<decision> identity(std::string const& path) {
    if (path == "etc/ct_node_id" || is_below(path, "var/ct")) { return drop("V25", "RSCT identity of the source"); }
    if (path == "etc/niminfo" || path == ".rhosts") { return drop("V25", "NIM identity of the source"); }
    return std::nullopt;
  }

  // A directory is nobody's alone, whatever an inventory says.
  std::optional<decision> private_file(entry const& e, std::string const& path) const {
    if (asked_.preserves_private() || e.kind == entry_kind::directory) { return std::nullopt; }
    auto const at = facts_.hidden.owned.find(path);
    if (at == facts_.hidden.owned.end() || at->second >= facts_.hidden.filesets.size()) { return std::nullopt; }
    auto const& p = facts_.hidden.filesets[at->second];
    return drop("V23", concat("private fileset ", printable(p.name), " (", to_text(p.basis), ')'));
  }

  facts const& facts_;
  request const& asked_;
  bool shared_;
  std::vector<std::string> keep_;
  std::map<std::string, device_class const*, std::less<>> classes_;
  std::map<std::string, std::string, std::less<>> quiesced_;
  std::string image_data_;
};

void report_keeps(facts const& f, request const& r, assessment const& a, diagnostic_sink& d) {
  for (auto const& k : r.keep) {
    auto const path = normal_path(k);
    auto const place = can_be_kept(path);
    if (is_standby_instance(path) && f.present(path)) { continue; }
    if (a.kind.kind != wpar_kind::shared) {
      d.report({.code = &keep_ignored, .offset = {}, .path = k, .detail = {}, .level = {}});
    } else if (!place || !f.present(path)) {
      d.report({.code = &keep_outside, .offset = {}, .path = k, .detail = {}, .level = {}});
    } else {
      std::vector<std::string> mounts = f.mounts_below("usr");
      auto const more = f.mounts_below("opt");
      mounts.insert(mounts.end(), more.begin(), more.end());
      if (std::find(mounts.begin(), mounts.end(), path) == mounts.end()) {
        d.report({.code = &keep_no_file_system, .offset = {}, .path = k, .detail = {}, .level = {}});
      }
    }
  }
}

}  // namespace

std::unique_ptr<member_plan> make_plan(facts const& f, request const& r, assessment const& a, diagnostic_sink& d) {
  if (r.preserve_wpars) {
    d.report({.code = &preserve_wpars_ignored, .offset = {}, .path = {}, .detail = {}, .level = {}});
  }
  report_keeps(f, r, a, d);
  if (r.target != target_kind::bff || r.empty_devices) {
    for (auto const& c : f.device_classes) {
      if (c.sound) { continue; }
      d.report({.code = &class_kept, .offset = c.from.offset, .path = c.from.path, .detail = c.why_not, .level = {}});
    }
  }
  return std::make_unique<wpar_plan>(f, r, a);
}

void plan_totals::add(plan_action action, std::string_view rule, std::string_view reason, std::uint64_t bytes) {
  auto key = std::tuple{action, std::string{rule}, std::string{reason}};
  auto at = table_.find(key);
  if (at == table_.end() && table_.size() >= max_lines) {
    std::get<2>(key) = "other reasons";
    at = table_.find(key);
  }
  if (at == table_.end()) {
    plan_line line{.action = action, .rule = std::get<1>(key), .reason = std::get<2>(key)};
    at = table_.emplace(std::move(key), std::move(line)).first;
  }
  ++at->second.members;
  at->second.bytes += bytes;
}

std::vector<plan_line> plan_totals::lines() const {
  std::vector<plan_line> out;
  for (auto const& [key, line] : table_) { out.push_back(line); }
  return out;
}

std::uint64_t plan_totals::members(plan_action action) const noexcept {
  std::uint64_t n = 0;
  for (auto const& [key, line] : table_) { n += line.action == action ? line.members : 0; }
  return n;
}

}  // namespace sysb::wpar
