// SPDX-License-Identifier: Apache-2.0
#include "cli/diff_text.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "base/text.hpp"
#include "wpar/level.hpp"

namespace sysb::cli {

namespace {

using diff::change_kind;
using diff::value;

constexpr std::array kinds{change_kind::added,    change_kind::removed, change_kind::type,   change_kind::content,
                           change_kind::metadata, change_kind::suspect, change_kind::unknown};

bool is_time(std::string_view field) noexcept { return field == "mtime" || field == "atime" || field == "ctime"; }

std::string for_people(std::string_view field, value const& v) {
  if (v.is == value::type::none) { return "none"; }
  if (is_time(field)) { return utc_time(std::stoll(v.text)); }
  if (field == "mode") { return concat("0x", hex(std::stoull(v.text), 8)); }
  if (v.is == value::type::number) { return v.text; }
  if (field == "perm" || field == "kind") { return v.text; }
  if (field == "xxh3") { return v.text.substr(0, 8); }
  return quoted(v.text);
}

void put_value(json_writer& w, value const& v) {
  switch (v.is) {
    case value::type::none: w.null(); return;
    case value::type::number:
      if (!v.text.empty() && v.text.front() == '-') {
        w.value(std::int64_t{std::stoll(v.text)});
      } else {
        w.value(std::uint64_t{std::stoull(v.text)});
      }
      return;
    case value::type::text: w.value(std::string_view{v.text}); return;
  }
}

// Device numbers as everywhere: [major, minor].
void put_device(json_writer& w, value const& v) {
  if (v.is == value::type::none) {
    w.null();
    return;
  }
  auto const comma = v.text.find(',');
  w.begin_array();
  w.value(std::uint64_t{std::stoull(v.text.substr(0, comma))});
  w.value(std::uint64_t{std::stoull(v.text.substr(comma + 1))});
  w.end_array();
}

std::string plural(std::uint64_t n, std::string_view one, std::string_view many) {
  return concat(n, ' ', n == 1 ? one : many);
}

std::string_view level_direction(diff::system_change const& c) {
  auto const a = wpar::parse_level(c.before);
  auto const b = wpar::parse_level(c.after);
  if (!a || !b) { return {}; }
  auto const order = wpar::compare_fields(*a, *b);
  return order < 0 ? " (up)" : order > 0 ? " (down)" : "";
}

std::string from_to(std::string const& before, std::string const& after, bool was, bool is) {
  if (!was) { return printable(after); }
  if (!is) { return printable(before); }
  return concat(printable(before), " -> ", printable(after));
}

}  // namespace

// --- sides -----------------------------------------------------------------------------------

std::string side_line(char letter, diff::loaded_side const& s) {
  auto const& a = s.about();
  std::string inside;
  for (auto const& c : a.container) { inside += concat(c, " > "); }
  auto out = concat(letter, "  ", printable(a.name), ": ", to_text(a.kind));
  if (a.kind == diff::side_kind::image || a.kind == diff::side_kind::archive) { out += concat(", ", inside, a.format); }
  if (a.kind == diff::side_kind::image && a.by_index) { out += ", by index"; }
  if (a.kind == diff::side_kind::tree && !a.container.empty()) { out += " with its manifest"; }
  out += concat(", ", plural(s.walked(), "member", "members"), ", ", human_size(s.content_bytes()));
  if (!a.complete) { out += ", damaged or cut"; }
  return out + '\n';
}

void print_side_object(json_lines& json, std::string_view which, diff::loaded_side const& s) {
  auto const& a = s.about();
  json.object("side", [&](json_writer& w) {
    w.field("side", which).name_field("name", a.name).field("kind", to_text(a.kind)).field("format", a.format);
    w.key("container").begin_array();
    for (auto const& c : a.container) { w.value(std::string_view{c}); }
    w.end_array().field("by_index", a.by_index).field("complete", a.complete);
    w.field("entries", s.walked()).field("bytes", s.content_bytes());
  });
}

// --- the system ------------------------------------------------------------------------------

std::string system_text(std::vector<diff::system_change> const& changes) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 5> headings{
      {{"level", "level"}, {"host", "host"}, {"file_system", "file systems"}, {"user", "users"}, {"group", "groups"}}};
  std::string out;
  for (auto const& [area, heading] : headings) {
    bool first = true;
    for (auto const& c : changes) {
      if (c.area != area) { continue; }
      if (first && area != "level") { out += concat(heading, ":\n"); }
      first = false;
      auto const mark = !c.was ? "+ " : !c.is ? "- " : "  ";
      if (area == "level") {
        out += concat("level: ", from_to(c.was ? c.before : "unknown", c.is ? c.after : "unknown", true, true),
                      level_direction(c), '\n');
      } else {
        out += concat("  ", mark, printable(c.name), ": ", from_to(c.before, c.after, c.was, c.is), '\n');
      }
    }
  }
  return out;
}

