// SPDX-License-Identifier: Apache-2.0
// What the states of filesets in the software database mean, as far as it can be known.
#pragma once
#include <cstdint>
#include <vector>

#include "formats/swvpd/swvpd.hpp"

namespace sysb::swvpd {

inline constexpr std::int64_t state_committed = 5;

// For every fileset of `d`, whether its state is neither committed nor applied: an installation that did not end. The
// numbers of the other states are not public, so it is concluded. A base fileset is committed as it is installed: another
// number tells that of an unfinished state. An update may be applied, which is one number; further numbers are not.
// Nothing is concluded where most filesets have another state than that of "committed".
[[nodiscard]] std::vector<bool> unfinished(database const& d);

}  // namespace sysb::swvpd
