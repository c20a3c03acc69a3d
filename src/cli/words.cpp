// SPDX-License-Identifier: Apache-2.0
#include "cli/words.hpp"

#include <sys/ioctl.h>
#include <unistd.h>
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <numeric>
#include <optional>
#include <vector>

#include "base/number.hpp"
#include "base/text.hpp"

namespace sysb::cli {

namespace {

template <typename Number>
std::optional<Number> number_of(char const* text) {
  if (text == nullptr) { return std::nullopt; }
  return whole_number<Number>(text);
}

// Letters to add, take away, change or swap.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0u : 1u)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    before.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

}  // namespace

std::string counted(std::uint64_t n, std::string_view one, std::string_view many) {
  return concat(n, ' ', n == 1 ? one : many);
}

std::int64_t current_time() {
  if (auto const fixed = number_of<std::int64_t>(std::getenv("SOURCE_DATE_EPOCH"))) { return *fixed; }
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::string age_text(std::int64_t then, std::int64_t now) {
  constexpr std::int64_t day = 86'400;
  // Dates of images are 32 bits: the difference fits.
  auto const days = now / day - then / day;
  if (days < -1) { return "from the future"; }
  if (days < 1) { return "made today"; }
  auto const old = [](std::int64_t n, std::string_view one, std::string_view many) {
    return concat(counted(static_cast<std::uint64_t>(n), one, many), " old");
  };
  if (days < 60) { return old(days, "day", "days"); }
  if (days < 730) { return old(days * 12 / 365, "month", "months"); }
  return old(days * 4 / 1461, "year", "years");
}

std::string duration_text(std::uint64_t seconds) {
  if (seconds < 60) { return concat(seconds, " s"); }
  if (seconds < 3600) { return concat(seconds / 60, " min ", seconds % 60, " s"); }
  return concat(seconds / 3600, " h ", seconds % 3600 / 60, " min");
}

std::string_view nearest(std::string_view word, std::span<std::string_view const> known) {
  std::string_view best;
  // A third of the letters may be wrong; what is longer than any word of ours is none of them.
  auto least = std::clamp<std::size_t>(word.size() / 3, 1, 3) + 1;
  if (word.size() > 40) { return {}; }
  for (auto const k : known) {
    auto const d = distance(word, k);
    if (d < least) {
      least = d;
      best = k;
    }
  }
  return best;
}

std::size_t text_columns(int fd) {
  if (::isatty(fd) != 1) { return 0; }
  auto const told = number_of<std::size_t>(std::getenv("COLUMNS"));
  if (told && *told != 0) { return std::clamp<std::size_t>(*told, 20, 1000); }
  winsize size{};
  if (::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col != 0) { return std::max<std::size_t>(size.ws_col, 20); }
  return 80;
}

}  // namespace sysb::cli