std::string filesets_text(std::vector<diff::fileset_change> const& changes) {
  if (changes.empty()) { return {}; }
  constexpr std::array<std::pair<std::string_view, std::string_view>, 5> words{
      {{"up", "up"}, {"down", "down"}, {"state", "other state"}, {"added", "only in B"}, {"removed", "only in A"}}};
  std::string out = "filesets:";
  bool first = true;
  for (auto const& [what, word] : words) {
    auto const n = std::count_if(changes.begin(), changes.end(), [w = what](auto const& c) { return c.what == w; });
    if (n == 0) { continue; }
    out += concat(first ? " " : ", ", static_cast<std::uint64_t>(n), ' ', word);
    first = false;
  }
  out.push_back('\n');
  for (auto const& [what, word] : words) {
    for (auto const& c : changes) {
      if (c.what != what) { continue; }
      std::string parts;
      for (auto const p : c.parts) { parts += concat(parts.empty() ? "" : ", ", p); }
      out += concat("  ", word, std::string(word.size() < 11 ? 11 - word.size() : 1, ' '), "  ", printable(c.name), ' ',
                    from_to(c.before, c.after, what != "added", what != "removed"), " (", parts, ")\n");
    }
  }
  return out;
}

void print_system_objects(json_lines& json, std::vector<diff::system_change> const& changes) {
  for (auto const& c : changes) {
    json.object("system_change", [&](json_writer& w) {
      w.field("area", c.area).name_field("name", c.name);
      w.key("before");
      c.was ? w.value(std::string_view{c.before}) : w.null();
      w.key("after");
      c.is ? w.value(std::string_view{c.after}) : w.null();
    });
  }
}

void print_fileset_objects(json_lines& json, std::vector<diff::fileset_change> const& changes) {
  for (auto const& c : changes) {
    json.object("fileset_change", [&](json_writer& w) {
      w.name_field("name", c.name).field("change", c.what);
      w.key(c.what == "state" ? "state" : "level").begin_array();
      c.what == "added" ? w.null() : w.value(std::string_view{c.before});
      c.what == "removed" ? w.null() : w.value(std::string_view{c.after});
      w.end_array().key("parts").begin_array();
      for (auto const p : c.parts) { w.value(p); }
      w.end_array();
    });
  }
}

// --- members ---------------------------------------------------------------------------------

std::string change_line(diff::change const& c) {
  auto out = concat(diff::mark_of(c.what), " ./", printable(c.path));
  std::string details;
  auto const add = [&](std::string text) { details += concat(details.empty() ? "" : ", ", text); };
  auto const alone = c.what == change_kind::added || c.what == change_kind::removed;
  if (alone) {
    add(c.kind == entry_kind::file ? human_size(std::max(c.size_before, c.size_after)) : std::string{to_text(c.kind)});
    if (!c.other.empty()) { add(concat(c.what == change_kind::added ? "was ./" : "now ./", printable(c.other))); }
  } else {
    for (auto const& f : c.fields) {
      auto const& name = f.name == "xxh3" ? std::string{"content"} : f.name;
      add(concat(name, ' ', for_people(f.name, f.before), " -> ", for_people(f.name, f.after)));
    }
  }
  if (!c.why.empty()) { add(c.why); }
  return details.empty() ? out : concat(out, "  ", details);
}

void print_change_object(json_lines& json, diff::change const& c, std::string_view fileset, bool expected_known,
                         bool expected) {
  json.object("change", [&](json_writer& w) {
    w.name_field("path", concat("./", c.path)).field("change", to_text(c.what));
    w.field("mark", std::string(1, diff::mark_of(c.what))).field("kind", to_text(c.kind));
    w.key("fields").begin_object();
    for (auto const& f : c.fields) {
      auto const put = [&](value const& v) { f.name == "rdev" ? put_device(w, v) : put_value(w, v); };
      w.key(f.name).begin_array();
      put(f.before);
      put(f.after);
      w.end_array();
      if (is_utf8(f.before.text) && is_utf8(f.after.text)) { continue; }
      w.key(concat(f.name, "_hex")).begin_array();
      w.value(std::string_view{hex_bytes(f.before.text)}).value(std::string_view{hex_bytes(f.after.text)});
      w.end_array();
    }
    w.end_object();
    if (!fileset.empty()) { w.name_field("fileset", fileset); }
    if (!c.other.empty()) {
      w.name_field(c.what == change_kind::added ? "renamed_from" : "renamed_to", concat("./", c.other));
    }
    if (!c.why.empty()) { w.field("reason", c.why); }
    if (expected_known) { w.field("expected", expected); }
  });
}

