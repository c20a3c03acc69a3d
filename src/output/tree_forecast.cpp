// SPDX-License-Identifier: Apache-2.0
// What the tree sink would report of the same members, told without a tree: for a dry run. It judges by
// what can be known beforehand: who runs the command, what the kernel allows him, how long a name of the
// target's file system is. That this file system takes everything else is assumed.
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <random>
#include <unordered_set>
#include <utility>

#include "base/digest.hpp"
#include "base/text.hpp"
#include "core/loss.hpp"
#include "output/diagnostics.hpp"
#include "output/output.hpp"
#include "output/privileges.hpp"
#include "output/tree_files.hpp"
#include "output/tree_report.hpp"

namespace sysb::output {

namespace {

constexpr std::size_t usual_name_bytes = 255;

bool has_nul(std::string const& s) noexcept { return s.find('\0') != std::string::npos; }

// Of the folder that is there, on the way to `path`.
std::size_t longest_name_in(std::string path) {
  for (;;) {
    struct statvfs fs {};
    if (::statvfs(path.empty() ? "." : path.c_str(), &fs) == 0) {
      return fs.f_namemax != 0 ? fs.f_namemax : usual_name_bytes;
    }
    if (path.empty() || path == "/") { return usual_name_bytes; }
    auto const slash = path.find_last_of('/');
    path.resize(slash == std::string::npos ? 0 : std::max<std::size_t>(slash, 1));
  }
}

class tree_forecast final : public entry_sink {
 public:
  tree_forecast(std::string const& target, tree_options const& o, diagnostic_sink& findings)
      : findings_{findings},
        options_{o},
        allowed_{privileges::of_this_process()},
        name_bytes_{longest_name_in(target)},
        own_uid_{::geteuid()},
        own_gid_{::getegid()},
        seed_{std::random_device{}()} {}

  [[nodiscard]] wants needs() const noexcept override { return {.content = false}; }

  // As the tree sink, so that findings come in the same order.
  [[nodiscard]] std::unique_ptr<slot> place(entry const& e) override {
    if (!e.link_to.empty() || e.kind == entry_kind::file) { return std::make_unique<later>(*this, e); }
    foretell(e);
    return nullptr;
  }

  void finish() override {
    if (options_.stop_on_loss) { owners_.stop(owners_not_set); }
    owners_.report(owners_not_set, findings_);
    devices_.report(devices_not_made, findings_);
    attributes_.report(attributes_not_in_tree, findings_);
  }

 private:
  class later final : public slot {
   public:
    later(tree_forecast& to, entry const& e) : to_{to}, member_{e} {}
    [[nodiscard]] order when() const noexcept override { return order::in_turn; }
    void fill(content_feed& /*from*/) override {}
    void close(content_result const& /*r*/) override { to_.foretell(member_); }

   private:
    tree_forecast& to_;
    entry const& member_;
  };

  void foretell(entry const& e) {
    if (judge(e)) { complete(e); }
  }

  void lost(cause_tally& count, diag_code const& code, entry const& e) {
    if (options_.stop_on_loss) { throw_loss("tree", code, e.path, e.offset, {}); }
    count.add(e);
  }

  bool refuse(entry const& e, diag_code const& code, std::string detail) {
    if (options_.stop_on_loss && stops(code)) { throw_loss("tree", code, e.path, e.offset, detail); }
    findings_.report({.code = &code, .path = e.path, .detail = std::move(detail)});
    return false;
  }

  [[nodiscard]] bool names_fit(std::string_view path) const noexcept {
    for (std::size_t at = 0; at < path.size();) {
      auto const end = std::min(path.find('/', at), path.size());
      if (end - at > name_bytes_) { return false; }
      at = end + 1;
    }
    return true;
  }

  // True where the tree or its manifest would hold it.
  bool judge(entry const& e) {
    if (e.path.empty() && e.kind == entry_kind::directory) { return true; }
    if (e.path.empty() || has_dotdot(e.path) || has_nul(e.path) || has_nul(e.target)) {
      return refuse(e, unsafe_place, {});
    }
    auto const too_long = [&] { return refuse(e, file_system_refuses, os_text(ENAMETOOLONG)); };
    if (!names_fit(parent_path(e.path))) { return too_long(); }
    if (is_device(e) && !device_possible(e)) { return true; }
    if (!e.link_to.empty() && !can_link(e)) {
      return refuse(e, link_without_target, concat("first name ", quoted(e.link_to)));
    }
    if (e.link_to.empty() && e.kind == entry_kind::symlink && e.target.empty()) {
      return refuse(e, file_system_refuses, os_text(ENOENT));
    }
    return names_fit(e.path) || too_long();
  }

  // What is said of a member that would be there.
  void complete(entry const& e) {
    if (!e.acl.empty() || !e.pcl.empty()) { attributes_.add(e); }
    if (is_device(e) && (!device_possible(e) || !allowed_.may_make_devices())) {
      lost(devices_, devices_not_made, e);
      return;
    }
    if (!e.link_to.empty()) { return; }
    if (e.kind == entry_kind::file && e.nlink > 1) { linkable_.insert(hash(e.path)); }
    if (owner_possible(e)) { return; }
    if (options_.privileged && e.kind == entry_kind::directory) {
      // Root gives directories away at the very end, when their records are not known any more.
      entry about;
      about.path = e.path;
      owners_.add(about);
      return;
    }
    lost(owners_, owners_not_set, e);
  }

  [[nodiscard]] bool owner_possible(entry const& e) const noexcept {
    if (!options_.privileged) { return e.uid == own_uid_ && e.gid == own_gid_; }
    return e.uid != no_id && e.gid != no_id && allowed_.may_give_to(e.uid, e.gid);
  }
  [[nodiscard]] bool device_possible(entry const& e) const noexcept {
    return options_.privileged && e.rdev.major <= 0xfff && e.rdev.minor <= 0xfffff;
  }
  [[nodiscard]] bool can_link(entry const& e) { return e.link_to != e.path && linkable_.count(hash(e.link_to)) != 0; }
  [[nodiscard]] std::uint64_t hash(std::string_view path) const noexcept { return table_hash(as_bytes(path), seed_); }

  diagnostic_sink& findings_;
  tree_options options_;
  privileges allowed_;
  std::size_t name_bytes_;
  std::uint32_t own_uid_, own_gid_;
  std::uint64_t seed_;
  std::unordered_set<std::uint64_t> linkable_;  // names of files that have more of them
  cause_tally owners_, devices_, attributes_;
};

}  // namespace

std::unique_ptr<entry_sink> make_tree_forecast(std::string const& target, tree_options const& o,
                                               diagnostic_sink& findings) {
  return std::make_unique<tree_forecast>(target, o, findings);
}

}  // namespace sysb::output
