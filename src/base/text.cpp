// SPDX-License-Identifier: Apache-2.0
#include "base/text.hpp"

#include <array>
#include <charconv>
#include <cstring>

#include "base/deceptive.hpp"

namespace sysb {

namespace {

constexpr char hex_digits[] = "0123456789abcdef";

// Length of the UTF-8 sequence at the front of `s`, 0 when it is not well-formed.
std::size_t utf8_length(std::string_view s) noexcept {
  auto const at = [&](std::size_t i) { return static_cast<unsigned char>(s[i]); };
  auto const tail = [&](std::size_t i, unsigned lo = 0x80, unsigned hi = 0xbf) {
    return i < s.size() && at(i) >= lo && at(i) <= hi;
  };
  auto const b = at(0);
  if (b < 0x80) { return 1; }
  if (b >= 0xc2 && b <= 0xdf) { return tail(1) ? 2 : 0; }
  if (b == 0xe0) { return tail(1, 0xa0) && tail(2) ? 3 : 0; }
  if (b == 0xed) { return tail(1, 0x80, 0x9f) && tail(2) ? 3 : 0; }
  if (b >= 0xe1 && b <= 0xef) { return tail(1) && tail(2) ? 3 : 0; }
  if (b == 0xf0) { return tail(1, 0x90) && tail(2) && tail(3) ? 4 : 0; }
  if (b >= 0xf1 && b <= 0xf3) { return tail(1) && tail(2) && tail(3) ? 4 : 0; }
  if (b == 0xf4) { return tail(1, 0x80, 0x8f) && tail(2) && tail(3) ? 4 : 0; }
  return 0;
}

// C1 controls (U+0080 to U+009F) drive terminals as well as C0 does.
bool is_c1(std::string_view s) noexcept {
  return s.size() == 2 && static_cast<unsigned char>(s[0]) == 0xc2 && static_cast<unsigned char>(s[1]) < 0xa0;
}

// Marks that turn the direction of text (U+061C, U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069) make a name
// look like another one on a terminal; U+2028 and U+2029 end a line.
bool misleads(std::string_view s) noexcept {
  auto const at = [&](std::size_t i) { return static_cast<unsigned char>(s[i]); };
  if (s.size() == 2) { return at(0) == 0xd8 && at(1) == 0x9c; }
  if (s.size() != 3 || at(0) != 0xe2) { return false; }
  if (at(1) == 0x80) { return at(2) == 0x8e || at(2) == 0x8f || (at(2) >= 0xa8 && at(2) <= 0xae); }
  return at(1) == 0x81 && at(2) >= 0xa6 && at(2) <= 0xa9;
}

void append_escape(std::string& out, char c) {
  auto const b = static_cast<unsigned char>(c);
  switch (c) {
    case '\n': out += "\\n"; return;
    case '\t': out += "\\t"; return;
    case '\r': out += "\\r"; return;
    default: break;
  }
  out += "\\x";
  out.push_back(hex_digits[b >> 4]);
  out.push_back(hex_digits[b & 15]);
}

}  // namespace

namespace detail {
void append_piece(std::string& out, std::int64_t v) {
  std::array<char, 24> buf{};
  auto const r = std::to_chars(buf.data(), buf.data() + buf.size(), v);
  out.append(buf.data(), r.ptr);
}
void append_piece(std::string& out, std::uint64_t v) {
  std::array<char, 24> buf{};
  auto const r = std::to_chars(buf.data(), buf.data() + buf.size(), v);
  out.append(buf.data(), r.ptr);
}
}  // namespace detail

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    auto const end = text.find(separator);
    out.push_back(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  }
  return out;
}

std::string hex(std::uint64_t v, unsigned digits) {
  std::array<char, 24> buf{};
  auto const r = std::to_chars(buf.data(), buf.data() + buf.size(), v, 16);
  std::string out{buf.data(), r.ptr};
  if (out.size() < digits) { out.insert(0, digits - out.size(), '0'); }
  return out;
}

std::string hex_bytes(std::span<std::byte const> bytes) {
  std::string out;
  out.reserve(bytes.size() * 2);
  for (auto const b : bytes) {
    out.push_back(hex_digits[std::to_integer<unsigned>(b) >> 4]);
    out.push_back(hex_digits[std::to_integer<unsigned>(b) & 15]);
  }
  return out;
}

std::string hex_bytes(std::string_view bytes) { return hex_bytes(as_bytes(bytes)); }

std::string octal(std::uint64_t v, unsigned digits) {
  std::array<char, 24> buf{};
  auto const r = std::to_chars(buf.data(), buf.data() + buf.size(), v, 8);
  std::string out{buf.data(), r.ptr};
  if (out.size() < digits) { out.insert(0, digits - out.size(), '0'); }
  return out;
}

bool is_utf8(std::string_view bytes) noexcept {
  while (!bytes.empty()) {
    auto const n = utf8_length(bytes);
    if (n == 0) { return false; }
    bytes.remove_prefix(n);
  }
  return true;
}

std::size_t deceptive_length(std::string_view bytes) noexcept {
  auto const n = bytes.empty() ? 0 : utf8_length(bytes);
  auto const c = bytes.substr(0, n);
  return is_c1(c) || misleads(c) ? n : 0;
}

