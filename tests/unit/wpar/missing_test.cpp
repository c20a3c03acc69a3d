// SPDX-License-Identifier: Apache-2.0
// What a salvaged copy lacks: whose it is, where it lies, and the lines that say so.
#include <doctest/doctest.h>

#include "base/text.hpp"
#include "fake_image.hpp"
#include "wpar/deploy/missing.hpp"

namespace missing_test {

using namespace sysb;
using namespace sysb::wpar;
using namespace sysb::wpar::deploy;

TEST_CASE("the file system of a name is the deepest mount point above it, whole components only") {
  facts f;
  for (auto const* const mount : {"", "usr", "usr/local", "var"}) {
    file_system fs;
    fs.mount = mount;
    f.image_data.file_systems.push_back(fs);
  }
  mount_stanza local;
  local.mount = "home";
  mount_stanza remote;
  remote.mount = "home/nfs";
  remote.nodename = "server";
  f.mounts = {local, remote};
  CHECK(file_system_of(f, "./etc/motd") == "/");
  CHECK(file_system_of(f, "./usr/lib/libc.a") == "/usr");
  CHECK(file_system_of(f, "/usr/local/bin/x") == "/usr/local");
  CHECK(file_system_of(f, "./usr/localx/y") == "/usr");
  CHECK(file_system_of(f, "./home/nfs/z") == "/home");
}

TEST_CASE("what is missing is counted by file set and file system, very many of them together") {
  missing_members m;
  for (std::size_t i = 0; i < missing_members::most_counted + 10; ++i) {
    m.add({.path = "x", .filesets = concat("f", std::uint64_t{i}), .file_system = "/usr", .reason = "r"});
  }
  m.add({.path = "x", .filesets = "f0", .file_system = "/", .reason = "r", .partial = true});
  CHECK(m.count() == missing_members::most_counted + 11);
  CHECK(m.partial() == 1);
  CHECK(m.by_fileset().at("f0") == 2);
  CHECK(m.by_fileset().at("f1") == 1);
  CHECK(m.by_fileset().at("(others)") == 10);
  CHECK(m.by_fileset().size() == missing_members::most_counted + 1);
  CHECK(m.by_file_system().at("/usr") == missing_members::most_counted + 10);
  CHECK(m.by_file_system().at("/") == 1);
  CHECK(m.first().size() == missing_members::most_named);
}

TEST_CASE("one name is one line, whatever stands in it") {
  std::string out;
  append_missing_line(out,
                      {.path = "./a\tb\nc\\", .filesets = {}, .file_system = "/", .reason = "cut\nshort", .size = 9});
  CHECK(out == "./a\\0011b\\0012c\\0134\t-\t/\t9\tcut\\nshort\n");
}

TEST_CASE("counts by file set and file system, and the first names") {
  missing_members m;
  for (int i = 0; i < 1500; ++i) {
    m.add({.path = concat("./", i),
           .filesets = i % 2 == 0 ? "bos.rte" : "",
           .file_system = "/usr",
           .reason = "",
           .size = 1,
           .partial = i < 3});
  }
  CHECK(m.count() == 1500);
  CHECK(m.partial() == 3);
  CHECK(m.first().size() == 1000);
  CHECK(m.by_fileset().at("bos.rte") == 750);
  CHECK(m.by_file_system().at("/usr") == 1500);
}

}  // namespace missing_test
