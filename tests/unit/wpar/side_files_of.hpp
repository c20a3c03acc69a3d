// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "wpar/deploy/deploy.hpp"

namespace fake {

inline std::vector<sysb::wpar::deploy::side_file> side_files_of(sysb::wpar::facts const& f,
                                                                sysb::wpar::request const& r,
                                                                sysb::wpar::assessment const& a,
                                                                sysb::wpar::deploy::result const& done) {
  std::vector<sysb::wpar::deploy::side_file> out;
  make_side_files(f, r, a, done, [&](auto const& file) { out.push_back(file); });
  return out;
}

}  // namespace fake
