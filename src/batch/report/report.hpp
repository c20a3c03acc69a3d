// SPDX-License-Identifier: Apache-2.0
// The estate, from a batch's plan and results: pages, tables, figures. Static files without network; the same batch gives
// the same bytes.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "batch/state.hpp"

namespace sysb::batch::report {

struct formats {
  bool html = true, csv = true, json = true, prom = true;
};
[[nodiscard]] std::optional<formats> parse_formats(std::string_view words);  // "html,csv"

struct options {
  formats write;
  bool redact = false;
  rerun_on when;
};

// Into the folder `out`, which is made where it is missing and must be empty or an older report. Returns the number of
// images. Throws fatal_error{io}.
std::uint64_t write(batch_folder const& batch, std::string const& out, options const& o);

}  // namespace sysb::batch::report
