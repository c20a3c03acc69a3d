// SPDX-License-Identifier: Apache-2.0
// A tape in a drive: which of its files is the backup. A drive goes forward only, and stands where its
// user left it.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "core/image_format.hpp"
#include "io/tape_drive.hpp"

namespace sysb::registry {

using content_judge = std::function<carrier_format::request::content(std::span<std::byte const>)>;

// The number that --member gives: of a file, counted from 1 for where the tape stands. Nothing for
// any other word.
[[nodiscard]] std::optional<std::uint64_t> file_number(std::string const& member);
// Throws fatal_error{usage} where the tape has fewer files.
[[nodiscard]] std::unique_ptr<byte_source> numbered_file_on(io::tape_drive& tape, std::uint64_t number);

// True for the dummy table of contents that stands before the backup.
[[nodiscard]] bool is_table_of_contents(std::span<std::byte const> head);

// The first file is no image: the file after the dummy table of contents, which `first_is_toc` may be
// already. Throws fatal_error{unsupported} where none follows.
[[nodiscard]] std::unique_ptr<byte_source> backup_further_on(io::tape_drive& tape, bool first_is_toc,
                                                             content_judge const& judge);

}  // namespace sysb::registry
