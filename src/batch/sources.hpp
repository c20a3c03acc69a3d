// SPDX-License-Identifier: Apache-2.0
// The rows that manifests and folders name, before anything is looked at.
#pragma once
#include <string>
#include <vector>

#include "batch/planner.hpp"

namespace sysb::batch {

struct source_rows {
  std::vector<plan_row> rows;  // key, volumes, out, wave, owner, options
  // Of folders: files that are no images and links that lead to none, files without content, folders that cannot be
  // read or stand too deep.
  std::vector<std::string> passed_over, empty, unread;
  std::vector<std::string> manifest_texts;  // as they were given
};

// Throws fatal_error{usage} for a wrong manifest, fatal_error{io} for one that cannot be read.
[[nodiscard]] source_rows collect_rows(plan_request const& r);

// Throws fatal_error{usage}: keys or outputs twice, an output inside another or in the place of an image.
void refuse_collisions(std::vector<plan_row> const& rows);

}  // namespace sysb::batch
