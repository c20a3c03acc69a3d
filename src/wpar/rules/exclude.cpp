// SPDX-License-Identifier: Apache-2.0
// V15: what the patterns of /etc/exclude.rootvg do on AIX, where mksysb -e gives them to grep. Names are relative to the
// root there and begin with "./".
#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "wpar/rules/context.hpp"

namespace sysb::wpar::rule {

namespace {

// Why grep cannot compile a pattern; empty: it can. Not done with regcomp(3): a hostile pattern takes its memory.
std::string compile_fault(std::string_view p) {
  unsigned depth = 0;
  for (std::size_t at = 0; at < p.size(); ++at) {
    if (p[at] == '\\') {
      if (at + 1 == p.size()) { return "it ends with a backslash"; }
      auto const c = p[++at];
      if (c == '(') { ++depth; }
      if (c == ')') {
        if (depth == 0) { return "\\) without \\("; }
        --depth;
      }
      if (c == '{') {
        auto const end = p.find("\\}", at);
        if (end == std::string_view::npos) { return "\\{ without \\}"; }
        auto const inside = p.substr(at + 1, end - at - 1);
        auto const comma = inside.find(',');
        auto const number = [](std::string_view n) {
          return n.size() <= 5 && std::all_of(n.begin(), n.end(), [](char d) { return d >= '0' && d <= '9'; });
        };
        auto const least = inside.substr(0, comma);
        auto const most = comma == std::string_view::npos ? std::string_view{} : inside.substr(comma + 1);
        if (least.empty() || !number(least) || !number(most)) { return "\\{ with no numbers"; }
        at = end + 1;
      }
    } else if (p[at] == '[') {
      // A bracket stands for itself directly after "[" or "[^".
      auto end = at + 1;
      if (end < p.size() && p[end] == '^') { ++end; }
      if (end < p.size() && p[end] == ']') { ++end; }
      while (end < p.size() && p[end] != ']') {
        auto const kind = end + 1 < p.size() && p[end] == '[' ? p[end + 1] : '\0';
        if (kind == ':' || kind == '.' || kind == '=') {
          auto const close = p.find(std::string{kind, ']'}, end + 2);
          if (close == std::string_view::npos) { return concat("[", kind, " without ", kind, "]"); }
          end = close + 2;
        } else {
          ++end;
        }
      }
      if (end >= p.size()) { return "[ without ]"; }
      at = end;
    }
  }
  return depth == 0 ? std::string{} : std::string{"\\( without \\)"};
}

// Why no name can match; empty: one may. "./" at the front may be written ".", "[.]" or "\.".
std::string why_never(std::string_view p) {
  if (p.back() == '\r') { return "it ends with a carriage return, which no name does"; }
  if (p.back() == ' ' || p.back() == '\t') { return "it ends with a blank, and hardly any name does"; }
  if (p.front() == '#') { return "to grep it is no comment, and no name has it"; }
  if (p.front() != '^') { return {}; }
  auto rest = p.substr(1);
  auto const take = [&](std::string_view what) {
    if (!rest.starts_with(what)) { return false; }
    rest.remove_prefix(what.size());
    return true;
  };
  auto const literal = [&](char c) {
    return rest.empty() || take("\\" + std::string{c}) || take("[" + std::string{c} + "]") || take(std::string{c});
  };
  // Anything but letters and slashes in the first place may stand for the dot.
  auto const open = [](std::string_view r) {
    return !r.empty() && std::string_view{"[\\*("}.find(r.front()) != std::string_view::npos;
  };
  if (!literal('.')) {
    return open(rest) ? std::string{} : std::string{"names begin with ./, and it wants another beginning"};
  }
  if (!rest.empty() && (rest.front() == '*' || rest.front() == '\\')) { return {}; }
  if (!literal('/')) {
    return open(rest) || rest.front() == '.' || rest.front() == '$'
               ? std::string{}
               : std::string{"names begin with ./, and it wants another beginning"};
  }
  return {};
}

bool matches_everything(std::string_view p) noexcept {
  constexpr std::array<std::string_view, 11> all{"^", "$", ".", "^.", "/", "./", "^./", ".*", "^.*", "./.*", "^./.*"};
  return std::find(all.begin(), all.end(), p) != all.end();
}

bool reaches_system(std::string_view p) {
  if (!p.empty() && p.front() == '^') { p.remove_prefix(1); }
  if (p.starts_with("\\./")) { p.remove_prefix(1); }
  if (p.starts_with("./")) { p.remove_prefix(1); }
  auto const in = [&](std::string_view top) {
    return p == top || (p.starts_with(top) && (p[top.size()] == '/' || p[top.size()] == '$'));
  };
  return in("/etc") || in("/usr");
}

}  // namespace

void v15(rule_context& c) {
  auto const& f = c.image;
  auto const& all = f.exclude_patterns;
  if (all.empty()) { return; }
  auto const& from = f.exclude_rootvg.from;
  std::vector<std::string> severe;
  std::vector<std::string> used;      // members match: -e was not used with them
  std::vector<std::string> anywhere;  // no anchor
  std::uint64_t empty = 0;
  std::size_t first_empty = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    auto const& p = all[i];
    if (p.empty()) {
      if (empty++ == 0) { first_empty = i + 1; }
      continue;
    }
    if (matches_everything(p)) {
      c.warning(concat("/etc/exclude.rootvg, line ", std::uint64_t{i + 1}, ": ", quoted(p),
                       " matches every name, so mksysb -e leaves out everything"),
                from);
      continue;
    }
    auto const line = concat("/etc/exclude.rootvg, line ", std::uint64_t{i + 1}, ": ", quoted(p));
    if (auto const fault = compile_fault(p); !fault.empty()) {
      c.warning(concat(line, " does not compile (", fault, "): grep refuses it, and with it the whole list"), from);
      continue;
    }
    if (auto const never = why_never(p); !never.empty()) {
      c.warning(concat(line, " matches nothing: ", never, "; what it should leave out is in the image"), from);
      continue;
    }
    if (reaches_system(p)) { severe.push_back(p); }
    if (p.front() != '^' && p.back() != '$') { anywhere.push_back(p); }
    // A plain directory can be held against the members; other grep patterns cannot cheaply.
    auto const plain = p.starts_with("^./") && p.back() == '/' && p.find_first_of("*[]$\\", 1) == std::string::npos;
    if (plain && f.present(normal_path(p.substr(1)))) { used.push_back(p); }
  }
  if (empty != 0) {
    c.warning(concat("/etc/exclude.rootvg, line ", std::uint64_t{first_empty},
                     empty > 1 ? concat(" and ", counted(empty - 1, "other", "others")) : std::string{},
                     " is empty: an empty pattern matches every name, so mksysb -e leaves out everything"),
              from);
  }
  if (!severe.empty()) {
    c.warning(concat("/etc/exclude.rootvg has patterns for /etc or /usr: ", list_names(severe),
                     "; if the image was taken with -e, parts of the system are missing"),
              from)
        .advice = "compare with the source";
  }
  if (!anywhere.empty()) {
    c.note(concat("patterns of /etc/exclude.rootvg without ^./ leave out every name that has them anywhere: ",
                  list_names(anywhere)),
           from);
  }
  if (!used.empty()) {
    c.note(
        concat("members match these patterns of /etc/exclude.rootvg, so -e was not used with them: ", list_names(used)),
        from);
  } else {
    c.note(concat("/etc/exclude.rootvg has ", counted(all.size() - empty, "pattern", "patterns"),
                  "; whether -e was used is not recorded: ", list_names(all)),
           from);
  }
}

}  // namespace sysb::wpar::rule
