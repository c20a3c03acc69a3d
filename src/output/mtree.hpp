// SPDX-License-Identifier: Apache-2.0
// Lines of an mtree manifest, and a manifest that several threads write and that comes out in
// image order.
#pragma once
#include <cstdint>
#include <deque>
#include <mutex>
#include <span>
#include <string>
#include <string_view>

#include "base/digest.hpp"
#include "core/entry.hpp"
#include "output/fd.hpp"

namespace sysb::output {

inline constexpr std::string_view mtree_head = "#mtree\n";

// One member as mtree(5) says it. What mtree has no keyword for (digest, AIX attributes, the first
// name of a hard link) stands in `tags=`, which every reader knows and passes over.
void append_mtree_line(std::string& out, entry const& e, digest128 const* digest);

// Lines go to an unlinked file below `dirfd` as they come, and in the order of the members'
// records to `fd` at the end.
class ordered_manifest {
 public:
  ordered_manifest(int dirfd, int fd) : dirfd_{dirfd}, fd_{fd} {}
  void add(entry const& e, digest128 const* digest);  // thread-safe
  void finish();

 private:
  struct place {
    std::uint64_t record;  // where the member stood in the image
    std::uint64_t at;      // of its line in the spool, which begins with its length
  };
  [[nodiscard]] std::string line(place const& p) const;
  void read(std::uint64_t at, std::span<char> out) const;
  std::mutex mutex_;
  int dirfd_;
  int fd_;
  unique_fd spool_;
  std::uint64_t spooled_ = 0;
  std::string held_;
  std::deque<place> places_;  // a vector would hold three times as much while it grows
};

}  // namespace sysb::output
