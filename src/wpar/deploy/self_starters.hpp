// SPDX-License-Identifier: Apache-2.0
// What starts or speaks by itself in a copy: found by documented places and formats, and, where a line of a text
// file starts it, disabled by an edit that can be taken back.
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "wpar/facts.hpp"

namespace sysb::wpar::deploy {

// Mark of every line that --quiesce has changed: what stands after it is the line as it was.
inline constexpr std::string_view quiesce_mark = "sysb-quiesced ";

struct self_starter {
  std::string_view kind;  // "inittab" "crontab" "rc.tcpip" "inetd" "nfs" "rc.d" "keytab" "ldap" "mail" ...
  std::string path;       // normal
  std::string what;       // the line or name, as it is
  bool can_quiesce = false;
};

// A text that is read for this; a member that tells by its name alone.
[[nodiscard]] bool is_startup_text(std::string_view normal) noexcept;
[[nodiscard]] bool is_startup_member(std::string_view normal) noexcept;

// At most some hundred of each kind.
[[nodiscard]] std::vector<self_starter> find_self_starters(facts const& f);

// Normal path -> the text with its starting lines disabled; only texts that change.
[[nodiscard]] std::map<std::string, std::string, std::less<>> quiesced_texts(facts const& f);

}  // namespace sysb::wpar::deploy
