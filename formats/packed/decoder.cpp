// SPDX-License-Identifier: Apache-2.0
// The decoder that readers use.
#include "formats/packed/packed.hpp"

namespace sysb::packed {

std::unique_ptr<content_decoder> make_decoder() { return make_reference_decoder(); }

}  // namespace sysb::packed
