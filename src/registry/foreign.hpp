// SPDX-License-Identifier: Apache-2.0
// What a file is that is no image: for the message that refuses it.
#pragma once
#include <array>
#include <cstddef>
#include <span>
#include <string_view>

namespace sysb::registry {

// Bytes at an offset that name a format.
struct magic_mark {
  std::size_t offset;
  std::string_view bytes;
  std::string_view name;
};

// The name of the first mark that `head` has; empty when it has none.
[[nodiscard]] std::string_view name_by_magic(std::span<std::byte const> head,
                                             std::span<magic_mark const> marks) noexcept;

// Archives and discs that an image may travel in.
inline constexpr std::array<magic_mark, 5> archive_marks{{
    {0, "070701", "a cpio archive"},
    {0, "070702", "a cpio archive"},
    {0, "070707", "a cpio archive"},
    {257, "ustar", "a tar archive"},
    {32769, "CD001", "an ISO 9660 file system"},
}};

// "a tar archive", "an empty file"; empty when nothing is known about the bytes. Static storage.
[[nodiscard]] std::string_view foreign_name(std::span<std::byte const> head) noexcept;

// The bytes may begin the boot image of a tape: nothing else is known about them.
[[nodiscard]] bool may_be_boot_image(std::span<std::byte const> head) noexcept;

}  // namespace sysb::registry
