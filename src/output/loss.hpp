// SPDX-License-Identifier: Apache-2.0
// How a sink ends where a loss is not to be borne (--on-loss stop).
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/text.hpp"
#include "core/diagnostic.hpp"
#include "core/fatal_error.hpp"

namespace sysb::output {

// Notes do not stop: they say what is not worth more, or what was reported for the member before.
// What is no loss (damage, a refused name) has its own way to keep an output from being committed.
[[nodiscard]] inline bool stops(diag_code const& code) noexcept {
  return code.fault == fault_class::loss && code.level != severity::note;
}

// `path` is the first member, as sinks have it; the root directory's is empty.
[[noreturn]] inline void throw_loss(std::string_view output, diag_code const& code, std::string const& path,
                                    std::uint64_t offset, std::string_view detail) {
  auto const* const part = detail.empty() ? "" : ": ";
  throw fatal_error{fatal_error::kind::loss,
                    concat("output ", output, ": ", code.title, " (", quoted(path.empty() ? "." : path),
                           std::string_view{part}, detail, ')'),
                    offset, path};
}

}  // namespace sysb::output
