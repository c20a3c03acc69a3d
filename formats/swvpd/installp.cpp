// SPDX-License-Identifier: Apache-2.0
// Readers of lpp_name, .toc, .inventory and .al texts.
#include "formats/swvpd/installp.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "base/one_bit.hpp"
#include "base/text.hpp"
#include "formats/stanza/stanza.hpp"

namespace sysb::swvpd {
namespace {

constexpr std::string_view blanks{" \t\r\f\v\0", 6};
constexpr std::size_t max_faults = 100;
constexpr std::size_t max_lines = 1'000'000;  // a .toc of a whole release has far fewer
constexpr std::size_t max_text = 64u << 20;

std::string_view trimmed(std::string_view s) noexcept {
  auto const first = s.find_first_not_of(blanks);
  if (first == std::string_view::npos) { return {}; }
  return s.substr(first, s.find_last_not_of(blanks) - first + 1);
}

void note(std::vector<fault>& faults, diag_code const& code, std::size_t line, std::string detail) {
  if (faults.size() < max_faults) { faults.push_back({&code, line, std::move(detail)}); }
}

class lines {
 public:
  explicit lines(std::string_view text) noexcept : text_{text.substr(0, max_text)}, cut_{text.size() > max_text} {}
  // The next line that is not blank.
  bool next(std::string_view& out) noexcept {
    while (at_ < text_.size() && number_ < max_lines) {
      auto const end = std::min(text_.find('\n', at_), text_.size());
      out = trimmed(text_.substr(at_, end - at_));
      at_ = end + 1;
      ++number_;
      if (!out.empty()) { return true; }
    }
    return false;
  }
  [[nodiscard]] std::size_t number() const noexcept { return number_; }
  // The text was shorter than the bounds here.
  [[nodiscard]] bool whole() const noexcept { return !cut_ && at_ >= text_.size(); }

