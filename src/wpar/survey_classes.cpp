// SPDX-License-Identifier: Apache-2.0
// The ODM's classes of devices, from members to facts.
#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "formats/odm/odm.hpp"
#include "wpar/survey_parts.hpp"

namespace sysb::wpar {

namespace {

constexpr std::array<std::string_view, 7> customized{"CuDv", "CuAt", "CuDep", "CuDvDr", "CuVPD", "CuPath", "CuPathAt"};
constexpr std::size_t max_addresses = 64;
constexpr std::size_t max_pristine = 64;

}  // namespace

bool device_classes::names_one(std::string_view name) noexcept {
  return std::find(customized.begin(), customized.end(), name) != customized.end();
}

void device_classes::take(std::string_view name, evidence const& from, member_content got) {
  device_class c{.name = std::string{name}, .from = from, .why_not = got.why, .emptied = {}};
  std::vector<odm::fault> faults;
  if (got.state == read_state::ok) {
    if (auto const view = odm::class_view::parse(got.bytes, name, faults)) {
      c.objects = view->count();
      if (name == "CuAt") { read_attributes(*view, from); }
    }
    if (auto emptied = odm::emptied(got.bytes, name, faults)) {
      c.sound = true;
      c.emptied = std::move(*emptied);
    } else {
      c.why_not = faults.empty() ? "self-check failed"
                                 : concat(faults.front().code->title, faults.front().detail.empty() ? "" : ": ",
                                          faults.front().detail);
    }
  }
  auto& all = out_.device_classes;
  auto const old = std::find_if(all.begin(), all.end(), [&](device_class const& x) { return x.name == name; });
  if (old != all.end()) {
    *old = std::move(c);
  } else {
    all.push_back(std::move(c));
  }
}

void device_classes::read_attributes(odm::class_view const& c, evidence const& from) {
  auto const* const name = c.find("name");
  auto const* const attribute = c.find("attribute");
  auto const* const value = c.find("value");
  if (name == nullptr || attribute == nullptr || value == nullptr) { return; }
  for (std::uint32_t i = 0; i < c.count(); ++i) {
    auto const r = c.at(i);
    if (r.suspect()) { continue; }
    auto const a = r.text(*attribute);
    auto const v = r.text(*value);
    auto const n = r.text(*name);
    if (!a || !v || !n) { continue; }
    if (*a == "hostname" && *n == "inet0") { out_.inet_hostname = *v; }
    if (*a == "netaddr" && !v->empty() && out_.addresses.size() < max_addresses) {
      out_.addresses.push_back(concat(*n, ' ', *v));
    }
    if (*a == "TCB_STATE") { set_tcb(*v, from); }
  }
}

void device_classes::set_tcb(std::string_view value, evidence const& from) {
  if (value != "tcb_enabled" && value != "tcb_disabled") { return; }
  out_.tcb_enabled = out_.tcb_enabled.value_or(false) || value == "tcb_enabled";
  out_.tcb_from = from;
}

void device_classes::take_predefined(evidence const& from, member_content const& got) {
  std::vector<odm::fault> faults;
  auto const c = odm::class_view::parse(got.bytes, "PdAt", faults);
  if (!c) { return; }
  auto const* const attribute = c->find("attribute");
  auto const* const value = c->find("deflt");
  for (std::uint32_t i = 0; attribute != nullptr && value != nullptr && i < c->count(); ++i) {
    auto const r = c->at(i);
    auto const a = r.text(*attribute);
    auto const v = r.text(*value);
    if (!r.suspect() && a && v && *a == "TCB_STATE") { set_tcb(*v, from); }
  }
}

void device_classes::take_pristine(std::string_view name, member_content got) {
  if (got.state == read_state::ok && pristine_.size() < max_pristine) {
    pristine_.emplace_back(name, std::move(got.bytes));
  }
}

void device_classes::finish() {
  for (auto& c : out_.device_classes) {
    if (!c.sound) { continue; }
    for (auto const& [name, bytes] : pristine_) {
      if (name == c.name && odm::is_pristine_copy(bytes, c.emptied)) {
        c.emptied = bytes;
        c.pristine = true;
        break;
      }
    }
  }
  std::sort(out_.device_classes.begin(), out_.device_classes.end(),
            [](auto const& a, auto const& b) { return a.name < b.name; });
}

}  // namespace sysb::wpar
