// SPDX-License-Identifier: Apache-2.0
// What is remarked about the names that an image was given by.
#pragma once
#include <span>

#include "core/diagnostic.hpp"

namespace sysb::registry {

inline constexpr diag_code set_found{
    "SET-001", severity::note, "further volumes were found by their names",
    "IMAGE is called NAME.1, and NAME.2 and so on stand beside it. They were joined because the second "
    "one has a volume header with number 2 and the date of the first, or because the first has no end "
    "record and all pieces but the last have one size. --volumes with all names in order says so by hand."};
inline constexpr diag_code set_not_joined{
    "SET-002", severity::note, "further pieces may stand beside the image",
    "IMAGE is called NAME.1, and NAME.2 and so on stand beside it with the sizes that pieces of a cut file "
    "have. Their content does not tell whether they belong to it, so they were not read. If they do, give "
    "all of them in order with --volumes."};

inline constexpr diag_code chosen_by_number{
    "SET-003", severity::note, "a file of the directory was taken as the backup of a tape",
    "IMAGE is a directory whose files are numbered like the files of a mksysb tape. The one named begins like an "
    "image, and its place fits that of the backup: after the dummy table of contents, or it is the only one. "
    "--member takes another, by its name or number."};

}  // namespace sysb::registry
