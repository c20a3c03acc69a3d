// SPDX-License-Identifier: Apache-2.0
// Owner, mode and times of directories, which are set when nothing more is written into them.
// Kept as bytes, spilled to a file without a name; a directory costs 8 bytes of memory.
#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "output/tree_host.hpp"

namespace sysb::output {

struct directory_metadata {
  std::uint32_t mode = 0;
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::int64_t mtime = 0;
  std::int64_t atime = 0;
  bool made = false;  // by this run, and not found there
};

class late_directories {
 public:
  // `held` bytes stay in memory before anything is spilled.
  explicit late_directories(tree_host& host, std::size_t held = 1u << 20) : host_{host}, capacity_{held} {}
  void add(std::string_view path, directory_metadata const& m);
  // Deepest first; of one directory in the order of add(), so that the last one stays. The spilled file goes.
  void apply(std::function<void(std::string const& path, directory_metadata const&)> const& set);

 private:
  void read(std::uint64_t at, std::span<std::byte> out) const;
  tree_host& host_;
  std::size_t capacity_;
  unique_fd spool_;
  std::uint64_t spooled_ = 0;
  std::vector<std::byte> held_;
  std::deque<std::uint64_t> index_;  // depth in the upper 16 bits, place in the lower 48
};

}  // namespace sysb::output
