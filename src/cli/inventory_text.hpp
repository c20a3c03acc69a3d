// SPDX-License-Identifier: Apache-2.0
// What the software inventory of an image shows of its contents, for people and as JSON.
#pragma once
#include <string>

#include "cli/session.hpp"
#include "inventory/verifier.hpp"

namespace sysb::cli {

void print_inventory(session& s, inventory::report const& r);
// In the table of several images, where there is no worse to say.
[[nodiscard]] std::string inventory_reason(inventory::report const& r);

}  // namespace sysb::cli
