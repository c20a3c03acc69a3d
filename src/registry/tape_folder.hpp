// SPDX-License-Identifier: Apache-2.0
// A directory with the files of a tape, copied one by one: file1 file2 file3 file4.
#pragma once
#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/image_format.hpp"
#include "core/limits.hpp"
#include "registry/registry.hpp"

namespace sysb::registry {

inline constexpr std::string_view tape_folder_id = "tape_files";

// The file that is the backup: the image after the dummy table of contents; else the only image that
// is not that of mkinsttape; `member` (a name or a number) chooses. Nothing where the directory holds
// no such files. Throws fatal_error{usage} where several are possible or `member` is none of them.
[[nodiscard]] std::optional<std::string> backup_in_folder(
    std::string const& directory, std::string const& member, limits const& l, format_table formats,
    std::function<carrier_format::request::content(std::span<std::byte const>)> const& judge);

}  // namespace sysb::registry
