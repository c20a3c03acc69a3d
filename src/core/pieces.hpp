// SPDX-License-Identifier: Apache-2.0
// Bytes that come one piece after the other.
#pragma once
#include <cstddef>
#include <functional>
#include <span>

namespace sysb {

using piece_source = std::function<std::span<std::byte const>()>;  // empty at the end
using piece_target = std::function<void(std::span<std::byte const>)>;

}  // namespace sysb
