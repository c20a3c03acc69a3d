// SPDX-License-Identifier: Apache-2.0
// What an output loses, judged once: for the check before a sink sees a member, and for sinks that are used
// without it.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/diagnostic.hpp"
#include "core/entry.hpp"
#include "core/fatal_error.hpp"
#include "core/output_kind.hpp"

namespace sysb {

// --on-loss stop. Notes do not stop: they say what is not worth more, or what was reported for the member
// before. What is no loss (damage, a refused name) has its own way to keep an output from being committed.
[[nodiscard]] inline bool stops(diag_code const& code) noexcept {
  return code.fault == fault_class::loss && code.level != severity::note;
}
[[nodiscard]] fatal_error loss_error(std::string_view output, diag_code const& code, std::string_view about,
                                     std::uint64_t offset, std::string const& path);
// `path` is the first member, as sinks have it; the root directory's is empty.
[[noreturn]] void throw_loss(std::string_view output, diag_code const& code, std::string const& path,
                             std::uint64_t offset, std::string_view detail);

// Why an output cannot hold a member at all.
struct not_held {
  bool device_number = false;  // only that: the kind it could hold
  std::string why;
};
[[nodiscard]] std::optional<not_held> why_not_held(output_properties const& holds, entry const& e);

}  // namespace sysb
