// SPDX-License-Identifier: Apache-2.0
// One member as a line for people, in the manner of `tar tv`.
#pragma once
#include <cstdint>
#include <string>

#include "base/partitioned_table.hpp"
#include "core/entry.hpp"
#include "core/link_identity.hpp"
#include "core/piece_store.hpp"

namespace sysb::cli {

[[nodiscard]] std::string mode_text(entry const& e);     // "-rwsr-xr-x"
[[nodiscard]] std::string listing_line(entry const& e);  // without the newline

// Sets entry::link_to while a listing runs. Names that links may point back to are kept on disk
// beyond the first few megabytes.
class first_names {
 public:
  explicit first_names(std::string tmpdir);
  void resolve(entry& e);

 private:
  struct first {
    std::uint64_t key = 0;  // hash of device and inode; 0: free
    link_identity file;
    piece_store::ref name;
    [[nodiscard]] std::uint64_t hash() const noexcept { return key; }
    [[nodiscard]] bool occupied() const noexcept { return key != 0; }
  };
  piece_store names_;
  std::uint64_t seed_;
  partitioned_table<first> first_;
};

}  // namespace sysb::cli
