// SPDX-License-Identifier: Apache-2.0
// Lines of an mtree manifest, and a manifest that several threads write and that comes out in
// image order.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.hpp"
#include "core/entry.hpp"
#include "output/tree_host.hpp"

namespace sysb::output {

inline constexpr std::string_view mtree_head = "#mtree\n";
// In the order of entry_kind.
inline constexpr std::array<std::string_view, 7> mtree_types{"file", "dir", "link", "char", "block", "fifo", "socket"};

// One member as mtree(5) says it. What mtree has no keyword for (digest, AIX attributes, the first
// name of a hard link) stands in `tags=`, which every reader knows and passes over.
void append_mtree_line(std::string& out, entry const& e, digest128 const* digest);

// Lines come in nearly the order of the members' records, and go to `fd` in exactly that order at the
// end. Until then they stand in temporary files: those in order in one, the few that came
// after a later record was written in another.
class ordered_manifest {
 public:
  ordered_manifest(tree_host& host, int fd) : host_{host}, fd_{fd} {}
  void add(entry const& e, digest128 const* digest);  // thread-safe
  void finish();

 private:
  struct held_line {
    std::uint64_t record;  // where the member stood in the image
    std::string text;
  };
  struct late_line {
    std::uint64_t record;
    std::uint64_t at;
    std::uint32_t length;
  };
  class spooled_lines;
  void spill(std::size_t kept_back);
  [[nodiscard]] std::string text_of(late_line const& l) const;

  std::mutex mutex_;
  tree_host& host_;
  int fd_;
  std::vector<held_line> held_;
  std::size_t held_bytes_ = 0;
  unique_fd in_order_;
  std::uint64_t in_order_bytes_ = 0;
  std::uint64_t last_record_ = 0;  // of those in order
  std::string last_text_;
  unique_fd late_spool_;
  std::uint64_t late_bytes_ = 0;
  std::vector<late_line> late_;
};

}  // namespace sysb::output
