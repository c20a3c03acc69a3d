// SPDX-License-Identifier: Apache-2.0
// V06, V07 and V09: is it old enough, new enough, and of one piece.
#include <string_view>
#include <unordered_map>
#include <vector>

#include "formats/swvpd/swvpd.hpp"
#include "wpar/deploy/host.hpp"
#include "wpar/rules/context.hpp"

namespace sysb::wpar::rule {

void v06(rule_context& c) {
  auto const& l = c.done.source;
  for (auto const& text : l.disagreements) { c.warning(concat("sources of the level disagree: ", text), l.from); }
  auto const& told = c.image.image_data.oslevel;
  if (told.find_first_not_of(" \t\r") != std::string::npos && !parse_level(told)) {
    c.warning(
        concat("OSLEVEL of image.data: expected a level such as 7.1.3.0, found ", quoted(told), "; it does not count"),
        c.image.image_data.raw.from);
  }
  if (l.assumption_ignored) {
    c.warning(concat("--assume-level is ignored: the image tells its level (", l.text(), ", ", to_text(l.source), ')'),
              l.from);
  }
  if (!l.minimum_ok && l.value) {
    c.warning(concat("level ", l.text(), " (", to_text(l.source),
                     ") does not decide: 4.3.3 is the oldest that a system copy WPAR takes; --assume-level 4.3.3 says "
                     "that it is"),
              l.from);
    return;
  }
  if (!l.minimum_ok) {
    c.warning(
        "the level of the image cannot be told: no OSLEVEL in image.data and no bos.rte in the software "
        "database; --assume-level LEVEL says it",
        l.from);
    return;
  }
  if (!*l.minimum_ok) {
    c.error(concat("level ", l.text(), " (", to_text(l.source),
                   ") is below 4.3.3.0, the oldest that a system copy "
                   "WPAR takes"),
            l.from);
    return;
  }
  if (l.source == level_source::assumed) {
    c.note(concat("level ", l.text(), " as --assume-level says; the image does not tell it"), l.from);
  }
  // An old image has two ways into a WPAR, and the choice is not ours.
  auto const v = l.value ? version_release{l.value->version(), l.value->release()} : *l.coarse;
  if (v.version == 5 && (v.release == 2 || v.release == 3)) {
    c.note(concat("AIX has two ways for ", v.version, '.', v.release,
                  ": a versioned WPAR (mkwpar -C -B, licensed "
                  "vwpar filesets) that keeps the old user space, and this system copy (mkwpar -t -B), which is "
                  "brought to the host's level"),
           l.from);
  }
}

void v07(rule_context& c) {
  if (c.asked.host && !c.asked.host->tells("lslpp")) {
    c.warning("lslpp failed on the host, so its filesets are not compared with the root parts of the image");
  } else if (c.asked.host) {
    auto const seen = deploy::compare_with_host(c.image, *c.asked.host);
    auto const open = !seen.to_update.empty() || !seen.newer.empty() || !seen.not_on_host.empty();
    auto const text = concat(
        "root parts beside the host's filesets: ", seen.same, " at the same level, ",
        std::uint64_t{seen.to_update.size()}, " to be updated", seen.to_update.empty() ? "" : " (",
        list_names(seen.to_update), seen.to_update.empty() ? "" : ")", ", ", std::uint64_t{seen.not_on_host.size()},
        " not on the host", seen.not_on_host.empty() ? "" : " (", list_names(seen.not_on_host),
        seen.not_on_host.empty() ? "" : ")", ", ", std::uint64_t{seen.newer.size()}, " newer than the host's",
        seen.newer.empty() ? "" : " (", list_names(seen.newer), seen.newer.empty() ? "" : ")");
    c.add(open ? severity::warning : severity::note, text, c.image.swvpd.from[1]);
  }
  if (!c.done.host) { return; }
  auto const& h = *c.done.host;
  auto const at = c.done.source.from;
  switch (h.action) {
    case host_action::none: c.note(concat(h.text, ": the WPAR can start directly"), at); return;
    case host_action::syncwpar:
      c.warning(concat(h.text, ": run syncwpar ", c.shared() ? "" : "-D ", "before the WPAR can start"), at);
      return;
    case host_action::migwpar: c.warning(h.text, at); return;
    case host_action::too_new: c.error(h.text, at); return;
    case host_action::unknown:
      // The same as far as both are known is no reason to ask anybody; a level that nobody knows is.
      if (c.done.source.value || c.done.source.coarse) {
        c.note(h.text, at);
      } else {
        c.warning(h.text, at);
      }
      return;
  }
}

void v09(rule_context& c) {
  auto const& s = c.image.swvpd;
  for (std::size_t i = 0; i < s.lpp.size(); ++i) {
    if (s.lpp[i] == read_state::absent || s.lpp[i] == read_state::ok) { continue; }
    c.warning("the software database cannot be read: its filesets are not known", s.from[i]);
  }
  if (!s.complaints.empty()) { c.warning(concat("the software database has faults: ", list_names(s.complaints, 4))); }
  // An update without a root part leaves the root row behind on every sound system; the other way round nothing
  // is known to come about but by an update of the usr part that was taken back or lost.
  std::unordered_map<std::string_view, installed_fileset const*> usr_parts;
  for (auto const& f : s.filesets) {
    if (f.part == fileset_part::usr) { usr_parts.emplace(f.name, &f); }
  }
  std::vector<std::string> ahead;
  for (auto const& f : s.filesets) {
    if (f.part != fileset_part::root) { continue; }
    auto const usr = usr_parts.find(f.name);
    if (usr == usr_parts.end()) { continue; }
    auto const of_root = swvpd::parse_vrmf(f.level);
    auto const of_usr = swvpd::parse_vrmf(usr->second->level);
    if (of_root && of_usr && *of_usr < *of_root) {
      ahead.push_back(concat(f.name, " (usr part ", usr->second->level, ", root part ", f.level, ')'));
    }
  }
  if (!ahead.empty()) {
    c.warning(concat("filesets whose root part is newer than the usr part: ", list_names(ahead)),
              s.from[static_cast<std::size_t>(fileset_part::root)]);
  }
  std::vector<std::string> broken;
  for (auto const& f : s.filesets) {
    if (f.broken) { broken.push_back(concat(f.name, " (", to_text(f.part), " part, state ", f.state, ')')); }
  }
  if (!broken.empty()) {
    c.warning(
        concat("filesets that are neither committed nor applied, so broken or half applied: ", list_names(broken)),
        s.from[0]);
  }
}

}  // namespace sysb::wpar::rule
