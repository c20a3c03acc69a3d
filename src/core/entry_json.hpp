// SPDX-License-Identifier: Apache-2.0
// The `entry` object of the JSON contract: one place for everyone who prints members.
#pragma once
#include "base/digest.hpp"
#include "base/json_writer.hpp"
#include "core/entry.hpp"

namespace sysb {

// The fields, for an object that the caller opened and will close. `path` and `link_to` are written as they
// stand in `e`; what does not apply to the kind is left out. `digest` may be null.
void write_entry_fields(json_writer& w, entry const& e, digest128 const* digest = nullptr);

}  // namespace sysb
