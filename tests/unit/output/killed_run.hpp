// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "output/joint_commit.hpp"
#include "output/output.hpp"
#include "support.hpp"

namespace sysb::test {

// Puts OUT and its side file in place in a process of its own, which is killed where `steps` are done.
inline void killed_run(temp_dir const& dir, int steps, bool overwrite) {
  auto const child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    output::staged_file side{dir / "out.d/report.txt", overwrite}, out{dir / "out", overwrite};
    static_cast<void>(!::write(side.fd(), "new", 3));
    static_cast<void>(!::write(out.fd(), "new", 3));
    side.prepare();
    out.prepare();
    output::joint_commit both{dir / "out", dir / "out.d"};
    if (steps > 0) { both.announce({side.identity(), out.identity()}); }
    if (steps > 1) { side.place(); }
    if (steps > 2) { out.place(); }
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
}

}  // namespace sysb::test
