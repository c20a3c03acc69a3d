// SPDX-License-Identifier: Apache-2.0
#include "core/loss.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "core/entry_kinds.hpp"

namespace sysb {

fatal_error loss_error(std::string_view output, diag_code const& code, std::string_view about, std::uint64_t offset,
                       std::string const& path) {
  return {fatal_error::kind::loss, concat("output ", output, ": ", code.title, " (", about, ')'), offset, path};
}

void throw_loss(std::string_view output, diag_code const& code, std::string const& path, std::uint64_t offset,
                std::string_view detail) {
  auto const* const part = detail.empty() ? "" : ": ";
  throw loss_error(output, code, concat(quoted(path.empty() ? "." : path), std::string_view{part}, detail), offset,
                   path);
}

std::optional<not_held> why_not_held(output_properties const& holds, entry const& e) {
  bool const device = is_device(e.kind);
  if (e.kind == entry_kind::socket && !holds.sockets) { return not_held{false, "socket"}; }
  if (e.kind == entry_kind::fifo && !holds.fifos) { return not_held{false, "FIFO"}; }
  if (device && !holds.devices) { return not_held{false, "device"}; }
  if (device && (std::max(e.rdev.major, e.rdev.minor) > holds.max_device || e.rdev.major > holds.max_major)) {
    return not_held{true, concat("device ", e.rdev.major, ',', e.rdev.minor)};
  }
  if (!path_fits(holds, e.path, e.kind == entry_kind::directory)) {
    return not_held{false, concat("name of ", std::uint64_t{e.path.size()}, " bytes, at most ", holds.max_path)};
  }
  if (e.kind == entry_kind::symlink && e.target.size() > holds.max_target) {
    return not_held{false,
                    concat("link target of ", std::uint64_t{e.target.size()}, " bytes, at most ", holds.max_target)};
  }
  if (e.link_to.size() > holds.max_target) {
    return not_held{false, concat("hard link to a name of ", std::uint64_t{e.link_to.size()}, " bytes")};
  }
  if (e.kind == entry_kind::file && e.link_to.empty() && e.size > holds.max_size) {
    return not_held{false, concat("file of ", e.size, " bytes, at most ", holds.max_size)};
  }
  return std::nullopt;
}

}  // namespace sysb
