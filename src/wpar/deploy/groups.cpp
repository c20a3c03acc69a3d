// SPDX-License-Identifier: Apache-2.0
#include "wpar/deploy/groups.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace sysb::wpar::deploy {

namespace {

struct advice {
  std::string_view id, text;
};
constexpr std::array<advice, 24> advices{{
    {"V01", "give the mksysb itself, or what carries it"},
    {"V02", "copy the image again from where it was made"},
    {"V03", "copy the image again from where it was made"},
    {"V04", "use a tree or an archive (-o NAME.tar), which does not need image.data; or --force"},
    {"V05", "take the mksysb of the system"},
    {"V06", "--assume-level LEVEL"},
    {"V07", "syncwpar or migwpar on the host, see the steps below; an image that is too new needs another host"},
    {"V09", "finish or reject the update on the source, or syncroot in the WPAR"},
    {"V10", "take a whole mksysb; --force goes on"},
    {"V12", "--shared or --private; --keep PATH for a file system"},
    {"V13", "look at the plan of file systems, fs.plan"},
    {"V14", "bring this data to the WPAR by another way, or do without it"},
    {"V15", "compare with the source"},
    {"V16", "take a mksysb with one instance mounted"},
    {"V23", "--private-filesets FILE, --media DIR or --private-flag BIT; -T preserve_private=yes keeps them"},
    {"V24", "--quiesce, or edit the copy before the first start"},
    {"V25", "remove the keys in the copy: rm /etc/ssh/ssh_host_*"},
    {"V26", "try it first"},
    {"V28", "-n NAME, --hostname H"},
    {"V29", "--force takes the sizes of the plan; --margin PERCENT adds room"},
    {"V30", "look at the plan of file systems, fs.plan"},
    {"V31", "there is none"},
    {"V32", "restwpar for a savewpar image"},
    {"V18", "keep the keystores of the source"},
}};

// Warnings that a person answers; the others only tell.
constexpr std::array<std::string_view, 6> asks{"V04", "V06", "V07", "V12", "V23", "V28"};

}  // namespace

std::string_view to_text(group g) noexcept {
  switch (g) {
    case group::decide: return "decide";
    case group::watch: return "watch";
    case group::passed: return "passed";
  }
  return "passed";
}

group group_of(rule_result const& r) noexcept {
  switch (r.level) {
    case severity::error: return group::decide;
    case severity::warning:
      return std::find(asks.begin(), asks.end(), r.id()) != asks.end() ? group::decide : group::watch;
    case severity::note: return group::passed;
  }
  return group::passed;
}

std::string_view advice_for(rule_result const& r) noexcept {
  if (r.level == severity::note) { return {}; }
  for (auto const& a : advices) {
    if (a.id == r.id()) { return a.text; }
  }
  return {};
}

std::vector<question> open_questions(facts const& f, request const& r, assessment const& a) {
  std::vector<question> out;
  for (auto const& x : a.results) {
    if (group_of(x) == group::decide) { out.push_back({std::string{x.id()}, x.text, std::string{advice_for(x)}}); }
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
