// SPDX-License-Identifier: Apache-2.0
// One member as a line for people, in the manner of `tar tv`.
#pragma once
#include <cstdint>
#include <string>
#include <unordered_map>

#include "core/entry.hpp"
#include "core/link_identity.hpp"
#include "pipeline/name_store.hpp"

namespace sysb::cli {

[[nodiscard]] std::string mode_text(entry const& e);     // "-rwsr-xr-x"
[[nodiscard]] std::string listing_line(entry const& e);  // without the newline

// Sets entry::link_to while a listing runs. Names that links may point back to are kept on disk
// beyond the first few megabytes.
class first_names {
 public:
  explicit first_names(std::string tmpdir) : names_{std::move(tmpdir)} {}
  void resolve(entry& e);

 private:
  pipeline::name_store names_;
  std::unordered_map<link_identity, pipeline::name_store::ref, inode_hash> first_;
};

}  // namespace sysb::cli
