// SPDX-License-Identifier: Apache-2.0
// The grammar of an archive that deviates from the documented one in a regular way: fitted over a
// sample of its records, which are chained from header to header. README.md has the procedure and
// what counts as evidence. Nothing here moves the source or reports anything.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "formats/backup_by_name/grammar.hpp"
#include "formats/backup_by_name/lookahead.hpp"

namespace sysb::backup_by_name {

struct calibrated {
  grammar rules;
  std::vector<std::string> proofs;  // what decided, one sentence each
};

// From the record at `at`, which the rules of `ahead` do not place. Nothing where no hypothesis holds for
// at least eight records and all that were sampled.
[[nodiscard]] std::optional<calibrated> calibrate(lookahead& ahead, std::uint64_t at);

// Members whose sizes are equal are plain in this archive, those whose sizes differ are packed, whatever the documents
// say of their magic: at least eight of those from the record at `at` on show it.
[[nodiscard]] bool sizes_tell_packed(lookahead& ahead, std::uint64_t at, std::uint16_t magic);

// Where headers do not say how much is stored: all files with this magic, at least eight from the record at `at` on, are
// packed contents of their size.
[[nodiscard]] bool magic_means_packed(lookahead& ahead, std::uint64_t at, std::uint16_t magic);

// Bytes before the name: the smallest number with which the name of every record of a sample fills its
// field. Sets lookahead::shape where that is not the documented one.
[[nodiscard]] bool calibrate_fixed_part(lookahead& ahead, std::uint64_t first);

}  // namespace sysb::backup_by_name
