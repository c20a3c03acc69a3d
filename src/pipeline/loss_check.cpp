// SPDX-License-Identifier: Apache-2.0
#include "pipeline/loss_check.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "core/fatal_error.hpp"
#include "pipeline/diagnostics.hpp"

namespace sysb::pipeline {

namespace {
constexpr std::array<diag_code const*, 7> kinds_of_loss{&loss_member, &loss_owner,    &loss_mtime, &loss_acl,
                                                        &loss_device, &loss_aix_mode, &loss_times};
constexpr std::uint32_t nobody = 65534;

// More than what the permissions say: extended entries, or a privilege list that is not empty.
bool acl_says_more(entry const& e) noexcept {
  if (e.acl_extended) { return true; }
  return e.pcl.size() > 8 && std::any_of(e.pcl.begin() + 8, e.pcl.end(), [](std::byte b) { return b != std::byte{0}; });
}
}  // namespace

void loss_check::lost(diag_code const& code, entry const& e, std::string detail) {
  if (stop_ && !stopped_ && code.level == severity::warning) {
    stopped_.emplace(fatal_error::kind::loss, concat("output ", target_.id, ": ", code.title, " (", detail, ')'),
                     e.offset, e.path);
  }
  auto const at = std::find(kinds_of_loss.begin(), kinds_of_loss.end(), &code) - kinds_of_loss.begin();
  auto& c = causes_[static_cast<std::size_t>(at)];
  if (c.count++ == 0) {
    c.example = e.path;
    c.detail = std::move(detail);
  }
}

bool loss_check::fit(entry& e) {
  auto const& holds = target_.holds;
  bool const device = e.kind == entry_kind::char_device || e.kind == entry_kind::block_device;
  if (e.kind == entry_kind::socket && !holds.sockets) {
    lost(loss_member, e, "socket");
    return false;
  }
  if (e.kind == entry_kind::fifo && !holds.fifos) {
    lost(loss_member, e, "FIFO");
    return false;
  }
  if (device && !holds.devices) {
    lost(loss_member, e, "device");
    return false;
  }
  if (device && (std::max(e.rdev.major, e.rdev.minor) > holds.max_device || e.rdev.major > holds.max_major)) {
    lost(loss_device, e, concat("device ", e.rdev.major, ',', e.rdev.minor));
    return false;
  }
  if (!path_fits(holds, e.path, e.kind == entry_kind::directory)) {
    lost(loss_member, e, concat("name of ", std::uint64_t{e.path.size()}, " bytes, at most ", holds.max_path));
    return false;
  }
  if (e.kind == entry_kind::symlink && e.target.size() > holds.max_target) {
    lost(loss_member, e,
         concat("link target of ", std::uint64_t{e.target.size()}, " bytes, at most ", holds.max_target));
    return false;
  }
  if (e.link_to.size() > holds.max_target) {
    lost(loss_member, e, concat("hard link to a name of ", std::uint64_t{e.link_to.size()}, " bytes"));
    return false;
  }
  if (e.kind == entry_kind::file && e.link_to.empty() && e.size > holds.max_size) {
    lost(loss_member, e, concat("file of ", e.size, " bytes, at most ", holds.max_size));
    return false;
  }
  if (std::max(e.uid, e.gid) > holds.max_id) {
    lost(loss_owner, e, concat("uid ", e.uid, ", gid ", e.gid, ", at most ", holds.max_id));
    if (e.uid > holds.max_id) { e.uid = nobody; }
    if (e.gid > holds.max_id) { e.gid = nobody; }
  }
  if (e.mtime < holds.min_mtime || e.mtime > holds.max_mtime) {
    lost(loss_mtime, e, concat("time ", e.mtime));
    e.mtime = std::clamp(e.mtime, holds.min_mtime, holds.max_mtime);
  }
  if (!holds.acl && acl_says_more(e)) { lost(loss_acl, e, e.acl_extended ? "extended entries" : "privileges"); }
  if (!holds.aix_mode && (e.mode >> 16) != 0) { lost(loss_aix_mode, e, concat("mode 0x", hex(e.mode, 8))); }
  if (!holds.atime || !holds.ctime) { lost(loss_times, e, holds.atime ? "ctime" : "atime, ctime"); }
  return true;
}

void loss_check::report(diagnostic_sink& findings) const {
  for (std::size_t i = 0; i < causes_.size(); ++i) {
    auto const& c = causes_[i];
    if (c.count == 0) { continue; }
    findings.report({.code = kinds_of_loss[i],
                     .offset = {},
                     .path = c.example,
                     .detail = concat("output ", target_.id, ", ", c.count, c.count == 1 ? " member" : " members",
                                      ", first: ", c.detail),
                     .level = {}});
  }
}

}  // namespace sysb::pipeline
