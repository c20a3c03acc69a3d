// SPDX-License-Identifier: Apache-2.0
// Which file systems of image.data the WPAR gets; for this folder only.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "wpar/facts.hpp"
#include "wpar/request.hpp"
#include "wpar/rules.hpp"

namespace sysb::wpar {

// Strictly below /usr or /opt: what --keep can name.
[[nodiscard]] bool can_be_kept(std::string_view normal) noexcept;
// The mount point is named by --keep, or stands below such a one.
[[nodiscard]] bool is_kept(request const& r, std::string_view mount);
// False for file systems of other WPARs, and for those of the host in a shared
// WPAR.
[[nodiscard]] bool file_system_stays(facts const& f, request const& r, wpar_kind kind, std::string_view mount);
// A name that no script and no stanza file gets: a ".." component, or a byte
// that is no printable text.
[[nodiscard]] bool is_hostile(std::string_view name) noexcept;

// File systems that the WPAR gets, each with its logical volume: mkwpar wants
// them in pairs.
struct file_system_pairs {
  std::vector<std::pair<file_system const*, logical_volume const*>> kept;
  std::vector<std::string> hostile;   // names, as they are
  std::vector<std::string> unpaired;  // mount points without a logical volume of their own
};
[[nodiscard]] file_system_pairs pair_file_systems(facts const& f, request const& r, wpar_kind kind);

}  // namespace sysb::wpar
