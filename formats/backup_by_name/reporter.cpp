// SPDX-License-Identifier: Apache-2.0
#include "formats/backup_by_name/reporter.hpp"

#include "base/text.hpp"
#include "formats/backup_by_name/diagnostics.hpp"

namespace sysb::backup_by_name {

namespace {
constexpr std::uint64_t shown_of_a_kind = 16;
}

void reporter::report(diag_code const& code, std::uint64_t offset, std::string_view path, std::string detail) {
  if (muted_) { return; }
  ++reported_;
  sink_->report({.code = &code, .offset = offset, .path = std::string{path}, .detail = std::move(detail)});
}

void reporter::capped(diag_code const& code, std::uint64_t offset, std::string_view path, std::string detail) {
  if (muted_ || ++count_of(code) > shown_of_a_kind) { return; }
  report(code, offset, path, std::move(detail));
}

void reporter::capped(diagnostic d) {
  if (muted_ || ++count_of(*d.code) > shown_of_a_kind) { return; }
  ++reported_;
  sink_->report(d);
}

void reporter::conclude() {
  for (auto const& [code, n] : counts_) {
    if (n <= shown_of_a_kind) { continue; }
    ++reported_;
    sink_->report({.code = &more_of_same,
                   .detail = concat(n - shown_of_a_kind, " more of ", code->id, ", ", code->title),
                   .level = code->level});
  }
  counts_.clear();
}

std::uint64_t& reporter::count_of(diag_code const& code) {
  for (auto& [have, n] : counts_) {
    if (have == &code) { return n; }
  }
  return counts_.emplace_back(&code, 0).second;
}

}  // namespace sysb::backup_by_name
