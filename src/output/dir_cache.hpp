// SPDX-License-Identifier: Apache-2.0
// The directories that were used last stay open.
#pragma once
#include <array>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "output/fd.hpp"
#include "output/tree_host.hpp"

namespace sysb::output {

class dir_cache {
 public:
  explicit dir_cache(tree_host& host) : host_{host} {}
  // `path` is a normal path, "" the top. Thread-safe.
  [[nodiscard]] found_directory open(std::string_view path);
  // The directory `path` and what was below it are gone. Thread-safe.
  void forget(std::string_view path);

 private:
  struct slot {
    std::uint64_t hash = 0;
    std::uint64_t used = 0;  // 0: empty
    std::string path;
    dir_handle dir;
  };
  tree_host& host_;
  std::uint64_t seed_ = unforeseen_number();
  std::mutex mutex_;
  std::uint64_t clock_ = 0;
  std::array<slot, 64> slots_;
};

}  // namespace sysb::output
