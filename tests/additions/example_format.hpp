// SPDX-License-Identifier: Apache-2.0
// The smallest image format there can be: what one has to write to add one. A folder like this in formats/,
// and one row in src/registry/registry.cpp; here the test gives the row.
//
//   EXAMPLE 1\n                  header of a volume, with its number
//   NAME AT BYTES AT BYTES\n ... members; the content stands in two places of the stream
//   .\n                          end of the members; contents follow
#pragma once
#include "core/image_format.hpp"

namespace sysb::example_format {

[[nodiscard]] image_format const& format();

}  // namespace sysb::example_format