std::string totals_text(diff::tally const& t) {
  std::string out;
  auto const add = [&](std::uint64_t n, std::string_view word) {
    if (n != 0) { out += concat(out.empty() ? "" : ", ", n, ' ', word); }
  };
  add(t.added, "added");
  add(t.removed, "removed");
  add(t.changed, "changed");
  add(t.metadata_only, "only in metadata");
  add(t.suspect, "suspect (content differs though all else is the same)");
  add(t.unknown, "unknown");
  add(t.renamed, "of them renamed");
  add(t.same, "the same");
  if (out.empty()) { out = "nothing to compare"; }
  if (t.bytes_added != 0) { out += concat("; ", human_size(t.bytes_added), " more"); }
  if (t.bytes_removed != 0) { out += concat("; ", human_size(t.bytes_removed), " less"); }
  return out;
}

// --- groups ----------------------------------------------------------------------------------

grouped_changes::grouped_changes(std::string const& tmpdir, bool by_size, bool counts_only)
    : lines_{tmpdir}, by_size_{by_size}, counts_only_{counts_only} {}

void grouped_changes::add(diff::change const& c, std::string_view file_system, std::string_view fileset,
                          std::string_view remark) {
  filesets_ = filesets_ || !fileset.empty();
  std::string key{file_system};
  key.push_back('\0');
  key += fileset;
  key.push_back('\0');
  std::string line;
  if (counts_only_) {
    line.push_back(static_cast<char>(c.what));
    std::array<std::uint64_t, 2> const sizes{c.size_before, c.size_after};
    line += as_text(std::as_bytes(std::span{sizes}));
  } else {
    // The largest change first.
    auto const larger = std::max(c.size_before, c.size_after);
    auto const smaller = std::min(c.size_before, c.size_after);
    if (by_size_) {
      auto const weight = c.what == change_kind::metadata || c.what == change_kind::unknown ? 0
                          : larger != smaller                                               ? larger - smaller
                                                                                            : larger;
      diff::append_number_key(key, ~weight);
    }
    key += c.path;
    line = concat(change_line(c), remark, '\n');
  }
  lines_.add(key, line);
}

std::string grouped_changes::heading(std::string_view key) const {
  auto const end = key.find('\0');
  auto const fileset = key.substr(end + 1, key.find('\0', end + 1) - end - 1);
  auto out = concat('/', printable(key.substr(0, end)));
  if (filesets_) { out += fileset.empty() ? ", of no fileset" : concat(", ", printable(fileset)); }
  return out;
}

void grouped_changes::print(text_writer& out) {
  lines_.finish();
  diff::sorted_spool::cursor items{lines_};
  std::string group;
  bool any = false;
  counts sum;
  auto const group_of = [](std::string_view key) { return key.substr(0, key.find('\0', key.find('\0') + 1) + 1); };
  auto const flush = [&] {
    if (!any || !counts_only_) { return; }
    std::string line;
    for (std::size_t i = 0; i < kinds.size(); ++i) {
      if (sum.by_mark[i] != 0) { line += concat("  ", diff::mark_of(kinds[i]), ' ', sum.by_mark[i]); }
    }
    if (sum.more != 0) { line += concat("  ", human_size(sum.more), " more"); }
    if (sum.less != 0) { line += concat("  ", human_size(sum.less), " less"); }
    out.write(concat(heading(group), ':', line, '\n'));
    sum = {};
  };
  while (items.next()) {
    auto const now = group_of(items.key());
    if (!any || now != group) {
      flush();
      group = now;
      if (!counts_only_) { out.write(concat(heading(group), ":\n")); }
      any = true;
    }
    if (!counts_only_) {
      out.write(concat("  ", items.value()));
      continue;
    }
    auto const line = items.value();
    std::array<std::uint64_t, 2> sizes{};
    std::memcpy(sizes.data(), line.data() + 1, sizeof sizes);
    ++sum.by_mark[static_cast<std::size_t>(line.front())];
    if (sizes[1] > sizes[0]) { sum.more += sizes[1] - sizes[0]; }
    if (sizes[0] > sizes[1]) { sum.less += sizes[0] - sizes[1]; }
  }
  flush();
}

std::string_view file_system_of(diff::system_facts const& facts, std::string_view normal) {
  for (auto at = normal;; at = parent_path(at)) {
    auto const found = facts.file_systems.find(std::string{at});
    if (found != facts.file_systems.end()) { return found->first; }
    if (at.empty()) { return {}; }
  }
}

}  // namespace sysb::cli
