// SPDX-License-Identifier: Apache-2.0
#include "formats/backup_by_name/variants.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "formats/backup_by_name/decode.hpp"
#include "formats/backup_by_name/diagnostics.hpp"

namespace sysb::backup_by_name {
namespace {

constexpr std::uint64_t enough_to_be_a_variant = 8;
constexpr std::size_t kept_members = 64;
constexpr std::size_t sample_bytes = 64;

std::string failed_text(std::uint8_t failed) {
  std::string out;
  auto const add = [&](std::uint8_t bit, std::string_view what) {
    if ((failed & bit) == 0) { return; }
    if (!out.empty()) { out += ", "; }
    out += what;
  };
  add(security_check::acl_length, "length of the access control list does not fit its block");
  add(security_check::pcl_length, "privilege list is not 16 bytes long");
  add(security_check::pcl_mode, "mode in the privilege list is not the header's");
  return out;
}

}  // namespace

void variant_log::deviates(entry_kind k, std::uint8_t failed, std::uint64_t at, std::string_view path,
                           std::span<std::byte const> record, bool proven) {
  auto& g = groups_[index(k)][failed % masks];
  if (++g.count == 1) {
    auto const shown = record.first(std::min(record.size(), sample_bytes));
    g.sample.assign(shown.begin(), shown.end());
  }
  if (g.first.size() < kept_members) { g.first.push_back({at, std::string{path}, proven}); }
}

bool variant_log::keeps_more(entry_kind k, std::uint8_t failed) const noexcept {
  return groups_[index(k)][failed % masks].first.size() < kept_members;
}

void variant_log::conclude(reporter& to) {
  for (std::size_t k = 0; k < kinds; ++k) {
    auto& of_kind = groups_[k];
    auto const used = std::count_if(of_kind.begin(), of_kind.end(), [](group const& g) { return g.count != 0; });
    for (std::size_t mask = 0; mask < masks; ++mask) {
      auto& g = of_kind[mask];
      if (g.count == 0) { continue; }
      auto const why = failed_text(static_cast<std::uint8_t>(mask));
      if (g.count >= enough_to_be_a_variant && used == 1 && !conforming_[k]) {
        accepted_[k][mask] = true;
        to.report(unknown_variant, g.first.front().at, g.first.front().path,
                  concat(g.count, " members of kind ", to_text(static_cast<entry_kind>(k)), ": ", why,
                         "; record of the first: ", hex_bytes(g.sample)));
        continue;
      }
      for (auto const& m : g.first) {
        to.report(m.proven ? security_proven_by_content : security_unproven, m.at, m.path, why);
      }
      if (g.count > g.first.size()) {
        to.report(security_unproven, g.first.back().at, {}, concat(g.count - g.first.size(), " more members: ", why));
      }
    }
  }
  groups_ = {};
}

}  // namespace sysb::backup_by_name
