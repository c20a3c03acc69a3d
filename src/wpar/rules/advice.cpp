// SPDX-License-Identifier: Apache-2.0
// What the results of a rule ask of a person, and what answers them, where the rule itself says nothing else.
#include <algorithm>
#include <array>

#include "wpar/advice.hpp"
#include "wpar/rules/context.hpp"

namespace sysb::wpar {

namespace {

struct advice_row {
  std::string_view id, text;
};
constexpr std::array<advice_row, 32> advices{{
    {"V01", "give the mksysb itself, or what carries it"},
    {"V02", "copy the image again from where it was made"},
    {"V03", "copy the image again from where it was made"},
    {"V04", "use a tree or an archive (-o NAME.tar), which does not need image.data; or --force"},
    {"V05", "take the mksysb of the system"},
    {"V06", "--assume-level LEVEL"},
    {"V07", "syncwpar or migwpar on the host before the first start; an image that is too new needs another host"},
    {"V09", "finish or reject the update on the source, or syncroot in the WPAR"},
    {"V10", "take a whole mksysb; --force goes on"},
    {"V11", "none is needed; a system copy of that WPAR is made from a backup of its own (savewpar)"},
    {"V12", "--shared or --private; --keep PATH for a file system"},
    {"V13", "look at the plan of file systems, fs.plan"},
    {"V14", "bring this data to the WPAR by another way, or do without it"},
    {"V15", "correct /etc/exclude.rootvg on the source and take the mksysb again"},
    {"V16", "--keep /bos_inst keeps it"},
    {"V17", "recall the migrated files on the source and take the mksysb again"},
    {"V23", "--private-filesets FILE, --media DIR or --private-flag BIT; -T preserve_private=yes keeps them"},
    {"V20", "look at the ACLs of the source (aclget), and take the mksysb again without -a where they are wanted"},
    {"V21", "rename them on the source and take the mksysb again"},
    {"V22", "make them again in the WPAR where a program wants them"},
    {"V24", "--quiesce, or edit the copy before the first start"},
    {"V25", "rm /etc/ssh/ssh_host_* in the copy; sshd makes new ones"},
    {"V26", "try the WPAR on a host that can spare it"},
    {"V27", "nothing; after syncwpar or migwpar the programs are there"},
    {"V28", "-n NAME, --hostname H"},
    {"V29", "--force takes the sizes of the plan; --margin PERCENT adds room"},
    {"V30", "look at the plan of file systems, fs.plan"},
    {"V31", "take the mksysb of a client partition instead"},
    {"V32", "restwpar for a savewpar image"},
    {"V18", "keep the keystores of the source"},
    {"V34", "convert one of them; the copies must not run beside each other with one name or address"},
    {"V35", "sysb check --inventory lists the files; install or repair the filesets on the source"},
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

group usual_group(std::string_view id, severity s) noexcept {
  switch (s) {
    case severity::error: return group::decide;
    case severity::warning: return std::find(asks.begin(), asks.end(), id) != asks.end() ? group::decide : group::watch;
    case severity::note: return group::passed;
  }
  return group::passed;
}

std::string_view usual_advice(std::string_view id) noexcept {
  for (auto const& a : advices) {
    if (a.id == id) { return a.text; }
  }
  return {};
}

std::string_view advice_of(std::string_view id) noexcept { return usual_advice(id); }

}  // namespace sysb::wpar
