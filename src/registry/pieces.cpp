// SPDX-License-Identifier: Apache-2.0
#include "registry/pieces.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <utility>

#include "base/text.hpp"
#include "core/fatal_error.hpp"
#include "io/io.hpp"
#include "registry/bid.hpp"
#include "registry/transfer_diagnostics.hpp"

namespace sysb::registry {

namespace {

using content = carrier_format::request::content;
constexpr std::size_t most_pieces = 999;
constexpr std::size_t looked_at = 4096;

[[nodiscard]] bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
[[nodiscard]] bool is_letter(char c) noexcept { return c >= 'a' && c <= 'z'; }

[[nodiscard]] bool is_file(std::string const& path) {
  struct stat about {};
  return ::stat(path.c_str(), &about) == 0 && S_ISREG(about.st_mode) && about.st_size != 0;
}

// The counter in a name, and the names that other values of it give.
struct counter {
  std::string before, after;
  std::size_t width = 0;  // digits or letters
  std::uint64_t value = 0;
  bool letters = false;

  // The file with this value, where there is one: "09" and "9" both come before "10".
  [[nodiscard]] std::optional<std::string> file(std::uint64_t v) const {
    std::string text;
    if (letters) {
      for (std::size_t i = 0; i < width; ++i, v /= 26) { text.insert(text.begin(), static_cast<char>('a' + v % 26)); }
      if (v != 0) { return std::nullopt; }
    } else {
      text = std::to_string(v);
    }
    auto const full = text.size() < width ? std::string(width - text.size(), '0') + text : text;
    for (auto const& digits : {full, text}) {
      if (auto name = concat(before, digits, after); is_file(name)) { return name; }
    }
    return std::nullopt;
  }
};

// Every run of digits, the last first, and the letters that split(1) ends a name with.
[[nodiscard]] std::vector<counter> counters_in(std::string const& path) {
  auto const slash = path.rfind('/');
  auto const begin = slash == std::string::npos ? 0 : slash + 1;
  std::vector<counter> out;
  for (auto end = path.size(); end > begin;) {
    if (!is_digit(path[end - 1])) {
      --end;
      continue;
    }
    auto from = end;
    while (from > begin && is_digit(path[from - 1])) { --from; }
    counter c{.before = path.substr(0, from), .after = path.substr(end), .width = end - from};
    auto const* const last = path.data() + end;
    if (std::from_chars(path.data() + from, last, c.value).ec == std::errc{} && c.width <= 9) { out.push_back(c); }
    end = from;
  }
  for (std::size_t const width : {3u, 2u}) {
    if (path.size() < begin + width + 1) { continue; }
    auto const from = path.size() - width;
    if (!std::all_of(path.begin() + static_cast<std::ptrdiff_t>(from), path.end(), is_letter)) { continue; }
    counter c{.before = path.substr(0, from), .after = {}, .width = width, .value = 0, .letters = true};
    for (auto i = from; i < path.size(); ++i) { c.value = c.value * 26 + static_cast<std::uint64_t>(path[i] - 'a'); }
    out.push_back(c);
  }
  return out;
}

[[nodiscard]] std::vector<std::string> names_of(counter const& c) {
  std::vector<std::string> out;
  auto first = c.value;
  while (first != 0 && c.value - first < most_pieces && c.file(first - 1)) { --first; }
  for (auto v = first; out.size() < most_pieces; ++v) {
    auto const name = c.file(v);
    if (!name) { break; }
    out.push_back(*name);
  }
  // split begins with "aa": a name that only ends in some letters has none before it.
  return c.letters && first != 0 ? std::vector<std::string>{} : out;
}

[[nodiscard]] std::vector<std::byte> head_of(std::string const& path) {
  auto const source = io::open_file(path, {});
  auto const seen = source->peek(looked_at);
  return {seen.begin(), seen.begin() + static_cast<std::ptrdiff_t>(std::min(seen.size(), looked_at))};
}

// A piece that was cut begins like nothing known; a volume begins with a header that has its number.
[[nodiscard]] bool fits(std::vector<std::byte> const& head, std::size_t place, format_table formats,
                        content_judge const& judge) {
  auto const what = judge(head);
  if (place == 0) { return what != content::unknown; }
  if (what == content::unknown) { return true; }
  auto const* const format = best_bid(formats, std::span{head});
  auto const mark = format != nullptr ? format->volume_of(head) : std::nullopt;
  return mark && mark->number == place + 1;
}

[[nodiscard]] std::string listed(std::vector<std::string> const& names) {
  constexpr std::size_t shown = 8;
  std::string out;
  for (std::size_t i = 0; i < std::min(names.size(), shown); ++i) {
    out += concat(i == 0 ? "" : " ", sysb::quoted(names[i]));
  }
  return names.size() > shown ? concat(out, " ... (", names.size(), " files)") : out;
}

}  // namespace

std::vector<std::string> names_around(std::string const& path) {
  for (auto const& c : counters_in(path)) {
    auto names = names_of(c);
    if (names.size() > 1 && std::find(names.begin(), names.end(), path) != names.end()) { return names; }
  }
  return {};
}

namespace {

[[nodiscard]] std::optional<transfer_fault> piece_alone(std::string const& path, format_table formats,
                                                        content_judge const& judge) {
  auto const names = names_around(path);
  if (names.empty()) { return std::nullopt; }
  auto const given = static_cast<std::size_t>(std::find(names.begin(), names.end(), path) - names.begin());
  auto const other = given == 0 ? std::size_t{1} : given;
  if (other >= names.size() || !fits(head_of(names.front()), 0, formats, judge) ||
      !fits(head_of(names[other]), other, formats, judge)) {
    return std::nullopt;
  }
  return transfer_fault{
      &pieces_beside, concat("piece ", given + 1, " of ", names.size(), " files"),
      concat("piece ", given + 1, " of ", names.size(), " by its name: give all of them, --volumes ", listed(names))};
}

// What their names say of their order and number, or else which of them begins as the first does.
[[nodiscard]] std::optional<transfer_fault> set_in_disorder(std::vector<std::string> const& given,
                                                            content_judge const& judge) {
  auto const names = names_around(given.front());
  auto const named = [&](std::string const& g) { return std::find(names.begin(), names.end(), g) != names.end(); };
  if (std::all_of(given.begin(), given.end(), named)) {
    if (names == given || judge(head_of(names.front())) == content::unknown) { return std::nullopt; }
    return transfer_fault{&pieces_beside,
                          {},
                          concat(given.size(),
                                 " files were given, and their names say another order or number: "
                                 "--volumes ",
                                 listed(names))};
  }
  if (judge(head_of(given.front())) != content::unknown) { return std::nullopt; }
  auto const first =
      std::find_if(given.begin(), given.end(), [&](auto const& g) { return judge(head_of(g)) != content::unknown; });
  return first == given.end()
             ? std::nullopt
             : std::optional{transfer_fault{&pieces_beside,
                                            {},
                                            concat(quoted(*first), " begins as an image does and was given as number ",
                                                   first - given.begin() + 1, ": --volumes wants it first")}};
}

}  // namespace

std::optional<transfer_fault> pieces_of(std::vector<std::string> const& given, format_table formats,
                                        content_judge const& judge) {
  try {
    return given.size() == 1 ? piece_alone(given.front(), formats, judge) : set_in_disorder(given, judge);
  } catch (fatal_error const& e) {
    if (e.what_kind() == fatal_error::kind::interrupted) { throw; }
    return std::nullopt;
  }
}

std::vector<std::string> images_in(std::string const& directory, content_judge const& judge) {
  constexpr std::size_t most_entries = 10'000;
  std::vector<std::string> out;
  std::error_code fault;
  std::filesystem::directory_iterator it{directory, fault};
  for (std::size_t seen = 0; !fault && it != std::filesystem::directory_iterator{} && seen < most_entries;
       it.increment(fault), ++seen) {
    auto const path = it->path().string();
    if (!is_file(path)) { continue; }
    try {
      if (judge(head_of(path)) != content::unknown) { out.push_back(path); }
    } catch (fatal_error const& e) {  // one that cannot be read is none to choose
      if (e.what_kind() == fatal_error::kind::interrupted) { throw; }
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace sysb::registry
