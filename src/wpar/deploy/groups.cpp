// SPDX-License-Identifier: Apache-2.0
#include "wpar/deploy/groups.hpp"

#include "base/text.hpp"

namespace sysb::wpar::deploy {

std::vector<question> open_questions(facts const& f, request const& r, assessment const& a) {
  std::vector<question> out;
  for (auto const& x : a.results) {
    if (x.asks == group::decide) { out.push_back({std::string{x.id()}, x.text, x.advice}); }
  }
  if (r.name.empty()) { out.push_back({"V28", "the WPAR has no name yet", "-n NAME; deploy.sh takes it, too"}); }
  if (!a.host) {
    out.push_back({"V07", "the level of the host is not known", "--host FILE (collect-host.sh) or --host-level LEVEL"});
  }
  if (r.address.empty() && !f.addresses.empty()) {
    out.push_back({"V25", concat("the WPAR has no address yet; the source had ", printable(f.addresses.front())),
                   "--address A --netmask M --interface I, or mkwpar -N on AIX"});
  }
  return out;
}

}  // namespace sysb::wpar::deploy
