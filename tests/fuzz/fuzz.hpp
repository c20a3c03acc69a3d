// SPDX-License-Identifier: Apache-2.0
// What every fuzz target holds to: text that is printed, and the work an input may cost.
#pragma once
#include <sanitizer/allocator_interface.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json_writer.hpp"
#include "base/text.hpp"
#include "core/diagnostic.hpp"

namespace sysb::fuzz {

inline void require(bool holds, char const* what) {
  if (holds) { return; }
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

// UTF-8 in its shortest form without surrogates, and no control characters but those given.
inline bool is_clean(std::string_view text, std::string_view allowed = {}) {
  for (std::size_t i = 0; i < text.size();) {
    auto const byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    auto const first = unsigned{byte(i)};
    if (first < 0x80) {
      if ((first < 0x20 || first == 0x7f) && allowed.find(text[i]) == std::string_view::npos) { return false; }
      ++i;
      continue;
    }
    auto const more = first >= 0xf0 && first < 0xf8   ? 3u
                      : first >= 0xe0 && first < 0xf0 ? 2u
                      : first >= 0xc2 && first < 0xe0 ? 1u
                                                      : 0u;
    if (more == 0 || text.size() - i <= more) { return false; }
    auto code = first & (0x3fu >> more);
    for (std::size_t k = 1; k <= more; ++k) {
      if ((byte(i + k) & 0xc0) != 0x80) { return false; }
      code = code << 6 | (byte(i + k) & 0x3fu);
    }
    auto const least = more == 1 ? 0x80u : more == 2 ? 0x800u : 0x10000u;
    // C1 controls count as controls; marks that turn the direction of text are no less harmful.
    if (code < least || code > 0x10ffff || (code >= 0xd800 && code < 0xe000) || code < 0xa0 ||
        (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069)) {
      return false;
    }
    i += more + 1;
  }
  return true;
}

// Both ways that a name of an image is shown.
inline void require_printable(std::string_view bytes) {
  require(is_clean(printable(bytes)), "a name is printed without controls");
  std::string json;
  json_writer{json}.begin_object().name_field("name", bytes).end_object();
  require(is_clean(json), "a name in JSON is valid UTF-8 without controls");
}

// Findings go to the terminal as they are.
class quiet final : public diagnostic_sink {
 public:
  void report(diagnostic const& d) override {
    ++count;
    require_printable(d.path);
    require(!d.text().empty(), "a finding has a text");
    require(is_clean(d.text()), "a finding's text has no controls");
  }
  std::uint64_t count = 0;
};

// Every byte that is asked of the heap counts as work: no clock, so that an input costs the same everywhere.
inline thread_local std::uint64_t heap_work = 0;
inline void count_work(void const volatile*, std::size_t n) { heap_work += n; }

class bounded_work {
 public:
  bounded_work(std::size_t input, std::uint64_t fixed, std::uint64_t per_byte)
      : most_{fixed + per_byte * input}, before_{(install(), heap_work)} {}
  ~bounded_work() {
    if (heap_work - before_ <= most_) { return; }
    std::fprintf(stderr, "%llu bytes asked of the heap, %llu allowed\n",
                 static_cast<unsigned long long>(heap_work - before_), static_cast<unsigned long long>(most_));
    std::abort();
  }
  bounded_work(bounded_work const&) = delete;
  bounded_work& operator=(bounded_work const&) = delete;

 private:
  static void install() {
    static int const done = __sanitizer_install_malloc_and_free_hooks(count_work, [](void const volatile*) {});
    require(done != 0, "work can be counted");
  }
  std::uint64_t most_;
  std::uint64_t before_;
};

// Pieces of an input, each after its length in two bytes; the last takes what is left.
class pieces {
 public:
  explicit pieces(std::span<std::byte const> all) : rest_{all} {}
  [[nodiscard]] bool empty() const noexcept { return rest_.empty(); }
  [[nodiscard]] std::uint8_t byte() {
    if (rest_.empty()) { return 0; }
    auto const b = std::to_integer<std::uint8_t>(rest_.front());
    rest_ = rest_.subspan(1);
    return b;
  }
  [[nodiscard]] std::span<std::byte const> next() {
    auto const low = byte();
    auto const n = std::min<std::size_t>(rest_.size(), low | std::size_t{byte()} << 8);
    return take(std::min(n, rest_.size()));
  }
  [[nodiscard]] std::span<std::byte const> rest() { return take(rest_.size()); }

 private:
  std::span<std::byte const> take(std::size_t n) {
    auto const out = rest_.first(n);
    rest_ = rest_.subspan(n);
    return out;
  }
  std::span<std::byte const> rest_;
};

}  // namespace sysb::fuzz
