// SPDX-License-Identifier: Apache-2.0
// What a rule sees and where it says what it found; for this folder and assess.cpp only.
#pragma once
#include <span>
#include <string>
#include <utility>

#include "base/text.hpp"
#include "wpar/rules.hpp"

namespace sysb::wpar {

// Names in one sentence: the first of them and how many more there are.
template <typename Range>
[[nodiscard]] std::string list_names(Range const& names, std::size_t most = 8) {
  std::string out;
  std::size_t n = 0;
  for (auto const& name : names) {
    if (n < most) { out += concat(n == 0 ? "" : ", ", printable(name)); }
    ++n;
  }
  if (n > most) { out += concat(" and ", std::uint64_t{n - most}, " more"); }
  return out;
}

// A path for people: of a very long one the two ends, which tell where it is and what.
[[nodiscard]] inline std::string shown_path(std::string_view path) {
  constexpr std::size_t most = 160;
  constexpr std::size_t end = 64;
  if (path.size() <= most) { return printable(path); }
  return concat(printable(path.substr(0, end)), " ... ", printable(path.substr(path.size() - end)), " (",
                std::uint64_t{path.size()}, " bytes)");
}

// The first five, and how many more there are.
[[nodiscard]] inline std::string list_five(noted_names const& n) {
  std::string out;
  for (std::size_t i = 0; i < n.names.size() && i < 5; ++i) {
    out += concat(i == 0 ? "/" : ", /", shown_path(n.names[i]));
  }
  if (n.count > 5) { out += concat(" and ", n.count - 5, " more"); }
  return out;
}

// "1 name", "2 names".
[[nodiscard]] inline std::string counted(std::uint64_t n, std::string_view one, std::string_view many) {
  return concat(n, ' ', n == 1 ? one : many);
}

class rule_context {
 public:
  rule_context(facts const& f, request const& r, assessment& a, rule_info const& info) noexcept
      : image{f}, asked{r}, done{a}, results_{a}, info_{info} {}

  facts const& image;
  request const& asked;
  assessment const& done;  // kind, level, host and class of the image are settled

  // What they give may be changed until the next one: group, advice and names.
  rule_result& error(std::string text, evidence const& at = {}) { return add(severity::error, std::move(text), at); }
  rule_result& warning(std::string text, evidence const& at = {}) {
    return add(severity::warning, std::move(text), at);
  }
  rule_result& note(std::string text, evidence const& at = {}) { return add(severity::note, std::move(text), at); }
  // Nothing is wrong, and it will surprise whoever does not know it.
  rule_result& watch(std::string text, std::string advice, evidence const& at = {}) {
    auto& r = note(std::move(text), at);
    r.asks = group::watch;
    r.advice = std::move(advice);
    return r;
  }
  rule_result& add(severity s, std::string text, evidence const& at);

  [[nodiscard]] bool shared() const noexcept { return done.kind.kind == wpar_kind::shared; }
  // True from 6.1 on: WPARs and the marks for them exist. Unknown levels count as "maybe".
  [[nodiscard]] bool knows_wpars() const noexcept;
  [[nodiscard]] evidence at(std::string_view normal_path) const;  // of a member in facts::found

 private:
  assessment& results_;
  rule_info const& info_;
};

// What a result of that severity asks, and the option or command that answers it.
[[nodiscard]] group usual_group(std::string_view rule_id, severity s) noexcept;
[[nodiscard]] std::string_view usual_advice(std::string_view rule_id) noexcept;

using rule_function = void (*)(rule_context&);
// Beside rules(), in the same order.
[[nodiscard]] std::span<rule_function const> rule_checks() noexcept;

// One function a rule, grouped by what they look at.
namespace rule {
void v01(rule_context&);
void v02(rule_context&);
void v03(rule_context&);  // stream.cpp
void v04(rule_context&);
void v05(rule_context&);
void v08(rule_context&);
void v14(rule_context&);  // image_data.cpp
void v16(rule_context&);
void v17(rule_context&);
void v18(rule_context&);
void v19(rule_context&);
void v29(rule_context&);
void v30(rule_context&);
void v33(rule_context&);
void v06(rule_context&);
void v07(rule_context&);
void v09(rule_context&);  // levels.cpp
void v10(rule_context&);
void v11(rule_context&);
void v12(rule_context&);
void v13(rule_context&);  // tree.cpp
void v15(rule_context&);
void v20(rule_context&);
void v21(rule_context&);
void v22(rule_context&);
void v27(rule_context&);
void v23(rule_context&);
void v24(rule_context&);
void v26(rule_context&);
void v35(rule_context&);
void v31(rule_context&);  // software.cpp
void v32(rule_context&);
void v25(rule_context&);
void v28(rule_context&);
void v34(rule_context&);  // identity.cpp
}  // namespace rule

}  // namespace sysb::wpar
