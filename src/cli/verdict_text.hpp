// SPDX-License-Identifier: Apache-2.0
// What `check` says at its end: the verdict and its reason first, then what to decide, what to watch, and what passed.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/ledger.hpp"
#include "wpar/rules.hpp"

namespace sysb::cli {

// How text looks where it goes.
struct text_style {
  std::size_t columns = 0;  // lines are wrapped to them; 0: one line each
  std::size_t rows = 0;     // what is only to be watched takes no more than fits; 0: all of it
  bool colour = false;
};
// Of a descriptor: the terminal's columns, and colour unless NO_COLOR or a dumb terminal forbids it.
[[nodiscard]] text_style style_of(int fd);

// `text` in the columns that there are; lines after the first are indented. Ends with a line feed.
[[nodiscard]] std::string wrapped_line(std::string_view text, std::size_t indent, text_style const& style);

struct verdict_facts {
  std::string image;  // as people named it
  wpar::verdict result = wpar::verdict::ok;
  std::string first_error;  // the first thing that was said with severity error; may be empty
  std::uint64_t members = 0, bytes = 0;
  fault_counts faults;
  std::optional<std::int64_t> made;  // seconds of the epoch
  std::int64_t now = 0;
};

// The first two lines.
[[nodiscard]] std::string verdict_text(verdict_facts const& f, wpar::assessment const* a, text_style const& style);
// The groups. `all`: every rule, and what it has to note, instead of the ids of those that passed.
[[nodiscard]] std::string rules_text(wpar::assessment const& a, bool all, text_style const& style);

// One line for a table of several images: why the verdict is what it is; empty where there is nothing to say.
[[nodiscard]] std::string first_reason(wpar::assessment const* a, std::string_view first_error);

}  // namespace sysb::cli
