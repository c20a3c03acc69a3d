// SPDX-License-Identifier: Apache-2.0
// The decisions that rules share, the rules in their order, and what follows for the exit code.
#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "wpar/diagnostics.hpp"
#include "wpar/profile.hpp"
#include "wpar/rules.hpp"
#include "wpar/rules/context.hpp"

namespace sysb::wpar {

std::string_view to_text(verdict v) noexcept {
  switch (v) {
    case verdict::ok: return "ok";
    case verdict::fit: return "fit";
    case verdict::unfit: return "unfit";
    case verdict::damaged: return "damaged";
    case verdict::undecided: return "undecided";
  }
  return "unfit";
}

std::string_view to_text(level_source s) noexcept {
  switch (s) {
    case level_source::none: return "none";
    case level_source::oslevel: return "OSLEVEL of image.data";
    case level_source::bos_rte: return "bos.rte in the software database";
    case level_source::uname_info: return "UNAME_INFO of image.data";
    case level_source::assumed: return "--assume-level";
  }
  return "none";
}

std::string_view to_text(copy_class c) noexcept {
  switch (c) {
    case copy_class::rootvg: return "rootvg";
    case copy_class::user_vg: return "user volume group";
    case copy_class::package: return "installp package";
    case copy_class::savewpar: return "savewpar";
    case copy_class::unknown: return "unknown";
  }
  return "unknown";
}

std::string level_decision::text() const {
  if (value) { return value->text; }
  if (source == level_source::uname_info && coarse) { return concat(coarse->version, '.', coarse->release); }
  return "unknown";
}

copy_class classify(facts const& f) {
  if (f.savewpar) { return copy_class::savewpar; }
  if (f.package_name && !f.has("image.data")) { return copy_class::package; }
  auto const& names = f.image_data.volume_groups;
  if (std::find(names.begin(), names.end(), "rootvg") != names.end()) { return copy_class::rootvg; }
  if (std::any_of(names.begin(), names.end(), [](std::string const& n) { return !n.empty(); })) {
    return copy_class::user_vg;
  }
  if (!f.has("image.data") && !f.vgdata.empty() &&
      std::find(f.vgdata.begin(), f.vgdata.end(), "rootvg") == f.vgdata.end()) {
    return copy_class::user_vg;
  }
  return copy_class::unknown;
}

namespace {

void name_disagreements(level_decision& out, std::optional<level> const& oslevel, std::optional<level> const& bos) {
  if (oslevel && bos && contradict(*oslevel, *bos)) {
    out.disagreements.push_back(concat("OSLEVEL ", oslevel->text, ", bos.rte ", bos->text));
  }
  auto const& known = oslevel ? oslevel : bos;
  if (known && out.coarse && (known->version() != out.coarse->version || known->release() != out.coarse->release)) {
    out.disagreements.push_back(concat(oslevel ? "OSLEVEL " : "bos.rte ", known->text, ", UNAME_INFO ",
                                       out.coarse->version, '.', out.coarse->release));
  }
}

}  // namespace

namespace {

bool same_technology_level(level const& a, level const& b) noexcept {
  return a.version() == b.version() && a.release() == b.release() && a.technology_level() &&
         a.technology_level() == b.technology_level();
}

// By the class `fix`; else the highest fix of the base filesets at this technology level, which is evidence of
// nothing but itself.
void find_service_pack(level_decision& d, swvpd_facts const& s) {
  if (!d.value) { return; }
  for (auto const& pack : s.service_packs) {  // the latest is last
    auto l = parse_level(pack.level);
    if (!l || !same_technology_level(*l, *d.value)) { continue; }
    d.service_pack = std::move(l);
    d.service_pack_from = concat(pack.keyword, " of the class fix: ", pack.filesets,
                                 pack.filesets == 1 ? " fileset is" : " filesets are", " at its level or later");
  }
  if (d.service_pack) { return; }
  std::optional<level> highest;
  std::string_view owner;
  for (auto const& x : s.filesets) {
    if (x.name.substr(0, 4) != "bos.") { continue; }
    auto const l = parse_level(x.level);
    if (!l || !same_technology_level(*l, *d.value) || (highest && compare_fields(*l, *highest) <= 0)) { continue; }
    highest = l;
    owner = x.name;
  }
  if (highest) {
    d.service_pack_from = concat("not told by the filesets; the highest fix of the base is ", highest->vrmf_text(),
                                 " (", printable(owner), ')');
  }
}

}  // namespace

level_decision decide_level(facts const& f, request const& r) {
  level_decision out;
  // Only what image.data itself says; a copy of another backup's file is no witness for this one.
  auto const& d = f.image_data;
  auto const oslevel = parse_level(d.oslevel);
  auto const* const row = f.swvpd.find("bos.rte", fileset_part::usr);
  auto const bos = row == nullptr ? std::nullopt : parse_level(row->level);
  out.coarse = parse_uname_info(d.uname_info);
  name_disagreements(out, oslevel, bos);
  auto const settle = [&](level_source s, std::optional<level> const& l, evidence const& from) {
    out.source = s;
    out.value = l;
    out.from = from;
    if (l) { out.minimum_ok = at_least_minimum(*l); }
  };
  // "4.3" is a level that does not decide: another source may.
  auto const decides = [](std::optional<level> const& l) { return l && at_least_minimum(*l).has_value(); };
  if (oslevel && (decides(oslevel) || !decides(bos))) {
    settle(level_source::oslevel, oslevel, d.raw.from);
  } else if (bos) {
    settle(level_source::bos_rte, bos, f.swvpd.from[static_cast<std::size_t>(fileset_part::usr)]);
  } else if (out.coarse && at_least_minimum(*out.coarse)) {
    settle(level_source::uname_info, std::nullopt, d.raw.from);
    out.minimum_ok = at_least_minimum(*out.coarse);
  }
  if (r.assume_level && !out.minimum_ok) { settle(level_source::assumed, r.assume_level, {}); }
  out.assumption_ignored = r.assume_level && out.source != level_source::assumed;
  find_service_pack(out, f.swvpd);
  return out;
}

kind_decision decide_kind(facts const& f, request const& r) {
  kind_decision out;
  out.usr_present = f.present("usr");
  out.opt_present = f.present("opt");
  if (r.kind) {
    out.kind = *r.kind;
    out.reason = r.kind_from_spec ? concat("the specification file ", quoted(r.spec_name), " says so")
                                  : concat("--", to_text(*r.kind), " was given");
    return out;
  }
  out.kind = out.usr_present ? wpar_kind::private_usr : wpar_kind::shared;
  out.reason = out.usr_present ? "the image has members below /usr" : "the image has no member below /usr";
  return out;
}

bool rule_context::knows_wpars() const noexcept {
  auto const& l = done.source;
  if (l.value) { return l.value->version() > 5; }
  if (l.coarse) { return l.coarse->version > 5; }
  return true;
}

evidence rule_context::at(std::string_view path) const {
  auto const found = image.found.find(std::string{path});
  return found == image.found.end() ? evidence{} : found->second.at;
}

rule_result& rule_context::add(severity s, std::string text, evidence const& where) {
  auto& a = results_;
  auto const asks = usual_group(info_.id(), s);
  a.results.push_back({.rule = &info_,
                       .level = s,
                       .text = std::move(text),
                       .path = where.path,
                       .offset = where.offset,
                       .asks = asks,
                       .advice = std::string{asks == group::passed ? std::string_view{} : usual_advice(info_.id())},
                       .names = {},
                       .known_for = {}});
  return a.results.back();
}

void assessment::count() {
  errors = warnings = notes = 0;
  for (auto const& r : results) {
    ++(r.level == severity::error ? errors : r.level == severity::warning ? warnings : notes);
  }
}

namespace {

// Service packs are compared where both are told in one notation: the filesets may tell the image's.
level comparable(level_decision const& d, level const& host) {
  if (!host.service_pack || !d.service_pack || !same_technology_level(*d.service_pack, host)) { return *d.value; }
  auto out = *d.service_pack;
  out.text = concat(d.value->text, " (service pack ", d.service_pack->text, " by its filesets)");
  return out;
}

}  // namespace

assessment assess(facts const& f, request const& r) {
  assessment out;
  out.what = classify(f);
  out.kind = decide_kind(f, r);
  out.source = decide_level(f, r);
  if (r.host_level) {
    if (out.source.value) {
      out.host = judge_host(comparable(out.source, *r.host_level), *r.host_level);
    } else if (out.source.coarse) {
      out.host = judge_host(*out.source.coarse, *r.host_level);
    } else {
      out.host = host_verdict{host_action::unknown, "the level of the image is not known"};
    }
  }
  auto const infos = rules();
  auto const checks = rule_checks();
  for (std::size_t i = 0; i < infos.size(); ++i) {
    rule_context c{f, r, out, infos[i]};
    checks[i](c);
  }
  out.count();
  if (r.known) {
    apply_profile(out, *r.known);
    out.known = r.known;
  }
  auto const failed = [&](std::string_view id) { return out.worst(id) == severity::error; };
  if (failed("V02") || failed("V03")) {
    out.outcome = verdict::damaged;
  } else if (out.errors != 0) {
    out.outcome = verdict::unfit;
  } else {
    out.outcome = out.source.minimum_ok ? verdict::fit : verdict::undecided;
  }
  return out;
}

std::optional<severity> assessment::worst(std::string_view rule_id) const noexcept {
  std::optional<severity> out;
  for (auto const& r : results) {
    if (r.id() == rule_id && (!out || *out < r.level)) { out = r.level; }
  }
  return out;
}

bool assessment::may_write(request const& r) const noexcept {
  switch (outcome) {
    case verdict::ok:
    case verdict::fit: return true;
    case verdict::unfit: return r.force && worst("V01") != severity::error;
    case verdict::undecided: return r.force;
    case verdict::damaged: break;
  }
  if (!r.salvage || worst("V01") == severity::error) { return false; }
  // Damage itself is accepted. What is left must be as fit as any other image.
  auto const others = std::any_of(results.begin(), results.end(), [](rule_result const& x) {
    return x.level == severity::error && x.id() != "V02" && x.id() != "V03";
  });
  return r.force || (!others && source.minimum_ok.has_value());
}

int rules_exit_code(assessment const& a, request const& r) noexcept {
  switch (a.outcome) {
    case verdict::ok:
    case verdict::fit: return 0;
    case verdict::damaged: return 3;
    case verdict::unfit:
      if (a.worst("V01") == severity::error) { return 5; }
      return r.force ? 0 : 6;
    case verdict::undecided: return r.force ? 0 : 6;
  }
  return 1;
}

void report(assessment const& a, diagnostic_sink& d) {
  for (auto const& r : a.results) {
    auto remarks =
        std::make_shared<diagnostic_remarks const>(diagnostic_remarks{to_text(r.asks), r.advice, r.names, r.known_for});
    d.report({.code = &r.rule->code,
              .offset = r.offset,
              .path = r.path,
              .detail = r.text,
              .level = r.level,
              .remarks = std::move(remarks)});
  }
}

std::span<diag_code const* const> codes() noexcept {
  constexpr std::array own{
      &spec_not_understood, &spec_nothing_used, &preserve_wpars_ignored, &keep_outside,    &keep_ignored,
      &keep_no_file_system, &class_kept,        &member_unread,          &base_not_usable, &counts_partial,
      &private_not_removed, &media_unread,      &profile_unused,         &profile_expired};
  static auto const all = [&] {
    std::vector<diag_code const*> out;
    for (auto const& r : rules()) { out.push_back(&r.code); }
    out.insert(out.end(), own.begin(), own.end());
    return out;
  }();
  return all;
}

std::string image_identity(facts const& f) {
  auto const& d = f.image_data;
  if (d.cpu_id.empty() && f.inet_hostname.empty() && d.uname_info.empty()) { return {}; }
  return concat(d.cpu_id, '|', f.inet_hostname, '|', d.uname_info, '|', d.date_time);
}

}  // namespace sysb::wpar
