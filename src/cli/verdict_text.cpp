// SPDX-License-Identifier: Apache-2.0
#include "cli/verdict_text.hpp"

#include <sys/ioctl.h>
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "cli/option_table.hpp"
#include "cli/words.hpp"

namespace sysb::cli {

namespace {

constexpr std::size_t endless = static_cast<std::size_t>(-1);

std::string painted(text_style const& s, std::string_view code, std::string_view text) {
  return s.colour ? concat("\x1b[", code, 'm', text, "\x1b[0m") : std::string{text};
}

// Head and text in the columns that there are; lines after the first are indented.
std::string lines(text_style const& s, std::string_view head, std::string_view text, std::size_t indent) {
  auto const columns = s.columns == 0 ? endless : s.columns;
  auto const first = concat(head, text);
  auto at = std::string_view{first};
  std::string out(std::min(indent, at.find_first_not_of(' ')), ' ');
  at.remove_prefix(std::min(at.find_first_not_of(' '), at.size()));
  std::string body;
  auto used = out.size();
  while (!at.empty()) {
    auto const space = at.find(' ');
    auto const word = at.substr(0, space);
    at = space == std::string_view::npos ? std::string_view{} : at.substr(space + 1);
    if (word.empty()) { continue; }
    if (!body.empty() && used + 1 + word.size() > columns) {
      body += concat('\n', std::string(indent, ' '));
      used = indent;
    } else if (!body.empty()) {
      body.push_back(' ');
      ++used;
    }
    body += word;
    used += word.size();
  }
  return concat(out, body, '\n');
}

std::string_view colour_of(wpar::verdict v) noexcept {
  switch (v) {
    case wpar::verdict::ok:
    case wpar::verdict::fit: return "1;32";
    case wpar::verdict::undecided: return "1;33";
    case wpar::verdict::unfit:
    case wpar::verdict::damaged: return "1;31";
  }
  return "1";
}

std::size_t in_group(wpar::assessment const& a, wpar::group g) {
  return static_cast<std::size_t>(
      std::count_if(a.results.begin(), a.results.end(), [&](auto const& r) { return r.asks == g; }));
}

std::string titled(wpar::rule_result const& r) { return concat(r.id(), ' ', r.rule->code.title, ": "); }

// "V01-V06 V08"
std::string ranges(std::vector<std::size_t> const& numbers) {
  std::string out;
  auto const id = [](std::size_t i) { return wpar::rules()[i].id(); };
  for (std::size_t i = 0; i < numbers.size();) {
    auto end = i;
    while (end + 1 < numbers.size() && numbers[end + 1] == numbers[end] + 1) { ++end; }
    out += concat(out.empty() ? "" : " ", id(numbers[i]),
                  end == i       ? ""
                  : end == i + 1 ? " "
                                 : "-",
                  end == i ? std::string_view{} : id(numbers[end]));
    i = end + 1;
  }
  return out;
}

// Lines of a screen beside the groups: verdict, headings, what passed, the prompt. And what a group has in any case.
constexpr std::size_t others_on_screen = 10;
constexpr std::size_t least_of_group = 4;

// A word that is wider than the screen takes several of its lines.
std::size_t screen_lines(std::string_view text, std::size_t columns) {
  std::size_t out = 0;
  while (!text.empty()) {
    auto const end = std::min(text.find('\n'), text.size());
    out += columns == 0 ? 1 : std::max<std::size_t>(1, (end + columns - 1) / columns);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

// Whole characters of it.
std::string beginning(std::string text, std::size_t most) {
  if (text.size() <= most) { return text; }
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xc0u) == 0x80) { --most; }
  text.resize(most);
  return text + "...";
}

// What is to be decided always comes with its answer; what is only to be watched, where everything is asked for.
void put_group(std::string& out, wpar::assessment const& a, wpar::group g, bool all, text_style const& s) {
  if (in_group(a, g) == 0) { return; }
  auto const used = others_on_screen + screen_lines(out, s.columns);
  out += concat('\n', painted(s, "1", to_text(g)), '\n');
  // What a person must answer is never cut.
  auto const bounded = !all && g == wpar::group::watch && s.rows != 0;
  auto room = std::max(s.rows, used + least_of_group) - used;
  std::uint64_t hidden = 0;
  std::string hidden_ids;
  for (auto const& r : a.results) {
    if (r.asks != g) { continue; }
    auto const one = lines(s, concat("  ", titled(r)),
                           bounded ? beginning(printable_text(r.text), s.columns * 4) : printable_text(r.text), 6);
    auto const taken = screen_lines(one, s.columns);
    if (bounded && (hidden != 0 || taken > room)) {
      ++hidden;
      if (hidden_ids.find(r.id()) == std::string::npos) { hidden_ids += concat(' ', r.id()); }
      continue;
    }
    room -= std::min(room, taken);
    out += one;
    if (!r.advice.empty() && (all || g == wpar::group::decide)) { out += lines(s, "      answer: ", r.advice, 14); }
  }
  if (hidden != 0) { out += lines(s, "  ", concat("and ", hidden, " more:", hidden_ids, " (--all tells of each)"), 6); }
}

}  // namespace

text_style style_of(int fd) {
  text_style out;
  out.columns = text_columns(fd);
  winsize size{};
  if (out.columns != 0) { out.rows = ::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_row != 0 ? size.ws_row : 24; }
  auto const* const refused = std::getenv("NO_COLOR");
  auto const* const terminal = std::getenv("TERM");
  auto const dumb = terminal == nullptr || std::string_view{terminal} == "dumb";
  out.colour = out.columns != 0 && !dumb && (refused == nullptr || *refused == '\0');
  return out;
}

std::string wrapped_line(std::string_view text, std::size_t indent, text_style const& style) {
  return lines(style, "", text, indent);
}

std::string first_reason(wpar::assessment const* a, std::string_view first_error) {
  if (a != nullptr) {
    auto const worst = [&](auto const& wanted) {
      return std::find_if(a->results.begin(), a->results.end(), [&](auto const& r) { return wanted(r); });
    };
    auto at = worst([](auto const& r) { return r.level == severity::error; });
    if (at == a->results.end()) {
      at = worst([](auto const& r) { return r.asks == wpar::group::decide; });
    }
    if (at == a->results.end()) {
      at = worst([](auto const& r) { return r.level == severity::warning; });
    }
    if (at != a->results.end() && (at->level == severity::error || first_error.empty())) {
      return concat(at->id(), ": ", printable_text(at->text));
    }
  }
  return std::string{first_error};
}

std::string verdict_text(verdict_facts const& f, wpar::assessment const* a, text_style const& style) {
  auto const& seen = f.faults;
  std::string why;
  if (f.result == wpar::verdict::fit && a != nullptr) {
    auto const decide = in_group(*a, wpar::group::decide);
    auto const watch = in_group(*a, wpar::group::watch);
    why = concat("for a ", to_text(a->kind.kind), " system copy WPAR at level ", printable(a->source.text()),
                 ", because ", printable(a->kind.reason));
    if (decide + watch != 0) {
      why += concat("; ", decide == 0 ? std::string{} : concat(decide, " to decide"),
                    decide != 0 && watch != 0 ? ", " : "", watch == 0 ? std::string{} : concat(watch, " to watch"));
    }
  } else if (f.result == wpar::verdict::ok) {
    why = "every byte was read, every packed member decoded";
  } else {
    why = first_reason(a, f.first_error);
    auto const more = seen.of(severity::error);
    if (more > 1) { why += concat(" (and ", counted(more - 1, "more error", "more errors"), ')'); }
  }
  auto const word = to_text(f.result);
  auto out = lines(style, concat(f.image, ": ", word, why.empty() ? "" : ": "), why, 2);
  if (style.colour) {
    auto const at = out.find(concat(' ', word), f.image.size());
    if (at != std::string::npos) { out.replace(at + 1, word.size(), painted(style, colour_of(f.result), word)); }
  }
  auto text = concat(counted(f.members, "member", "members"), ", ", human_size(f.bytes), " of content");
  if (f.made) { text += concat(", ", age_text(*f.made, f.now)); }
  text += concat("; ", counted(seen.of(severity::error), "error", "errors"), ", ",
                 counted(seen.of(severity::warning), "warning", "warnings"), ", ",
                 counted(seen.of(severity::note), "note", "notes"));
  return out + lines(style, "  ", text, 2);
}

std::string rules_text(wpar::assessment const& a, bool all, text_style const& style) {
  std::string out;
  put_group(out, a, wpar::group::decide, all, style);
  put_group(out, a, wpar::group::watch, all, style);
  std::vector<std::size_t> passed;
  std::string every;
  std::string known;
  std::string known_ids;
  auto const rules = wpar::rules();
  for (std::size_t i = 0; i < rules.size(); ++i) {
    bool open = false;
    std::string notes;
    for (auto const& r : a.results) {
      if (r.rule != &rules[i]) { continue; }
      open = open || r.asks != wpar::group::passed;
      if (r.known_for) {
        if (known_ids.find(r.id()) == std::string::npos) { known_ids += concat(known_ids.empty() ? "" : " ", r.id()); }
        known += lines(style, concat("  ", titled(r)),
                       concat(printable_text(r.text), " [", printable(*r.known_for), ']'), 6);
      } else if (r.asks == wpar::group::passed) {
        notes += lines(style, concat("  ", titled(r)), printable_text(r.text), 6);
      }
    }
    if (!open) { passed.push_back(i); }
    every += !notes.empty() ? notes
             : open         ? std::string{}
                            : lines(style, "  ", concat(rules[i].id(), ' ', rules[i].code.title), 6);
  }
  if (!known.empty()) {
    auto const n = static_cast<std::uint64_t>(
        std::count_if(a.results.begin(), a.results.end(), [](auto const& r) { return r.known_for.has_value(); }));
    out += all ? concat('\n', painted(style, "1", "known"), '\n', known)
               : concat('\n', lines(style, "",
                                    concat("known by the profile: ", counted(n, "finding", "findings"), ", ", known_ids,
                                           " (--all tells of each)"),
                                    2));
  }
  if (all) { return concat(out, '\n', painted(style, "1", "passed"), '\n', every); }
  return concat(
      out, '\n',
      lines(style, "",
            concat("passed: ", passed.empty() ? std::string{"none"} : ranges(passed), " (--all tells of each)"), 2));
}

}  // namespace sysb::cli