 private:
  std::string_view text_;
  bool cut_;
  std::size_t at_ = 0;
  std::size_t number_ = 0;
};

// Takes the next blank-separated word off the front.
std::string_view word(std::string_view& rest) noexcept {
  rest = trimmed(rest);
  auto const out = rest.substr(0, rest.find_first_of(blanks));
  rest.remove_prefix(out.size());
  return out;
}

bool is_word_char(char c) noexcept {
  auto const u = static_cast<unsigned char>(c);
  return std::isalnum(u) != 0 || c == '_' || c == '.' || c == '-';
}

bool has_word(std::string_view line, std::string_view wanted) noexcept {
  for (auto at = line.find(wanted); at != std::string_view::npos; at = line.find(wanted, at + 1)) {
    bool const starts = at == 0 || !is_word_char(line[at - 1]);
    auto const end = at + wanted.size();
    if (starts && (end == line.size() || !is_word_char(line[end]))) { return true; }
  }
  return false;
}

// "4 R I name {", the four words and the bracket.
std::optional<package> read_head(std::string_view line) {
  package out;
  out.format = word(line);
  out.platform = word(line);
  out.type = word(line);
  out.name = word(line);
  if (out.name.empty() || out.name == "{" || trimmed(line) != "{") { return std::nullopt; }
  return out;
}

std::optional<package_fileset> read_fileset_line(std::string_view line) {
  package_fileset out;
  out.name = word(line);
  out.level_text = word(line);
  out.level = parse_vrmf(out.level_text);
  out.volume = word(line);
  out.bosboot = word(line);
  out.content = word(line);
  out.language = word(line);
  out.description = trimmed(line.substr(0, line.find(" #")));
  if (out.content.empty()) { return std::nullopt; }
  return out;
}

// "IX12345 1 abstract" names a fix; its abstract is free text that may hold any word.
bool is_fix_line(std::string_view line) noexcept {
  return line.size() > 4 && std::isupper(static_cast<unsigned char>(line[0])) != 0 &&
         std::isupper(static_cast<unsigned char>(line[1])) != 0 &&
         std::all_of(line.begin() + 2, line.begin() + 5, [](char c) { return c >= '0' && c <= '9'; });
}

// From "[" to "]": lines in sections that '%' divides. The sizes are the second section.
bool read_sections(lines& in, package_fileset& f) {
  f.sections.emplace_back();
  std::string_view line;
  while (in.next(line)) {
    if (line == "]") {
      for (std::size_t i = 2; i < f.sections.size(); ++i) {
        auto const& s = f.sections[i];
        f.is_private = f.is_private || std::any_of(s.begin(), s.end(), [](auto const& l) {
                         return !is_fix_line(l) && has_word(l, "PRIVATE");
                       });
      }
      return true;
    }
    if (line == "%") {
      f.sections.emplace_back();
    } else {
      f.sections.back().emplace_back(line);
    }
  }
  return false;
}

// The filesets of one package up to its "}".
bool read_body(lines& in, package& out, std::vector<fault>& faults) {
  std::string_view line;
  while (in.next(line)) {
    if (line == "}") { return true; }
    auto f = read_fileset_line(line);
    if (!f) {
      note(faults, bad_lpp_name, in.number(), concat("no fileset line: ", quoted(line.substr(0, 60))));
      return false;
    }
    auto const name_line = in.number();
    if (!in.next(line) || line != "[") {
      note(faults, bad_lpp_name, in.number(), concat("no [ after ", quoted(f->name)));
      return false;
    }
    if (!read_sections(in, *f)) {
      note(faults, bad_lpp_name, name_line, concat("no ] for ", quoted(f->name)));
      return false;
    }
    out.filesets.push_back(std::move(*f));
  }
  note(faults, bad_lpp_name, in.number(), concat("no } for ", quoted(out.name)));
  return false;
}

bool all_digits(std::string_view s) noexcept {
  return !s.empty() && std::all_of(s.begin(), s.end(), [](char c) { return c >= '0' && c <= '9'; });
}

constexpr std::array<std::string_view, 9> inventory_fields{"owner", "group", "mode",     "type", "target",
                                                           "class", "size",  "checksum", "links"};

bool is_field(std::string_view name) noexcept {
  return std::find(inventory_fields.begin(), inventory_fields.end(), name) != inventory_fields.end();
}

// A site may add fields of its own; one that is a known one but for a bit is damaged.
std::string_view meant_field(std::string_view name) noexcept {
  auto const at = std::find_if(inventory_fields.begin(), inventory_fields.end(),
                               [&](auto known) { return one_bit_apart(name, known); });
  return at == inventory_fields.end() ? std::string_view{} : *at;
}

bool has_control(std::string_view text) noexcept {
  return std::any_of(text.begin(), text.end(), [](char c) {
    auto const u = static_cast<unsigned char>(c);
    return (u < 0x20 && u != '\t') || u == 0x7f;
  });
}

}  // namespace

std::optional<package> parse_lpp_name(std::string_view text, std::vector<fault>& faults) {
  lines in{text};
  std::string_view line;
  if (!in.next(line)) {
    note(faults, bad_lpp_name, 0, "empty");
    return std::nullopt;
  }
  auto out = read_head(line);
  if (!out) {
    note(faults, bad_lpp_name, in.number(), concat("no package line: ", quoted(line.substr(0, 60))));
    return std::nullopt;
  }
  (void)read_body(in, *out, faults);
  return out;
}

std::vector<toc_entry> parse_toc(std::string_view text, std::vector<fault>& faults) {
  std::vector<toc_entry> out;
  lines in{text};
  std::string_view line;
  if (!in.next(line)) {
    note(faults, bad_lpp_name, 0, "empty");
    return out;
  }
  auto first = line;
  auto const volume = word(first);
  auto const date = word(first);
  auto const form = word(first);
  if (!all_digits(volume) || !all_digits(date) || date.size() != 12 || !all_digits(form) || !trimmed(first).empty()) {
    note(faults, bad_lpp_name, in.number(), "no .toc: the first line is not \"volume date form\"");
    return out;
  }
  while (in.next(line)) {
    toc_entry e;
    e.file = word(line);
    auto head = read_head(line);
    if (!head) {
      note(faults, bad_lpp_name, in.number(), concat("no package line for ", quoted(e.file.substr(0, 60))));
      return out;
    }
    e.what = std::move(*head);
    bool const whole = read_body(in, e.what, faults);
    out.push_back(std::move(e));
    if (!whole) { return out; }
  }
  return out;
}

void parse_inventory(std::string_view text, std::vector<fault>& faults,
                     std::function<void(inventory_file const&)> const& each) {
  stanza::scanner in{text};
  stanza::scanner::line l;
  inventory_file now;
  auto const flush = [&] {
    if (!now.path.empty()) { each(now); }
    auto links = std::move(now.links);
    links.clear();
    now = {};
    now.links = std::move(links);
  };
  while (in.next(l)) {
    if (l.problem != nullptr) { note(faults, bad_inventory, l.number, std::string{l.problem->title}); }
    switch (l.what) {
      case stanza::scanner::kind::header:
        flush();
        now.path = l.name;
        if (has_control(l.name)) { note(faults, bad_inventory, l.number, "a control character"); }
        if (!l.name.starts_with('/')) {
          note(faults, bad_inventory, l.number, concat("no absolute path: ", quoted(l.name.substr(0, 60))));
          now.path = {};
        }
        break;
      case stanza::scanner::kind::field:
        if (!is_field(l.name)) {
          if (auto const meant = meant_field(l.name); !meant.empty()) {
            note(faults, bad_inventory, l.number,
                 concat("a field ", quoted(l.name), ", which is ", quoted(meant), " but for one bit"));
          } else if (!std::all_of(l.name.begin(), l.name.end(), is_word_char)) {
            note(faults, bad_inventory, l.number, concat("no name of a field: ", quoted(l.name.substr(0, 60))));
          }
        }
        if (has_control(l.value)) { note(faults, bad_inventory, l.number, "a control character"); }
        if (l.name == "owner") { now.owner = l.value; }
        if (l.name == "group") { now.group = l.value; }
        if (l.name == "mode") { now.mode = l.value; }
        if (l.name == "type") { now.type = l.value; }
        if (l.name == "target") { now.target = l.value; }
        if (l.name == "class") { now.classes = l.value; }
        if (l.name == "size") { now.size = l.value; }
        if (l.name == "checksum") { now.checksum = l.value; }
        if (l.name == "links") {
          for (auto rest = l.value; !rest.empty();) {
            auto const end = std::min(rest.find(','), rest.size());
            auto const name = trimmed(rest.substr(0, end));
            if (!name.empty()) { now.links.push_back(name); }
            rest.remove_prefix(std::min(end + 1, rest.size()));
          }
        }
        break;
      case stanza::scanner::kind::comment:
      case stanza::scanner::kind::blank:
      case stanza::scanner::kind::other: break;
    }
  }
  flush();
}

bool parse_apply_list(std::string_view text, std::vector<fault>& faults,
                      std::function<void(std::string_view)> const& each) {
  lines in{text};
  std::string_view line;
  while (in.next(line)) {
    if (!line.starts_with("./") && !line.starts_with('/')) {
      note(faults, bad_inventory, in.number(), concat("no path: ", quoted(line.substr(0, 60))));
    } else if (has_control(line)) {
      note(faults, bad_inventory, in.number(), "a control character");
    }
    auto const path = normal_path(line);
    if (!path.empty()) { each(concat('/', path)); }
  }
  return in.whole();
}

}  // namespace sysb::swvpd
