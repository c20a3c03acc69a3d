// SPDX-License-Identifier: Apache-2.0
// What one who lists a directory gets next, coded as the kernel takes it.
#pragma once
#include <cstddef>
#include <functional>
#include <mutex>
#include <span>
#include <vector>

#include <sys/types.h>

#include "mount/tree.hpp"

struct fuse_entry_param;

namespace sysb::mount {

class listing {
 public:
  struct part {
    off_t from = nothing;  // after this entry of the directory
    std::size_t size = 0;  // as much as fits in there
    bool plus = false;     // with all attributes
    bool operator==(part const&) const = default;
  };
  using entry_maker = std::function<fuse_entry_param(attributes const& a)>;

  [[nodiscard]] bool has(part const& p) const noexcept { return asked_ == p; }
  [[nodiscard]] std::span<char const> entries() const noexcept { return {ready_.data(), used_}; }
  // Nothing comes after the entries.
  [[nodiscard]] bool ends() const noexcept { return at_end_; }

  // Throws as tree does.
  void fill(tree const& files, node_id directory, entry_maker const& make, part p);
  // What comes after the entries, in place of them.
  void go_on(tree const& files, node_id directory, entry_maker const& make) noexcept;
  void forget() noexcept;

  std::mutex lock;    // for whoever asks anything of it
  bool kept = false;  // its user's: it is one of those that something is prepared for

 private:
  static constexpr off_t nothing = -1;
  std::vector<char> ready_;
  std::size_t used_ = 0;
  part asked_;
  off_t next_ = 0;  // where it goes on after them
  bool at_end_ = false;
};

}  // namespace sysb::mount
