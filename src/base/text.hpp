// SPDX-License-Identifier: Apache-2.0
// Text for people and for JSON from bytes of any origin. No locale is consulted.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sysb {

namespace detail {
inline void append_piece(std::string& out, std::string_view v) { out.append(v); }
inline void append_piece(std::string& out, char v) { out.push_back(v); }
void append_piece(std::string& out, std::int64_t v);
void append_piece(std::string& out, std::uint64_t v);
inline void append_piece(std::string& out, int v) { append_piece(out, std::int64_t{v}); }
inline void append_piece(std::string& out, unsigned v) { append_piece(out, std::uint64_t{v}); }
}  // namespace detail

// One string from text, characters and integers (decimal).
template <typename... Parts>
[[nodiscard]] std::string concat(Parts const&... parts) {
  std::string out;
  (detail::append_piece(out, parts), ...);
  return out;
}

// "a,b" -> a and b. What stands after the last separator counts where it is not empty.
[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char separator);

// Lower-case hexadecimal without prefix; at least `digits` of them.
[[nodiscard]] std::string hex(std::uint64_t v, unsigned digits = 1);
[[nodiscard]] std::string hex_bytes(std::span<std::byte const> bytes);
[[nodiscard]] std::string hex_bytes(std::string_view bytes);
// Octal with a leading zero and at least `digits` digits in all: 0644 -> "0644".
[[nodiscard]] std::string octal(std::uint64_t v, unsigned digits = 4);

// True for well-formed UTF-8 (no surrogates, no overlong forms, at most U+10FFFF).
[[nodiscard]] bool is_utf8(std::string_view bytes) noexcept;

// A name as a person may see it on a terminal: control characters and bytes that are not
// UTF-8 become \n, \t, \\ or \xHH. Never a terminal escape sequence, never invalid UTF-8.
[[nodiscard]] std::string printable(std::string_view bytes);
// Appended to `out`.
void append_printable(std::string& out, std::string_view bytes);
// A sentence with names in it that printable() has made safe already: their backslashes are not doubled again. What a
// terminal would act on is escaped as printable() does.
[[nodiscard]] std::string printable_text(std::string_view text);
// The same between double quotes.
[[nodiscard]] std::string quoted(std::string_view bytes);
// So that no std::quoted is found for a std::string where some header brings <iomanip> along.
[[nodiscard]] inline std::string quoted(std::string const& bytes) { return quoted(std::string_view{bytes}); }
[[nodiscard]] inline std::string quoted(std::string& bytes) { return quoted(std::string_view{bytes}); }
[[nodiscard]] inline std::string quoted(char const* text) { return quoted(std::string_view{text}); }

// One word for a POSIX shell: any byte but NUL, which no word can hold, stands for itself between single quotes.
[[nodiscard]] std::string shell_word(std::string_view text);

// errno as text ("No such file or directory"); never empty.
[[nodiscard]] std::string os_text(int error_number);

// 1536 -> "1.5 KiB". For people only.
[[nodiscard]] std::string human_size(std::uint64_t bytes);

// Signed epoch seconds as "YYYY-MM-DD hh:mm:ss" in UTC, any year.
[[nodiscard]] std::string utc_time(std::int64_t seconds);

[[nodiscard]] inline std::span<std::byte const> as_bytes(std::string_view s) noexcept {
  return std::as_bytes(std::span{s.data(), s.size()});
}
[[nodiscard]] inline std::string_view as_text(std::span<std::byte const> b) noexcept {
  return {reinterpret_cast<char const*>(b.data()), b.size()};
}

// Path arithmetic on bytes, as `restore` sees names: "./etc/motd", "etc/motd" and "/etc/motd"
// are one member. Drops leading "/" and "./" runs, "." components, doubled and trailing slashes.
// ".." components stay as they are. The root directory is "".
[[nodiscard]] std::string normal_path(std::string_view path);
// The same without a copy where none is needed: mostly a piece of `path`, else in `room`.
[[nodiscard]] std::string_view normal_path_view(std::string_view path, std::string& room);
[[nodiscard]] bool has_dotdot(std::string_view path) noexcept;
// On normal paths, whole components only: below("/usr/lib","/usr") but not below("usrlocal","usr").
// A path is not below itself; everything but "" is below "".
[[nodiscard]] bool is_below(std::string_view path, std::string_view directory) noexcept;
[[nodiscard]] std::string_view parent_path(std::string_view normal) noexcept;

}  // namespace sysb
