// SPDX-License-Identifier: Apache-2.0
// Several blocks in a row that each say their length, as a list of attributes would be: on one side of the content, or
// on both.
#pragma once
#include "formats/backup_by_name/open_records.hpp"

namespace sysb::backup_by_name {

// The hypothesis that explains the most of what is open, if one holds. False where none does.
[[nodiscard]] bool explain_runs(open_records& open);

// A block of one length in records that have, or may have, blocks of a known plan as well. False where there is none.
[[nodiscard]] bool explain_one_more_block(open_records& open);

}  // namespace sysb::backup_by_name
