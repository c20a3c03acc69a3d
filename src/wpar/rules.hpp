// SPDX-License-Identifier: Apache-2.0
// The deployment rules V01 to V35: what makes an image fit to become a system copy WPAR.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/diagnostic.hpp"
#include "wpar/facts.hpp"
#include "wpar/level.hpp"
#include "wpar/request.hpp"

namespace sysb::wpar {

struct rule_info {
  diag_code code;          // id, usual severity, title, explanation
  std::string_view page;   // what it stands on: IBM page, section
  std::string_view basis;  // "documented", "observed", "recalled", "inferred", "format" and mixtures
  [[nodiscard]] std::string_view id() const noexcept { return code.id; }
};

// In order of their ids; 35 of them.
[[nodiscard]] std::span<rule_info const> rules() noexcept;
[[nodiscard]] rule_info const* find_rule(std::string_view id) noexcept;

// What a result asks of a person: an answer before the WPAR is made, an eye on it, or nothing.
enum class group : std::uint8_t { decide, watch, passed };
[[nodiscard]] std::string_view to_text(group g) noexcept;

struct rule_result {
  rule_info const* rule = nullptr;
  severity level = severity::note;
  std::string text;  // a sentence: what was found and what follows
  std::string path;  // as in the image; may be empty
  std::optional<std::uint64_t> offset;
  group asks = group::passed;
  std::string advice;                    // the option or command that answers it; may be empty
  std::vector<std::string> names;        // members that it is about, normal paths; the text names the first of them
  std::optional<std::string> known_for;  // a line of the profile knows it: the reason given there
  [[nodiscard]] std::string_view id() const noexcept { return rule->code.id; }
};

enum class verdict : std::uint8_t { ok, fit, unfit, damaged, undecided };
[[nodiscard]] std::string_view to_text(verdict v) noexcept;

enum class level_source : std::uint8_t { none, oslevel, bos_rte, uname_info, assumed };
[[nodiscard]] std::string_view to_text(level_source s) noexcept;

struct level_decision {
  level_source source = level_source::none;
  std::optional<level> value;              // absent where only UNAME_INFO decides, or nothing
  std::optional<version_release> coarse;   // UNAME_INFO, where it was readable
  std::optional<bool> minimum_ok;          // absent: undecided
  std::vector<std::string> disagreements;  // each names two sources and both values
  bool assumption_ignored = false;
  evidence from;
  std::optional<level> service_pack;       // by filesets, where they tell it: "7200-05-03-2148"
  std::string service_pack_from;           // why; where it is not told, what the filesets show instead
  [[nodiscard]] std::string text() const;  // "7.1.3.0", "5.1", "unknown"
};

struct kind_decision {
  wpar_kind kind = wpar_kind::private_usr;
  std::string reason;
  bool usr_present = false;
  bool opt_present = false;
};

enum class copy_class : std::uint8_t {
  rootvg,    // image.data names rootvg
  user_vg,   // savevg of another volume group
  package,   // installp package
  savewpar,  // backup of a WPAR
  unknown,   // none of them
};
[[nodiscard]] std::string_view to_text(copy_class c) noexcept;

struct assessment {
  std::vector<rule_result> results;  // in order of rule ids
  verdict outcome = verdict::fit;
  wpar::copy_class what = copy_class::unknown;
  kind_decision kind;
  level_decision source;
  std::optional<host_verdict> host;  // where --host-level was given
  std::uint64_t errors = 0, warnings = 0, notes = 0;
  std::shared_ptr<profile const> known;  // of the request, where there was one
  std::vector<bool> profile_used;        // by line of it

  void count();  // errors, warnings and notes, from the results
  // Worst severity a rule gave; nothing where it was satisfied or does not apply.
  [[nodiscard]] std::optional<severity> worst(std::string_view rule_id) const noexcept;
  // True where the writing may go on: fit, or unfit and forced; never where damaged.
  [[nodiscard]] bool may_write(request const& r) const noexcept;
};

[[nodiscard]] level_decision decide_level(facts const& f, request const& r);
[[nodiscard]] kind_decision decide_kind(facts const& f, request const& r);
[[nodiscard]] copy_class classify(facts const& f);

[[nodiscard]] assessment assess(facts const& f, request const& r);

// 0 fit (or forced), 3 damaged, 5 V01, 6 unfit or undecided.
[[nodiscard]] int rules_exit_code(assessment const& a, request const& r) noexcept;

// Every result as a finding, in order of the rules.
void report(assessment const& a, diagnostic_sink& d);

// Rules and the WPR findings of this folder, for `sysb explain`.
[[nodiscard]] std::span<diag_code const* const> codes() noexcept;

// What tells one system's image from another's: CPU_ID, host, date and node id; empty: unknown.
[[nodiscard]] std::string image_identity(facts const& f);

// Why a name cannot be that of a WPAR, or of a host; empty: it can.
[[nodiscard]] std::string wpar_name_fault(std::string_view name);
[[nodiscard]] std::string host_name_fault(std::string_view name);

}  // namespace sysb::wpar
