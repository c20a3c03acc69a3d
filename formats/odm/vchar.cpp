// SPDX-License-Identifier: Apache-2.0
// Where VCHAR texts stand in a side file: nobody published it, so it is learned from the data
// and accepted only when the data leaves no doubt.
#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "formats/odm/odm.hpp"

namespace sysb::odm {
namespace {

constexpr std::size_t least_slots = 8;            // fewer distinct slots prove nothing
constexpr std::size_t anchors = 4;                // slots that candidates are made from
constexpr std::size_t sample = 64;                // slots that a candidate is tried on first
constexpr std::size_t max_text = 64u << 10;       // a service pack lists some hundred filesets
constexpr std::uint64_t max_examined = 1u << 30;  // bytes looked at, all candidates together

bool printable_byte(char c) noexcept {
  auto const u = static_cast<unsigned char>(c);
  return u >= 0x20 && u != 0x7f;
}

// A list has a line an item.
bool text_byte(char c) noexcept { return printable_byte(c) || c == '\n' || c == '\t'; }

// The NUL-terminated printable text that starts exactly at `at`; "" is a text of its own.
std::optional<std::string_view> text_at(std::string_view side, std::int64_t at) noexcept {
  if (at < 0 || static_cast<std::uint64_t>(at) >= side.size()) { return std::nullopt; }
  auto const start = static_cast<std::size_t>(at);
  if (start > 0 && text_byte(side[start - 1])) { return std::nullopt; }
  auto const rest = side.substr(start, max_text);
  auto const end = rest.find('\0');
  if (end == std::string_view::npos) { return std::nullopt; }
  auto const text = rest.substr(0, end);
  if (!std::all_of(text.begin(), text.end(), text_byte)) { return std::nullopt; }
  return text;
}

}  // namespace

std::optional<calibration> calibrate(class_view const& c, descriptor const& field, std::span<std::byte const> side_file,
                                     std::function<bool(std::string_view)> const& fits, std::vector<fault>& faults) {
  auto const fail = [&](std::string detail) {
    faults.push_back({&no_calibration, c.data_offset(), std::move(detail)});
    return std::nullopt;
  };
  if (field.kind != slot_kind::vchar) { return fail(concat(quoted(field.name), " is no VCHAR")); }
  std::vector<std::int64_t> slots;
  for (std::uint32_t i = 0; i < c.count(); ++i) {
    auto const r = c.at(i);
    if (r.suspect()) { continue; }
    if (auto const v = r.integer(field)) { slots.push_back(*v); }
  }
  auto spread = slots;
  std::sort(spread.begin(), spread.end());
  spread.erase(std::unique(spread.begin(), spread.end()), spread.end());
  if (spread.size() < least_slots) {
    return fail(concat(std::uint64_t{spread.size()}, " different slots, ", std::uint64_t{least_slots}, " needed"));
  }

  auto const side = as_text(side_file);
  std::uint64_t examined = 0;
  auto const hit = [&](std::int64_t slot, std::int64_t shift) {
    auto const text = text_at(side, slot + shift);
    examined += 1 + (text ? text->size() : 0);
    return text && !text->empty() && fits(*text);
  };
  // Slots from everywhere, so that one damaged region does not decide.
  auto const nth = [&](std::size_t i, std::size_t of) { return spread[i * (spread.size() - 1) / (of - 1)]; };
  std::size_t const tries = std::min(sample, spread.size());

  std::set<std::int64_t> tried;
  std::optional<calibration> found;
  for (std::size_t a = 0; a < anchors; ++a) {
    auto const slot = nth(a, anchors);
    for (std::size_t at = 0; at < side.size(); ++at) {
      if (at > 0 && printable_byte(side[at - 1])) { continue; }
      if (!printable_byte(side[at])) { continue; }
      auto const shift = static_cast<std::int64_t>(at) - slot;
      if (!hit(slot, shift) || tried.count(shift) != 0) { continue; }
      std::size_t missed = 0;
      for (std::size_t i = 0; i < tries && missed * 20 <= tries; ++i) {
        if (!hit(nth(i, tries), shift)) { ++missed; }
      }
      if (examined > max_examined) { return fail("too many ways to read it"); }
      if (missed * 20 > tries) { continue; }
      tried.insert(shift);
      calibration now{shift, slots.size(), 0};
      for (auto const s : slots) { now.hits += hit(s, shift) ? 1u : 0u; }
      if (now.hits * 100 < now.slots * 99) { continue; }
      if (found) { return fail(concat("two ways to read it, shifts ", found->shift, " and ", shift)); }
      found = now;
    }
  }
  if (!found) { return fail(concat("no shift hits 99 percent of ", std::uint64_t{slots.size()}, " slots")); }
  return found;
}

std::optional<std::string_view> vchar_text(record const& r, descriptor const& field,
                                           std::span<std::byte const> side_file, calibration const& c) noexcept {
  if (field.kind != slot_kind::vchar) { return std::nullopt; }
  auto const slot = r.integer(field);
  return slot ? text_at(as_text(side_file), *slot + c.shift) : std::nullopt;
}

}  // namespace sysb::odm
