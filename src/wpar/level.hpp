// SPDX-License-Identifier: Apache-2.0
// Levels of AIX: read from text, compared by number, judged against the hosting system.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sysb::wpar {

// How a level was written. Service packs of different notations say different things.
enum class level_notation : std::uint8_t {
  vrmf,        // 7.2.5.0
  technology,  // 7200-05, 7200-05-03, 7200-05-03-2148
};

struct level {
  std::array<std::uint32_t, 4> fields{};  // version, release, modification, fix; by number
  std::uint32_t known = 4;  // how many of them were told: of "7.2" two, and the others are unknown, not zero
  level_notation notation = level_notation::vrmf;
  std::optional<std::uint32_t> service_pack;  // only of the notation `technology`
  std::string text;                           // as it was written

  [[nodiscard]] std::uint32_t version() const noexcept { return fields[0]; }
  [[nodiscard]] std::uint32_t release() const noexcept { return fields[1]; }
  // The third field from 6.1 on; for 5.x the tens of the fourth, or the third where it is not 0 (5.3.12.1). Before 5.1
  // there are none.
  [[nodiscard]] std::optional<std::uint32_t> technology_level() const noexcept;
  // "7200-05" where a technology level exists, else V.R.M.F.
  [[nodiscard]] std::string technology_text() const;
  [[nodiscard]] std::string vrmf_text() const;  // the fields that are known
};

// "7.2", "4.3.3", "7.2.5.0", "7200-05", "7200-05-03", "7200-05-03-2148"; blanks around it are allowed. What is left
// out is unknown; a version alone is no level.
[[nodiscard]] std::optional<level> parse_level(std::string_view text);

// Field by field, by number: -1, 0 or 1. Only fields that both know count.
[[nodiscard]] int compare_fields(level const& a, level const& b) noexcept;

// What `uname` knows: version and release, nothing below.
struct version_release {
  std::uint32_t version = 0;
  std::uint32_t release = 0;
};
// "AIX host 3 4 machine": release stands before version.
[[nodiscard]] std::optional<version_release> parse_uname_info(std::string_view text);

// The oldest source that AIX takes: 4.3.3.0. "4.3" does not decide.
[[nodiscard]] std::optional<bool> at_least_minimum(level const& l) noexcept;
// 5.1 and later fits, 4.2 and earlier does not, 4.3 does not decide.
[[nodiscard]] std::optional<bool> at_least_minimum(version_release v) noexcept;

// True where two sources of one image contradict each other: version, release or technology
// level. Fix levels of bos.rte and OSLEVEL differ on sound systems.
[[nodiscard]] bool contradict(level const& a, level const& b) noexcept;

enum class host_action : std::uint8_t { none, syncwpar, migwpar, too_new, unknown };
[[nodiscard]] std::string_view to_text(host_action a) noexcept;

struct host_verdict {
  host_action action = host_action::unknown;
  std::string text;  // what was compared and what follows
};
// What must happen on `host` before a WPAR of level `source` can start.
[[nodiscard]] host_verdict judge_host(level const& source, level const& host);
[[nodiscard]] host_verdict judge_host(version_release source, level const& host);

}  // namespace sysb::wpar
