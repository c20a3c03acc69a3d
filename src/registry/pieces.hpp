// SPDX-License-Identifier: Apache-2.0
// Files beside an image that may be pieces of it, and images in a directory: told by their content, named
// so that the user can choose.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "registry/registry.hpp"
#include "registry/transfer_faults.hpp"

namespace sysb::registry {

// Names like that of `path` in one counter (img.003, img-part2.bff, imgab), in order from the lowest that
// exists without a gap, `path` among them; empty where it stands alone.
[[nodiscard]] std::vector<std::string> names_around(std::string const& path);

// The advice to give them all, where their content fits pieces of one image: of one file that was given, or of several in
// another order than their names say or with some left out.
[[nodiscard]] std::optional<transfer_fault> pieces_of(std::vector<std::string> const& given, format_table formats,
                                                      content_judge const& judge);

// Names of the files in `directory` that begin with an image or with something an image is carried in.
[[nodiscard]] std::vector<std::string> images_in(std::string const& directory, content_judge const& judge);

}  // namespace sysb::registry
