// SPDX-License-Identifier: Apache-2.0
// V25, V28 and V34: who the source was and what the copy is called.
#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "wpar/deploy/host.hpp"
#include "wpar/rules/context.hpp"
#include "wpar/systems.hpp"

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
  if (!reset.empty()) { c.note(concat("identity of the source that is left out: ", list_names(reset))); }
  if (!kept.empty()) {
    c.watch(concat("SSH host keys of the source stay in the copy: ", list_names(kept, 5)),
            std::string{usual_advice("V25")})
        .names = f.ssh_host_keys;
  }
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

}  // namespace
}  // namespace sysb::wpar::rule

namespace sysb::wpar {

std::string wpar_name_fault(std::string_view name) {
  using rule::refused_in_names;
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

std::string host_name_fault(std::string_view name) {
  auto const odd = std::find_if(name.begin(), name.end(), [](char ch) {
    auto const letter = (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9');
    return !letter && ch != '-' && ch != '.' && ch != '_';
  });
  return odd == name.end() ? std::string{} : std::string{"only ASCII letters, digits, '-', '_' and '.' are allowed"};
}

}  // namespace sysb::wpar

namespace sysb::wpar::rule {

// What the command line says was judged before; a specification file may say it, too.
void v28(rule_context& c) {
  if (!c.asked.name.empty() || c.asked.name_given) {
    auto const fault = wpar_name_fault(c.asked.name);
    if (!fault.empty()) { c.error(concat("WPAR name ", quoted(c.asked.name), ": ", fault)); }
  }
  if (c.asked.host && c.asked.host->wpars.count(c.asked.name) != 0) {
    c.error(concat("the host has a WPAR ", quoted(c.asked.name), " already"));
  } else if (c.asked.host && !c.asked.host->tells("lswpar")) {
    c.warning("lswpar failed on the host, so nobody knows which WPARs it has; deploy.sh looks again");
  }
  auto const& host = c.asked.hostname;
  auto const fault = host_name_fault(host);
  if (!fault.empty()) { c.error(concat("host name ", quoted(host), ": ", fault)); }
}

// One image alone is compared with nothing.
void v34(rule_context& c) {
  if (!c.asked.others) { return; }
  auto const& others = *c.asked.others;
  std::vector<system_identity> all;
  all.reserve(others.size() + 1);
  for (auto const& o : others) { all.push_back(o.identity); }
  all.push_back(identity_of(c.image));
  for (auto const& g : images_of_one_system(all)) {
    if (g.images.back() != others.size()) { continue; }
    std::vector<std::string> names;
    for (std::size_t i = 0; i + 1 < g.images.size(); ++i) { names.push_back(printable(others[g.images[i]].image)); }
    c.warning(concat("an image of the same system as ", list_names(names, 5), " (", g.why, ')'),
              c.image.image_data.raw.from);
  }
}

}  // namespace sysb::wpar::rule
