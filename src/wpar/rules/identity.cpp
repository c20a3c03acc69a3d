// SPDX-License-Identifier: Apache-2.0
// V25, V28 and V34: who the source was and what the copy is called.
#include <algorithm>
#include <vector>

#include "wpar/deploy/host.hpp"
#include "wpar/rules/context.hpp"

namespace sysb::wpar::rule {

void v25(rule_context& c) {
  auto const& f = c.image;
  std::vector<std::string> reset;
  std::vector<std::string> kept;
  auto const put = [&](std::string_view path) {
    if (f.has(path) || f.present(path)) { reset.push_back(concat('/', path)); }
  };
  for (auto const* const path : {"etc/ct_node_id", "var/ct", "etc/niminfo", ".rhosts"}) { put(path); }
  for (auto const& key : f.ssh_host_keys) { kept.push_back(concat('/', key)); }
  if (!reset.empty()) { c.warning(concat("identity of the source that is left out: ", list_names(reset))); }
  if (!kept.empty()) { c.warning(concat("identity of the source that stays in the copy: ", list_names(kept))); }
  std::vector<std::string> names;
  if (!f.inet_hostname.empty()) { names.push_back(concat("host name ", f.inet_hostname)); }
  for (auto const& a : f.addresses) { names.push_back(concat("address ", a)); }
  if (!names.empty()) {
    c.note(concat("the source was ", list_names(names),
                  "; network and host name of the WPAR come from its definition, "
                  "/etc/hosts and the like stay as they are"));
  }
}

namespace {

// IBM's list of what a name must not hold. The printed list has the digit 0, which its own examples
// use inside names: only a leading 0 is refused.
constexpr std::string_view refused_in_names{" \t\r\n\v\f=:/!;`'\"<>~&()*+[],.^{}|\\"};

std::string name_fault(std::string_view name) {
  if (name.empty()) { return "it is empty"; }
  if (name.size() > 25) { return concat(std::uint64_t{name.size()}, " bytes, at most 25 are allowed"); }
  if (name.front() == '-' || name.front() == '0') { return concat("it begins with ", quoted(name.substr(0, 1))); }
  auto const bad = name.find_first_of(refused_in_names);
  if (bad != std::string_view::npos) { return concat("it has the character ", quoted(name.substr(bad, 1))); }
  auto const outside = std::find_if(name.begin(), name.end(), [](char ch) {
    return static_cast<unsigned char>(ch) <= 0x20 || static_cast<unsigned char>(ch) >= 0x7f;
  });
  return outside == name.end() ? std::string{} : std::string{"it has a character that is not ASCII text"};
}

}  // namespace

void v28(rule_context& c) {
  if (!c.asked.name.empty() || c.asked.name_given) {
    auto const fault = name_fault(c.asked.name);
    if (!fault.empty()) { c.error(concat("WPAR name ", quoted(c.asked.name), ": ", fault)); }
  }
  if (c.asked.host && c.asked.host->wpars.count(c.asked.name) != 0) {
    c.error(concat("the host has a WPAR ", quoted(c.asked.name), " already"));
  }
  auto const& host = c.asked.hostname;
  auto const odd = std::find_if(host.begin(), host.end(), [](char ch) {
    auto const letter = (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9');
    return !letter && ch != '-' && ch != '.' && ch != '_';
  });
  if (odd != host.end()) {
    c.error(concat("host name ", quoted(host), ": only ASCII letters, digits, '-', '_' and '.' are allowed"));
  }
}

namespace {

// "AIX host release version machine"
std::string_view uname_host(std::string_view text) noexcept {
  constexpr std::string_view blank{" \t"};
  auto const first = text.find_first_not_of(blank);
  auto const gap = text.find_first_of(blank, std::min(first, text.size()));
  auto const at = text.find_first_not_of(blank, std::min(gap, text.size()));
  if (at == std::string_view::npos) { return {}; }
  return text.substr(at, text.find_first_of(blank, at) - at);
}

}  // namespace

// One image alone cannot be compared with others: the note says what to compare.
void v34(rule_context& c) {
  auto const& f = c.image;
  auto const& d = f.image_data;
  if (image_identity(f).empty()) { return; }
  auto const host = f.inet_hostname.empty() ? uname_host(d.uname_info) : std::string_view{f.inet_hostname};
  auto const told = [](std::string_view v) { return v.empty() ? std::string{"unknown"} : printable(v); };
  c.note(concat("tells this image from others of a batch: CPU_ID ", told(d.cpu_id), ", host name ", told(host),
                ", DATE_TIME ", told(d.date_time), ", ct_node_id ", f.has("etc/ct_node_id") ? "present" : "absent"),
         d.raw.from);
}

}  // namespace sysb::wpar::rule
