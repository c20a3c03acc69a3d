// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <memory>
#include <string>

#include "base/os/descriptor.hpp"
#include "output/leftovers.hpp"
#include "output/output.hpp"
#include "support.hpp"

namespace leftovers_test {

namespace {

using namespace sysb;

bool there(std::string const& path) {
  struct stat st {};
  return ::lstat(path.c_str(), &st) == 0;
}

}  // namespace

TEST_CASE("only names of ours are staged names") {
  CHECK(output::is_staged_name(".sysb-0123456789abcdef.part"));
  CHECK(output::is_staged_name(".sysb-0123456789abcdef.tree"));
  CHECK_FALSE(output::is_staged_name(".sysb-0123456789abcdef.part.d"));
  CHECK_FALSE(output::is_staged_name(".sysb-0123456789abcde.part"));
  CHECK_FALSE(output::is_staged_name(".sysb-0123456789ABCDEF.part"));
  CHECK_FALSE(output::is_staged_name("sysb-0123456789abcdef.part"));
  CHECK_FALSE(output::is_staged_name(".sysb-batch.x.host.1.2"));
}

TEST_CASE("what is being written is in use; what was left is not, and goes") {
  test::temp_dir const folder;
  auto const dead = folder / ".sysb-00000000000000aa.part";
  std::ofstream{dead} << "half";
  auto file = std::make_unique<output::staged_file>(folder / "out.tar", false);
  auto tree = std::make_unique<output::staged_tree>(folder / "out");
  auto found = output::find_leftovers(folder.path());
  REQUIRE(found.size() == 3);
  unsigned in_use = 0;
  for (auto const& one : found) {
    in_use += one.in_use ? 1U : 0U;
    CHECK(one.in_use == (one.path != dead));
    CHECK(output::remove_leftover(one) == !one.in_use);
  }
  CHECK(in_use == 2);
  CHECK_FALSE(there(dead));
  // Both still reach their names.
  file->commit(0644);
  tree->commit();
  CHECK(there(folder / "out.tar"));
  CHECK(there(folder / "out"));
  file.reset();
  tree.reset();
  CHECK(output::find_leftovers(folder.path()).empty());
}

TEST_CASE("a file that is removed at this moment is not claimed") {
  test::temp_dir const folder;
  auto const path = folder / ".sysb-00000000000000aa.part";
  unique_fd const mine{::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
  unique_fd const cleaner{::open(path.c_str(), O_RDWR | O_CLOEXEC)};
  REQUIRE(::flock(cleaner.get(), LOCK_EX | LOCK_NB) == 0);
  CHECK_FALSE(output::claim(mine.get()));
  ::unlink(path.c_str());
  REQUIRE(::flock(cleaner.get(), LOCK_UN) == 0);
  CHECK_FALSE(output::claim(mine.get()));  // the lock is free, the name is gone
}

}  // namespace leftovers_test
