// SPDX-License-Identifier: Apache-2.0
#include "registry/volume_names.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <tuple>

#include "base/text.hpp"

namespace sysb::registry {

namespace {

constexpr std::size_t most_volumes = 999;
constexpr std::size_t most_entries = 10'000;

[[nodiscard]] std::optional<std::uint64_t> size_of_file(std::string const& path) {
  struct stat about {};
  if (::stat(path.c_str(), &about) != 0 || !S_ISREG(about.st_mode)) { return std::nullopt; }
  return static_cast<std::uint64_t>(about.st_size);
}

[[nodiscard]] bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

[[nodiscard]] std::string padded(std::size_t number, std::size_t width) {
  auto digits = std::to_string(number);
  return digits.size() < width ? std::string(width - digits.size(), '0') + digits : digits;
}

}  // namespace

std::vector<std::string> volumes_beside(std::string const& name) {
  auto const dot = name.rfind('.');
  if (dot == std::string::npos) { return {}; }
  auto const suffix = std::string_view{name}.substr(dot + 1);
  if (suffix != "1" && suffix != "01" && suffix != "001") { return {}; }
  std::vector<std::string> out{name};
  while (out.size() < most_volumes) {
    auto next = concat(name.substr(0, dot + 1), padded(out.size() + 1, suffix.size()));
    if (!size_of_file(next)) { break; }
    out.push_back(std::move(next));
  }
  return out.size() > 1 ? out : std::vector<std::string>{};
}

bool sizes_of_a_cut(std::vector<std::string> const& names) {
  std::vector<std::uint64_t> sizes;
  for (auto const& name : names) { sizes.push_back(size_of_file(name).value_or(0)); }
  auto const first = sizes.empty() ? 0 : sizes.front();
  if (first == 0 || sizes.back() == 0 || sizes.back() > first) { return false; }
  return std::all_of(sizes.begin(), sizes.end() - 1, [&](std::uint64_t s) { return s == first; });
}

bool is_directory(std::string const& path) {
  struct stat about {};
  return ::stat(path.c_str(), &about) == 0 && S_ISDIR(about.st_mode);
}

std::vector<numbered_file> numbered_files(std::string const& directory) {
  std::vector<numbered_file> out;
  std::error_code fault;
  std::filesystem::directory_iterator it{directory, fault};
  for (std::size_t seen = 0; !fault && it != std::filesystem::directory_iterator{} && seen < most_entries;
       it.increment(fault), ++seen) {
    auto const name = it->path().filename().string();
    auto digits = name.size();
    while (digits != 0 && is_digit(name[digits - 1])) { --digits; }
    numbered_file file{.prefix = name.substr(0, digits), .number = 0, .path = it->path().string()};
    auto const* const end = name.data() + name.size();
    auto const parsed = std::from_chars(name.data() + digits, end, file.number);
    if (digits == name.size() || parsed.ec != std::errc{} || !size_of_file(file.path)) { continue; }
    out.push_back(std::move(file));
  }
  auto const key = [](numbered_file const& f) { return std::tie(f.prefix, f.number, f.path); };
  std::sort(out.begin(), out.end(), [&](auto const& a, auto const& b) { return key(a) < key(b); });
  auto const same = [](auto const& a, auto const& b) { return a.prefix == b.prefix && a.number == b.number; };
  out.erase(std::unique(out.begin(), out.end(), same), out.end());
  return out;
}

}  // namespace sysb::registry
