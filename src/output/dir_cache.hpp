// SPDX-License-Identifier: Apache-2.0
// Descriptors of directories below a root, found without ever following a symbolic link.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "output/fd.hpp"

namespace sysb::output {

using dir_handle = std::shared_ptr<unique_fd const>;

class dir_cache {
 public:
  explicit dir_cache(int root);

  struct result {
    dir_handle dir;  // null where it could not be opened
    int error = 0;   // ENOENT: missing; ENOTDIR or ELOOP: a link or no directory stands in the way
  };
  // `path` is a normal path, "" the root. Thread-safe.
  [[nodiscard]] result open(std::string_view path);
  // The directory `path` and what was below it are gone. Thread-safe.
  void forget(std::string_view path);

 private:
  [[nodiscard]] result resolve(std::string const& path) const;
  [[nodiscard]] result walk(std::string_view path) const;

  struct slot {
    std::uint64_t hash = 0;
    std::uint64_t used = 0;  // 0: empty
    std::string path;
    dir_handle dir;
  };
  int root_;
  std::uint64_t seed_ = 0;
  std::mutex mutex_;
  std::uint64_t clock_ = 0;
  std::array<slot, 64> slots_;
};

}  // namespace sysb::output
