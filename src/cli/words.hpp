// SPDX-License-Identifier: Apache-2.0
// What people read: numbers with their nouns, ages, the nearest word to one that was mistyped, and lines that fit.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace sysb::cli {

// "1 error", "2 errors".
[[nodiscard]] std::string counted(std::uint64_t n, std::string_view one, std::string_view many);

// Now, or SOURCE_DATE_EPOCH: seconds of the epoch.
[[nodiscard]] std::int64_t current_time();
// "3 days old", "2 months old", "10 years old"; "from the future" beyond a day of it.
[[nodiscard]] std::string age_text(std::int64_t then, std::int64_t now);
// "42 s", "3 min 20 s", "2 h 5 min".
[[nodiscard]] std::string duration_text(std::uint64_t seconds);

// The one that a typist may have meant; empty where none is near.
[[nodiscard]] std::string_view nearest(std::string_view word, std::span<std::string_view const> known);

// Columns of the terminal there: COLUMNS, else what the terminal says, else 80. Nothing (0) where it is no terminal.
[[nodiscard]] std::size_t text_columns(int fd);

}  // namespace sysb::cli
