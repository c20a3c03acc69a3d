// SPDX-License-Identifier: Apache-2.0
#include "pipeline/loss_check.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "core/loss.hpp"
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
  if (stop_ && !stopped_ && stops(code)) { stopped_ = loss_error(target_.id, code, detail, e.offset, e.path); }
  auto const at = std::find(kinds_of_loss.begin(), kinds_of_loss.end(), &code) - kinds_of_loss.begin();
  auto& c = causes_[static_cast<std::size_t>(at)];
  if (c.count++ == 0) {
    c.example = e.path;
    c.detail = std::move(detail);
  }
}

bool loss_check::fit(entry& e) {
  auto const& holds = target_.holds;
  if (auto refused = why_not_held(holds, e)) {
    lost(refused->device_number ? loss_device : loss_member, e, std::move(refused->why));
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
