// SPDX-License-Identifier: Apache-2.0
#include "cli/explain_text.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "cli/option_table.hpp"
#include "wpar/advice.hpp"
#include "wpar/rules.hpp"

namespace sysb::cli {

namespace {

struct protection {
  std::string_view what;
  std::string_view ids;  // each between blanks
};
constexpr std::array<protection, 6> protections{{
    {"the image itself", " V01 V02 V03 V04 V05 "},
    {"the level and the software", " V06 V07 V08 V09 V23 V27 V35 "},
    {"the data of the source", " V10 V11 V12 V13 V14 V15 V16 V17 V18 V20 V21 V22 "},
    {"the file systems of the WPAR", " V29 V30 "},
    {"the WPAR when it runs", " V24 V26 V28 V31 V32 "},
    {"other systems, and secrets", " V19 V25 V33 V34 "},
}};

struct family {
  std::string_view front, what;
};
constexpr std::array<family, 18> families{{
    {"BBN-", "the backup archive"},
    {"XFR-", "what happened to the image on its way"},
    {"SET-", "volumes of a set"},
    {"PCK-", "packed content"},
    {"ACL-", "access control lists"},
    {"LNK-", "links and names of members"},
    {"SEL-", "selection of members"},
    {"OUT-", "outputs"},
    {"LOS-", "what an output cannot hold"},
    {"IDX-", "the index"},
    {"INV-", "the software inventory"},
    {"ODM-", "the ODM"},
    {"SWV-", "the software database"},
    {"AAR-", "package archives (liblpp.a)"},
    {"STZ-", "stanza files"},
    {"WPR-", "the system copy WPAR, beside its rules"},
    {"CLI-", "the command line"},
    {"BAT-", "batches"},
}};

std::string_view family_of(std::string_view id) noexcept {
  auto const at =
      std::find_if(families.begin(), families.end(), [&](family const& f) { return id.starts_with(f.front); });
  return at == families.end() ? std::string_view{"what images travel in"} : at->what;
}

std::string row(diag_code const& c) {
  auto const head = concat("  ", c.id, std::string(c.id.size() < 9 ? 9 - c.id.size() : 1, ' '));
  return concat(head, wrapped(c.title, head.size()), '\n');
}

}  // namespace

std::string_view consequence(diag_code const& c) noexcept {
  if (c.level != severity::error) { return "the exit code does not change"; }
  switch (c.fault) {
    case fault_class::damage: return "exit code 3: the image is damaged or incomplete";
    case fault_class::refused: return "exit code 3: the member is left out for safety";
    case fault_class::unsupported: return "exit code 5: not an image of a known format or variant";
    case fault_class::unfit: return "exit code 6: the image is not fit for the purpose";
    case fault_class::loss: return "exit code 4 with --on-loss stop";
    case fault_class::io: return "exit code 1: the command could not finish";
  }
  return "";
}

std::string_view remedy_of(diag_code const& c) noexcept {
  if (wpar::find_rule(c.id) != nullptr) {
    auto const advice = wpar::advice_of(c.id);
    return advice.empty() ? std::string_view{"nothing has to be done"} : advice;
  }
  switch (c.level) {
    case severity::note: return "nothing has to be done; it tells how the image was read or what was decided";
    case severity::warning:
      switch (c.fault) {
        case fault_class::damage:
          return "look at what it names; sysb check reads every byte and says whether more is wrong";
        case fault_class::refused: return "look at the member in the source; under another name it is taken";
        case fault_class::unsupported: return "sysb formats lists what can be read; keep the source of the image";
        case fault_class::unfit: return "look at what it names before the WPAR is made";
        case fault_class::loss: return "choose an output that holds it (.bff holds everything), or go without";
        case fault_class::io: return "look at the file or option that it names";
      }
      return "";
    case severity::error:
      switch (c.fault) {
        case fault_class::damage:
          return "copy the image again from where it was made; --salvage writes what is whole and proven";
        case fault_class::refused: return "rename the member on the source, or do without it: all others are written";
        case fault_class::unsupported:
          return "sysb formats lists what can be read; sysb evidence collects what a public report needs";
        case fault_class::unfit: return "put it right on the source, or go on with --force where that is right for you";
        case fault_class::loss: return "choose an output that holds it (.bff holds everything), or --on-loss report";
        case fault_class::io: return "put right what the message names (space, rights, a name), and run it again";
      }
      return "";
  }
  return "";
}

std::vector<std::string_view> links_of(std::string_view page) {
  std::vector<std::string_view> out;
  for (auto at = page.find("https://"); at != std::string_view::npos; at = page.find("https://", at)) {
    auto const end = std::min(page.find_first_of(" ;)", at), page.size());
    auto link = page.substr(at, end - at);
    while (link.ends_with(',') || link.ends_with('.')) { link.remove_suffix(1); }
    out.push_back(link);
    at = end;
  }
  return out;
}

std::string explain_one(diag_code const& c) {
  auto out = concat(c.id, " (", to_text(c.level), "): ", c.title, "\n\n", wrapped(c.explain, 0), "\n\n");
  out += concat("what to do: ", wrapped(remedy_of(c), 12), '\n', consequence(c), '\n');
  auto const* const rule = wpar::find_rule(c.id);
  if (rule == nullptr) { return out; }
  out += concat("protects: ", protected_by(c), "\nbasis: ", rule->basis, '\n');
  // Links stand alone on their lines, so that a terminal takes them whole.
  auto const links = links_of(rule->page);
  auto rest = std::string{rule->page};
  for (auto const link : links) {
    auto const at = rest.find(link);
    rest.erase(at, link.size());
  }
  std::string words;
  for (auto const ch : rest) {
    if ((ch == '(' || ch == ')' || ch == ';') && !links.empty()) { continue; }
    if (ch == ' ' && (words.empty() || words.back() == ' ')) { continue; }
    words.push_back(ch);
  }
  while (!words.empty() && words.back() == ' ') { words.pop_back(); }
  if (!words.empty()) { out += concat("stands on: ", wrapped(words, 11), '\n'); }
  for (auto const link : links) { out += concat(words.empty() ? "stands on:\n  " : "  ", link, '\n'), words = " "; }
  return out;
}

std::string_view protected_by(diag_code const& c) noexcept {
  for (auto const& p : protections) {
    auto const at = p.ids.find(c.id);
    if (wpar::find_rule(c.id) != nullptr && at != std::string_view::npos) { return p.what; }
  }
  return {};
}

std::string explain_all(std::span<diag_code const* const> codes) {
  std::string out{"Rules of deployment, by what they protect:\n"};
  for (auto const& p : protections) {
    out += concat('\n', p.what, '\n');
    for (auto const* c : codes) {
      if (protected_by(*c) == p.what) { out += row(*c); }
    }
  }
  out += "\nOther findings, by what they are about:\n";
  std::vector<std::string_view> seen;
  for (auto const* first : codes) {
    auto const what = family_of(first->id);
    if (!protected_by(*first).empty() || std::find(seen.begin(), seen.end(), what) != seen.end()) { continue; }
    seen.push_back(what);
    out += concat('\n', what, '\n');
    for (auto const* c : codes) {
      if (protected_by(*c).empty() && family_of(c->id) == what) { out += row(*c); }
    }
  }
  return out + "\nsysb explain ID says what one means and what to do.\n";
}

}  // namespace sysb::cli
