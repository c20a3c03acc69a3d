// SPDX-License-Identifier: Apache-2.0
// What a file is that is no image: for the message that refuses it.
#pragma once
#include <cstddef>
#include <span>
#include <string_view>

namespace sysb::registry {

// "a tar archive", "an empty file"; empty when nothing is known about the bytes. Static storage.
[[nodiscard]] std::string_view foreign_name(std::span<std::byte const> head) noexcept;

// The bytes may begin the boot image of a tape: nothing else is known about them.
[[nodiscard]] bool may_be_boot_image(std::span<std::byte const> head) noexcept;

}  // namespace sysb::registry
