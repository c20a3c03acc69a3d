// SPDX-License-Identifier: Apache-2.0
#include "inventory/diagnostics.hpp"

#include <array>

namespace sysb::inventory {

std::span<diag_code const* const> codes() noexcept {
  static constexpr std::array<diag_code const*, 10> all{
      &content_damaged,      &content_differs, &attributes_differ, &file_missing, &sums_not_believed,
      &inventory_unreadable, &row_damaged,     &too_many_rows,     &more_files,   &no_inventory};
  return all;
}

}  // namespace sysb::inventory
