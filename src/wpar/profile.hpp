// SPDX-License-Identifier: Apache-2.0
// A site's known findings: what somebody has judged once and need not be shown again. A file of stanzas:
//
//   V14:
//           pattern = "file systems of the source that are not in the image: /data*"
//           reason = "the data comes by NFS"
//           until = "2027-06-30"
//
// `pattern` is a shell glob over the text of the finding in which * also matches a slash; `until` may be left out.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wpar/rules.hpp"

namespace sysb::wpar {

struct profile_line {
  std::string rule, pattern, reason, until;  // until: "2027-06-30", or empty
  std::size_t number = 0;                    // of its stanza in the file
  bool expired = false;
};

struct profile {
  std::string name;  // of the file
  std::vector<profile_line> lines;
};

struct profile_parse {
  std::optional<profile> value;
  std::string error;  // where there is none: line, what was expected and what was found
};

// `now`: seconds of the epoch. A line is good to the end of its last day, in UTC.
[[nodiscard]] profile_parse parse_profile(std::string_view name, std::string_view text, std::int64_t now);

// Warnings and notes to be watched that a line knows become notes that nobody has to read; errors stay what they are.
// assessment::profile_used tells which lines were of use.
void apply_profile(assessment& a, profile const& p);

// Findings WPR-013 and WPR-014: lines that knew nothing in any of the assessments, and lines that are out of date.
void report_profile(profile const& p, std::vector<bool> const& used, diagnostic_sink& d);

// What is to be decided or watched, errors apart.
[[nodiscard]] bool is_for_profile(rule_result const& r) noexcept;
struct made_profile {
  std::string text;
  std::uint64_t findings = 0;  // stanzas of it
};
// A profile that knows all of these that are for one. Given several images, each finding once.
[[nodiscard]] made_profile make_profile(std::vector<rule_result const*> const& results);

}  // namespace sysb::wpar
