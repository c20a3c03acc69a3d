// SPDX-License-Identifier: Apache-2.0
// A tree that is written as whoever runs the tests.
#pragma once
#include <doctest/doctest.h>

#include <memory>
#include <stdexcept>
#include <string>

#include "output/output.hpp"
#include "support.hpp"

namespace sysb::test {

// Members are root's here; what others cannot give away is tree_rootless_test.cpp's.
class without_owners final : public collected {
 public:
  void report(diagnostic const& d) override {
    if (::geteuid() == 0 || d.code->id != "OUT-005") { collected::report(d); }
  }
};

struct tree {
  explicit tree(output::tree_options o = {}, std::string_view name = "root") : path{dir / name} {
    if (::mkdir(path.c_str(), 0700) != 0) { throw std::runtime_error{"mkdir"}; }
    fd = std::make_unique<file_descriptor>(path, O_RDONLY | O_DIRECTORY);
    if (::geteuid() == 0) { o.privileged = true; }
    o.sync = false;
    sink = output::make_tree_sink(fd->get(), o, findings);
  }
  [[nodiscard]] std::string operator/(std::string_view name) const { return concat(path, '/', name); }
  temp_dir dir;
  std::string path;
  std::unique_ptr<file_descriptor> fd;
  without_owners findings;
  std::unique_ptr<entry_sink> sink;
};

inline bool root(char const* what) {
  if (::geteuid() == 0) { return true; }
  MESSAGE("skipped: needs root: ", what);
  return false;
}

}  // namespace sysb::test
