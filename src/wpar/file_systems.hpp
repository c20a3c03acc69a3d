// SPDX-License-Identifier: Apache-2.0
// Which file systems of image.data the WPAR gets; for this folder only.
#pragma once
#include <string_view>

#include "wpar/facts.hpp"
#include "wpar/request.hpp"

namespace sysb::wpar {

// /bos_inst and below: the place of the standby instance of a multibos system.
[[nodiscard]] bool is_standby_instance(std::string_view normal) noexcept;
// What --keep can name: strictly below /usr or /opt, or the place of a standby instance.
[[nodiscard]] bool can_be_kept(std::string_view normal) noexcept;
// The mount point is named by --keep, or stands below such a one.
[[nodiscard]] bool is_kept(request const& r, std::string_view mount);
// False for file systems of other WPARs, and for those of the host in a shared
// WPAR.
[[nodiscard]] bool file_system_stays(facts const& f, request const& r, wpar_kind kind, std::string_view mount);
}  // namespace sysb::wpar