namespace {

// Printable ASCII without a backslash, as nearly every name is. Eight bytes at a time.
bool plain_ascii(std::string_view bytes) noexcept {
  constexpr std::uint64_t each = 0x0101010101010101;
  std::uint64_t odd = 0;
  auto const look = [&](std::uint64_t w) {
    auto const backslash = w ^ each * '\\';
    // The high bit of a byte: it was set, the byte is below 0x20, is 0x7f, or is a backslash. A borrow
    // may set one too many, after a byte that set its own: what counts is whether there is any.
    odd |= w | (w - each * 0x20) | (w + each) | ((backslash - each) & ~backslash);
  };
  while (bytes.size() >= 8) {
    std::uint64_t w = 0;
    std::memcpy(&w, bytes.data(), 8);
    look(w);
    bytes.remove_prefix(8);
  }
  if (!bytes.empty()) {
    auto rest = each * ' ';
    std::memcpy(&rest, bytes.data(), bytes.size());
    look(rest);
  }
  return (odd & each * 0x80) == 0;
}

void append_shown(std::string& out, std::string_view bytes, std::string_view backslash) {
  if (plain_ascii(bytes)) {
    out.append(bytes);
    return;
  }
  while (!bytes.empty()) {
    auto const n = utf8_length(bytes);
    auto const c = bytes.front();
    if (n == 1 && (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)) {
      append_escape(out, c);
    } else if (n == 1 && c == '\\') {
      out += backslash;
    } else if (n == 0) {
      append_escape(out, c);
    } else if (deceptive_length(bytes) != 0) {
      for (auto const b : bytes.substr(0, n)) { append_escape(out, b); }
    } else {
      out.append(bytes.substr(0, n));
    }
    bytes.remove_prefix(n == 0 ? 1 : n);
  }
}

}  // namespace

void append_printable(std::string& out, std::string_view bytes) { append_shown(out, bytes, "\\\\"); }

std::string printable_text(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  append_shown(out, text, "\\");
  return out;
}

std::string printable(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  append_printable(out, bytes);
  return out;
}

std::string quoted(std::string_view bytes) { return concat('"', printable(bytes), '"'); }

std::string shell_word(std::string_view text) {
  std::string out{"'"};
  for (auto const c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else if (c != '\0') {
      out.push_back(c);
    }
  }
  out.push_back('\'');
  return out;
}

std::string os_text(int error_number) {
  std::array<char, 256> buf{};
  // GNU strerror_r: the text may stand in a static string instead of the buffer.
  char const* const text = ::strerror_r(error_number, buf.data(), buf.size());
  return text != nullptr && *text != '\0' ? std::string{text} : concat("error ", error_number);
}

std::string human_size(std::uint64_t bytes) {
  constexpr std::array<std::string_view, 6> units{"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  std::size_t unit = 0;
  auto whole = bytes;
  std::uint64_t rest = 0;
  while (whole >= 1024 && unit + 1 < units.size()) {
    rest = whole % 1024;
    whole /= 1024;
    ++unit;
  }
  if (unit == 0) { return concat(bytes, " B"); }
  return concat(whole, '.', rest * 10 / 1024, ' ', units[unit]);
}

std::string utc_time(std::int64_t seconds) {
  auto days = seconds / 86400;
  auto rest = seconds % 86400;
  if (rest < 0) {
    rest += 86400;
    --days;
  }
  // Days to civil date, proleptic Gregorian, era by era (400 years).
  auto const z = days + 719468;
  auto const era = (z >= 0 ? z : z - 146096) / 146097;
  auto const doe = z - era * 146097;
  auto const yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  auto const doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
  auto const mp = (5 * doy + 2) / 153;
  auto const day = doy - (153 * mp + 2) / 5 + 1;
  auto const month = mp < 10 ? mp + 3 : mp - 9;
  auto const year = yoe + era * 400 + (month <= 2 ? 1 : 0);
  auto const two = [](std::int64_t v) {
    auto s = concat(v);
    return s.size() < 2 ? concat('0', s) : s;
  };
  return concat(year, '-', two(month), '-', two(day), ' ', two(rest / 3600), ':', two(rest / 60 % 60), ':',
                two(rest % 60));
}

std::string normal_path(std::string_view path) {
  std::string out;
  out.reserve(path.size());
  while (!path.empty()) {
    auto const slash = path.find('/');
    auto const part = path.substr(0, slash);
    path = slash == std::string_view::npos ? std::string_view{} : path.substr(slash + 1);
    if (part.empty() || part == ".") { continue; }
    if (!out.empty()) { out.push_back('/'); }
    out.append(part);
  }
  return out;
}

std::string_view normal_path_view(std::string_view path, std::string& room) {
  auto const odd = [](std::string_view part) { return part.empty() || part == "."; };
  auto begin = path;
  for (auto slash = begin.find('/'); slash != begin.npos && odd(begin.substr(0, slash)); slash = begin.find('/')) {
    begin.remove_prefix(slash + 1);
  }
  for (auto rest = begin;;) {
    auto const slash = rest.find('/');
    if (odd(rest.substr(0, slash))) { return room = normal_path(path); }
    if (slash == rest.npos) { return begin; }
    rest.remove_prefix(slash + 1);
  }
}

bool has_dotdot(std::string_view path) noexcept {
  while (!path.empty()) {
    auto const slash = path.find('/');
    if (path.substr(0, slash) == "..") { return true; }
    if (slash == std::string_view::npos) { return false; }
    path.remove_prefix(slash + 1);
  }
  return false;
}

bool is_below(std::string_view path, std::string_view directory) noexcept {
  if (directory.empty()) { return !path.empty(); }
  return path.size() > directory.size() && path.substr(0, directory.size()) == directory &&
         path[directory.size()] == '/';
}

std::string_view parent_path(std::string_view normal) noexcept {
  auto const slash = normal.rfind('/');
  return slash == std::string_view::npos ? std::string_view{} : normal.substr(0, slash);
}

}  // namespace sysb
