// SPDX-License-Identifier: Apache-2.0
// A folder of its own for one test, gone with it whatever was made in it.
#pragma once
#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <cstdio>
#include <stdexcept>
#include <string>
#include <string_view>

#include "base/text.hpp"

namespace sysb::test {

class temp_dir {
 public:
  temp_dir() {
    char const* const base = std::getenv("TMPDIR");
    path_ = concat(std::string_view{base != nullptr ? base : "/tmp"}, "/sysb-test-XXXXXX");
    // Open to the child that gives up root.
    if (::mkdtemp(path_.data()) == nullptr || ::chmod(path_.c_str(), 0755) != 0) {
      throw std::runtime_error{"mkdtemp"};
    }
  }
  ~temp_dir() {
    // Directories only: chmod(2) follows links, and a test has one to /dev/null.
    auto const open_up = [](char const* p, struct stat const*, int type, FTW*) {
      return type == FTW_D || type == FTW_DNR ? (void)::chmod(p, 0700), 0 : 0;
    };
    ::nftw(path_.c_str(), open_up, 16, FTW_PHYS);
    ::nftw(
        path_.c_str(), [](char const* p, struct stat const*, int, FTW*) { return ::remove(p); }, 16,
        FTW_DEPTH | FTW_PHYS);
  }
  temp_dir(temp_dir const&) = delete;
  temp_dir& operator=(temp_dir const&) = delete;
  [[nodiscard]] std::string const& path() const { return path_; }
  [[nodiscard]] std::string operator/(std::string_view name) const { return concat(path_, '/', name); }

 private:
  std::string path_;
};

}  // namespace sysb::test
