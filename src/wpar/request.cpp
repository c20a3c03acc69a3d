// SPDX-License-Identifier: Apache-2.0
#include "wpar/request.hpp"

#include <bit>

#include "base/number.hpp"
#include "base/text.hpp"
#include "formats/stanza/stanza.hpp"
#include "formats/swvpd/swvpd.hpp"
#include "wpar/diagnostics.hpp"

namespace sysb::wpar {

std::string_view to_text(wpar_kind k) noexcept {
  switch (k) {
    case wpar_kind::shared: return "shared";
    case wpar_kind::private_usr: return "private";
  }
  return "private";
}

std::optional<bool> parse_yes_no(std::string_view v) noexcept {
  if (v == "yes") { return true; }
  if (v == "no") { return false; }
  return std::nullopt;
}

bool apply_copy_control(request& r, std::string_view assignment) {
  auto const eq = assignment.find('=');
  if (eq == std::string_view::npos) { return false; }
  auto const value = parse_yes_no(assignment.substr(eq + 1));
  if (!value) { return false; }
  auto const name = assignment.substr(0, eq);
  if (name == "preserve_private") {
    r.preserve_private = value;
    return true;
  }
  if (name == "preserve_wpars") {
    r.preserve_wpars = value;
    return true;
  }
  return false;
}

std::optional<std::uint32_t> parse_flag_bit(std::string_view v) noexcept {
  int base = 10;
  if (v.substr(0, 2) == "0x" || v.substr(0, 2) == "0X") {
    v.remove_prefix(2);
    base = 16;
  }
  auto const mask = whole_number<std::uint32_t>(v, base);
  return mask && std::has_single_bit(*mask) ? mask : std::nullopt;
}

std::vector<std::string> parse_name_list(std::string_view text) { return swvpd::parse_fileset_list(text); }

namespace {

void yes_no_field(stanza::stanza const& s, std::string_view name, std::optional<bool>& into, std::string_view spec,
                  diagnostic_sink& d) {
  auto const v = s.find(name);
  if (!v || into) { return; }
  into = parse_yes_no(*v);
  if (!into) {
    d.report({.code = &spec_not_understood,
              .path = std::string{spec},
              .detail = concat("line ", static_cast<std::uint64_t>(s.line), ", ", name, " = ", quoted(*v),
                               ": expected yes or no")});
  }
}

}  // namespace

void apply_spec(request& r, std::string_view spec_name, std::string_view text, diagnostic_sink& d) {
  r.spec_name = std::string{spec_name};
  std::vector<stanza::fault> faults;
  auto const doc = stanza::document::parse(text, faults);
  for (auto const& f : faults) {
    d.report({.code = &spec_not_understood,
              .path = r.spec_name,
              .detail = concat("line ", static_cast<std::uint64_t>(f.line), ": ", f.code->title)});
  }
  auto const* const general = doc.find("general");
  auto const* const controls = doc.find("copy_controls");
  if (general == nullptr && controls == nullptr) {
    d.report({.code = &spec_nothing_used, .path = r.spec_name});
    return;
  }
  if (general != nullptr) {
    if (r.name.empty() && !r.name_given) {
      r.name = std::string{general->get("name")};
      r.name_given = general->find("name").has_value();
    }
    if (r.hostname.empty()) { r.hostname = std::string{general->get("hostname")}; }
    std::optional<bool> own_usr;
    yes_no_field(*general, "privateusr", own_usr, spec_name, d);
    if (!r.kind && own_usr) {
      r.kind = *own_usr ? wpar_kind::private_usr : wpar_kind::shared;
      r.kind_from_spec = true;
    }
  }
  if (controls != nullptr) {
    yes_no_field(*controls, "preserve_private", r.preserve_private, spec_name, d);
    yes_no_field(*controls, "preserve_wpars", r.preserve_wpars, spec_name, d);
  }
}

}  // namespace sysb::wpar
