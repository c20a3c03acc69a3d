// SPDX-License-Identifier: Apache-2.0
#include "jobs/diagnostics.hpp"

#include "base/text.hpp"

namespace sysb::jobs {

bool report_unmatched(pipeline::selection const& chosen, diagnostic_sink& d) {
  auto const missed = chosen.unmatched();
  for (auto const& pattern : missed) {
    d.report({.code = &no_match, .offset = {}, .path = {}, .detail = quoted(pattern), .level = {}});
  }
  return !missed.empty();
}

}  // namespace sysb::jobs
